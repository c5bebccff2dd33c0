# SPDX-License-Identifier: MIT
"""An image under measurement: building and stripping it, and what its file says.

Sizes come from the ELF section headers, so they add up to what is loaded."""
import struct
import subprocess

ALLOC, WRITE, EXEC = 2, 1, 4
NOBITS = 8


class Image:
    """A hello built from `source`; `path` is the image, `stripped` its stripped copy."""

    def __init__(self, name, source, expected, path, stripped):
        self.name, self.source, self.expected = name, source, expected
        self.path, self.stripped = path, stripped
        self.entry = self.main = self.bounce = 0
        self.sizes = {}


def build(image, tools):
    subprocess.run([tools.cc, "-O2", "-o", image.path, image.source], check=True)
    subprocess.run([tools.strip, "-o", image.stripped, image.path], check=True)
    image.sizes = sizes(image.stripped.read_bytes())
    image.entry, image.main, image.bounce = (
        symbol(image.path, name, tools.nm)
        for name in ("atman_load_entry", "main", "entry_syscall"))


def sizes(data):
    """Bytes of the file, and of what is loaded: text, rodata, data and bss."""
    found = {"stripped": len(data), "text": 0, "rodata": 0, "data": 0, "bss": 0}
    table, = struct.unpack_from("<Q", data, 40)
    size, count = struct.unpack_from("<HH", data, 58)
    for i in range(count):
        kind, flags, _, _, length = struct.unpack_from("<IQQQQ", data, table + i * size + 4)
        if not flags & ALLOC:
            continue
        if flags & EXEC:
            found["text"] += length
        elif not flags & WRITE:
            found["rodata"] += length
        else:
            found["bss" if kind == NOBITS else "data"] += length
    return found


def symbol(path, name, nm):
    listing = subprocess.run([nm, path], check=True, capture_output=True, text=True).stdout
    for line in listing.splitlines():
        words = line.split()
        if len(words) == 3 and words[2] == name:
            return int(words[0], 16)
    raise LookupError(f"{path}: no symbol {name}")
