# SPDX-License-Identifier: MIT
"""Finds files in the unpacked packages. Everything the control domain runs
comes from these folders and nothing from the machine the bed runs on, so the
same packages give the same control domain everywhere."""

from __future__ import annotations

import lzma
import struct
from pathlib import Path
from typing import Iterable, Iterator

from . import elf
from .errors import BedError

LIBRARY_FOLDERS = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "usr/lib")
BOOT_SETUP_SECTORS = 0x1F1
BOOT_PAYLOAD = 0x248
XZ_MAGIC = b"\xfd7zXZ\0"


class Parts:
    """The unpacked packages, one root folder each, searched in order."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self._roots = list(roots)
        self._modules: dict[str, Path] | None = None

    def read(self, path: str) -> bytes:
        """The contents of an absolute path, from the package that has it."""
        for root in self._roots:
            found = root / path.lstrip("/")
            if found.is_file():
                return found.read_bytes()
        raise BedError(f"{path}: in none of the unpacked packages")

    def kernel(self) -> bytes:
        """The compressed kernel, as boot/vmlinuz-VERSION holds it."""
        return self._only("boot/vmlinuz-*").read_bytes()

    def libraries(self, programs: Iterable[bytes]) -> dict[str, bytes]:
        """All shared libraries that the programs need, by soname, theirs included."""
        found: dict[str, bytes] = {}
        wanted = [name for data in programs for name in elf.needed_libraries(data)]
        while wanted:
            name = wanted.pop()
            if name in found or name.startswith("ld-linux"):
                continue
            found[name] = self.library(name)
            wanted += elf.needed_libraries(found[name])
        return found

    def library(self, soname: str) -> bytes:
        """The contents of one shared library."""
        for root in self._roots:
            for folder in LIBRARY_FOLDERS:
                path = root / folder / soname
                if path.is_file():
                    return path.read_bytes()
        raise BedError(
            f"{soname}: in none of the unpacked packages;"
            " name its package in tests/domu/bed/packages.py"
        )

    def modules(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The kernel modules and all that they need, in the order to load them."""
        done: set[str] = set()
        for name in names:
            yield from self._module(_module_key(name), done)

    def _module(self, key: str, done: set[str]) -> Iterator[tuple[str, bytes]]:
        if key in done:
            return
        done.add(key)
        path = self._module_paths().get(key)
        if path is None:
            raise BedError(f"{key}: no such kernel module in the unpacked packages")
        data = path.read_bytes()
        for other in elf.module_dependencies(data):
            yield from self._module(_module_key(other), done)
        yield key, data

    def _module_paths(self) -> dict[str, Path]:
        if self._modules is None:
            folder = self._only("lib/modules/*/kernel")
            self._modules = {_module_key(p.stem): p for p in folder.rglob("*.ko")}
        return self._modules

    def _only(self, pattern: str) -> Path:
        found = [path for root in self._roots for path in root.glob(pattern)]
        if len(found) != 1:
            raise BedError(f"{pattern}: {len(found)} in the unpacked packages, not 1")
        return found[0]


def unpack_kernel(image: bytes) -> bytes:
    """The ELF file inside a kernel image. Xen could unpack it by itself, at the
    price of seconds at every cold boot."""
    start = (image[BOOT_SETUP_SECTORS] + 1) * 512
    offset, length = struct.unpack_from("<II", image, BOOT_PAYLOAD)
    payload = image[start + offset : start + offset + length]
    if not payload.startswith(XZ_MAGIC):
        raise BedError("kernel: not compressed with xz; teach tests/domu/bed/parts.py")
    # The stream is followed by its unpacked size, which is not part of it.
    kernel = lzma.LZMADecompressor().decompress(payload)
    if not elf.is_elf(kernel):
        raise BedError("kernel: what it unpacks to is no ELF file")
    return kernel


def _module_key(name: str) -> str:
    return name.replace("-", "_")
