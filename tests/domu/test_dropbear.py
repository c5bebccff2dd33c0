# SPDX-License-Identifier: MIT
"""Dropbear as a guest: no program can be started there, but what ssh tunnels goes on. Its own
client, in the control domain, logs in by a key and asks a web server through the guest."""

from __future__ import annotations

import unittest

from network import APPS, CONTROL_DOMAIN, NetworkCase
from web import archive

FOLDER = APPS / "dropbear/host"


class Dropbear(NetworkCase):
    """Keys, a login, a tunnel."""

    def make_key(self, name: str) -> bytes:
        """A key in the control domain's /tmp; what dropbearkey says of it."""
        text = self.check_client(FOLDER / "dropbearkey", "-t", "ed25519", "-f", f"/tmp/{name}")
        return next(line for line in text.splitlines() if line.startswith("ssh-")).encode()

    def test_tunnel(self) -> None:
        public = self.make_key("user")
        self.make_key("host")
        host = self.session.run("cat /tmp/host", 30).out
        ramdisk = self.session.work / "dropbear.tar"
        ramdisk.write_bytes(archive(
            {"etc/dropbear/host": host, "root/.ssh/authorized_keys": public + b"\n"}))
        self.session.run("mkdir -p /tmp/www; echo a page >/tmp/www/page; httpd -h /tmp/www", 30)
        server = self.start_server(
            FOLDER / "dropbear", "-F", "-E", "-s", "-r", "/etc/dropbear/host", "-p", "22",
            port=22, listens=False, memory_mib=64, ramdisk=ramdisk)
        client = self.program(FOLDER / "dbclient")
        output = self.session.run(
            "for i in 1 2 3 4 5 6; do printf 'GET /page HTTP/1.0\\r\\n\\r\\n' |"
            f" HOME=/tmp {client} -y -i /tmp/user -B {CONTROL_DOMAIN}:80"
            f" root@{server.address} && break; sleep 1; done", 90)
        self.assertIn(b"a page\n", output.out, output.err.decode(errors="replace"))


if __name__ == "__main__":
    unittest.main()
