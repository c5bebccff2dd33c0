# SPDX-License-Identifier: MIT
"""A client for QEMU's machine protocol: one command at a time, events ignored."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

from .errors import BedError


class Qmp:
    """Speaks over a connected socket, which it owns."""

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        connection.settimeout(timeout)
        self._socket = connection
        self._stream = connection.makefile("r")
        self._receive()
        self.command("qmp_capabilities")

    def command(self, name: str, **arguments: Any) -> Any:
        """Runs a command and gives back what it returns."""
        message = json.dumps({"execute": name, "arguments": arguments})
        try:
            self._socket.sendall(message.encode() + b"\n")
        except OSError as error:
            raise BedError(f"qemu: {name}: {error.strerror}") from error
        return self._result(name)

    def send_fd(self, name: str, fd: int) -> None:
        """Gives QEMU a file descriptor, to be called by `name` afterwards. It goes
        along with the first byte of the command that takes it."""
        message = json.dumps({"execute": "getfd", "arguments": {"fdname": name}})
        socket.send_fds(self._socket, [message.encode() + b"\n"], [fd])
        self._result("getfd")

    def wait_for_migration(self, timeout: float) -> None:
        """Waits until a migration, in or out, has completed."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            state = self.command("query-migrate")
            if state.get("status") == "completed":
                return
            if state.get("status") == "failed":
                raise BedError(f"qemu: migration: {state.get('error-desc', 'failed')}")
            time.sleep(0.005)
        raise BedError(f"qemu: migration: not done after {timeout:.0f} s")

    def close(self) -> None:
        """Closes the connection."""
        self._stream.close()
        self._socket.close()

    def _result(self, name: str) -> Any:
        while True:
            answer = self._receive()
            if "error" in answer:
                raise BedError(f"qemu: {name}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def _receive(self) -> dict[str, Any]:
        try:
            line = self._stream.readline()
        except OSError as error:
            raise BedError(f"qemu: no answer: {error}") from error
        if not line:
            raise BedError("qemu: ended; its messages are in qemu.log")
        answer: dict[str, Any] = json.loads(line)
        return answer
