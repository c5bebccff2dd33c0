# SPDX-License-Identifier: MIT
"""Turns the measurements into aligned tables for people and lines for programs."""
import re


def table(rows):
    """First column to the left, the others to the right; a row of None is a rule."""
    widths = [max(len(row[i]) for row in rows if row) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        if row is None:
            lines.append("-" * (sum(widths) + 2 * (len(widths) - 1)))
            continue
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def figure(value):
    return "-" if value is None else f"{value:,}"


def call_name(number, header):
    """A hypercall's name from Xen's public header, else its number."""
    if not number.isdigit():
        return {"trap": "traps, port accesses", "unknown": "hypercall, number unknown",
                "bounce": "hypercalls' way out of user mode"}[number]
    if header.exists():
        found = re.search(rf"^#define __HYPERVISOR_(\w+)\s+{number}\b", header.read_text(), re.M)
        if found:
            return found.group(1)
    return f"hypercall {number}"


def hypercalls(cost):
    return sum(count for number, (count, _) in cost["calls"].items()
               if number not in ("trap", "bounce"))


def programs(images, memories):
    """One column a program, one row a figure."""
    rows = [["hello with"] + [image.name for image in images], None]
    for name, label in (("stripped", "stripped file, bytes"), ("text", "  text"),
                        ("rodata", "  rodata"), ("data", "  data"), ("bss", "  bss")):
        rows.append([label] + [figure(image.sizes[name]) for image in images])
    rows.append(["smallest memory, KiB"] + [figure(image.least) for image in images])
    for memory in memories:
        costs = [image.costs[memory] for image in images]
        rows += [None, [f"entry to main at {memory:,} MiB"] + [""] * len(images)]
        rows.append(["  guest instructions"] + [figure(cost["guest"]) for cost in costs])
        rows.append(["  Xen instructions"] + [figure(cost["xen"]) for cost in costs])
        rows.append(["  hypercalls"] + [figure(hypercalls(cost)) for cost in costs])
    return table(rows)


def profile(image, memory, header):
    """What Xen was asked for on the way to main, dearest first."""
    rows = [[f"{image.name}, {memory} MiB", "times", "Xen instructions"], None]
    calls = image.costs[memory]["calls"]
    for number in sorted(calls, key=lambda key: -calls[key][1]):
        rows.append([call_name(number, header)] + [figure(value) for value in calls[number]])
    return table(rows)


def others(images, memory, lines):
    """Our programs beside the aims and what others need."""
    rows = [["", "stripped bytes", "memory, KiB", f"guest instr. {memory} MiB",
             f"Xen instr. {memory} MiB", "source"], None]
    for image in images:
        cost = image.costs[memory]
        rows.append([f"Atman, {image.name}"] +
                    [figure(value) for value in (image.sizes["stripped"], image.least,
                                                 cost["guest"], cost["xen"])] + ["this run"])
    for line in lines:
        name, *values, source = line
        rows.append([name] + [figure(None if value == "-" else int(value))
                              for value in values] + [source])
    return table(rows)


def comparison(rows):
    """One line an operation, from (name, Linux's cost, ours or None)."""
    lines = [["instructions an operation", "Linux", "into Xen", "guest", "Xen", "Atman",
              "into Xen", "ratio", ""], None]
    for name, linux, atman in rows:
        line = [name, f"{linux.total:,.0f}", f"{linux.visits:,.1f}"]
        if atman:
            ratio = atman.total / linux.total
            line += [f"{value:,.0f}" for value in (atman.guest, atman.xen, atman.total)]
            line += [f"{atman.visits:,.1f}", f"{ratio:.2g}", "behind" if ratio >= 1 else ""]
        else:
            line += ["-"] * 5 + [""]
        lines.append(line)
    return table(lines)


def comparison_tsv(rows):
    """operation, world, then the fields of a cost; a line for each world that has one."""
    lines = []
    for name, *costs in rows:
        for world, cost in zip(("linux", "atman"), costs):
            if cost:
                if not lines:
                    lines.append("\t".join(("operation", "world") + cost._fields))
                lines.append("\t".join([name, world] + [f"{value:.4f}" for value in cost]))
    return "\n".join(lines) + "\n"


def tsv(images):
    """program, figure, memory in MiB or -, value."""
    lines = ["program\tfigure\tmemory_mib\tvalue"]
    for image in images:
        for name, value in image.sizes.items():
            lines.append(f"{image.name}\t{name}_bytes\t-\t{value}")
        lines.append(f"{image.name}\tleast_memory_kib\t-\t{image.least}")
        for memory, cost in image.costs.items():
            lines.append(f"{image.name}\tguest_instructions\t{memory}\t{cost['guest']}")
            lines.append(f"{image.name}\txen_instructions\t{memory}\t{cost['xen']}")
            lines.append(f"{image.name}\thypercalls\t{memory}\t{hypercalls(cost)}")
            for number, (count, xen) in cost["calls"].items():
                lines.append(f"{image.name}\txen_entries.{number}\t{memory}\t{count}")
                lines.append(f"{image.name}\txen_instructions.{number}\t{memory}\t{xen}")
    return "\n".join(lines) + "\n"
