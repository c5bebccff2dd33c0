# SPDX-License-Identifier: MIT
"""Compares what a run gave with what its case expects. Each function returns complaints,
one text each; no complaint means that everything expected is there and nothing else."""

from __future__ import annotations

import calendar
import re
import time

from program import Result
from spec import Case

SHOWN = 3000  # bytes of a long output that a complaint quotes
CLOCK_SECONDS = 2


def _text(data: bytes) -> str:
    return data[:SHOWN].decode("utf-8", "backslashreplace") + ("…" if len(data) > SHOWN else "")


def _first_difference(got: bytes, wanted: bytes) -> str:
    at = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b),
              min(len(got), len(wanted)))
    return (f"{len(got)} bytes, expected {len(wanted)}; first difference at byte {at}: "
            f"got {got[at:at + 40]!r}, expected {wanted[at:at + 40]!r}")


def check_lines(case: Case, stdout: bytes) -> list[str]:
    """The lines that the test's comments list, no more and no fewer."""
    lines = stdout.decode("utf-8", "backslashreplace").split("\n")
    if lines[-1] == "":
        lines.pop()
    for i, (is_pattern, wanted) in enumerate(case.stdout):
        line = lines[i] if i < len(lines) else None
        if line is None or not (re.fullmatch(wanted, line) if is_pattern else line == wanted):
            return [f"stdout line {i + 1}: got {line!r}, expected {wanted!r}"]
    if len(lines) > len(case.stdout):
        return [f"stdout has more lines than expected: {lines[len(case.stdout)]!r}"]
    return []


def check_checks(stdout: bytes) -> list[str]:
    """The output of check.h: complaints, if any, and a count at the end."""
    end = re.search(rb"(?:^|\n)(\d+) checks, (\d+) failed\n$", stdout)
    if not end or int(end[1]) == 0:
        return ["stdout does not end in a count of checks: " + _text(stdout[-SHOWN:])]
    return [f"checks failed:\n{_text(stdout)}"] if int(end[2]) else []


def check_stderr(patterns: tuple[str, ...], only: str, stderr: bytes) -> list[str]:
    """Every pattern is found in a line, in this order, and all lines are like `only`, if that
    is said. No pattern: nothing is written."""
    text = stderr.decode("utf-8", "backslashreplace")
    for line in text.splitlines() if only else ():
        if not re.fullmatch(only, line):
            return [f"stderr has a line that is not like {only!r}: {line!r}"]
    if not patterns:
        return ["stderr should be empty"] if stderr else []
    lines = iter(text.splitlines())
    for pattern in patterns:
        if not any(re.search(pattern, line) for line in lines):
            return [f"stderr lacks (at its place) a line like {pattern!r}"]
    return []


def check_time(pattern: str, result: Result) -> list[str]:
    """The time printed, in seconds since 1970 or as a date in UTC, was the host's."""
    found = re.search(pattern, _text(result.stdout))
    if not found:
        return [f"stdout shows no time like {pattern!r}: {_text(result.stdout)}"]
    shown = found[1]
    seconds = float(shown) if re.fullmatch(r"[\d.]+", shown) else calendar.timegm(
        time.strptime(shown, "%Y-%m-%d %H:%M:%S"))
    if result.started - CLOCK_SECONDS <= seconds <= result.ended + CLOCK_SECONDS:
        return []
    return [f"the guest's time {shown} is not the host's, {result.started:.1f} to "
            f"{result.ended:.1f}"]


def _compare(case: Case, result: Result, stdin: bytes, native: Result | None) -> list[str]:
    complaints = []
    if result.status != case.exit:
        complaints.append(f"exit status {result.status}, expected {case.exit}")
    stdout = result.stdout
    if case.stdout_from == "checks":
        complaints += check_checks(stdout)
    elif case.stdout_from in ("native", "stdin"):
        wanted = native.stdout if native and case.stdout_from == "native" else stdin
        if stdout != wanted:
            complaints.append("stdout: " + _first_difference(stdout, wanted))
    else:
        complaints += check_lines(case, stdout)
    if case.host_time:
        complaints += check_time(case.host_time, result)
    return complaints + check_stderr(case.stderr, case.stderr_only, result.stderr)


def check(case: Case, result: Result, stdin: bytes, native: Result | None) -> list[str]:
    """Everything that the case expects of one run; if something is amiss, stderr as well."""
    if result.status is None:
        complaints = [f"no end after {case.timeout} s; stdout so far:\n{_text(result.stdout)}"]
    else:
        complaints = _compare(case, result, stdin, native)
    if complaints and result.stderr:
        complaints.append(f"stderr:\n{_text(result.stderr)}")
    return complaints
