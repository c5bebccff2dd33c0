# SPDX-License-Identifier: MIT
"""The Debian packages that the control domain is made of, obtained and unpacked by
sysroot/obtain/obtain.sh, never installed. The list is closed: a library that a
program needs and none of these has is reported with its name (see parts.py)."""

from __future__ import annotations

import subprocess
from pathlib import Path

from .errors import BedError
from .settings import Settings, locked

# Its documentation folder is a link named like the kernel package it stands for.
KERNEL_META = "linux-image-amd64"
# Must be of the same revision as the hypervisor; apt has but one of each.
XEN_SYMBOLS = "xen-hypervisor-4.17-amd64-dbg"

NAMES = (
    "busybox-static",
    "iproute2",
    "xen-utils-4.17",
    "xenstore-utils",
    # Libraries of Xen.
    "libxencall1",
    "libxendevicemodel1",
    "libxenevtchn1",
    "libxenforeignmemory1",
    "libxengnttab1",
    "libxenhypfs1",
    "libxenmisc4.17",
    "libxenstore4",
    "libxentoolcore1",
    "libxentoollog1",
    # Libraries that those need.
    "libbpf1",
    "libbsd0",
    "libc6",
    "libcap2",
    "libelf1",
    "libgcc-s1",
    "liblzma5",
    "libmd0",
    "libmnl0",
    "libuuid1",
    "libxtables12",
    "libyajl2",
    "libzstd1",
    "zlib1g",
)

# What serves a domain's channels, and all that it needs beyond the above: for tests alone.
DEVICE_MODEL = "qemu-system-xen"
DEVICE_MODEL_LIBRARIES = (
    "libbz2-1.0",
    "libdw1",
    "libfdt1",
    "libffi8",
    "libglib2.0-0",
    "libgstreamer-plugins-base1.0-0",
    "libgstreamer1.0-0",
    "libjpeg62-turbo",
    "liblz4-1",
    "libopus0",
    "liborc-0.4-0",
    "libpcre2-8-0",
    "libpixman-1-0",
    "libsasl2-2",
    "libspice-server1",
    "libssl3",
    "libstdc++6",
    "libudev1",
    "libunwind8",
    "libusb-1.0-0",
)


def obtain(settings: Settings) -> None:
    """Downloads what is not in the cache, verifies all, unpacks what is not unpacked."""
    with locked(settings):
        for name in (KERNEL_META, *NAMES):
            _obtain(settings, name)
        _obtain(settings, _kernel_name(settings))


def obtain_kernel(settings: Settings) -> Path:
    """Obtains the kernel alone; gives the folder of its unpacked package."""
    with locked(settings):
        _obtain(settings, KERNEL_META)
        name = _kernel_name(settings)
        _obtain(settings, name)
    return settings.unpacked / name


def obtain_device_model(settings: Settings) -> list[Path]:
    """Obtains QEMU as Xen's device model; gives the folders of all packages then."""
    names = (DEVICE_MODEL, *DEVICE_MODEL_LIBRARIES)
    with locked(settings):
        for name in names:
            _obtain(settings, name)
    return [*roots(settings), *(settings.unpacked / name for name in names)]


def obtain_xen_symbols(settings: Settings) -> Path:
    """Obtains the hypervisor's symbols; gives the file that has them, an ELF file."""
    with locked(settings):
        _obtain(settings, XEN_SYMBOLS)
    (found,) = (settings.unpacked / XEN_SYMBOLS).glob("usr/lib/debug/boot/xen-syms-*-amd64")
    return found


def are_unpacked(settings: Settings) -> bool:
    """True if obtain() has run in this build folder."""
    try:
        return all(root.is_dir() for root in roots(settings))
    except BedError:
        return False


def roots(settings: Settings) -> list[Path]:
    """The folders of the unpacked packages."""
    names = (*NAMES, _kernel_name(settings))
    return [settings.unpacked / name for name in names]


def _kernel_name(settings: Settings) -> str:
    link = settings.unpacked / KERNEL_META / "usr/share/doc" / KERNEL_META
    try:
        return link.readlink().name
    except OSError as error:
        raise BedError(
            f"{KERNEL_META}: does not say which kernel it stands for ({link})"
        ) from error


def _obtain(settings: Settings, name: str) -> None:
    command = ["sh", str(settings.obtain), "package", "--name", name]
    command += ["--cache", str(settings.cache), "--work", str(settings.unpacked)]
    command += ["--into", str(settings.unpacked / name)]
    # Its answer is a path that we know; its messages go to our stderr.
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        raise BedError(f"{name}: not obtained; the reason is in the line above")
