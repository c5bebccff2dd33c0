# SPDX-License-Identifier: MIT
"""What the tests of the network share: guests with an address on the bridge, and their
clients, which are images as well, run as Linux processes in the control domain.

ATMAN_NET_LIFE=process runs the servers there, too: a test that fails then is wrong itself."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import Any

from bed.control import SHARE, Output
from bed.errors import BedError
from bed.guest import Running
from bed.words import config_string, join_words
from case import IMAGES, BedCase

APPS = Path(os.environ.get("ATMAN_APPS", "."))
CONTROL_DOMAIN = "10.0.2.1"
HOST = "10.0.2.2"
START_SECONDS = 60
# The first guest's; QEMU's DHCP gives what is between.
FIRST_ADDRESS = 40


class Server:
    """A server that runs: a guest, or a process of the control domain."""

    def __init__(
        self, name: str, address: str, port: int, guest: Running | None, job: str
    ) -> None:
        self.name = name
        self.address = address
        self.port = port
        self.guest = guest
        self.job = job


class NetworkCase(BedCase):
    """A test class with servers."""

    _addresses = 0
    is_process = os.environ.get("ATMAN_NET_LIFE") == "process"

    def start_server(
        self, image: str | Path, *arguments: str, port: int, listens: bool = True, **options: Any
    ) -> Server:
        """Starts an image, and returns when something listens at the port, unless a first
        connection would be its last. The options are as for start_guest()."""
        if self.is_process:
            command = join_words([self.program(image), *arguments])
            job = self.session.start(f"cd /tmp; exec {command}")
            server = Server(Path(image).name, CONTROL_DOMAIN, port, None, job)
        else:
            NetworkCase._addresses += 1
            address = f"10.0.2.{FIRST_ADDRESS + NetworkCase._addresses}"
            words = f"atman.ip={address}/24,gw={HOST},dns=10.0.2.3 -- "
            options["config"] = (
                f"extra = {config_string(words + join_words(list(arguments)))}\n"
                f"vif = [ '' ]\n{options.get('config', '')}"
            )
            options.setdefault("timeout", 200.0)
            server = Server(
                Path(image).name, address, port, self.start_guest(image, **options), "")
        if listens:
            self._wait_for(server)
        return server

    def _wait_for(self, server: Server) -> None:
        command = f"{self.program('netload')} wait {server.address} {server.port} {START_SECONDS}"
        job = self.session.start(command)
        while not self.session.is_done(job) and not (server.guest and server.guest.is_over()):
            self.session.turn()
        if not self.session.is_done(job) or self.session.wait(job, 1).status != 0:
            wrote = server.guest.console().decode(errors="replace") if server.guest else ""
            raise BedError(f"nothing listens at {server.address}:{server.port}\n{wrote}")

    def program(self, image: str | Path) -> str:
        """Where the control domain finds the image as a program."""
        path = IMAGES / image
        folder = self.session.share / "programs"
        folder.mkdir(exist_ok=True)
        if not (folder / path.name).exists():
            shutil.copy(path, folder)
        return f"{SHARE}/programs/{path.name}"

    def client(self, image: str | Path, *words: str, seconds: float = 60.0) -> Output:
        """Runs an image as a program in the control domain."""
        command = shlex.join([self.program(image), *words])
        return self.session.run(f"cd /tmp; {command}", seconds)

    def check_client(self, image: str | Path, *words: str, seconds: float = 60.0) -> str:
        """The same, which must exit with 0; its output."""
        output = self.client(image, *words, seconds=seconds)
        text = output.out.decode(errors="replace")
        self.assertEqual(output.status, 0, text + output.err.decode(errors="replace"))
        return text

    def end_server(self, server: Server) -> str:
        """Asks it to end (SIGTERM); what it wrote."""
        if server.guest:
            server.guest.shutdown()
            return server.guest.wait().console.decode(errors="replace")
        self.session.run(f"kill $(pidof {server.name})", 30)
        return self.session.wait(server.job, 30).out.decode(errors="replace")
