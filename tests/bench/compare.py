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

import atman
import marks
import profile
import report
from image import symbol
from linux import BedError, Linux, xen_symbols
from measure import XEN_MIB, Disagreement

MEMORY_MIB = 256
PATHS = {"toolchain": "the toolchain's folder", "llvm": "folder of LLVM's tools",
         "counter": "the counting plugin, markcount.so", "ops": "the operations as an image",
         "linux-ops": "the operations as a Linux program",
         "linux-init": "the Linux guest's first process", "out": "folder for results"}


class Op:
    """An operation, and for each world (linux, atman) the region that was counted, if it ran
    to its end; else the reason."""

    def __init__(self, name, vcpus, count):
        self.name, self.vcpus, self.count = name, int(vcpus), int(count)
        self.linux = self.atman = None
        self.reason = ""

    def costs(self):
        """(name, Linux's cost, ours or None)"""
        ours = marks.cost(self.atman, self.count) if self.atman else None
        return self.name, marks.cost(self.linux, self.count), ours


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, text in PATHS.items():
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True, help=text)
    parser.add_argument("--qemu", default="qemu-system-x86_64")
    parser.add_argument("--twice", action="store_true",
                        help="count everything twice; it must come out the same")
    parser.add_argument("--profile", action="store_true",
                        help="also: which functions the named operations' instructions are in")
    parser.add_argument("names", metavar="OPERATION", nargs="*",
                        help="which operations; without one: all")
    options = parser.parse_args()
    for name in PATHS:
        name = name.replace("-", "_")
        setattr(options, name, getattr(options, name).resolve())
    options.xen = options.toolchain / "share/atman/xen"
    options.nm = options.llvm / "llvm-nm"
    if options.profile and not options.names:
        parser.error("--profile: name the operations")
    return options


def operations(tools):
    """The list, from the program itself: the Linux one runs here as well."""
    listing = subprocess.run([tools.linux_ops], check=True, capture_output=True, text=True)
    found = [Op(*line.split("\t")) for line in listing.stdout.splitlines()]
    unknown = set(tools.names) - {op.name for op in found}
    if unknown:
        raise RuntimeError(f"{', '.join(sorted(unknown))}: no such operation")
    return [op for op in found if not tools.names or op.name in tools.names]


def plugin_options(program, tools):
    words = [f"{name}={symbol(program, f'bench_{name}', tools.nm):#x}"
             for name in ("start", "begin", "end")]
    return ",".join(words + ["profile=on"] * tools.profile)


def agree(runs, what):
    if runs[0] != runs[-1]:
        raise Disagreement(f"{what}: two counts differ")
    return runs[0]


def measure_linux(linux, ops, tools, say):
    """All operations for one number of vCPUs, from the file of an earlier run if there is."""
    names, vcpus = [op.name for op in ops], ops[0].vcpus
    memory, plugin = (MEMORY_MIB, MEMORY_MIB + XEN_MIB), plugin_options(tools.linux_ops, tools)
    kept = linux.folder / f"{linux.key(names, vcpus, memory, plugin)}.json"
    if kept.exists() and not tools.twice:
        say(f"Linux, {vcpus} vCPU: counted in an earlier run, {kept.name}")
        found = json.loads(kept.read_text())
    else:
        say(f"Linux, {vcpus} vCPU: boots and is counted (about half a minute)")
        found = agree([linux.count(names, memory, vcpus, plugin, attempt)
                       for attempt in range(1 + tools.twice)], f"Linux, {vcpus} vCPU")
        kept.write_text(json.dumps(found))
    for op in ops:
        op.linux = found[op.name]


def measure_atman(op, tools, say):
    memory, plugin = (MEMORY_MIB, MEMORY_MIB + XEN_MIB), plugin_options(tools.ops, tools)
    op.atman, op.reason = agree([atman.count(tools, op, memory, plugin, attempt)
                                 for attempt in range(1 + tools.twice)], op.name)
    say(f"{op.name}: {op.reason or 'counted'}")


def measure(ops, linux, tools, say):
    with ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        pending = [pool.submit(measure_linux, linux, [op for op in ops if op.vcpus == vcpus],
                               tools, say) for vcpus in sorted({op.vcpus for op in ops})]
        pending += [pool.submit(measure_atman, op, tools, say) for op in ops]
        try:
            for future in pending:
                future.result()
        except Exception:
            pool.shutdown(cancel_futures=True)
            raise


def print_profiles(ops, tools):
    xen = profile.listing(tools.nm, xen_symbols())
    worlds = {"linux": profile.Symbols(), "atman": profile.Symbols()}
    worlds["linux"].add(profile.listing(tools.nm, tools.linux_ops))
    worlds["atman"].add(profile.listing(tools.nm, tools.ops))
    for symbols in worlds.values():
        symbols.add(xen, "Xen: ")
    for op in ops:
        for world, symbols in worlds.items():
            region = getattr(op, world)
            if region:
                found = profile.functions(region["blocks"], symbols, op.count)
                print("\n" + profile.table(f"{op.name}, {world}", found))


def run(tools, say):
    ops = operations(tools)
    tools.out.mkdir(parents=True, exist_ok=True)
    linux = Linux(tools, tools.out / "linux", say)
    measure(ops, linux, tools, say)
    rows = [op.costs() for op in ops]
    print(f"\nAgainst Linux {linux.version} as a guest of {MEMORY_MIB} MiB\n")
    print(report.comparison(rows))
    if tools.profile:
        print_profiles(ops, tools)
    if not tools.names:
        (tools.out / "ops.tsv").write_text(report.comparison_tsv(rows))
        print(f"\nThe same for programs: {tools.out / 'ops.tsv'}")
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
