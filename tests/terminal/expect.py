# SPDX-License-Identifier: MIT
"""A program on a terminal of its own, which is typed to and read from as a person would."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 60  # seconds for any one answer: machines may be slow


class Unexpected(Exception):
    """What was waited for has not come."""


class Terminal:
    """argv runs with the terminal as its stdin, stdout, stderr and controlling terminal."""

    def __init__(self, argv, columns=80, rows=24, env=None):
        self.seen = b""  # and not matched yet
        self.all = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(env or {})
            self.resize(columns, rows, 0)
            os.execvp(argv[0], argv)
        self.before = None
        self.resize(columns, rows)

    def resize(self, columns, rows, fd=None):
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.fd if fd is None else fd, termios.TIOCSWINSZ, size)

    def send(self, text):
        os.write(self.fd, text.encode() if isinstance(text, str) else text)

    def _read(self, limit):
        ready, _, _ = select.select([self.fd], [], [], max(0, limit - time.monotonic()))
        if not ready:
            raise Unexpected(f"nothing came but {self.seen!r}; all: {self.all!r}")
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # the other end was closed
            data = b""
        self.seen += data
        self.all += data
        return data

    def expect(self, pattern, patience=PATIENCE):
        """Reads until the pattern is there; what it matched. All up to it is done with."""
        limit = time.monotonic() + patience
        pattern = pattern.encode() if isinstance(pattern, str) else pattern
        while not (match := re.search(pattern, self.seen, re.S)):
            try:
                if not self._read(limit):
                    raise Unexpected(f"ended with {self.seen!r}; all: {self.all!r}")
            except Unexpected as error:
                raise Unexpected(f"waiting for {pattern!r}: {error}") from None
        self.seen = self.seen[match.end():]
        return match

    def settings(self):
        return termios.tcgetattr(self.fd)

    def signal(self, number):
        os.kill(self.pid, number)

    def end(self, patience=PATIENCE):
        """Reads to the end; the exit status, as a shell has it."""
        limit = time.monotonic() + patience
        while self._read(limit):
            pass
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGTERM)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


def main(check):
    """check(argv): for a test that is one script."""
    try:
        check(sys.argv[1:])
    except Unexpected as error:
        print(f"failed: {error}")
        sys.exit(1)
    print("ok")
