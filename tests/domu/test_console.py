# SPDX-License-Identifier: MIT
"""The console of an ordinary domain: what the guest writes arrives, all of it, and
what is typed reaches it."""

from __future__ import annotations

import re
import time
import unittest
from datetime import datetime, timezone

from case import BedCase, text

# The bed sets the control domain's clock to the second.
CLOCK_SLACK = 3.0


class Console(BedCase):
    """Guests that print and read."""

    def test_hello(self) -> None:
        before = time.time()
        result = self.run_guest("hello")
        after = time.time()
        self.check_end(result, "poweroff", 0)
        pattern = r"Hello, world\nThe current time is (.*) UTC\n"
        match = re.fullmatch(pattern, text(result))
        assert match, text(result)
        told = datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S")
        seconds = told.replace(tzinfo=timezone.utc).timestamp()
        self.assertGreater(seconds, before - CLOCK_SLACK)
        self.assertLess(seconds, after + CLOCK_SLACK)

    def test_a_megabyte_of_output_is_complete(self) -> None:
        lines = (1 << 20) // 64
        result = self.run_guest("flood", str(lines), timeout=120)
        self.check_end(result, "poweroff", 0)
        expected = "".join(f"{number:<62}.\n" for number in range(lines))
        # Not assertEqual: a difference would fill the log.
        self.assertTrue(text(result) == expected, f"{len(result.console)} bytes came")

    def test_input_reaches_the_guest(self) -> None:
        lines = "".join(f"line {number} of the input\n" for number in range(1000))
        typed = (lines + "end\n").encode()
        result = self.run_guest("echo", console_input=typed)
        self.check_end(result, "poweroff", 0)
        self.assertEqual(text(result), lines)

    def test_it_is_a_terminal_if_it_is_said_to_be_one(self) -> None:
        keys = b"junk\x03abx\x7fc\rwindow\r\x04"
        result = self.run_guest("shell", "atman.tty=44x11", console_input=keys)
        self.check_end(result, "poweroff", 5)
        for shown in "junk^C", "abx\b \bc\n", "line 4 abc\n", "window 44x11\n", "end\n":
            self.assertIn(shown, text(result))


if __name__ == "__main__":
    unittest.main()
