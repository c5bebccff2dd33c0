# SPDX-License-Identifier: MIT
"""A writer for cpio archives in the "newc" form, which Linux unpacks as its
initial file system. Members get owner 0, time 0 and inode numbers in order, so
the same contents always give the same bytes."""

from __future__ import annotations

import stat

TRAILER = "TRAILER!!!"


class Archive:
    """Collects members; the folders above a member are made as needed."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._names: set[str] = set()

    def __contains__(self, path: str) -> bool:
        return path.strip("/") in self._names

    def folder(self, path: str, mode: int = 0o755) -> None:
        """Adds a folder, unless it is there already."""
        path = path.strip("/")
        if path and path not in self._names:
            self._add(path, stat.S_IFDIR | mode, b"")

    def file(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Adds a regular file."""
        self._add(path.strip("/"), stat.S_IFREG | mode, data)

    def symlink(self, path: str, target: str) -> None:
        """Adds a symbolic link that holds `target`."""
        self._add(path.strip("/"), stat.S_IFLNK | 0o777, target.encode())

    def finish(self) -> bytes:
        """The whole archive. Nothing can be added after this."""
        self._write(TRAILER, 0, b"")
        return bytes(self._data)

    def _add(self, path: str, mode: int, data: bytes) -> None:
        parent = path.rpartition("/")[0]
        self.folder(parent)
        self._names.add(path)
        self._write(path, mode, data)

    def _write(self, path: str, mode: int, data: bytes) -> None:
        name = path.encode() + b"\0"
        inode = len(self._names)
        # inode, mode, uid, gid, links, time, size, device numbers, name size, check
        fields = (inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        self._data += b"070701" + b"".join(b"%08X" % field for field in fields)
        self._data += name
        self._pad()
        self._data += data
        self._pad()

    def _pad(self) -> None:
        self._data += bytes(-len(self._data) % 4)
