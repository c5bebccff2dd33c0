# SPDX-License-Identifier: MIT
"""xl mem-set: a guest grows beyond what it began with, gives back what is free, and keeps
what its program holds."""

from __future__ import annotations

import unittest

from bed.guest import Result
from case import BedCase, text

# Waits for a size (MiB) as the guest and as Xen see it. Xen's counts a page more here or
# there (xl rounds it up).
STEPS = """
name={name}
log=/share/console/guest-$name.log
says() {{ until grep -q "^$1" $log 2>/dev/null; do sleep 0.1; done; }}
has() {{ until xl list $name | awk -v most=$1 '$1 == name {{ exit !($3 <= most) }}' name=$name
         do sleep 0.1; done; }}
says '32 MiB'
{steps}
xl shutdown $name
"""


class Memory(BedCase):
    """Guests of 32 MiB that may have 64."""

    def steps(self, steps: str, *arguments: str, config: str = "") -> Result:
        """Runs these in the control domain while a guest runs."""
        name = f"memory{BedCase._guests + 1}"
        job = self.session.start(STEPS.format(name=name, steps=steps))
        result = self.run_guest("memory", *arguments, memory_mib=32, timeout=90,
                                config="maxmem = 64\n" + config)
        output = self.session.wait(job, 90)
        self.assertEqual(output.status, 0, output)
        return result

    def check(self, *arguments: str, config: str = "") -> None:
        result = self.steps(
            "xl mem-set $name 60m\nsays '60 MiB'\nsays 'used much'\n"
            "xl mem-set $name 16m\nsays '16 MiB'\nhas 17\n"
            "xl mem-set $name 40m\nsays '40 MiB'",
            *arguments, config=config)
        self.check_end(result, "poweroff", 0)

    def test_one_thread(self) -> None:
        self.check()

    def test_with_a_scheduler(self) -> None:
        self.check("threads", config="vcpus = 2")

    def test_what_is_held_stays(self) -> None:
        result = self.steps(
            "xl mem-set $name 4m\nuntil xl list $name | awk '$3 > 8 && $3 < 16 { ok = 1 } "
            "END { exit !ok }'; do sleep 0.1; done\n"
            "xl mem-set $name 32m\n"
            "until [ $(grep -c '^32 MiB' $log) = 2 ]; do sleep 0.1; done")
        self.check_end(result, "poweroff", 0)


if __name__ == "__main__":
    unittest.main()
