# SPDX-License-Identifier: MIT
"""Where an operation's instructions go: the plugin's blocks, added up by function."""
import bisect
import collections
import subprocess

import report

SHOWN = 25


# Parts of the address space for which there is no listing: Debian's kernel comes without its
# symbols, and the vDSO has none.
UNNAMED = ((0xffffffff80000000, "Linux's kernel"), (0xffff880000000000, "Linux's modules"),
           (0xffff800000000000, "Xen"), (0x7f0000000000, "vDSO"))


class Symbols:
    """Function names by address, from listings of nm's form. A name's prefix says which
    listing it came from."""

    def __init__(self):
        self._names = {}
        self._starts = None

    def add(self, text, prefix=""):
        """Of several names at one address, one without an underscore in front is taken."""
        for line in text.splitlines():
            words = line.split()
            if len(words) == 3 and words[1] in "TtWw":
                address = int(words[0], 16)
                if words[2][0] != "_" or address not in self._names:
                    self._names[address] = prefix + words[2]
        self._starts = sorted(self._names)

    def name(self, address):
        """The function that begins at or before the address, in the same 4 GiB."""
        at = bisect.bisect_right(self._starts, address) - 1
        if at >= 0 and self._starts[at] >> 32 == address >> 32:
            return self._names[self._starts[at]]
        return next((name for start, name in UNNAMED if address >= start), f"{address:#x}")


def functions(blocks, symbols, count):
    """[(function, instructions an operation)], most first, from a region's blocks."""
    sums = collections.Counter()
    for address, instructions in blocks:
        sums[symbols.name(address)] += instructions
    return [(name, value / count) for name, value in sums.most_common()]


def table(title, found):
    total = sum(value for _, value in found)
    rows = [[title, "instructions", "%"], None]
    for name, value in found[:SHOWN]:
        rows.append([name, f"{value:,.1f}", f"{100 * value / total:.1f}"])
    rest = found[SHOWN:]
    if rest:
        left = sum(value for _, value in rest)
        rows.append([f"{len(rest)} others", f"{left:,.1f}", f"{100 * left / total:.1f}"])
    return report.table(rows)


def listing(nm, path):
    return subprocess.run([nm, path], check=True, capture_output=True, text=True).stdout
