# SPDX-License-Identifier: MIT
"""memcached as a guest, with four threads, and a client of ours on the QEMU host: its own
test client starts its own server."""

from __future__ import annotations

import hashlib
import socket
import threading
import unittest

from network import APPS, NetworkCase

PORT = 11211
THREADS = 8
ROUNDS = 60


def value(thread: int, number: int) -> bytes:
    """Of 0 to some 8,000 bytes."""
    digest = hashlib.sha256(f"{thread} {number}".encode()).digest()
    return digest * (digest[0])


class Memcached(NetworkCase):
    """Text protocol: set, get, incr, delete, many connections."""

    def test_workload(self) -> None:
        server = self.start_server(
            APPS / "memcached/host/memcached", "-u", "root", "-t", "4", port=PORT, memory_mib=160,
            config="vcpus = 2")
        port = self.session.forward(server.address, PORT)
        wrong: list[str] = []
        threads = [threading.Thread(target=self.talk, args=(port, i, wrong))
                   for i in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        with Connection(port) as connection:
            stats = connection.ask(b"stats\r\n", b"END\r\n").decode()
        self.assertIn(f"STAT cmd_set {THREADS * ROUNDS}\r\n", stats)
        self.assertIn("STAT threads 4\r\n", stats)
        self.end_server(server)

    def talk(self, port: int, thread: int, wrong: list[str]) -> None:
        """One client's work."""
        try:
            with Connection(port) as connection:
                connection.ask(b"set n%d 0 0 1\r\n0\r\n" % thread, b"STORED\r\n")
                for number in range(1, ROUNDS):
                    data = value(thread, number)
                    key = b"k%d.%d" % (thread, number)
                    connection.ask(b"set %s 0 0 %d\r\n%s\r\n" % (key, len(data), data),
                                   b"STORED\r\n")
                    expected = b"VALUE %s 0 %d\r\n%s\r\nEND\r\n" % (key, len(data), data)
                    if connection.ask(b"get %s\r\n" % key, expected) != expected:
                        wrong.append(key.decode())
                    connection.ask(b"incr n%d 1\r\n" % thread, b"%d\r\n" % number)
                    if number % 3 == 0:
                        connection.ask(b"delete %s\r\n" % key, b"DELETED\r\n")
                        connection.ask(b"get %s\r\n" % key, b"END\r\n")
        except (OSError, AssertionError) as error:
            wrong.append(f"client {thread}: {error!r}")


class Connection:
    """A client's."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 60)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, request: bytes, end: bytes) -> bytes:
        """Sends it; the answer, which ends like that."""
        self._socket.sendall(request)
        answer = b""
        while not answer.endswith(end):
            data = self._socket.recv(65536)
            assert data and not answer.startswith((b"ERROR", b"CLIENT_", b"SERVER_")), answer
            answer += data
        return answer


if __name__ == "__main__":
    unittest.main()
