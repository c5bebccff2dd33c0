# SPDX-License-Identifier: MIT
"""Types into an interactive shell: shell.py KEYS EXPECTED COMMAND... starts the command on a
terminal, sends the keys (with \\t for the tabulator and so on) when it shows "READY", and looks
for the expected text in what it shows after that."""
import os
import pty
import select
import sys
import time


def read_until(fd, text, seen, end):
    while text not in seen:
        ready, _, _ = select.select([fd], [], [], max(0, end - time.monotonic()))
        try:
            piece = os.read(fd, 65536) if ready else b""
        except OSError:
            piece = b""
        if not piece:
            sys.stdout.write(seen.decode(errors="replace"))
            sys.exit(f"\nno {text!r}")
        seen += piece
    return seen[seen.index(text) + len(text):]


def main(keys, expected, *command):
    child, fd = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    end = time.monotonic() + 60
    seen = read_until(fd, b"READY", b"", end)
    for line in keys.encode().decode("unicode_escape").splitlines(keepends=True):
        os.write(fd, line.encode())
    read_until(fd, expected.encode(), seen, end)
    os.close(fd)
    os.waitpid(child, 0)


main(*sys.argv[1:])
