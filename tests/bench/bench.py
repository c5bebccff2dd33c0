#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The benchmark of sizes and boot costs: builds two hellos, measures, prints tables.

Judges nothing: it fails only if something does not run or two counts of the same boot
differ. docs/benchmarks.md says how the figures come about."""
import argparse
import os
import pathlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import report
from image import Image, build
from measure import XEN_MIB, Disagreement, cost, least_memory

MEMORIES = [32, 1024, 4096]
PROGRAMS = (("printf", "hello_printf.c", b"hello, 0.500000\n"),
            ("write", "hello_write.c", b"hello\n"))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, text in (("toolchain", "the toolchain's folder"),
                       ("llvm", "folder of LLVM's tools"),
                       ("plugin", "the counting plugin, bootcount.so"),
                       ("out", "folder for results")):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True, help=text)
    parser.add_argument("--qemu", default="qemu-system-x86_64")
    parser.add_argument("--xen-headers", type=pathlib.Path,
                        default=pathlib.Path("/usr/include/xen"))
    options = parser.parse_args()
    for name in ("toolchain", "llvm", "plugin", "out"):
        setattr(options, name, getattr(options, name).resolve())
    options.cc = options.toolchain / "bin/atman-cc"
    options.xen = options.toolchain / "share/atman/xen"
    options.nm, options.strip = options.llvm / "llvm-nm", options.llvm / "llvm-strip"
    return options


def host_memories():
    """Those domain sizes for which this machine has the memory free."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    return [memory for memory in MEMORIES if memory <= 1024 or memory + XEN_MIB < free]


def measure(tools, image, memories, pool):
    """Starts all measurements of one program; results are taken up by finish()."""
    folder = tools.out / image.name
    image.pending = [(memory, pool.submit(cost, tools, image, folder, memory))
                     for memory in memories]
    image.pending.append((None, pool.submit(least_memory, tools, image, folder)))


def finish(image, say):
    image.costs = {}
    for memory, future in image.pending:
        if memory is None:
            image.least, image.reason = future.result()
            say(f"{image.name}: smallest memory found")
        else:
            image.costs[memory] = future.result()
            say(f"{image.name}: counted twice at {memory} MiB, the same both times")


def run(tools, say):
    source = pathlib.Path(__file__).resolve().parent
    tools.out.mkdir(parents=True, exist_ok=True)
    images = [Image(name, source / file, expected, tools.out / name,
                    tools.out / f"{name}.stripped") for name, file, expected in PROGRAMS]
    for image in images:
        image.path = image.path.with_suffix(".elf")
        build(image, tools)
        say(f"{image.name}: built")
    memories = host_memories()
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        for image in images:
            measure(tools, image, memories, pool)
        try:
            for image in images:
                finish(image, say)
        except Exception:
            pool.shutdown(cancel_futures=True)
            raise
    lines = [line.rstrip("\n").split("\t") for line in (source / "others.tsv").open()
             if not line.startswith("#")]
    print("\n" + report.programs(images, memories) + "\n")
    for image in images:
        print(f"{image.name}: {image.least} KiB boots; 4 KiB less: {image.reason}")
    print()
    for image in images:
        print(report.profile(image, memories[0], tools.xen_headers / "xen.h") + "\n")
    print(report.others(images, memories[0], lines))
    (tools.out / "bench.tsv").write_text(report.tsv(images))
    print(f"\nThe same for programs: {tools.out / 'bench.tsv'}")


def main():
    def say(text):
        print(f"bench: {text}", file=sys.stderr, flush=True)

    try:
        run(arguments(), say)
    except (Disagreement, LookupError, RuntimeError, OSError) as problem:
        say(str(problem))
        return 1
    except subprocess.CalledProcessError as problem:
        say(f"{problem.cmd[0]}: exit status {problem.returncode}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
