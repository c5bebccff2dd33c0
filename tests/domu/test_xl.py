# SPDX-License-Identifier: MIT
"""atman-run --xl on a machine without Xen: what the direct boot does, by a domain of xl's."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from case import IMAGES, WORDS, long

ATMAN_RUN = Path(os.environ.get("ATMAN_TOOLCHAIN", ".")) / "bin" / "atman-run"
RUNS = Path(os.environ.get("ATMAN_BED", ".")) / "runs"
SECONDS = 120


class Xl(unittest.TestCase):
    """Images run as a user would."""

    def run_xl(self, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Runs `atman-run --xl`; an image is named as the file that it is."""
        return subprocess.run([ATMAN_RUN, "--xl", *words], cwd=IMAGES, input=stdin,
                              capture_output=True, check=False, timeout=SECONDS)

    def check(self, done: subprocess.CompletedProcess[bytes], status: int, out: str) -> None:
        """It ended like this; if not, the message shows its complaints."""
        self.assertEqual((done.returncode, done.stdout.decode()), (status, out), done.stderr)

    def tearDown(self) -> None:
        self.assertEqual(list(RUNS.glob("xl-*")), [])

    def test_arguments_environment_and_status(self) -> None:
        done = self.run_xl("-e", "GREETING=good day", "-m", "16M", "arguments", *WORDS)
        lines = [f"[{word}]\n" for word in WORDS] + ["GREETING=[good day]\n"]
        self.check(done, 0, "".join(lines))
        self.check(self.run_xl("finish", "exit", "7"), 7, "finishing: exit\n")

    @long
    def test_files(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "greeting").write_text("hello\n")
        done = self.run_xl("--files", f"{folder}:/a", "--cwd", "/a", "--vcpus", "2",
                           "show", "greeting")
        self.check(done, 0, "/a\ngreeting 6 hello\n")

    def test_disks(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("first disk", "second"):
            (folder / name).write_bytes(bytes(8 << 20))
        done = self.run_xl("--disk", str(folder / "first disk"), "--disk",
                           f"{folder / 'second'},ro", "disk", "basics", "/dev/xvda")
        self.check(done, 0, f"size {8 << 20}\n")
        data = (folder / "first disk").read_bytes()
        self.assertEqual((data[:13], data[512:526]), (b"kept by fsync", b"kept by O_SYNC"))
        done = self.run_xl("--disk", f"{folder / 'second'},ro", "disk", "basics", "/dev/xvda")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual((folder / "second").read_bytes(), bytes(8 << 20))

    @long
    def test_a_lot_both_ways(self) -> None:
        typed = b"".join(b"line %d of many\n" % number for number in range(5000))
        done = self.run_xl("echo", stdin=typed + b"end\n")
        self.assertEqual((done.returncode, len(done.stdout)), (0, len(typed)), done.stderr)
        self.assertTrue(done.stdout == typed)

    def test_a_crash_is_reported_with_lines(self) -> None:
        done = self.run_xl("finish", "fault")
        self.check(done, 139, "finishing: fault\n")
        self.assertRegex(done.stderr.decode(), r"#0 0x[0-9a-f]+ in main at .*finish\.c:\d+")

    @long
    def test_limits(self) -> None:
        self.check(self.run_xl("--timeout", "2", "finish", "spin"), 124, "finishing: spin\n")
        done = self.run_xl("-m", "100G", "hello")
        self.check(done, 125, "")
        self.assertIn(b"atman-run: hello: xl could not make a domain of it", done.stderr)

    def test_interrupt_is_a_shutdown(self) -> None:
        # The first asks, and the program says how it ends; the second does not wait.
        for way, interrupts, status in (("handle", 1, 5), ("refuse", 2, 130)):
            with self.subTest(way), subprocess.Popen(
                    [ATMAN_RUN, "--xl", "ending", way], cwd=IMAGES,
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
                assert process.stdout
                self.assertEqual(process.stdout.readline(), b"ready\n")
                for _ in range(interrupts):
                    process.send_signal(signal.SIGINT)
                    time.sleep(0.3)
                self.assertEqual(process.wait(SECONDS), status)

    def test_terminal(self) -> None:
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(IMAGES)
            os.execv(ATMAN_RUN, [ATMAN_RUN, "--xl", "shell"])
        try:
            shown = read_until(terminal, b"> ", SECONDS)
            for keys, awaited in ((b"abx\x7fc\r", b"> "), (b"window\r", b"> "), (b"\x04", b"end")):
                os.write(terminal, keys)
                shown += read_until(terminal, awaited, SECONDS)
        finally:
            if sys.exc_info()[0]:
                os.kill(child, signal.SIGHUP)
            _, status = os.waitpid(child, 0)
            os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(status), 5, shown)
        for part in (b"abx\b \bc\r\n", b"line 4 abc\r\n"):
            self.assertIn(part, shown)

    def test_what_does_not_go(self) -> None:
        for words, reason in ((("--gdb", "hello"), b"--gdb: not for a domain"),
                              (("--disk", "/no/where", "hello"), b"--xl: --disk: /no/where: no such"),
                              ((__file__,), b"not an ELF file")):
            done = self.run_xl(*words)
            self.check(done, 125, "")
            self.assertIn(reason, done.stderr)


def read_until(fd: int, awaited: bytes, seconds: float) -> bytes:
    """What comes until that has come, or the other side has gone."""
    data = b""
    deadline = time.monotonic() + seconds
    while awaited not in data:
        if not select.select([fd], [], [], deadline - time.monotonic())[0]:
            raise AssertionError(f"no {awaited!r} in {data!r}")
        try:
            data += os.read(fd, 4096)
        except OSError:
            break
    return data


if __name__ == "__main__":
    unittest.main()
