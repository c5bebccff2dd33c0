# SPDX-License-Identifier: MIT
"""What the plugin markcount saw, as costs of operations. Pure: lines in, figures out."""
from typing import NamedTuple


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
    """From the plugin's lines, split: for each process that reached `start`, in order, a
    dictionary (ready for JSON), or None if it did not get to `end`. `difference`: of its
    counters from `begin` to `end`; `blocks`: pairs of address and instructions executed
    there, if there is a profile."""
    found, begun, blocks = [], None, []
    for kind, *words in report:
        values = [int(word, 0) for word in words]
        if kind == "start":
            found.append(None)
            begun = None
        elif not found:
            raise ValueError(f"{kind} before start")
        elif kind == "begin":
            begun, blocks = values, []
        elif kind == "block":
            blocks.append(values)
        elif kind == "end" and begun:
            difference = [after - before for before, after in zip(begun, values)]
            found[-1] = {"difference": difference, "blocks": blocks}
            begun = None
    return found


def cost(region, count):
    return Cost(*(difference / count for difference in region["difference"]))
