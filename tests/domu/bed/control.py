# SPDX-License-Identifier: MIT
"""A session with a control domain: restored from the snapshot, a folder shared with
it, commands run in it. Several commands may run at once. The shared folder is /share
there and work/share here; guests' consoles are written to console/ in it."""

from __future__ import annotations

import shutil
import socket
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Callable, NamedTuple

from . import elf, initramfs, packages, snapshot
from .errors import BedError
from .parts import Parts
from .settings import Settings

START_SECONDS = 60.0
POLL_SECONDS = 0.05
PORTS_TRIED = 5
# Where the shared folder is in the control domain.
SHARE = "/share"


class Output(NamedTuple):
    """How a command in the control domain ended, and what it wrote."""

    status: int
    out: bytes
    err: bytes


class Session:
    """Use it in a `with` statement: the machine ends with it. The work folder is made
    anew. At the end it is removed, or, if an exception passes or keep() was called,
    kept with all logs and named on stderr. `console` is as for Machine."""

    def __init__(self, settings: Settings, work: Path, console: int | None = None) -> None:
        self.work = work.resolve()
        self.share = self.work / "share"
        self._settings = settings
        self._keep = False
        self._jobs = 0
        self._done: dict[str, int] = {}
        files = snapshot.ensure(settings)
        shutil.rmtree(self.work, ignore_errors=True)
        for folder in ("jobs", "console", "guests"):
            (self.share / folder).mkdir(parents=True)
        self._machine = snapshot.restore(files, self.work, console)
        try:
            # The clock stood still in the snapshot.
            self._machine.send(f"start {time.time():.0f}")
            self._machine.expect("started 0", START_SECONDS)
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._machine.end()
        if kind is None and not self._keep:
            shutil.rmtree(self.work)
        else:
            print(f"bed: logs are in {self.work}", file=sys.stderr)

    def keep(self) -> None:
        """Keeps the work folder when the session ends."""
        self._keep = True

    def start(self, command: str) -> str:
        """Starts a shell command in the control domain and gives the job's name."""
        self._jobs += 1
        name = f"job{self._jobs}"
        (self.share / "jobs" / name).write_text(command + "\n")
        self._machine.send(f"job {name}")
        return name

    def wait(
        self, job: str, timeout: float, meanwhile: Callable[[], None] = lambda: None
    ) -> Output:
        """Waits for a job to end; calls `meanwhile` many times a second until then."""
        deadline = time.monotonic() + timeout
        while job not in self._done:
            if time.monotonic() >= deadline:
                raise BedError(
                    f"control domain: a command did not end within {timeout:.0f} s"
                )
            self.turn()
            meanwhile()
        base = self.share / "jobs" / job
        out, err = base.with_suffix(".out"), base.with_suffix(".err")
        return Output(self._done.pop(job), out.read_bytes(), err.read_bytes())

    def run(self, command: str, timeout: float) -> Output:
        """Runs a shell command in the control domain."""
        return self.wait(self.start(command), timeout)

    def check_runs(self, program: Path) -> None:
        """Raises unless the control domain has all libraries of a host program."""
        have = initramfs.library_names(Parts(packages.roots(self._settings)))
        for name in elf.needed_libraries(program.read_bytes()):
            if name not in have and not name.startswith("ld-linux"):
                raise BedError(f"{program}: needs {name}, which the control domain lacks")

    def add_device_model(self) -> None:
        """Gives the control domain QEMU where xl looks for it."""
        parts = Parts(packages.obtain_device_model(self._settings))
        folder = self.share / "device-model"
        folder.mkdir()
        for name, data in initramfs.device_model(parts).items():
            (folder / name).write_bytes(data)
        (folder / "qemu").chmod(0o755)
        run, there, data = initramfs.DEVICE_MODEL, f"{SHARE}/device-model", "/usr/share/qemu"
        # A keyboard's layout must be there, and may be empty. QEMU is not copied: the control
        # domain's memory would not hold it.
        done = self.run(
            f"mkdir -p {Path(run).parent} {data}/keymaps"
            f" && touch {data}/keymaps/en-us && printf '#!/bin/sh\\n%s\\n' "
            f"'LD_LIBRARY_PATH={there} exec {there}/qemu -L {data} \"$@\"' >{run} && chmod +x {run}", 30
        )
        if done.status != 0:
            raise BedError(f"device model: {done.err.decode(errors='replace').strip()}")

    def add_disk(self, number: int, path: Path, read_only: bool) -> None:
        """Gives the control domain a file of ours as its SCSI disk 0:0:NUMBER:0."""
        self._machine.add_disk(number, path, read_only)

    def forward(self, address: str, to: int, kind: str = "tcp", port: int = 0) -> int:
        """Connects a port of our 127.0.0.1 with ADDRESS:TO in the machine's network, and
        gives it: that one, or any that is free."""
        for _ in range(PORTS_TRIED if port == 0 else 1):
            chosen = port or _free_port(kind)
            try:
                self.lead(kind, f"127.0.0.1:{chosen}", f"{address}:{to}")
                return chosen
            except BedError as error:
                complaint = error  # somebody else may have taken it since
        raise complaint

    def lead(self, kind: str, here: str, there: str) -> None:
        """As forward(), with ADDRESS:PORT both here and there."""
        self._machine.forward(kind, here, there)

    def is_done(self, job: str) -> bool:
        """Whether a job has ended; turn() finds that out."""
        return job in self._done

    def turn(self) -> None:
        """Waits a moment for news of the control domain."""
        line = self._machine.receive(POLL_SECONDS)
        if line is None:
            return
        words = line.split()
        if len(words) != 3 or words[0] != "done" or not words[2].isdigit():
            raise BedError(f"control domain: said '{line}'")
        self._done[words[1]] = int(words[2])


def _free_port(kind: str) -> int:
    with socket.socket(type=socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
