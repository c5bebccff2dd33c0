# SPDX-License-Identifier: MIT
"""Cores of domains: xl dump-core of one that runs, is paused, has crashed, and what Xen's tools
leave of one that crashes. atman-core makes of each what gdb shows with the image."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from bed.control import SHARE
from bed.guest import Guest, config_text
from case import IMAGES, BedCase, long

TOOLCHAIN = Path(os.environ.get("ATMAN_TOOLCHAIN", "."))
LIMIT = 60

# What gdb shows, in this order, of a guest that spins, and of one that has crashed.
PROGRAM = r"dying\.c:\d+"
RUNNING = (
    r"^\$1 = 4711$",
    r"^ +1 .*waits for futex 0x[0-9a-f]+ +main \(\) at .*" + PROGRAM,
    r"^ +2 .*waits for futex 0x[0-9a-f]+ +wait_for_mutex \(\) at .*" + PROGRAM,
    r"^ +3 .*(ready|runs on vCPU \d) +spin \(\) at .*" + PROGRAM,
    r"^#\d+ .* in wait_for_mutex \(wanted=42\) at .*" + PROGRAM,
)
CRASHED = (
    r"^#0 .*go_wrong \(where=0x0\) at .*" + PROGRAM,
    r"^#1 .* main \(argc=.*\) at .*" + PROGRAM,
    r"^\$1 = 4711$",
    r"^ +1 .*runs on vCPU \d +go_wrong \(\) at .*" + PROGRAM,
    r"^ +2 .*waits for futex 0x[0-9a-f]+ +wait_for_mutex \(\) at .*" + PROGRAM,
)


class Core(BedCase):
    """Guests that leave something behind."""

    def core_of(self, way: str, *arguments: str, vcpus: int, on_crash: str = "preserve") -> Path:
        """The core that these commands have written to /tmp/core."""
        folder = self.session.share / "guests" / f"core{BedCase._guests}"
        BedCase._guests += 1
        folder.mkdir()
        shutil.copyfile(IMAGES / "dying", folder / "kernel")
        wanted = Guest(IMAGES / "dying", list(arguments), f"vcpus = {vcpus}", memory_mib=4)
        text = config_text(folder.name, wanted)
        (folder / "config").write_text(f'{text}on_crash = "{on_crash}"\n')
        there = f"{SHARE}/guests/{folder.name}"
        output = self.session.run(
            f"name={folder.name}; mkdir -p /var/lib/xen/dump; rm -rf /tmp/core\n"
            f"xl create -q {there}/config || exit 1\n"
            f"until grep -q ready {SHARE}/console/guest-$name.log 2>/dev/null; do sleep 0.1; done\n"
            f"{way}\n"
            # The tools cannot write a domain's pages to the shared folder themselves.
            f"cp /tmp/core {there}/core || exit 1\n"
            "xl destroy $name 2>/dev/null; rm -rf /tmp/core /var/lib/xen/dump/*", LIMIT)
        self.assertEqual(output.status, 0, output)
        self.check_nothing_left()
        return folder / "core"

    def check(self, core: Path, patterns: tuple[str, ...]) -> None:
        """gdb finds all that in it."""
        made = subprocess.run([TOOLCHAIN / "bin" / "atman-core", core], capture_output=True,
                              check=True, text=True, timeout=LIMIT)
        words = made.stdout.split()
        self.assertEqual((words[0], words[-1], made.stderr), ("gdb", f"{core}.elf", ""))
        words[words.index("KERNEL")] = str(IMAGES / "dying")
        commands = ("backtrace", "print witness", "info atman-threads", "atman-backtrace 2")
        shown = subprocess.run(
            [words[0], "-batch", "-nx", *words[1:-2],
             *(word for command in commands for word in ("-ex", command)), *words[-2:]],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            check=False, text=True, timeout=LIMIT)
        lines = iter(shown.stdout.splitlines())
        for pattern in patterns:
            self.assertTrue(any(re.search(pattern, line) for line in lines),
                            f"gdb shows no {pattern!r} at its place:\n{shown.stdout}")

    def test_running(self) -> None:
        self.check(self.core_of("xl dump-core $name /tmp/core", vcpus=2), RUNNING)

    @long
    def test_paused(self) -> None:
        self.check(self.core_of("xl pause $name; xl dump-core $name /tmp/core", vcpus=1), RUNNING)

    def test_crashed(self) -> None:
        wait = "until xl list $name | grep -q 'c- '; do sleep 0.1; done\n"
        core = self.core_of(f"{wait}xl dump-core $name /tmp/core", "crash", vcpus=1)
        self.check(core, CRASHED)
        self.check_broken(core)

    @long
    def test_left_at_the_crash(self) -> None:
        core = self.core_of(
            "while xl list $name 2>/dev/null; do sleep 0.1; done\n"
            "cp /var/lib/xen/dump/* /tmp/core", "crash", vcpus=2, on_crash="coredump-destroy")
        self.check(core, CRASHED)

    def check_broken(self, core: Path) -> None:
        """What is cut off, or no core at all, is refused with a reason."""
        data = core.read_bytes()
        broken = core.with_name("broken")
        for size in (0, 10, 64, 300, len(data) // 2, len(data) - 5000, len(data) - 1):
            broken.write_bytes(data[:size])
            self.check_refused(broken)
        broken.write_bytes(data[:4000] + bytes(len(data) - 4000))
        self.check_refused(broken)
        self.check_refused(IMAGES / "dying")
        self.check_refused(core.parent)
        self.check_refused(core.with_name("nothing"))

    def check_refused(self, path: Path) -> None:
        """A message, status 1, and nothing written."""
        done = subprocess.run([TOOLCHAIN / "bin" / "atman-core", path], capture_output=True,
                              check=False, text=True, timeout=LIMIT)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertRegex(done.stderr, rf"^atman-core: {re.escape(str(path))}(\.elf)?: .+\n$")
        self.assertFalse(Path(f"{path}.elf").exists())


if __name__ == "__main__":
    unittest.main()
