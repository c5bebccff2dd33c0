# SPDX-License-Identifier: MIT
"""Guests in numbers: as many at once as the machine holds, and so many one after the
other that a leak in the control domain would show. BED_LIVES sets that number."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from bed.control import SHARE
from bed.guest import Guest, config_text
from case import IMAGES, BedCase, text

AT_ONCE = 20 if os.environ.get("BED_LONG") else 6
LIVES = int(os.environ.get("BED_LIVES", "5"))
# One life of each kind, at which daemons take what they keep.
KINDS = 5
WARM_UP = KINDS
# What a daemon's memory may differ by (KiB): less than 1 KiB for each of 200 guests.
SLACK_KIB = 128

# What one guest costs while it lives, as lines that must be the same before and after.
COUNTS = """
xl dmesg -c >/dev/null
for key in e g m; do xl debug-keys $key; done
xl dmesg | sed -n 's/.* \\([0-9]*\\) \\[[^]]*\\]: s=.*/port \\1/p; s/.*Dom heap: \\(.*\\)kB free/heap \\1/p
    /grant-table for/p; /maptrack frames/p; /active grant/p'
xl list
losetup -a
xenstore-ls -fp / | sed 's/^/node /'
for process in /proc/[0-9]*; do
    # Those of the kernel come and go.
    readlink $process/exe >/dev/null && echo "process $(cat $process/comm)"
done | sort
for daemon in xenstored xenconsoled; do
    pid=$(cat /run/$daemon.pid)
    echo "descriptors $daemon $(ls /proc/$pid/fd | wc -l)"
    echo "size $daemon $(sed -n 's/VmData:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/$pid/status)"
done
"""


class Many(BedCase):
    """Guests beside and after each other, made by plain `xl create`."""

    def prepare(self, name: str, image: str, *arguments: str, ends: str = "preserve",
                more: str = "") -> None:
        """Writes the config of a guest to /share/guests/NAME."""
        folder = self.session.share / "guests" / name
        folder.mkdir()
        shutil.copyfile(IMAGES / image, folder / "kernel")
        config = config_text(name, Guest(IMAGES / image, list(arguments), more, memory_mib=16))
        (folder / "config").write_text(config.replace("preserve", ends))

    def control(self, script: str, seconds: float) -> str:
        """Runs a script in the control domain, which must not fail."""
        output = self.session.run(script, seconds)
        self.assertEqual(output.status, 0, output)
        return output.out.decode()

    def test_as_on_the_direct_boot(self) -> None:
        words = ["one", "two words", "", "it's"]
        atman_run = Path(os.environ["ATMAN_TOOLCHAIN"]) / "bin" / "atman-run"
        for image, arguments in (("arguments", words), ("hello", [])):
            with self.subTest(image):
                direct = subprocess.run([atman_run, IMAGES / image, *arguments],
                                        capture_output=True, check=False, timeout=60)
                self.prepare(image, image, *arguments, ends="destroy")
                shown = self.session.run(f"xl create -q -c {SHARE}/guests/{image}/config", 60)
                self.assertEqual(without_time(shown.out), without_time(direct.stdout))
                self.assertNotEqual(direct.stdout, b"")

    def test_many_at_once(self) -> None:
        names = [f"answer{number}" for number in range(AT_ONCE)]
        for number, name in enumerate(names):
            self.prepare(name, "answer", name, str(number + 50))
        out = self.control(
            f"names='{' '.join(names)}'\n"
            "log() { cat /share/console/guest-$1.log 2>/dev/null; }\n"
            "wait_for() { until log $1 | grep -q \"^$1: $2\"; do sleep 0.1; done; }\n"
            "for name in $names; do\n"
            f"xl create -q -e {SHARE}/guests/$name/config || exit 1\ndone\n"
            "for name in $names; do wait_for $name ready; done\n"
            "xl list | grep -c answer\n"
            "for name in $names; do\n"
            "id=$(xl domid $name); tty=$(xenstore-read /local/domain/$id/console/tty)\n"
            "echo \"word for $name\" >$tty; eval tty_$name=$tty id_$name=$id; done\n"
            "for name in $names; do wait_for $name heard; done\n"
            "for name in $names; do eval tty=\\$tty_$name; echo end >$tty; done\n"
            "for name in $names; do eval id=\\$id_$name\n"
            "path=/local/domain/$id/data/atman/exit-status\n"
            "until xenstore-read $path 2>/dev/null; do sleep 0.1; done\n"
            "xl destroy $id; done\n",
            240,
        )
        statuses = [str(number + 50) for number in range(AT_ONCE)]
        self.assertEqual(out.split(), [str(AT_ONCE), *statuses])
        for name in names:
            log = self.session.share / "console" / f"guest-{name}.log"
            self.assertEqual(
                log.read_text().replace("\r\n", "\n"),
                f"{name}: ready\n{name}: heard word for {name}\n")
        self.check_nothing_left()

    def test_nothing_leaks(self) -> None:
        # Ends by itself, crashes, uses xenstore, is destroyed while it runs, uses a disk.
        kinds = (("hello",), ("finish", "fault"), ("store", "exit"), ("ending", "spin"),
                 ("disk", "basics", "/dev/xvda"))
        self.assertEqual(len(kinds), KINDS)
        for number, kind in enumerate(kinds):
            disk = "disk = ['/tmp/disk,raw,xvda,w']" if kind[0] == "disk" else ""
            self.prepare(f"life{number}", *kind, ends="destroy", more=disk)
        self.control("truncate -s 8M /tmp/disk", 10)
        before, after = "", ""
        self.live(WARM_UP)
        before = self.control(COUNTS, 60)
        self.live(LIVES)
        after = self.control(COUNTS, 60)
        self.assertEqual(*map(without_sizes, (before, after)))
        for daemon in ("xenstored", "xenconsoled"):
            self.assertLessEqual(size(after, daemon), size(before, daemon) + SLACK_KIB)

    def live(self, lives: int) -> None:
        """So many guests, one after the other."""
        self.control(
            f"for i in $(seq 0 {lives - 1}); do\n"
            f"name=life$((i % {KINDS}))\n"
            f"xl create -q {SHARE}/guests/$name/config || exit 1\n"
            "[ $name != life3 ] || xl destroy $name || exit 1\n"
            # Its xl removes it, and ends.
            "while pidof xl >/dev/null || xl list $name >/dev/null 2>&1; do sleep 0.1; done\n"
            "done\n",
            20 + 10 * lives,
        )


def without_time(output: bytes) -> bytes:
    """Output of hello's, of any moment, with a console's line ends made plain ones."""
    return re.sub(rb"\d\d\d\d-.*UTC", b"TIME", output.replace(b"\r\n", b"\n"))


def without_sizes(counts: str) -> list[str]:
    """The lines that must not differ at all."""
    lines = [line for line in counts.splitlines() if not line.startswith("size ")]
    # The control domain's own processor time goes on.
    return [re.sub(r"^(Domain-0 .*?) +[0-9.]+$", r"\1", line) for line in lines]


def size(counts: str, daemon: str) -> int:
    """A daemon's memory in KiB."""
    found = re.search(rf"(?m)^size {daemon} (\d+)$", counts)
    assert found, counts
    return int(found[1])


if __name__ == "__main__":
    unittest.main()
