# SPDX-License-Identifier: MIT
"""The two measurements of a boot: its cost in instructions, and the least memory.

A cost is counted twice; two counts that differ are an error, not a figure."""
from boot import boot, option, works

PAGE_KIB = 4
# Beside the domain: Xen itself, its heap and its frame table.
XEN_MIB = 128
SEARCH_KIB = 32 * 1024


class Disagreement(Exception):
    pass


def failure(image, memory_kib, result):
    return RuntimeError(f"{image.path}: did not run in {memory_kib} KiB: "
                        f"{result.reason or f'exit status {result.status}'}")


def cost(tools, image, folder, memory_mib):
    """Counts from entry to main: {'guest', 'xen', 'calls': {number: (count, xen)}}."""
    reports = []
    for attempt in ("first", "second"):
        into = folder / f"{memory_mib}-{attempt}"
        plugin = (f"{option(tools.plugin)},out={option(into / 'count')},"
                  f"target={image.main:#x},bounce={image.bounce:#x}")
        result = boot(tools, image, into, memory_mib * 1024, memory_mib + XEN_MIB,
                      plugin=plugin, limit=300)
        if not works(image, result):
            raise failure(image, memory_mib * 1024, result)
        reports.append(result.report)
    if reports[0] != reports[1]:
        raise Disagreement(f"{image.path}: two runs in {memory_mib} MiB differ")
    marks = {line[1]: line[2:] for line in reports[0] if line[0] == "mark"}
    if "target" not in marks:
        raise RuntimeError(f"{image.path}: main was not reached at its address")
    if int(marks["entry"][0], 16) != image.entry:
        raise RuntimeError(f"{image.path}: entered at {marks['entry'][0]}, "
                           f"not at its entry {image.entry:#x}")
    return {"guest": int(marks["target"][1]), "xen": int(marks["target"][2]),
            "calls": {line[1]: (int(line[2]), int(line[3]))
                      for line in reports[0] if line[0] == "xen"}}


def least_memory(tools, image, folder):
    """(KiB, reason): the smallest dom0_mem in which the program works, found by
    bisection between nothing and SEARCH_KIB, and why one page less does not do."""

    def attempt(pages):
        return boot(tools, image, folder / "least", pages * PAGE_KIB,
                    SEARCH_KIB // 1024 + XEN_MIB, limit=30)

    low, high = 0, SEARCH_KIB // PAGE_KIB
    result = attempt(high)
    if not works(image, result):
        raise failure(image, SEARCH_KIB, result)
    reason = "no memory at all"
    while high - low > 1:
        middle = (low + high) // 2
        result = attempt(middle)
        if works(image, result):
            high = middle
        else:
            low, reason = middle, result.reason or f"exit status {result.status}"
    return high * PAGE_KIB, reason
