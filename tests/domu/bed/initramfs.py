# SPDX-License-Identifier: MIT
"""What the control domain's file system holds: the toolstack, its libraries,
the kernel modules and the scripts of ../control-domain. The archive is not
compressed: the kernel would need longer to unpack it than QEMU needs to load it."""

from __future__ import annotations

from pathlib import Path

from .cpio import Archive
from .parts import Parts

SCRIPTS = Path(__file__).resolve().parent.parent / "control-domain"
XEN_BIN = "/usr/lib/xen-4.17/bin"
LIBRARIES = "/lib/x86_64-linux-gnu"

PROGRAMS = (
    f"{XEN_BIN}/xl",
    f"{XEN_BIN}/xenstored",
    f"{XEN_BIN}/xenconsoled",
    f"{XEN_BIN}/xenconsole",
    f"{XEN_BIN}/xen-init-dom0",
    f"{XEN_BIN}/libxl-save-helper",
    "/usr/bin/xenstore",
    # Loss and delay (tc qdisc … netem); busybox's own tc has neither.
    "/sbin/tc",
)
# The xenstore program does what its name says.
STORE_COMMANDS = ("chmod", "exists", "list", "ls", "read", "rm", "watch", "write")
# Loaded at run time by name: xenconsoled aborts without it when a thread ends.
LOADED_LIBRARIES = ("libgcc_s.so.1",)

MODULES = (
    "xen-privcmd",
    "xenfs",
    "xen-evtchn",
    "xen-gntdev",
    "xen-gntalloc",
    # virtio does not name virtio_ring as needed, yet it is.
    "virtio_ring",
    "virtio_pci",
    "virtio_console",
    # Disks for `atman-run --xl --disk`.
    "virtio_scsi",
    "sd_mod",
    "9p",
    "9pnet_virtio",
    # Disks of other domains, and files as such.
    "loop",
    "xen-blkback",
    # The way to the host, other domains' interfaces, and what joins them.
    "virtio_net",
    "bridge",
    "xen-netback",
    "sch_netem",
)
FOLDERS = (
    "/dev", "/proc", "/root", "/run", "/share", "/sys", "/tmp",
    "/etc/xen", "/etc/xen/scripts", "/sbin", "/usr/bin", "/usr/sbin", "/var/lib/xen", "/var/lib/xenstored",
    "/var/log/xen",
)


def build(parts: Parts) -> bytes:
    """The archive. The same packages and scripts give the same bytes."""
    archive = Archive()
    for folder in FOLDERS:
        archive.folder(folder)
    _add_programs(archive, parts)
    _add_modules(archive, parts)
    archive.file("/etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
    archive.file("/etc/group", b"root:x:0:\n")
    archive.file("/etc/xen/xl.conf", b"")
    for script in ("block", "vif-bridge"):
        archive.file(f"/etc/xen/scripts/{script}", (SCRIPTS / script).read_bytes(), 0o755)
    archive.symlink("/var/run", "/run")
    archive.symlink("/var/lock", "/run/lock")
    archive.file("/init", (SCRIPTS / "init").read_bytes(), 0o755)
    for script in ("bed-agent", "bed-guest", "bed-run"):
        archive.file(f"/usr/bin/{script}", (SCRIPTS / script).read_bytes(), 0o755)
    return archive.finish()


DEVICE_MODEL = "/usr/libexec/xen-qemu-system-i386"


def device_model(parts: Parts) -> dict[str, bytes]:
    """QEMU as Xen's device model, as the file qemu, and its libraries."""
    program = parts.read(DEVICE_MODEL)
    return {"qemu": program, **parts.libraries([program])}


def library_names(parts: Parts) -> set[str]:
    """The shared libraries that the control domain has."""
    return set(parts.libraries([parts.read(path) for path in PROGRAMS]))


def _add_programs(archive: Archive, parts: Parts) -> None:
    programs = {path: parts.read(path) for path in PROGRAMS}
    for path, data in programs.items():
        archive.file(path, data, 0o755)
    libraries = parts.libraries(programs.values())
    for name in LOADED_LIBRARIES:
        libraries[name] = parts.library(name)
    for name, data in sorted(libraries.items()):
        archive.file(f"{LIBRARIES}/{name}", data, 0o755)
    loader = "/lib64/ld-linux-x86-64.so.2"
    archive.file(loader, parts.read(loader), 0o755)
    for command in STORE_COMMANDS:
        archive.symlink(f"/usr/bin/xenstore-{command}", "xenstore")
    archive.symlink("/usr/sbin/xl", f"{XEN_BIN}/xl")
    archive.file("/bin/busybox", parts.read("/bin/busybox"), 0o755)
    archive.symlink("/bin/sh", "busybox")


def _add_modules(archive: Archive, parts: Parts) -> None:
    order = []
    for name, data in parts.modules(MODULES):
        archive.file(f"/lib/modules/{name}.ko", data)
        order.append(name)
    archive.file("/lib/modules/order", "".join(f"{name}\n" for name in order).encode())
