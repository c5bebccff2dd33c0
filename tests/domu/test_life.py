# SPDX-License-Identifier: MIT
"""What the toolstack asks of a running guest: shutdown, reboot, sysrq, pause."""

from __future__ import annotations

import unittest
from typing import Any

from bed.guest import Result
from case import BedCase, text

SHUTDOWN = "xl shutdown $name"


class Life(BedCase):
    """Guests that are asked to end while they run."""

    def ask(self, command: str, *arguments: str, **options: Any) -> Result:
        """Runs a command of the control domain once the guest has said "ready"; its
        name is $name and its number $id there."""
        name = f"ending{BedCase._guests + 1}"
        job = self.session.start(
            f"name={name}\n"
            f"log=/share/console/guest-$name.log\n"
            "until grep -q ready $log 2>/dev/null; do sleep 0.1; done\n"
            f"id=$(xl domid $name)\n{command}"
        )
        result = self.run_guest("ending", *arguments, timeout=40, **options)
        self.output = self.session.wait(job, 30)
        self.assertEqual(self.output.status, 0, self.output)
        return result

    def test_one_thread_ends_at_once(self) -> None:
        for way in ("spin", "read", "sleep"):
            with self.subTest(way):
                self.check_end(self.ask(SHUTDOWN, way), "poweroff", 143)

    def test_threads_end_at_once(self) -> None:
        self.check_end(self.ask(SHUTDOWN, "thread", config="vcpus = 2"), "poweroff", 143)

    def test_nobody_is_more_important(self) -> None:
        self.check_end(self.ask(SHUTDOWN, "fifo"), "poweroff", 143)

    def test_reboot(self) -> None:
        self.check_end(self.ask("xl reboot $name", "read"), "reboot", 143)

    def test_handler_is_called(self) -> None:
        result = self.ask(SHUTDOWN, "handle")
        self.check_end(result, "poweroff", 5)
        self.assertEqual(text(result), "ready\nhandled 15\n")

    def test_reboot_keeps_the_programs_status(self) -> None:
        result = self.ask("xl reboot $name", "wait")
        self.check_end(result, "reboot", 6)
        self.assertEqual(text(result), "ready\nwaited for 15\n")

    def test_interrupt_instead(self) -> None:
        result = self.ask(SHUTDOWN, "atman.shutdown=int", "interrupt")
        self.check_end(result, "poweroff", 5)
        self.assertEqual(text(result), "ready\nhandled 2\n")

    def test_ignoring_is_not_handling(self) -> None:
        self.check_end(self.ask(SHUTDOWN, "ignore"), "poweroff", 143)

    def test_the_time_is_limited(self) -> None:
        result = self.ask(SHUTDOWN, "atman.shutdown-limit=2", "refuse")
        self.check_end(result, "poweroff", 143)

    def test_the_request_is_acknowledged(self) -> None:
        path = "/local/domain/$id/control/shutdown"
        result = self.ask(
            f"{SHUTDOWN}\n"
            f'until [ -z "$(xenstore-read {path})" ]; do sleep 0.1; done',
            "atman.shutdown-limit=4",
            "refuse",
        )
        self.check_end(result, "poweroff", 143)

    def test_what_is_not_known_is_left_alone(self) -> None:
        path = "/local/domain/$id/control/shutdown"
        result = self.ask(
            f"xenstore-write {path} dance\nsleep 0.5\nxenstore-read {path}\n{SHUTDOWN}", "read"
        )
        self.check_end(result, "poweroff", 143)
        self.assertEqual(self.output.out, b"dance\n")

    def test_nonsense_does_no_harm(self) -> None:
        result = self.ask(
            "path=/local/domain/$id/control\n"
            "long=$(printf %01900d 0)\n"
            "for i in 1 2 3 4 5 6 7 8 9 10; do\n"
            "xenstore-write $path/shutdown $long $path/sysrq $long\n"
            "xenstore-write $path/shutdown '' $path/shutdown poweroffs $path/sysrq ''\n"
            "xenstore-rm $path/shutdown; xenstore-write $path/shutdown/deep $i\n"
            "done\n"
            "xl list $name >/dev/null\n" + SHUTDOWN,
            "read",
        )
        self.check_end(result, "poweroff", 143)

    def test_sysrq(self) -> None:
        for key, reason, status in (("o", "poweroff", 143), ("b", "reboot", 143),
                                    ("c", "crash", 134), ("e", "poweroff", 5)):
            with self.subTest(key):
                self.check_end(self.ask(f"xl sysrq $name {key}", "handle"), reason, status)

    def test_an_unknown_key_is_explained(self) -> None:
        result = self.ask(
            f"xl sysrq $name x\nuntil grep -q sysrq $log; do sleep 0.1; done\n{SHUTDOWN}", "read"
        )
        self.check_end(result, "poweroff", 143)
        self.assertIn("atman: sysrq: b (reboot)", text(result))

    def test_pause(self) -> None:
        result = self.ask(
            # `xl shutdown` would unpause it.
            "xl pause $name\nxl list $name\nxl sysrq $name e\n"
            "sleep 1\nxl list $name\nxl unpause $name",
            "handle",
        )
        self.check_end(result, "poweroff", 5)
        states = [line.split()[4] for line in self.output.out.decode().splitlines()[1::2]]
        self.assertEqual(len(states), 2, self.output)
        self.assertTrue(all("p" in state for state in states), states)


if __name__ == "__main__":
    unittest.main()
