# SPDX-License-Identifier: MIT
"""atman-run on a Xen host: it runs in the control domain, beside xl, as a user would
run it there."""

from __future__ import annotations

import os
import shlex
import shutil
import unittest
from pathlib import Path

from bed.control import SHARE, Output
from case import IMAGES, WORDS, BedCase

SECONDS = 120.0


class AtmanRun(BedCase):
    """Images run with atman-run instead of xl."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        program = Path(os.environ["ATMAN_TOOLCHAIN"]) / "bin" / "atman-run"
        cls.session.check_runs(program)
        # It finds its companions from its own place, so it gets the usual one.
        folder = cls.session.share / "toolchain" / "bin"
        folder.mkdir(parents=True)
        shutil.copy(program, folder)
        shutil.copytree(IMAGES, cls.session.share / "images")

    def atman_run(self, *words: str, stdin: str = "") -> Output:
        """Runs atman-run with these words; an image is named like a command."""
        (self.session.share / "stdin").write_text(stdin)
        command = shlex.join([f"{SHARE}/toolchain/bin/atman-run", *words])
        return self.session.run(
            f"cd {SHARE}/images && {command} <{SHARE}/stdin", SECONDS
        )

    def check(self, output: Output, status: int, out: str) -> None:
        """atman-run ended like this; if not, the message shows its complaints."""
        got = (output.status, output.out.decode(errors="replace"))
        self.assertEqual(got, (status, out), output.err.decode(errors="replace"))

    def test_output_and_status(self) -> None:
        self.check(self.atman_run("finish", "exit", "7"), 7, "finishing: exit\n")

    def test_arguments(self) -> None:
        output = self.atman_run("-e", "GREETING=good day", "arguments", *WORDS)
        lines = [f"[{word}]\n" for word in WORDS] + ["GREETING=[good day]\n"]
        self.check(output, 0, "".join(lines))

    def test_files(self) -> None:
        tree = self.session.share / "tree"
        tree.mkdir(exist_ok=True)
        (tree / "greeting").write_text("hello\n")
        (tree / "large").write_text("first\n" + "x" * 100000)
        shown = ["greeting", "/a/large", "/d/greeting"]
        output = self.atman_run(
            "--files", f"{SHARE}/tree:/a", "--files", f"{SHARE}/tree:/d", "--cwd", "/a",
            "show", *shown)
        lines = ["/a", "greeting 6 hello", "/a/large 100006 first", "/d/greeting 6 hello"]
        self.check(output, 0, "".join(line + "\n" for line in lines))

    def test_standard_input(self) -> None:
        lines = "".join(f"line {number}\n" for number in range(200))
        self.check(self.atman_run("echo", stdin=lines + "end\n"), 0, lines)

    def test_a_megabyte_of_output(self) -> None:
        lines = (1 << 20) // 64
        output = self.atman_run("flood", str(lines))
        expected = "".join(f"{number:<62}.\n" for number in range(lines))
        self.assertEqual(output.status, 0, output.err)
        # Not assertEqual: a difference would fill the log.
        self.assertTrue(output.out.decode() == expected, f"{len(output.out)} bytes")

    def test_fault(self) -> None:
        output = self.atman_run("finish", "fault")
        self.assertEqual(output.status, 139, output.err)
        self.assertIn(b"(SIGSEGV)", output.err)
        self.assertNotIn(b"SIGSEGV", output.out)

    def interrupted(self, *words: str, after: tuple[int, ...]) -> Output:
        """atman-run gets SIGINT, as by Ctrl-C, after so many seconds each."""
        words = ("--", f"{SHARE}/toolchain/bin/atman-run", *words)
        command = shlex.join(["./interrupt", *map(str, after), *words])
        return self.session.run(
            f"cd {SHARE}/images && ATMAN_PROCESS=full {command} </dev/null", SECONDS
        )

    def test_interrupt_asks_the_program_to_end(self) -> None:
        self.check(self.interrupted("ending", "handle", after=(4,)), 5, "ready\nhandled 15\n")
        self.check_nothing_left()

    def test_a_second_one_ends_the_domain(self) -> None:
        self.check(self.interrupted("ending", "refuse", after=(4, 6)), 130, "ready\n")
        self.check_nothing_left()

    def test_time_limit(self) -> None:
        output = self.atman_run("--timeout", "5", "finish", "spin")
        self.check(output, 124, "finishing: spin\n")
        self.check_nothing_left()


if __name__ == "__main__":
    unittest.main()
