# SPDX-License-Identifier: MIT
"""How a guest ends, as the toolstack sees it: the shutdown reason and the exit status
left in xenstore."""

from __future__ import annotations

import unittest

from case import BedCase, text


class Status(BedCase):
    """Guests that end in different ways."""

    def test_return_from_main(self) -> None:
        result = self.run_guest("finish", "return", "0")
        self.check_end(result, "poweroff", 0)
        self.assertEqual(text(result), "finishing: return\n")

    def test_exit_status(self) -> None:
        self.check_end(self.run_guest("finish", "exit", "7"), "poweroff", 7)

    def test_abort_is_a_crash(self) -> None:
        result = self.run_guest("finish", "abort")
        self.check_end(result, "crash", 134)
        self.assertIn("(SIGABRT)", text(result))

    def test_fault_is_a_crash_with_a_report(self) -> None:
        result = self.run_guest("finish", "fault")
        self.check_end(result, "crash", 139)
        console = text(result)
        self.assertIn("atman: fatal: ", console)
        self.assertIn("(SIGSEGV)", console)
        self.assertRegex(console, r"(?m)^atman:   #0 0x[0-9a-f]{16}$")
        self.assertTrue(console.endswith("atman: end of report\n"), console)

    def test_another_type_is_told_what_it_is(self) -> None:
        result = self.run_guest("finish", "return", "0", config='type = "pvh"')
        self.check_end(result, "crash", None)
        log = (self.session.work / "xen.log").read_text(errors="replace")
        self.assertRegex(log, r'\(d\d+\) atman: this is a paravirtual Xen guest \(type = "pv"\)')


if __name__ == "__main__":
    unittest.main()
