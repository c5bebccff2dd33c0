# SPDX-License-Identifier: MIT
"""What the plugin markcount saw, as costs of operations. Pure: lines in, figures out."""
from typing import NamedTuple

FIELDS = ("program", "kernel", "xen", "visits", "rounds")


class Cost(NamedTuple):
    """Of one operation, on average: instructions in the program's half of the address space,
    in a Linux kernel and in Xen; entries into Xen; further rounds of `rep` instructions."""

    program: float
    kernel: float
    xen: float
    visits: float
    rounds: float

    @property
    def guest(self):
        return self.program + self.kernel

    @property
    def total(self):
        return self.program + self.kernel + self.xen


def regions(report):
    """From the plugin's lines, split: for each process that reached `start`, in order: the difference of its counters from
    `begin` to `end`, or None if it did not get that far."""
    found, begun = [], None
    for mark, *values in report:
        values = [int(value) for value in values]
        if mark == "start":
            found.append(None)
            begun = None
        elif not found:
            raise ValueError(f"mark {mark} before start")
        elif mark == "begin":
            begun = values
        elif mark == "end" and begun:
            found[-1] = [after - before for before, after in zip(begun, values)]
            begun = None
    return found


def cost(region, count):
    return Cost(*(difference / count for difference in region))
