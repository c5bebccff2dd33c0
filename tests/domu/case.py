# SPDX-License-Identifier: MIT
"""What the tests under xl share: one session a test class, one guest a call, and the
logs kept when something failed."""

from __future__ import annotations

import os
import sys
import unittest
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True

from bed import settings
from bed.control import Session
from bed.guest import Guest, Result, Running

IMAGES = Path(os.environ.get("ATMAN_DOMU_IMAGES", "."))

# For tests that are too long to run each time; ctest has them with the label "long".
long = unittest.skipUnless(os.environ.get("BED_LONG"), "long; BED_LONG=1 runs it")

# Arguments that show whether every step on the way to main quotes right.
WORDS = [
    "plain", "two words", "", "it's", 'say "hello"', "it's \"both\"",
    "back\\slash", "-x=1", "a,b", "'", "$HOME",
]


class BedCase(unittest.TestCase):
    """A test class whose methods run guests in one control domain."""

    session: Session
    _guests = 0

    @classmethod
    def setUpClass(cls) -> None:
        where = settings.load()
        cls.session = cls.enterClassContext(
            Session(where, where.state / "runs" / cls.__name__)
        )

    def run(self, result: unittest.TestResult | None = None) -> Any:
        """Runs one test method, and keeps the session's logs if it failed."""
        before = _failures(result)
        try:
            return super().run(result)
        finally:
            if _failures(result) != before:
                self.session.keep()

    def run_guest(self, image: str | Path, *arguments: str, **options: Any) -> Result:
        """Runs one of the test images, or any file by its absolute path; the options
        are fields of Guest."""
        return self.start_guest(image, *arguments, **options).wait()

    def start_guest(self, image: str | Path, *arguments: str, **options: Any) -> Running:
        """Likewise, without waiting for its end."""
        BedCase._guests += 1
        name = f"{Path(image).stem}{BedCase._guests}"
        return Running(self.session, name, Guest(IMAGES / image, list(arguments), **options))

    def check_nothing_left(self) -> None:
        """No domain is there but the control domain."""
        listed = self.session.run("xl list", 30).out.decode().splitlines()
        self.assertEqual([line.split()[0] for line in listed], ["Name", "Domain-0"])

    def check_end(self, result: Result, reason: str, status: int | None) -> None:
        """The guest ended like this; if not, the message shows its console."""
        self.assertEqual((result.reason, result.status), (reason, status), text(result))


def text(result: Result) -> str:
    """The console as text. A terminal's line ends are made plain ones."""
    return result.console.decode(errors="replace").replace("\r\n", "\n")


def _failures(result: unittest.TestResult | None) -> int:
    return len(result.failures) + len(result.errors) if result else 0
