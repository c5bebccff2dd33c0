#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What atman-cc costs more than the clang beneath it: processor time of a small compile, of
its link, and of a whole ./configure, pair by pair. docs/benchmarks.md says how. Judges
nothing: it fails only if something does not run."""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import report


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, text in (("toolchain", "the toolchain's folder"),
                       ("llvm", "folder of LLVM's tools"),
                       ("libc", "musl for Linux: its include/ and lib/"),
                       ("source", "a program's tarball, with configure"),
                       ("out", "folder for results")):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True, help=text)
    parser.add_argument("--pairs", type=int, default=60, help="of each compile and link")
    parser.add_argument("--configures", type=int, default=3, help="of the configure script")
    options = parser.parse_args()
    for name in ("toolchain", "llvm", "libc", "source", "out"):
        setattr(options, name, getattr(options, name).resolve())
    return options


def linux_sysroot(options):
    """Linux's musl in the shape of our own sysroot, so that clang finds all by itself."""
    top = options.out / "linux"
    lib = top / "usr/lib"
    lib.mkdir(parents=True)
    (top / "usr/include").symlink_to(options.libc / "include")
    ours = options.toolchain / "sysroot/usr/lib"
    for name in ("crtbegin.o", "crtbeginT.o", "crtend.o", "libgcc.a", "libgcc_eh.a"):
        shutil.copy(ours / name, lib / name)
    for path in (options.libc / "lib").iterdir():
        (lib / path.name).symlink_to(path)
    return top


def compilers(options):
    """Ours, and the same clang for Linux with the same musl, statically linked, that makes
    code of the same kind."""
    root = linux_sysroot(options)
    return {"atman": [str(options.toolchain / "bin/atman-cc")],
            "clang": [str(options.llvm / "clang"), "--no-default-config",
                      "--target=x86_64-linux-musl", f"--sysroot={root}",
                      f"--gcc-toolchain={root}/usr", "-static", "-rtlib=libgcc",
                      "-unwindlib=libgcc", f"--ld-path={options.llvm}/ld.lld",
                      "-ffunction-sections", "-fdata-sections", "-fno-omit-frame-pointer",
                      "-Wno-unused-command-line-argument"]}


def processor_time(command, folder, environment):
    """Seconds of the command and of all that it started."""
    log = open(folder / "log", "ab")
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log,
                               stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    log.close()
    if process.returncode != 0:
        sys.exit(f"driver.py: {command[0]} ended with {process.returncode}; see {folder}/log")
    return usage.ru_utime + usage.ru_stime


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def pairs(count, ours, theirs):
    """Both in turn, and each first as often as the other; the first of each is not counted."""
    times = []
    for i in range(count + 1):
        if i % 2:
            second, first = theirs(), ours()
        else:
            first, second = ours(), theirs()
        times.append((first, second))
    return times[1:]


def figures(times):
    """Medians in milliseconds, and the median of the ratios with its quartiles."""
    ratios = sorted(a / b for a, b in times)
    low, middle, high = (statistics.quantiles(ratios, n=4, method="inclusive")
                         if len(ratios) > 1 else ratios * 3)
    return (statistics.median(a for a, _ in times) * 1e3,
            statistics.median(b for _, b in times) * 1e3, middle, low, high)


def small(options, compiler, source):
    """The two steps of a small program, as functions that say how long they took."""
    steps = {}
    for name, command in compiler.items():
        folder = fresh(options.out / name)
        shutil.copy(source, folder / "small.c")
        for step, words in (("compile", ["-O2", "-c", "small.c"]),
                            ("link", ["small.o", "-o", "small"]),
                            ("both", ["-O2", "small.c", "-o", "both"])):
            steps[step, name] = (lambda line=command + words, folder=folder:
                                 processor_time(line, folder, os.environ))
    return steps


def configure(options, compiler):
    steps = {}
    source = fresh(options.out / "source")
    subprocess.run(["tar", "-xf", options.source, "-C", source, "--strip-components=1"],
                   check=True)
    for name, command in compiler.items():
        environment = dict(os.environ, CC=" ".join(command), LC_ALL="C")
        steps[name] = (lambda folder=options.out / f"configure-{name}", env=environment:
                       processor_time([str(source / "configure")], fresh(folder), env))
    return steps


def measure(options):
    compiler = compilers(options)
    steps = small(options, compiler, pathlib.Path(__file__).with_name("hello_printf.c"))
    rows = []
    for step, label in (("compile", "compile a small file (-O2 -c)"), ("link", "link it"),
                        ("both", "compile and link in one")):
        print(f"driver: {label}, {options.pairs} pairs", file=sys.stderr, flush=True)
        times = pairs(options.pairs, steps[step, "atman"], steps[step, "clang"])
        rows.append((label,) + figures(times))
    print(f"driver: ./configure, {options.configures} pairs", file=sys.stderr, flush=True)
    steps = configure(options, compiler)
    rows.append(("./configure of mawk",) +
                figures(pairs(options.configures, steps["atman"], steps["clang"])))
    return rows


def main():
    options = arguments()
    fresh(options.out)
    rows = measure(options)
    table = [["processor time, ms", "atman-cc", "clang", "ratio", "quartiles"], None]
    table += [[label, f"{a:.1f}", f"{b:.1f}", f"{middle:.3f}", f"{low:.3f}-{high:.3f}"]
              for label, a, b, middle, low, high in rows]
    print(report.table(table))
    with open(options.out / "driver.tsv", "w", encoding="utf-8") as out:
        for label, *values in rows:
            print(label, *(f"{value:.4f}" for value in values), sep="\t", file=out)


if __name__ == "__main__":
    main()
