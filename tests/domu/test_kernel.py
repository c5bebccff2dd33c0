# SPDX-License-Identifier: MIT
"""Threads, signals, clocks and memory in ordinary domains with several vCPUs: programs
that tests/guest/ boots directly, run once more by the toolstack. Each checks itself."""

from __future__ import annotations

import os
import random
import unittest
from pathlib import Path

from case import BedCase, text

PROGRAMS = Path(os.environ.get("ATMAN_GUEST_IMAGES", "."))


class Kernel(BedCase):
    """Programs with checks of their own."""

    def check_program(self, name: str, *arguments: str, vcpus: int, memory: int = 64) -> None:
        result = self.run_guest(
            PROGRAMS / name, *arguments, memory_mib=memory, config=f"vcpus = {vcpus}"
        )
        self.check_end(result, "poweroff", 0)
        self.assertRegex(text(result), r"(?m)^\d+ checks, 0 failed$")

    def test_everything_at_once(self) -> None:
        seed = str(random.SystemRandom().randrange(1, 2**31))
        for vcpus in (1, 2, 4):
            with self.subTest(vcpus=vcpus, seed=seed):
                self.check_program("stress.stress", "3", seed, vcpus=vcpus, memory=128)

    def test_registers(self) -> None:
        self.check_program("sched.registers", "1000", vcpus=4)

    def test_affinity(self) -> None:
        self.check_program("sched.affinity", vcpus=4)

    def test_traps(self) -> None:
        self.check_program("signal.trap", vcpus=2)

    def test_faults(self) -> None:
        self.check_program("memory.faults", vcpus=2)

    def test_timers(self) -> None:
        self.check_program("time.timers", vcpus=2)


if __name__ == "__main__":
    unittest.main()
