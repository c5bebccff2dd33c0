# SPDX-License-Identifier: MIT
"""Builds and runs one guest test program; the tests' CMakeLists.txt calls it.

    guest.py build --cc ATMAN_CC --host-cc CC --check-image SCRIPT SOURCE OUTPUT [FLAG...]
    guest.py run --atman-run ATMAN_RUN [--case NAME] [--vcpus N] SOURCE OUTPUT
    guest.py process [--case NAME] SOURCE OUTPUT

build makes the image OUTPUT and, if the test wants one, OUTPUT.native, the same program
for the build host; FLAGs are compiler options of the image beside the test's own. run
boots the image once for every case and number of vCPUs; process starts it as a Linux
process, to be compared with OUTPUT.native. ATMAN_TEST_SEED repeats a run whose random input
made it fail."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import itertools
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.dont_write_bytecode = True

import program  # noqa: E402
import spec  # noqa: E402
import verdict  # noqa: E402

WARNINGS = ["-Wall", "-Wextra", "-Werror"]
SHOWN = 500  # characters of a command in a message
KILL_AFTER = 15  # seconds beyond a case's limit, for atman-run to end by itself


def make_tree(commands: tuple[str, ...], folder: str) -> None:
    """Runs the shell commands that make a test's files."""
    subprocess.run(["sh", "-ec", "umask 022\n" + "\n".join(commands)], cwd=folder, check=True)


def build(arguments: argparse.Namespace) -> int:
    """Compiles the program; a compiler's failure is this one's."""
    test = spec.read(arguments.source)
    with tempfile.TemporaryDirectory() as folder:
        if test.image_files:
            make_tree(test.tree, folder)
            test.flags += [f"--atman-files={folder}/{name}" for name in test.image_files]
        return compile_all(test, arguments)


def compile_all(test: spec.Spec, arguments: argparse.Namespace) -> int:
    """Runs the compilers, and looks at the image."""
    here = f"-I{Path(__file__).resolve().parent.parent}"
    jobs = [[arguments.cc, "-O2", "-g", *WARNINGS, here, "-o", str(arguments.output),
             str(arguments.source), *test.flags, *arguments.flags]]
    if test.native is not None:
        jobs.append([arguments.host_cc, "-O2", "-g", *WARNINGS, here,
                     "-o", f"{arguments.output}.native", str(arguments.source),
                     *test.native, "-lm"])
    if test.image_check and arguments.check_image:
        jobs.append([arguments.check_image, str(arguments.output)])
    for job in jobs:
        status = subprocess.run(job, check=False).returncode
        if status:
            return status
    return 0


def make_stdin(case: spec.Case, seed: int) -> bytes:
    """`random BYTES`, `text JSON-STRING` or `dialogue LINES`; nothing if nothing is said."""
    if not case.stdin:
        return b""
    kind, *values = case.stdin
    if kind == "random":
        return random.Random(seed).randbytes(int(values[0]))
    if kind == "dialogue":
        return "".join(line + "\n" for line in values).encode()
    if kind == "text":
        return json.loads(f'"{values[0]}"').encode()
    raise spec.SpecError(f"{case.name}: unknown kind of stdin: {kind}")


@contextlib.contextmanager
def alone(source: Path) -> Iterator[None]:
    """One at a time on this host: as processes, a program's variants share names in /tmp."""
    name = f"atman-test-{source.parent.name}.{source.stem}.lock"
    with open(Path(tempfile.gettempdir(), name), "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run_here(case: spec.Case, source: Path, file: str, stdin: bytes,
             env: list[str]) -> program.Result:
    """Runs the file made of source as a process of the build host."""
    with alone(source):
        return program.run([file, *case.args], stdin, case.timeout,
                           dict(e.split("=", 1) for e in env))


def check_here(case: spec.Case, result: program.Result, stdin: bytes,
               native: program.Result) -> list[str]:
    """What is wrong with a process's outcome; what it says of errors is its library's."""
    return verdict.check(spec.replace(case, stderr=(".*",) if result.stderr else ()), result,
                         stdin, native)


def by_instructions(command: list[str]) -> list[str]:
    """The command with a QEMU in which 16 ns pass with each instruction, and idle time at
    once: what the hypervisor counts is then the guest's doing, and no busy host's."""
    counted = Path(__file__).resolve().parent / "counted"
    qemu = shutil.which("qemu-system-x86_64") or "qemu-system-x86_64"
    return ["env", f"QEMU={qemu}", f"PATH={counted}:{os.environ['PATH']}", *command]


def ramdisk_options(case: spec.Case, folder: str) -> list[str]:
    """Makes the case's files in folder; atman-run's options for them."""
    options = []
    if case.tree:
        make_tree(case.tree, folder)
    for name in case.files:
        options += ["--files", f"{folder}/{name}"]
    if case.ramdisk:
        made = subprocess.run(["sh", "-ec", case.ramdisk], cwd=folder, check=True,
                              stdout=subprocess.PIPE).stdout
        Path(folder, "ramdisk").write_bytes(made)
        options += ["--ramdisk", f"{folder}/ramdisk"]
    return options


