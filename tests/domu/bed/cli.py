# SPDX-License-Identifier: MIT
"""The bed's command line. Exit statuses are a contract, the same as atman-run's."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from . import guest, packages, settings, snapshot, user
from .control import Session
from .errors import BedError

TIMED_OUT = 124
FAILED = 125
CRASHED = 134


def main(arguments: list[str]) -> int:
    """Runs one command of the bed and gives its exit status."""
    options = _parse(arguments)
    name = "atman-run: --xl" if options.action is _user else "bed"
    try:
        status: int = options.action(settings.load(), options)
        return status
    except (BedError, ValueError) as error:
        return _fail(str(error), name)
    except OSError as error:
        file = error.filename
        return _fail(f"{file}: {error.strerror}" if file else str(error), name)
    except KeyboardInterrupt:
        return 130


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bed",
        description="Xen and a Linux control domain with xl, under QEMU.",
        epilog="Exit status of run: the program's; 124 after the time limit, 125 if the"
        " bed failed, 134 after a crash that left no status.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    prepare = commands.add_parser("prepare", help="get the packages, make the snapshot")
    prepare.set_defaults(action=_prepare)

    run = commands.add_parser("run", help="run an image as an ordinary domain")
    run.set_defaults(action=_run)
    run.add_argument("--config", type=Path, help="an xl config; kernel and name are ours")
    run.add_argument("--memory", type=int, default=32, metavar="MIB")
    run.add_argument("--input", type=Path, help="a file that is typed on the console")
    run.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS")
    run.add_argument("--keep", action="store_true", help="keep the logs in any case")
    run.add_argument("image", type=Path)
    run.add_argument("arguments", nargs=argparse.REMAINDER)

    shell = commands.add_parser("shell", help="run a shell command in the control domain")
    shell.set_defaults(action=_shell)
    shell.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS")
    shell.add_argument("--keep", action="store_true", help="keep the logs in any case")
    shell.add_argument("command")

    relayed = commands.add_parser("user", help="for atman-run: one domain over two sockets")
    relayed.set_defaults(action=_user)
    relayed.add_argument("--config", type=Path, required=True)
    relayed.add_argument("--ramdisk", type=Path)
    relayed.add_argument("--disk", action="append", default=[])
    relayed.add_argument("--publish", action="append", default=[])
    relayed.add_argument("kernel", type=Path)
    return parser.parse_args(arguments)


def _fail(reason: str, name: str = "bed") -> int:
    print(f"{name}: {reason}", file=sys.stderr)
    return FAILED


def _prepare(where: settings.Settings, _: argparse.Namespace) -> int:
    packages.obtain(where)
    print("bed: making the snapshot, unless it is up to date")
    print(f"bed: ready: {snapshot.ensure(where).folder}")
    return 0


def _run(where: settings.Settings, options: argparse.Namespace) -> int:
    if not options.image.is_file():
        raise BedError(f"{options.image}: no such file")
    wanted = guest.Guest(
        image=options.image,
        arguments=options.arguments,
        config=options.config.read_text() if options.config else "",
        memory_mib=options.memory,
        console_input=options.input.read_bytes() if options.input else None,
        timeout=options.timeout,
    )
    with _session(where, options) as session:
        result = guest.run(session, "guest", wanted, sys.stdout.buffer)
        status = _exit_status(result)
        if status >= TIMED_OUT:
            session.keep()
    left = "no exit status" if result.status is None else f"exit status {result.status}"
    print(f"bed: {result.reason}, {left}", file=sys.stderr)
    return status


def _shell(where: settings.Settings, options: argparse.Namespace) -> int:
    with _session(where, options) as session:
        output = session.run(options.command, options.timeout)
    sys.stdout.buffer.write(output.out)
    sys.stderr.buffer.write(output.err)
    return output.status


def _user(where: settings.Settings, options: argparse.Namespace) -> int:
    wanted = user.Wanted(
        options.config, options.kernel, options.ramdisk, options.disk, options.publish
    )
    return user.run(where, wanted)


def _session(where: settings.Settings, options: argparse.Namespace) -> Session:
    runs = where.state / "runs"
    runs.mkdir(exist_ok=True)
    session = Session(where, Path(tempfile.mkdtemp(prefix="run-", dir=runs)))
    if options.keep:
        session.keep()
    return session


def _exit_status(result: guest.Result) -> int:
    if result.reason == "timeout":
        return TIMED_OUT
    if result.status is not None:
        return result.status
    return CRASHED if result.reason == "crash" else FAILED
