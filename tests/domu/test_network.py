# SPDX-License-Identifier: MIT
"""TCP and UDP between a guest and the control domain: what is sent comes, in whatever
numbers, sizes and weather."""

from __future__ import annotations

import re
import unittest

from case import long
from network import NetworkCase, Server
from test_save import CHECKPOINT, MOVE, SaveCase

PORT = 7
MEGABYTE = 1_000_000


class Network(NetworkCase):
    """netserver is the guest, netload its client."""

    server: Server

    def setUp(self) -> None:
        self.server = self.start_server("netserver", str(PORT), port=PORT, memory_mib=64)

    def tearDown(self) -> None:
        if self.server.guest and not self.server.guest.is_over():
            self.session.run(f"xl destroy {self.server.guest.name}", 30)

    def load(self, what: str, *words: int, seconds: float = 60.0) -> str:
        """One run of the client."""
        return self.check_client("netload", what, self.server.address, str(PORT),
                                 *map(str, words), seconds=seconds)

    def finish(self) -> tuple[int, int]:
        """Ends the server: how many connections it had, and how many KiB it kept."""
        self.load("quit")
        if self.server.guest:
            result = self.server.guest.wait()
            self.check_end(result, "poweroff", 0)
            text = result.console.decode()
        else:
            text = self.session.wait(self.server.job, 30).out.decode()
        found = re.search(r"(\d+) connections, (-?\d+) KiB more in use", text)
        self.assertIsNotNone(found, text)
        assert found
        return int(found[1]), int(found[2])

    def weather(self, words: str) -> None:
        """Spoils what the guest gets and what it sends."""
        devices = "xenbr0 $(ls /sys/class/net/xenbr0/brif | grep vif)"
        if not self.server.guest:
            devices = "lo"
        for_each = f"for device in {devices}; do /sbin/tc qdisc replace dev $device root netem {words} || exit 1; done"
        output = self.session.run(for_each, 30)
        self.assertEqual(output.status, 0, output.err)
        self.addCleanup(self.session.run, for_each.replace("replace", "del"), 30)

    def test_transfers(self) -> None:
        self.load("get", 5 * MEGABYTE)
        self.load("put", 5 * MEGABYTE)
        for size in 1, 100, 1472, 1473, 8000:
            self.load("udp", 20, size)
        self.finish()

    def test_many_connections(self) -> None:
        self.load("short", 200, 8)
        self.load("hold", 300, 3, seconds=120)
        connections, kept = self.finish()
        self.assertGreaterEqual(connections, 500)
        self.assertLess(kept, 512)

    def test_bad_weather(self) -> None:
        self.weather("loss 1% delay 2ms 1ms duplicate 1% reorder 5% 50%")
        self.load("get", MEGABYTE, seconds=120)
        self.load("put", MEGABYTE, seconds=120)
        self.finish()

    @long
    def test_a_thousand_connections(self) -> None:
        self.load("short", 200, 8)
        self.load("hold", 1000, 60, seconds=300)
        connections, kept = self.finish()
        self.assertGreaterEqual(connections, 1200)
        self.assertLess(kept, 512)

    @long
    def test_twenty_thousand_in_a_row(self) -> None:
        self.load("short", 20000, 8, seconds=600)
        self.assertGreaterEqual(self.finish()[0], 20000)

    @long
    def test_worse_weather(self) -> None:
        for loss in "1%", "5%":
            self.weather(f"loss {loss} delay 2ms 1ms duplicate 1% reorder 5% 50%")
            self.load("get", 20 * MEGABYTE, seconds=600)
            self.load("put", 20 * MEGABYTE, seconds=600)
        self.finish()


# $client and $address are the test's.
CONNECTED = """
xl create -q /share/guests/$name/config
$client wait $address 7 60
$client hold $address 7 20 12 & hold=$!
$client get $address 7 3000000 & get=$!
sleep 2
"""
SAVED = """
xl save $name /tmp/saved
sleep 1
xl restore /tmp/saved
rm /tmp/saved
sleep 2
"""
CHECKED = """
wait $get
wait $hold
$client short $address 7 20 4
$client quit $address 7
"""


class Moved(SaveCase, NetworkCase):
    """Connections survive that their guest is saved and restored, or moved to another domain."""

    def go(self, *steps: str) -> None:
        """These, while a client has connections."""
        address = "10.0.2.38"
        name = self.create(
            "netserver", f"extra = 'atman.ip={address}/24 -- {PORT}'\nvif = ['']\nvcpus = 2\n")
        said = self.carry_out(
            name, f"client={self.program('netload')} address={address}\n{CONNECTED}"
            + "".join(steps) + CHECKED, 200).decode()
        for line in r"20 connections, \d+ round trips", "3000000 bytes came", "20 connections, one":
            self.assertRegex(said, line)

    def test_save_and_restore(self) -> None:
        self.go(SAVED)

    @long
    def test_again_and_again(self) -> None:
        self.go(SAVED, MOVE.replace("goes_on 3", "sleep 2"), CHECKPOINT.replace("goes_on 3", ""))


if __name__ == "__main__":
    unittest.main()
