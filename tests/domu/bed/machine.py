# SPDX-License-Identifier: MIT
"""One QEMU with Xen and the control domain in it, as a process held by its
handle: it ends when the bed says so or, by the kernel's doing, when the bed dies.
The machine's shape is the same for a cold boot and a restore; QEMU demands it."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from .errors import BedError
from .qmp import Qmp

MEMORY_MIB = 1024
CONTROL_DOMAIN_MIB = 256
# Xen's own entry to a PV guest faults under TCG with SMAP on. With SVM it has PVH guests.
CPU = "max,-smap,+svm"
# The scrubber would touch all free memory, and so put it into the snapshot. Vector registers
# must not be switched lazily: QEMU 7.2's XSAVE and XRSTOR do not trap for it, so that Linux
# would now and then take a guest's for its own.
XEN_ARGUMENTS = (
    "console=com1 com1=115200,8n1 loglvl=all guest_loglvl=all bootscrub=0 spec-ctrl=eager-fpu"
    f" dom0_mem={CONTROL_DOMAIN_MIB}M,max:{CONTROL_DOMAIN_MIB}M"
)
# What is off costs boot time and protects nothing here.
KERNEL_ARGUMENTS = (
    "console=hvc0 panic=1 quiet loglevel=4 mitigations=off rodata=off lsm="
    " kfence.sample_interval=0 init_on_alloc=0 cryptomgr.notests=1"
)
QMP_TIMEOUT = 30.0
# QEMU's own router, 10.0.2.2, which is the host; it gives addresses from 10.0.2.15 on.
NETWORK = "network"


class Files(NamedTuple):
    """What a machine is made of. `folder` holds the files named below."""

    qemu: str
    xen: Path
    folder: Path


KERNEL = "kernel"
INITRAMFS = "initramfs"
# The machine's memory: of MEMORY_MIB when a cold boot starts, written by it.
MEMORY = "memory"


class Machine:
    """A running QEMU. `work` gets xen.log and qemu.log and must have share/. The socket
    `console` is the other end of the control domain's virtio port."""

    def __init__(
        self, files: Files, work: Path, restore: bool, console: int | None = None
    ) -> None:
        self._work = work
        self._pending = b""
        qmp_ours, qmp_theirs = socket.socketpair()
        self._agent, agent_theirs = socket.socketpair()
        with qmp_theirs, agent_theirs, open(work / "qemu.log", "wb") as log:
            fds: tuple[int, ...] = (qmp_theirs.fileno(), agent_theirs.fileno())
            command = _command(files, work, restore, *fds, console)
            if console is not None:
                fds += (console,)
            try:
                self._process = subprocess.Popen(
                    # Ends QEMU when this thread ends, however that comes.
                    ["setpriv", "--pdeathsig", "KILL", "--", *command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=fds,
                    # QEMU takes what follows a space in a module's path for its
                    # arguments, so the modules are named from their folder.
                    cwd=files.folder,
                )
            except OSError as error:
                raise BedError(f"setpriv: {error.strerror}") from error
        try:
            self.qmp = Qmp(qmp_ours, QMP_TIMEOUT)
        except BedError as error:
            self.end()
            raise BedError(self._last_words() or str(error)) from error

    def send(self, line: str) -> None:
        """Sends the agent a line."""
        try:
            self._agent.sendall(line.encode() + b"\n")
        except OSError as error:
            raise BedError(self._last_words() or f"qemu: {error.strerror}") from error

    def receive(self, timeout: float) -> str | None:
        """The agent's next line; None when there is none within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self._pending:
            self._agent.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = self._agent.recv(4096)
            except TimeoutError:
                return None
            except OSError:
                data = b""
            if not data:
                raise BedError(self._last_words() or "qemu: ended without a message")
            self._pending += data
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode(errors="replace").strip()

    def expect(self, answer: str, timeout: float) -> None:
        """Waits for one line of the agent, which must be the given one."""
        line = self.receive(timeout)
        if line is None:
            raise BedError(f"control domain: no '{answer}' within {timeout:.0f} s")
        if line != answer:
            raise BedError(f"control domain: said '{line}', not '{answer}'")

    def add_disk(self, number: int, path: Path, read_only: bool) -> None:
        """Makes a file the disk 0:0:NUMBER:0 of the running machine."""
        name = f"disk{number}"
        file = {"driver": "file", "filename": str(path), "read-only": read_only}
        self.qmp.command("blockdev-add", driver="raw", file=file,
                         **{"node-name": name, "read-only": read_only})
        self.qmp.command("device_add", driver="scsi-hd", id=name, drive=name, bus="disks.0",
                         **{"scsi-id": number})

    def forward(self, kind: str, here: str, there: str) -> None:
        """From ADDRESS:PORT of the host to one in the machine's network; kind is "tcp" or
        "udp"."""
        rule = f"{kind}:{here}-{there}"
        # There is no other command for it; its answer is empty if it was obeyed.
        line = f"hostfwd_add {NETWORK} {rule}"
        answer = self.qmp.command("human-monitor-command", **{"command-line": line})
        if answer:
            raise BedError(f"forwarding {rule}: {str(answer).strip()}")

    def end(self) -> None:
        """Ends QEMU, if it still runs, and waits for its end."""
        self._process.kill()
        self._process.wait()
        self._agent.close()
        if hasattr(self, "qmp"):
            self.qmp.close()

    def _last_words(self) -> str:
        """The last line that says why the machine ended; empty if there is none."""
        for name in ("qemu.log", "xen.log"):
            path = self._work / name
            lines = path.read_text(errors="replace").split("\n") if path.exists() else []
            lines = [line.strip() for line in lines if line.strip()]
            if lines:
                return f"machine ended; {name} ends with: {lines[-1]}"
        return ""


def _command(
    files: Files, work: Path, restore: bool, qmp: int, agent: int, console: int | None
) -> list[str]:
    memory = (
        f"memory-backend-file,id=memory,size={MEMORY_MIB}M,"
        f"mem-path={MEMORY},share={'off' if restore else 'on'}"
    )
    modules = f"{KERNEL} {KERNEL_ARGUMENTS},{INITRAMFS}"
    command = [files.qemu, "-nodefaults", "-display", "none", "-no-reboot"]
    command += ["-accel", "tcg,thread=single", "-cpu", CPU]
    command += ["-m", str(MEMORY_MIB), "-object", memory]
    command += ["-machine", "memory-backend=memory"]
    command += ["-chardev", f"file,id=xen,path={_escape(work / 'xen.log')}"]
    command += ["-serial", "chardev:xen"]
    command += ["-chardev", f"socket,id=agent,fd={agent}", "-serial", "chardev:agent"]
    command += ["-chardev", f"socket,id=qmp,fd={qmp}", "-mon", "chardev=qmp,mode=control"]
    port = "null,id=console" if console is None else f"socket,id=console,fd={console}"
    command += ["-chardev", port, "-device", "virtio-serial-pci"]
    command += ["-device", "virtserialport,chardev=console,name=console"]
    command += ["-device", "virtio-scsi-pci,id=disks"]
    command += ["-netdev", f"user,id={NETWORK}"]
    command += ["-device", f"virtio-net-pci,netdev={NETWORK},romfile="]
    share = f"local,id=share,path={_escape(work / 'share')}"
    command += ["-virtfs", f"{share},mount_tag=host,security_model=none"]
    command += ["-kernel", str(files.xen), "-append", XEN_ARGUMENTS, "-initrd", modules]
    if restore:
        command += ["-incoming", "defer"]
    return command


def _escape(path: Path) -> str:
    """QEMU takes a comma for the end of a value unless it is doubled."""
    return str(path).replace(",", ",,")
