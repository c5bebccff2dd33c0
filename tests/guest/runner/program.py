# SPDX-License-Identifier: MIT
"""Runs one command under a time limit, feeds its stdin and collects what it writes, with
pipes or on a terminal. Nothing that it started is left behind."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
import time
from dataclasses import dataclass


@dataclass
class Result:
    """How a command ended; with a terminal, stdout is what the terminal showed."""

    command: list[str]
    status: int | None  # None: it was killed at the time limit
    stdout: bytes
    stderr: bytes
    started: float  # seconds since 1970
    ended: float


def _kill(process: subprocess.Popen) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(command: list[str], stdin: bytes, seconds: float, env: dict[str, str] | None = None) -> Result:
    """Runs command with pipes. env None: this process's own."""
    started = time.time()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=env,
                          start_new_session=True) as process:
        try:
            out, err = process.communicate(stdin, timeout=seconds)
            status: int | None = process.returncode
        except subprocess.TimeoutExpired:
            _kill(process)
            out, err = process.communicate()
            status = None
        _kill(process)  # whatever it may have left in its group
    if status is not None and status < 0:
        status = 128 - status  # as a shell has it
    return Result(command, status, out, err, started, time.time())


def run_dialogue(command: list[str], lines: list[bytes], seconds: float) -> Result:
    """Runs command; sends each line only when the one before it was answered by a line."""
    started = time.time()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdin and process.stdout and process.stderr
        timer = threading.Timer(seconds, _kill, [process])
        timer.start()
        answers = b""
        try:
            for line in lines:
                process.stdin.write(line)
                process.stdin.flush()
                answers += process.stdout.readline()
            process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended; what it said tells why
        answers += process.stdout.read()
        err = process.stderr.read()
        status = process.wait()
        in_time = timer.is_alive()
        timer.cancel()
    return Result(command, status if in_time else None, answers, err, started, time.time())


def run_on_terminal(command: list[str], stdin: bytes, seconds: float, size: str) -> Result:
    """Runs command with a terminal of COLUMNSxROWS, without echo, as its stdin and stdout."""
    started = time.time()
    columns, rows = (int(n) for n in size.split("x"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    modes = termios.tcgetattr(theirs)
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
                          start_new_session=True) as process:
        os.close(theirs)
        timer = threading.Timer(seconds, _kill, [process])
        timer.start()
        os.write(ours, stdin)
        shown = bytearray()
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:
            pass  # how Linux says that the other side is closed
        err = process.stderr.read() if process.stderr else b""
        status = process.wait()
        in_time = timer.is_alive()
        timer.cancel()
    os.close(ours)
    return Result(command, status if in_time else None, bytes(shown).replace(b"\r\n", b"\n"),
                  err,
                  started, time.time())
