#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The benchmark of operations: what threads, memory and the clock cost in instructions, and
how that compares with the same program in a Linux PV guest on the same Xen.

Fails if an operation does not run to its end; never because of a figure."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import marks
import report
from boot import boot, option
from image import symbol
from linux import BedError, Linux
from measure import XEN_MIB, Disagreement

MEMORY_MIB = 256
BOOT_SECONDS = 300
PATHS = {"toolchain": "the toolchain's folder", "llvm": "folder of LLVM's tools",
         "counter": "the counting plugin, markcount.so", "ops": "the operations as an image",
         "linux-ops": "the operations as a Linux program",
         "linux-init": "the Linux guest's first process", "out": "folder for results"}


class Op:
    """An operation and what it cost: a marks.Cost in each world, or None and a reason."""

    def __init__(self, name, vcpus, count):
        self.name, self.vcpus, self.count = name, int(vcpus), int(count)
        self.linux = self.atman = None
        self.reason = ""


class Image:
    """What boot.boot() wants to know of an image."""

    def __init__(self, path):
        self.path = path


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, text in PATHS.items():
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True, help=text)
    parser.add_argument("--qemu", default="qemu-system-x86_64")
    parser.add_argument("--twice", action="store_true",
                        help="count everything twice; it must come out the same")
    parser.add_argument("names", metavar="OPERATION", nargs="*",
                        help="which operations; without one: all")
    options = parser.parse_args()
    for name in PATHS:
        name = name.replace("-", "_")
        setattr(options, name, getattr(options, name).resolve())
    options.xen = options.toolchain / "share/atman/xen"
    return options


def operations(tools):
    """The list, from the program itself: the Linux one runs here as well."""
    listing = subprocess.run([tools.linux_ops], check=True, capture_output=True, text=True)
    found = [Op(*line.split("\t")) for line in listing.stdout.splitlines()]
    unknown = set(tools.names) - {op.name for op in found}
    if unknown:
        raise RuntimeError(f"{', '.join(sorted(unknown))}: no such operation")
    return [op for op in found if not tools.names or op.name in tools.names]


def plugin_marks(program, tools):
    return ",".join(f"{name}={symbol(program, f'bench_{name}', tools.llvm / 'llvm-nm'):#x}"
                    for name in ("start", "begin", "end"))


def agree(first, second, what):
    if first != second:
        raise Disagreement(f"{what}: two counts differ")
    return first


def linux_regions(linux, ops, vcpus, tools, say):
    """{name: region}: from the file of an earlier run, or counted now."""
    names = [op.name for op in ops]
    where = plugin_marks(tools.linux_ops, tools)
    kept = linux.folder / f"{linux.key(names, vcpus, MEMORY_MIB, where)}.json"
    if kept.exists() and not tools.twice:
        say(f"Linux: figures for {vcpus} vCPU: counted in an earlier run, {kept.name}")
        return json.loads(kept.read_text())
    say(f"Linux: counting on {vcpus} vCPU (a boot; about half a minute)")
    runs = [linux.count(names, MEMORY_MIB, MEMORY_MIB + XEN_MIB, vcpus, where, attempt)
            for attempt in range(1 + tools.twice)]
    kept.write_text(json.dumps(agree(runs[0], runs[-1], f"Linux, {vcpus} vCPU")))
    return runs[0]


def atman_region(op, tools, attempt):
    """(region, ''), or (None, reason)."""
    folder = tools.out / f"{op.name}-{attempt}"
    plugin = (f"{option(tools.counter)},out={option(folder / 'count')},"
              f"{plugin_marks(tools.ops, tools)}")
    result = boot(tools, Image(tools.ops), folder, MEMORY_MIB * 1024, MEMORY_MIB + XEN_MIB,
                  vcpus=op.vcpus, plugin=plugin, words=[op.name], limit=BOOT_SECONDS)
    found = marks.regions(result.report)
    if result.status == 0 and len(found) == 1 and found[0]:
        return found[0], ""
    errors = (folder / "stderr").read_text(errors="replace").strip() if result.status else ""
    return None, errors or result.reason or f"exit status {result.status}"


def measure_linux(linux, ops, tools, say):
    for vcpus in sorted({op.vcpus for op in ops}):
        chosen = [op for op in ops if op.vcpus == vcpus]
        found = linux_regions(linux, chosen, vcpus, tools, say)
        for op in chosen:
            op.linux = marks.cost(found[op.name], op.count)


def measure_atman(op, tools):
    runs = [atman_region(op, tools, attempt) for attempt in range(1 + tools.twice)]
    region, op.reason = agree(runs[0], runs[-1], op.name)
    if region:
        op.atman = marks.cost(region, op.count)


def run(tools, say):
    ops = operations(tools)
    tools.out.mkdir(parents=True, exist_ok=True)
    linux = Linux(tools, tools.out / "linux", say)
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        pending = [pool.submit(measure_linux, linux, ops, tools, say)]
        pending += [pool.submit(measure_atman, op, tools) for op in ops]
        try:
            for future in pending:
                future.result()
        except Exception:
            pool.shutdown(cancel_futures=True)
            raise
    print(f"\nAgainst Linux {linux.version} as a guest, {MEMORY_MIB} MiB\n")
    print(report.comparison([(op.name, op.linux, op.atman) for op in ops]))
    (tools.out / "ops.tsv").write_text(report.comparison_tsv(
        [(op.name, op.linux, op.atman) for op in ops]))
    print(f"\nThe same for programs: {tools.out / 'ops.tsv'}")
    for op in ops:
        if not op.atman:
            say(f"{op.name}: {op.reason}")
    return 0 if all(op.atman for op in ops) else 1


def main():
    def say(text):
        print(f"bench: {text}", file=sys.stderr, flush=True)

    try:
        return run(arguments(), say)
    except (BedError, Disagreement, LookupError, RuntimeError, OSError, ValueError) as problem:
        say(str(problem))
    except subprocess.CalledProcessError as problem:
        say(f"{problem.cmd[0]}: exit status {problem.returncode}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
