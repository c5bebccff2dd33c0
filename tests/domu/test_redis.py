# SPDX-License-Identifier: MIT
"""Redis as a guest, with its own clients."""

from __future__ import annotations

import re
import unittest

from network import APPS, NetworkCase, Server

SOURCE = APPS / "redis/make/src"
PORT = 6379


class Redis(NetworkCase):
    """One server for all."""

    server: Server

    def setUp(self) -> None:
        self.server = self.start_server(
            SOURCE / "redis-server", "--save", "", "--protected-mode", "no",
            port=PORT, memory_mib=128)

    def ask(self, *words: str) -> str:
        """redis-cli's answer."""
        return self.check_client(SOURCE / "redis-cli", "-h", self.server.address, *words)

    def test_workload(self) -> None:
        self.assertEqual(self.ask("set", "name", "a value"), "OK\n")
        self.assertEqual(self.ask("get", "name"), "a value\n")
        self.assertEqual(self.ask("eval", "return redis.call('incrby', 'n', 41) + 1", "0"), "42\n")
        self.benchmark("-n", "3000", "-c", "30", "-t", "set,get,incr,lpush,lrange_100,mset")
        self.benchmark("-n", "5000", "-c", "50", "-P", "16", "-d", "1000", "-t", "set,get")
        self.assertRegex(self.ask("info", "clients"), r"connected_clients:1\b")
        self.assertRegex(self.ask("info", "stats"), r"total_connections_received:\d{3}")
        self.client(SOURCE / "redis-cli", "-h", self.server.address, "shutdown", "nosave")
        if self.server.guest:
            self.check_end(self.server.guest.wait(), "poweroff", 0)

    def benchmark(self, *words: str) -> None:
        """redis-benchmark; each of its tests prints requests per second."""
        text = self.check_client(
            SOURCE / "redis-benchmark", "-h", self.server.address, "-q", *words, seconds=120)
        tests = words[-1].count(",") + 1
        self.assertGreaterEqual(len(re.findall(r"[\d.]+ requests per second", text)), tests, text)
        self.assertNotIn("rror", text)


if __name__ == "__main__":
    unittest.main()
