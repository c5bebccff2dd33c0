# SPDX-License-Identifier: MIT
"""Makes and keeps the snapshot: the memory and state of a machine whose control
domain is up and waits for commands. Its folder is named by a hash over all that
goes into it, so a snapshot is made again exactly when it has to be, and one in use
is never written to."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from . import initramfs, machine, packages
from .errors import BedError
from .machine import Files, Machine
from .parts import Parts, unpack_kernel
from .settings import Settings, locked

STATE = "state"
COLD_BOOT_SECONDS = 180.0
SAVE_SECONDS = 60.0
# QEMU limits a migration to a link's speed unless told otherwise.
NO_LIMIT = 1 << 40
IGNORE_SHARED = {"capability": "x-ignore-shared", "state": True}


def ensure(settings: Settings) -> Files:
    """Gives the files of a snapshot that is up to date, made now if there is none.
    Several processes may ask at once: one makes it, the others wait."""
    if not packages.are_unpacked(settings):
        packages.obtain(settings)
    parts = Parts(packages.roots(settings))
    archive = initramfs.build(parts)
    kernel = parts.kernel()
    folder = settings.state / f"snapshot-{_key(settings, archive, kernel)}"
    files = Files(settings.qemu, settings.xen, folder)
    with locked(settings):
        if not folder.exists():
            _remove_old(settings.state)
            _make(files, archive, kernel)
    return files


def is_ready(settings: Settings) -> bool:
    """Whether ensure() would have next to nothing to do, as far as that is seen at once."""
    return packages.are_unpacked(settings) and any(settings.state.glob("snapshot-*/state"))


def restore(files: Files, work: Path, console: int | None = None) -> Machine:
    """A machine that goes on where the snapshot was taken. Its writes to memory
    stay its own; `work` and `console` are as for Machine."""
    started = Machine(files, work, restore=True, console=console)
    try:
        _prepare_migration(started)
        with open(files.folder / STATE, "rb") as state:
            _migrate(started, "migrate-incoming", state.fileno())
        started.qmp.command("cont")
    except BaseException:
        started.end()
        raise
    return started


def _make(files: Files, archive: bytes, kernel: bytes) -> None:
    folder = files.folder
    partial = folder.with_name(f"{folder.name}.partial")
    (partial / "share").mkdir(parents=True)
    (partial / machine.KERNEL).write_bytes(unpack_kernel(kernel))
    (partial / machine.INITRAMFS).write_bytes(archive)
    with open(partial / machine.MEMORY, "wb") as memory:
        memory.truncate(machine.MEMORY_MIB << 20)
    booted = Machine(files._replace(folder=partial), partial, restore=False)
    try:
        booted.expect("ready", COLD_BOOT_SECONDS)
        booted.qmp.command("stop")
        _prepare_migration(booted)
        with open(partial / STATE, "wb") as state:
            _migrate(booted, "migrate", state.fileno())
    except BedError as error:
        raise BedError(f"snapshot: {error}; see {partial / 'xen.log'}") from error
    finally:
        booted.end()
    partial.rename(folder)


def _prepare_migration(target: Machine) -> None:
    # The memory is in a file already; only the rest is written.
    target.qmp.command("migrate-set-capabilities", capabilities=[IGNORE_SHARED])
    target.qmp.command("migrate-set-parameters", **{"max-bandwidth": NO_LIMIT})


def _migrate(target: Machine, command: str, fd: int) -> None:
    target.qmp.send_fd("state", fd)
    target.qmp.command(command, uri="fd:state")
    target.qmp.wait_for_migration(SAVE_SECONDS)


def _key(settings: Settings, archive: bytes, kernel: bytes) -> str:
    digest = hashlib.sha256()
    for data in (
        archive,
        kernel,
        _read(settings.xen),
        _qemu_version(settings.qemu),
        Path(machine.__file__).read_bytes(),
        Path(__file__).read_bytes(),
    ):
        digest.update(hashlib.sha256(data).digest())
    return digest.hexdigest()[:16]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BedError(f"{path}: {error.strerror}") from error


def _qemu_version(qemu: str) -> bytes:
    try:
        return subprocess.run(
            [qemu, "--version"], check=True, capture_output=True, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise BedError(f"{qemu}: does not run; install qemu-system-x86") from error


def _remove_old(state: Path) -> None:
    """Machines that still run from an old snapshot keep their files."""
    for old in state.glob("snapshot-*"):
        shutil.rmtree(old)
