# SPDX-License-Identifier: MIT
"""The bed itself: it ends guests that do not end, names what xl refuses, runs guests
side by side and leaves nothing behind."""

from __future__ import annotations

import unittest
from pathlib import Path

from bed.errors import BedError
from case import BedCase, text


class Bed(BedCase):
    """What the other tests rely on."""

    def test_a_guest_that_never_ends_is_ended(self) -> None:
        result = self.run_guest("finish", "spin", timeout=5)
        self.check_end(result, "timeout", None)
        self.assertEqual(text(result), "finishing: spin\n")
        self.check_nothing_left()

    def test_what_xl_refuses_is_named(self) -> None:
        with self.assertRaisesRegex(BedError, "Invalid kernel"):
            self.run_guest(Path(__file__).resolve())
        with self.assertRaisesRegex(BedError, "config parsing error"):
            self.run_guest("hello", config="memory = ")
        self.check_nothing_left()

    def test_commands_run_side_by_side(self) -> None:
        waiting = self.session.start("until [ -e /tmp/go ]; do sleep 0.1; done; exit 3")
        self.assertEqual(self.session.run("touch /tmp/go; echo went", 30).out, b"went\n")
        self.assertEqual(self.session.wait(waiting, 30).status, 3)


if __name__ == "__main__":
    unittest.main()
