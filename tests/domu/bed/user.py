# SPDX-License-Identifier: MIT
"""One domain for atman-run, which started us and speaks over two sockets. The console is
QEMU's, and ours only to pass on. On the other we say, a line each, what `xl create -F` says,
and, when asked, how the domain has ended:
    > shutdown       asks the domain to end
    > finish         what has the domain left?
    < status N       its exit status; nothing if there is none
    < xen TEXT       then: a line of Xen's log
    < end
We end, with all that we have started, when atman-run does."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from . import snapshot
from .control import SHARE, Session
from .errors import BedError
from .settings import Settings
from .words import config_string

# Of the jobs at the end.
SECONDS = 30.0
NAME = "guest"
# What QEMU gives the first who asks by DHCP.
GUEST_ADDRESS = "10.0.2.15"
CONFIG = f"{SHARE}/guests/{NAME}"


class Gone(Exception):
    """atman-run has ended."""


class Link:
    """The connection with atman-run."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._pending = b""

    def say(self, line: str) -> None:
        """A line to atman-run."""
        self._socket.setblocking(True)
        try:
            self._socket.sendall(line.encode(errors="replace") + b"\n")
        except OSError as error:
            raise Gone from error
        self._socket.setblocking(False)

    def requests(self) -> list[str]:
        """What has been asked since the last time."""
        try:
            data = self._socket.recv(4096)
        except BlockingIOError:
            return []
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        *lines, self._pending = (self._pending + data).split(b"\n")
        return [line.decode(errors="replace") for line in lines]


@dataclass
class Wanted:
    """The domain: its xl config, and files that lines of ours in it name. A disk is a path
    and, if it is only to be read, `,ro` behind that; a port KIND:ADDRESS:PORT:GUESTPORT."""

    config: Path
    kernel: Path
    ramdisk: Path | None
    disks: list[str]
    ports: list[str]


def run(where: Settings, wanted: Wanted) -> int:
    """Runs the domain; the sockets are our standard input and output."""
    for spec in wanted.disks:
        path, _, mode = spec.partition(",")
        if not os.access(path, os.R_OK if mode else os.R_OK | os.W_OK):
            raise BedError(f"--disk: {path}: no such file, or no right to use it")
    link = Link(socket.socket(fileno=os.dup(0)))
    # QEMU gets a standard output of its own.
    console = os.dup(1)
    os.dup2(2, 1)
    if not snapshot.is_ready(where):
        print("atman-run: --xl: getting Xen's tools and a Linux for them, once; this takes some"
              " minutes and 700 MB", file=sys.stderr, flush=True)
    snapshot.ensure(where)
    (where.state / "runs").mkdir(exist_ok=True)
    work = tempfile.mkdtemp(prefix="xl-", dir=where.state / "runs")
    with Session(where, Path(work), console=console) as session:
        for spec in wanted.ports:
            _publish(session, spec)
        try:
            _Domain(session, link).run(wanted)
        except Gone:
            pass
    return 0


def _publish(session: Session, spec: str) -> None:
    kind, address, port, to = spec.split(":")
    try:
        session.lead(kind, f"{address}:{port}", f"{GUEST_ADDRESS}:{to}")
    except BedError as error:
        raise BedError(f"-p: {address}:{port}: in use, or not an address of this machine's"
                       ) from error


class _Domain:
    def __init__(self, session: Session, link: Link) -> None:
        self._session = session
        self._link = link
        self._folder = session.share / "guests" / NAME
        self._read = 0

    def run(self, wanted: Wanted) -> None:
        """From the files to the answer of "finish"."""
        self._folder.mkdir()
        shutil.copyfile(wanted.kernel, self._folder / "kernel")
        text = wanted.config.read_text(errors="surrogateescape")
        text += f"kernel = {config_string(f'{CONFIG}/kernel')}\n"
        if wanted.ramdisk:
            shutil.copyfile(wanted.ramdisk, self._folder / "ramdisk")
            text += f"ramdisk = {config_string(f'{CONFIG}/ramdisk')}\n"
        if wanted.disks:
            text += f"disk = [ {', '.join(map(self._disk, count(), wanted.disks))} ]\n"
        (self._folder / "config").write_text(text, errors="surrogateescape")
        job = self._session.start(f"bed-run {NAME} {len(wanted.disks)}")
        is_over = False
        while True:
            self._session.turn()
            self._pass_on()
            if not is_over and self._session.is_done(job):
                is_over = True
                self._pass_on()
                self._link.say("over")
            for request in self._link.requests():
                if request == "shutdown":
                    self._session.start(f"xl shutdown $(xl domid {self._name()})")
                elif request == "finish":
                    self._finish()
                    return

    def _disk(self, number: int, spec: str) -> str:
        """Gives the control domain that disk; how xl's config calls it."""
        path, _, mode = spec.partition(",")
        self._session.add_disk(number, Path(path), bool(mode))
        access = "ro" if mode else "rw"
        name = f"xvd{chr(ord('a') + number)}"
        return config_string(f"format=raw, vdev={name}, access={access}, target=/dev/disk{number}")

    def _pass_on(self) -> None:
        """What xl has said since the last time, in whole lines."""
        path = self._folder / "xl.log"
        if not path.exists():
            return
        with open(path, "rb") as log:
            log.seek(self._read)
            data = log.read()
        data = data[: data.rfind(b"\n") + 1]
        self._read += len(data)
        for line in data.decode(errors="replace").splitlines():
            self._link.say(line)

    def _name(self) -> str:
        lines = (self._folder / "config").read_text(errors="replace").splitlines()
        return next(line.split('"')[1] for line in lines if line.startswith("name = "))

    def _finish(self) -> None:
        name = self._name()
        path = f"/local/domain/$(xl domid {name})/data/atman/exit-status"
        output = self._session.run(f"xenstore-read {path} || xl dmesg", SECONDS)
        text = output.out.decode(errors="replace")
        if text.strip().isdigit():
            self._link.say(f"status {text.strip()}")
        else:
            for line in text.splitlines():
                self._link.say(f"xen {line}")
        self._link.say("end")
