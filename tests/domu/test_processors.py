# SPDX-License-Identifier: MIT
"""xl vcpu-set: vCPUs come and go under a program whose threads go on."""

from __future__ import annotations

import unittest

from bed.guest import Result
from case import BedCase, text

# "says N TIMES": waits until the guest has told that it has N, for that many times;
# "has N": until Xen counts as many.
STEPS = """
name={name}
log=/share/console/guest-$name.log
says() {{ until [ "$(grep -c "^$1.\\?$" $log 2>/dev/null)" = $2 ]; do sleep 0.1; done; }}
has() {{ until xl list $name | awk -v n=$1 '$1 == name {{ exit $4 != n }}' name=$name
         do sleep 0.1; done; }}
may() {{ xl vcpu-set --ignore-host $name $1 || exit 1; }}
{steps}
xl shutdown $name
"""


class Processors(BedCase):
    """Guests that may have four vCPUs."""

    def steps(self, steps: str, begin: int) -> Result:
        """Runs these in the control domain while a guest runs."""
        name = f"processors{BedCase._guests + 1}"
        job = self.session.start(STEPS.format(name=name, steps=steps))
        result = self.run_guest("processors", timeout=80,
                                config=f"vcpus = {begin}\nmaxvcpus = 4\n")
        output = self.session.wait(job, 80)
        self.assertEqual(output.status, 0, (output, text(result)))
        return result

    def test_come_and_go(self) -> None:
        result = self.steps(
            "says 2 1\nmay 4\nsays 4 1\nhas 4\nmay 1\nsays 1 1\nhas 1\n"
            "may 3\nsays 3 1\nhas 3\nmay 2\nsays 2 2\nhas 2", 2)
        self.check_end(result, "poweroff", 0)
        self.assertTrue(text(result).startswith("2 at first\n"), text(result))

    def test_many_times(self) -> None:
        result = self.steps(
            "says 4 1\nfor i in 1 2 3; do may 1; says 1 $i; may 4; says 4 $((i + 1)); done",
            4)
        self.check_end(result, "poweroff", 0)


if __name__ == "__main__":
    unittest.main()
