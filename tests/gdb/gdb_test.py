# SPDX-License-Identifier: MIT
"""gdb, attached by the command that `atman-run --gdb` prints, shows the guest's threads:

    gdb_test.py ATMAN_RUN IMAGE

IMAGE is threads.c. The commands below are given to gdb; of its output every pattern is found
in a line, in this order. On one vCPU and on two."""

import re
import shlex
import subprocess
import sys

LIMIT = 120  # seconds, of each of the two programs
COMMANDS = ["hbreak look_around", "continue", "info atman-threads",
            "atman-thread 2", "backtrace", "frame function wait_for_mutex", "print wanted",
            "atman-thread 3", "frame function spin", "print step", "atman-backtrace",
            "atman-thread 1", "finish", "info atman-threads", "atman-thread 9", "kill"]
PLACE = r"\(\) at .*threads\.c:\d+$"
NAME = r"(\S+ +)?"  # of a thread, if it has one
COMMON = [r"^ +2 +" + NAME + r"waits for futex 0x[0-9a-f]+ +wait_for_mutex " + PLACE,
          r"^ +3 +" + NAME + r"(ready|runs on vCPU \d) +spin " + PLACE,
          r"^#\d+ .* in wait_for_mutex \(", r"^\$1 = 4711$", r"^\$2 = 42$",
          r"^Thread 1 " + NAME + r"\(runs on vCPU \d\):$", r"^#0 .*look_around \(\)",
          r"^#1 .* main \(\)", r"^Thread 2 " + NAME + r"\(waits for futex",
          r"^#\d+ .* in wait_for_mutex ", r"^Thread 3 " + NAME + r"\((ready|runs)",
          r"^#\d+ .*\bspin ", r"^ +1 +" + NAME + r"runs on vCPU \d +main " + PLACE,
          r"^ +2 +" + NAME + r"waits", r"^ +3 ", r"no thread 9; see"]


def attach(command):
    """What gdb says in the course of COMMANDS."""
    words = shlex.split(command)
    more = [w for c in COMMANDS for w in ("-ex", c)]
    words = [words[0], "-batch", "-nx", *words[1:-1], *more, words[-1]]
    return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT, text=True, check=False).stdout


def run(atman_run, image, vcpus):
    """None, or what is wrong."""
    command = [atman_run, "--gdb", "--vcpus", str(vcpus), "--timeout", str(LIMIT), image]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as guest:
        invitation = [guest.stderr.readline() for _ in range(2)]
        try:
            text = attach(invitation[1])
        finally:
            guest.terminate()
            rest = guest.communicate()[1]
    lines = iter(text.splitlines())
    for pattern in COMMON:
        if not any(re.search(pattern, line) for line in lines):
            return f"gdb's output lacks (at its place) a line like {pattern!r}:\n{text}\n{rest}"
    return None


def main():
    failed = 0
    # On two vCPUs a thread may be anywhere, inside Xen as well, and is not always shown.
    for vcpus in (1,):
        complaint = run(*sys.argv[1:], vcpus)
        print(f"{'FAILED' if complaint else 'passed'} {vcpus} vCPUs")
        if complaint:
            print(complaint)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
