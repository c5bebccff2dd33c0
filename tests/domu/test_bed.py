# SPDX-License-Identifier: MIT
"""The bed itself: it ends guests that do not end, names what xl refuses, runs guests
side by side and leaves nothing behind."""

from __future__ import annotations

import socket
import unittest
import urllib.request
from pathlib import Path

from bed.errors import BedError
from case import BedCase, text


class Bed(BedCase):
    """What the other tests rely on."""

    def test_a_guest_that_never_ends_is_ended(self) -> None:
        result = self.run_guest("finish", "spin", timeout=5)
        self.check_end(result, "timeout", None)
        self.assertEqual(text(result), "finishing: spin\n")
        self.check_nothing_left()

    def test_what_xl_refuses_is_named(self) -> None:
        with self.assertRaisesRegex(BedError, "Invalid kernel"):
            self.run_guest(Path(__file__).resolve())
        with self.assertRaisesRegex(BedError, "config parsing error"):
            self.run_guest("hello", config="memory = ")
        self.check_nothing_left()

    def test_commands_run_side_by_side(self) -> None:
        waiting = self.session.start("until [ -e /tmp/go ]; do sleep 0.1; done; exit 3")
        self.assertEqual(self.session.run("touch /tmp/go; echo went", 30).out, b"went\n")
        self.assertEqual(self.session.wait(waiting, 30).status, 3)

    def test_the_control_domain_is_reached_from_here(self) -> None:
        self.session.run("mkdir /tmp/www; echo a page >/tmp/www/page; httpd -h /tmp/www", 30)
        port = self.session.forward("10.0.2.1", 80)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/page", timeout=30) as answer:
            self.assertEqual(answer.read(), b"a page\n")
        with self.assertRaisesRegex(BedError, f"forwarding tcp:127.0.0.1:{port}"):
            self.session.forward("10.0.2.1", 80, port=port)

    def test_the_host_is_reached_from_the_control_domain(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            job = self.session.start(f"nc 10.0.2.2 {port} </dev/null")
            server.settimeout(30)
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"from the host\n")
        self.assertEqual(self.session.wait(job, 30).out, b"from the host\n")

    def test_an_interface_joins_the_bridge(self) -> None:
        config = "vif = ['mac=00:16:3e:00:00:01']"
        job = self.session.start("until [ -e /sys/class/net/xenbr0/brif/vif* ]; do sleep 0.1; done")
        self.check_end(self.run_guest("finish", "spin", config=config, timeout=5), "timeout", None)
        self.assertEqual(self.session.wait(job, 1).status, 0)


if __name__ == "__main__":
    unittest.main()
