# SPDX-License-Identifier: MIT
"""What a test program says about itself: `// key: value` lines in the comment block at its
top. Lines before the first `// case: NAME` hold for all cases, the others for theirs;
tests/guest/README.md lists the keys. An unknown key is an error, so that a misspelt
expectation cannot pass for a fulfilled one."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path

LINE = re.compile(r"// ([a-z-]+):(?: (.*))?$")
MARK = re.compile(r"@\{(\w+)\}")


class SpecError(Exception):
    """The test's comments make no sense."""


@dataclass(frozen=True)
class Case:
    """One boot of the program and what must come of it."""

    name: str = ""
    args: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    memory: str = ""
    tree: tuple[str, ...] = ()  # shell commands that make files, in a folder of the run's own
    files: tuple[str, ...] = ()  # folders there for atman-run --files
    ramdisk: str = ""  # a shell command there, whose output is the ramdisk
    options: tuple[str, ...] = ()
    stdin: tuple[str, ...] = ()
    terminal: str = ""
    stdout: tuple[tuple[bool, str], ...] = ()  # (is a pattern, line)
    stdout_from: str = ""
    stderr: tuple[str, ...] = ()
    stderr_only: str = ""
    exit: int = 0
    host_time: str = ""
    twice: str = ""
    clock: str = ""
    timeout: int = 60


@dataclass
class Spec:
    """A test program: how it is built and the cases it is run in."""

    source: Path
    flags: list[str] = field(default_factory=list)
    image_files: list[str] = field(default_factory=list)  # folders of tree, for the image
    tree: tuple[str, ...] = ()  # that of all cases
    native: list[str] | None = None  # flags of the host's build; None: it has none
    image_check: bool = True
    vcpus: list[int] = field(default_factory=list)  # each case is run with each; [] is [1]
    cases: list[Case] = field(default_factory=list)


def _number(text: str) -> int:
    if not text.isdigit():
        raise SpecError(f"not a number: {text}")
    return int(text)


def _add(case: Case, key: str, value: str, marks: dict[str, int]) -> Case:
    """The case with one more line taken in."""
    if key in ("args", "env", "options", "stdin"):
        return replace(case, **{key: getattr(case, key) + tuple(shlex.split(value))})
    if key == "long-argument":
        return replace(case, args=case.args + ("x" * _number(value),))
    if key == "tree":
        return replace(case, tree=case.tree + (value,))
    if key == "files":
        return replace(case, files=case.files + (value,))
    if key in ("memory", "ramdisk", "terminal", "stdout-from", "stderr-only", "host-time", "twice"):
        return replace(case, **{key.replace("-", "_"): value})
    if key == "clock":
        if value != "instructions":
            raise SpecError("clock: only `instructions` means something")
        return replace(case, clock=value)
    if key in ("exit", "timeout"):
        return replace(case, **{key: _number(value)})
    if key in ("stdout", "stdout-like"):
        return replace(case, stdout=case.stdout + ((key != "stdout", value),))
    if key == "stderr-like":
        pattern = MARK.sub(lambda m: str(marks[m[1]]), value)
        return replace(case, stderr=case.stderr + (pattern,))
    raise SpecError(f"unknown key: {key}")


def _marks(lines: list[str]) -> dict[str, int]:
    """Lines of the source that end in `/* here: NAME */`, by that name."""
    found = {}
    for number, line in enumerate(lines, 1):
        mark = re.search(r"/\* here: (\w+) \*/", line)
        if mark:
            found[mark[1]] = number
    return found


def read(source: Path) -> Spec:
    """Reads a test's comments; SpecError if there is something wrong with them."""
    spec = Spec(source)
    lines = source.read_text(encoding="utf-8").splitlines()
    marks = _marks(lines)
    common = Case()
    for number, line in enumerate(lines, 1):
        found = LINE.match(line)
        if not found:
            continue
        key, value = found[1], found[2] or ""
        try:
            if key == "case":
                spec.cases.append(replace(common, name=value))
            elif key == "flags":
                spec.flags += shlex.split(value)
            elif key == "image-files":
                spec.image_files.append(value)
            elif key == "native":
                spec.native = (spec.native or []) + shlex.split(value)
            elif key == "image-check":
                spec.image_check = value != "no"
            elif key == "debug":
                if value not in ("all", "no"):  # CMakeLists.txt reads this line itself
                    raise SpecError("debug: `all` or `no`")
            elif key == "process":
                if not value.startswith("no: "):  # CMakeLists.txt reads this line itself
                    raise SpecError("process: `no: ` and why it is another as a process")
            elif key == "pending":
                if not value:  # CMakeLists.txt reads this line itself
                    raise SpecError("pending: what for?")
            elif key == "vcpus":
                spec.vcpus += [_number(word) for word in value.split()]
            elif spec.cases:
                spec.cases[-1] = _add(spec.cases[-1], key, value, marks)
            else:
                common = _add(common, key, value, marks)
        except (SpecError, KeyError, ValueError) as error:
            raise SpecError(f"{source}:{number}: {error}") from error
    spec.cases = spec.cases or [common]
    spec.tree = common.tree
    return spec
