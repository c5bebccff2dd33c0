# SPDX-License-Identifier: MIT
"""Runs one image as an ordinary domain under xl and tells what came of it. The
guest may have any xl config; only its name, its kernel and that it is preserved at
its end are the bed's."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from .control import SHARE, Session
from .errors import BedError
from .words import config_string, join_words

# What xl itself and the start of the script may take, beyond the guest's own time.
GRACE_SECONDS = 60.0
REASONS = ("poweroff", "reboot", "suspend", "crash", "watchdog", "soft-reset")
EVENTS = ("poweroff", "reboot", "crash", "watchdog", "soft_reset")


@dataclass
class Guest:
    """What to run. `config` is the text of an xl config and may be empty."""

    image: Path
    arguments: list[str] = field(default_factory=list)
    config: str = ""
    memory_mib: int = 32
    # Typed on the console as soon as there is one.
    console_input: bytes | None = None
    timeout: float = 60.0
    # An archive for its file system.
    ramdisk: Path | None = None


@dataclass
class Result:
    """What came of a guest."""

    console: bytes
    # Why the domain shut down, one of REASONS; "timeout" if it did not in time.
    reason: str
    # What it left in data/atman/exit-status; None if nothing.
    status: int | None


class Running:
    """A guest that was started. Nothing but wait() tells that it could not be."""

    def __init__(
        self, session: Session, name: str, guest: Guest, relay: BinaryIO | None = None
    ) -> None:
        self.name = name
        self._session = session
        self._folder = session.share / "guests" / name
        self._folder.mkdir()
        shutil.copyfile(guest.image, self._folder / "kernel")
        if guest.ramdisk:
            shutil.copyfile(guest.ramdisk, self._folder / "ramdisk")
        (self._folder / "config").write_text(config_text(name, guest))
        if guest.console_input is not None:
            (self._folder / "input").write_bytes(guest.console_input)
        self._console = _Console(session.share / "console" / f"guest-{name}.log", relay)
        self._seconds = max(1, round(guest.timeout))
        self._job = session.start(f"bed-guest {name} {self._seconds}")

    def console(self) -> bytes:
        """What it has written so far."""
        return self._console.read()

    def is_over(self) -> bool:
        """Whether wait() would return at once, as far as session.turn() has found out."""
        return self._session.is_done(self._job)

    def shutdown(self) -> None:
        """Asks it to end, as `xl shutdown` does."""
        self._session.run(f"xl shutdown {self.name}", GRACE_SECONDS)

    def wait(self) -> Result:
        """Waits for its end. Raises BedError, with xl's own message, if there was no domain
        to run."""
        self._session.wait(self._job, self._seconds + GRACE_SECONDS, self._console.relay)
        self._console.relay()
        fields = _fields(self._folder / "result")
        if not fields:
            raise BedError(f"{self.name}: {_complaint(self._folder / 'xl.log')}")
        return Result(
            self._console.read(), _reason(fields["reason"]), _status(fields["status"])
        )


def run(
    session: Session, name: str, guest: Guest, relay: BinaryIO | None = None
) -> Result:
    """Runs a guest under a name that no other guest of the session has. The console
    is also written to `relay` while the guest runs. Raises BedError as Running.wait()."""
    return Running(session, name, guest, relay).wait()


def config_text(name: str, guest: Guest) -> str:
    """The xl config the guest is created with. Of two lines that set the same thing,
    the later counts."""
    lines = [f"memory = {guest.memory_mib}", "vcpus = 1"]
    if guest.arguments:
        lines.append(f"extra = {config_string(join_words(guest.arguments))}")
    lines.append(guest.config)
    lines.append(f"name = {config_string(name)}")
    lines.append(f"kernel = {config_string(f'{SHARE}/guests/{name}/kernel')}")
    if guest.ramdisk:
        lines.append(f"ramdisk = {config_string(f'{SHARE}/guests/{name}/ramdisk')}")
    lines += [f'on_{event} = "preserve"' for event in EVENTS]
    return "\n".join(lines) + "\n"


class _Console:
    """The console's log, which grows while it is read."""

    def __init__(self, path: Path, relay: BinaryIO | None) -> None:
        self._path = path
        self._relay = relay
        self._relayed = 0

    def relay(self) -> None:
        """Passes on what came since the last call."""
        if self._relay is None or not self._path.exists():
            return
        with open(self._path, "rb") as log:
            log.seek(self._relayed)
            data = log.read()
        self._relay.write(data)
        self._relay.flush()
        self._relayed += len(data)

    def read(self) -> bytes:
        """All that the guest wrote."""
        return self._path.read_bytes() if self._path.exists() else b""


def _fields(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _reason(code: str) -> str:
    if not code:
        return "timeout"
    number = int(code)
    return REASONS[number] if number < len(REASONS) else f"reason {number}"


def _status(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _complaint(path: Path) -> str:
    """xl's first complaint; the lines after it are what followed from it."""
    text = path.read_text(errors="replace") if path.exists() else ""
    lines = [line.strip() for line in text.splitlines() if "error" in line.lower()]
    return lines[0] if lines else "xl made no domain and said nothing"
