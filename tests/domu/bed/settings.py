# SPDX-License-Identifier: MIT
"""Where things are. In a build folder CMake writes them into bed.json; in an installed
toolchain the bed lies in share/atman/xl, its parts around it, and what it makes in the user's
cache. Nothing else in the bed knows a path."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, NamedTuple

from .errors import BedError

VARIABLE = "ATMAN_BED"
HERE = Path(__file__).resolve()
DEFAULT = HERE.parents[3] / "build" / "tests" / "domu"


class Settings(NamedTuple):
    """The contents of bed.json, and the folder `state` that it lies in: the bed's own,
    for the snapshot and for the work folders of runs."""

    state: Path
    qemu: str
    xen: Path
    # sysroot/obtain/obtain.sh, the cache that it fills, the folder it unpacks into.
    obtain: Path
    cache: Path
    unpacked: Path


def load() -> Settings:
    """Reads bed.json from the folder that ATMAN_BED names, or the default build's; an
    installed bed has none."""
    if VARIABLE not in os.environ and (HERE.parents[1] / "obtain" / "obtain.sh").exists():
        return _installed()
    state = Path(os.environ.get(VARIABLE, DEFAULT)).resolve()
    path = state / "bed.json"
    try:
        values = json.loads(path.read_text())
        return Settings(
            state=state,
            qemu=values["qemu"],
            xen=Path(values["xen"]),
            obtain=Path(values["obtain"]),
            cache=Path(values["cache"]),
            unpacked=Path(values["unpacked"]),
        )
    except OSError as error:
        raise BedError(
            f"{path}: {error.strerror}; configure the build, or name its tests/domu"
            f" folder with {VARIABLE}"
        ) from error
    except (ValueError, KeyError) as error:
        raise BedError(f"{path}: {error}; configure the build again") from error


def _installed() -> Settings:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    cache = Path(home).absolute() / "atman"
    state = cache / "xl"
    state.mkdir(parents=True, exist_ok=True)
    qemu = shutil.which("qemu-system-x86_64")
    if not qemu:
        raise BedError("qemu-system-x86_64: not found in PATH; apt-get install qemu-system-x86")
    share = HERE.parents[2]
    return Settings(
        state=state,
        qemu=qemu,
        xen=share / "xen",
        obtain=HERE.parents[1] / "obtain" / "obtain.sh",
        cache=cache,
        unpacked=state / "unpacked",
    )


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Holds the bed's lock: one process at a time makes what others then use."""
    with open(settings.state / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