def run_guest(case: spec.Case, atman_run: str, image: str, stdin: bytes,
              env: list[str], vcpus: int) -> program.Result:
    """One boot, with its files in a folder that goes away again."""
    with tempfile.TemporaryDirectory() as folder:
        return boot(case, [atman_run, *ramdisk_options(case, folder)], image, stdin, env,
                    vcpus)


def boot(case: spec.Case, command: list[str], image: str, stdin: bytes,
         env: list[str], vcpus: int) -> program.Result:
    command += ["--timeout", str(case.timeout)]
    if vcpus != 1:
        command += ["--vcpus", str(vcpus)]
    if case.memory:
        command += ["-m", case.memory]
    for entry in env:
        command += ["-e", entry]
    command += [*case.options, image, *case.args]
    if case.clock == "instructions":
        command = by_instructions(command)
    limit = case.timeout + KILL_AFTER
    if case.terminal:
        return program.run_on_terminal(command, stdin, limit, case.terminal)
    if case.stdin[:1] == ("dialogue",):
        return program.run_dialogue(command, stdin.splitlines(keepends=True), limit)
    return program.run(command, stdin, limit)


def run_case(test: spec.Spec, case: spec.Case, arguments: argparse.Namespace,
             seed: int, vcpus: int) -> list[str]:
    """Boots the program as the case says; what is wrong with the outcome."""
    image = str(arguments.output)
    stdin = make_stdin(case, seed)
    env = [*case.env, f"TEST_SEED={seed}"]
    native = None
    complaints = []
    if test.native is not None:
        native = run_here(case, arguments.source, f"{image}.native", stdin, env)
        complaints += ["as a native process: " + c
                       for c in check_here(case, native, stdin, native)]
    result = run_guest(case, arguments.atman_run, image, stdin, env, vcpus)
    complaints += verdict.check(case, result, stdin, native)
    if case.twice == "differ":
        again = run_guest(case, arguments.atman_run, image, stdin, env, vcpus)
        same = set(result.stdout.splitlines()) & set(again.stdout.splitlines())
        if same or not again.stdout:
            complaints.append(f"two boots gave the same: {same or again.stdout}")
    if complaints:
        complaints.append("the command was: " + shlex.join(result.command)[:SHOWN])
    return complaints


def run_process(test: spec.Spec, case: spec.Case, arguments: argparse.Namespace,
                seed: int, vcpus: int) -> list[str]:
    """Starts the image as Linux's, in place of a boot."""
    del test, vcpus
    image = str(arguments.output)
    stdin = make_stdin(case, seed)
    env = [*case.env, f"TEST_SEED={seed}"]
    native = run_here(case, arguments.source, f"{image}.native", stdin, env)
    result = run_here(case, arguments.source, image, stdin, env)
    return check_here(case, result, stdin, native)


def run(arguments: argparse.Namespace) -> int:
    """Runs every case (or the one asked for), and says which failed and why."""
    test = spec.read(arguments.source)
    seed = int(os.environ.get("ATMAN_TEST_SEED", 0)) or random.SystemRandom().randrange(1, 2**31)
    print(f"seed {seed} (ATMAN_TEST_SEED={seed} repeats it)", flush=True)
    failed = ran = 0
    wanted = [arguments.vcpus] if arguments.vcpus else test.vcpus or [1]
    if arguments.run_case is run_process:
        wanted = [1]
    for case, vcpus in itertools.product(test.cases, wanted):
        if arguments.case and case.name != arguments.case:
            continue
        ran += 1
        started = time.monotonic()
        complaints = arguments.run_case(test, case, arguments, seed, vcpus)
        failed += bool(complaints)
        print(f"{'FAILED' if complaints else 'passed'} {case.name or 'the only case'}"
              f"{f' on {vcpus} vCPUs' if vcpus != 1 else ''} "
              f"({time.monotonic() - started:.1f} s)", flush=True)
        for complaint in complaints:
            print("    " + complaint.replace("\n", "\n    "), flush=True)
    print(f"{ran} cases, {failed} failed")
    return 0 if ran and not failed else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    builder = commands.add_parser("build")
    builder.add_argument("--cc", required=True)
    builder.add_argument("--host-cc", required=True)
    builder.add_argument("--check-image", default="")
    builder.set_defaults(do=build)
    runner = commands.add_parser("run")
    runner.add_argument("--atman-run", required=True)
    runner.add_argument("--vcpus", type=int, default=0)
    runner.set_defaults(do=run, run_case=run_case)
    process = commands.add_parser("process")
    process.set_defaults(do=run, run_case=run_process, vcpus=1)
    for command in (runner, process):
        command.add_argument("--case", default="")
    for command in (builder, runner, process):
        command.add_argument("source", type=Path)
        command.add_argument("output", type=Path)
    arguments, flags = parser.parse_known_args()
    if flags and arguments.do is not build:
        parser.error(f"unknown: {shlex.join(flags)}")
    arguments.flags = flags
    try:
        return arguments.do(arguments)
    except spec.SpecError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
