# SPDX-License-Identifier: MIT
"""What the bed asks of ELF files: the libraries a program needs and the
modules a kernel module needs. Only little-endian ELF64 is read, and nothing of
the machine the bed runs on is looked at."""

from __future__ import annotations

import struct
from typing import Iterator, NamedTuple

SECTION_DYNAMIC = 6
TAG_NEEDED = 1


class Section(NamedTuple):
    """A section header's fields that matter here."""

    name: int
    kind: int
    offset: int
    size: int
    link: int


def is_elf(data: bytes) -> bool:
    """True for a little-endian ELF64 file."""
    return data[:6] == b"\x7fELF\x02\x01"


def needed_libraries(data: bytes) -> list[str]:
    """The DT_NEEDED names of an ELF file, in order; none for anything else."""
    if not is_elf(data):
        return []
    sections = _sections(data)
    names: list[str] = []
    for dynamic in sections:
        if dynamic.kind != SECTION_DYNAMIC:
            continue
        strings = sections[dynamic.link].offset
        for tag, value in struct.iter_unpack("<qQ", _contents(data, dynamic)):
            if tag == TAG_NEEDED:
                names.append(_string(data, strings + value))
    return names


def module_dependencies(data: bytes) -> list[str]:
    """The modules that a kernel module's .modinfo says must be loaded before it."""
    for section in _named(data, ".modinfo"):
        for entry in _contents(data, section).split(b"\0"):
            key, _, value = entry.partition(b"=")
            if key == b"depends":
                return [name for name in value.decode().split(",") if name]
    return []


def _sections(data: bytes) -> list[Section]:
    (start,) = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    sections = []
    for index in range(count):
        name, kind, _, _, offset, length, link = struct.unpack_from(
            "<IIQQQQI", data, start + index * size
        )
        sections.append(Section(name, kind, offset, length, link))
    return sections


def _named(data: bytes, wanted: str) -> Iterator[Section]:
    sections = _sections(data)
    (names_index,) = struct.unpack_from("<H", data, 0x3E)
    names = sections[names_index].offset
    for section in sections:
        if _string(data, names + section.name) == wanted:
            yield section


def _contents(data: bytes, section: Section) -> bytes:
    return data[section.offset : section.offset + section.size]


def _string(data: bytes, offset: int) -> str:
    return data[offset : data.index(b"\0", offset)].decode()
