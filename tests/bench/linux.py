# SPDX-License-Identifier: MIT
"""The other side of the comparison: Debian's ordinary kernel as Xen's first domain, with the
operations in its initial file system. Its figures are kept in a file that is named by a hash
of all they depend on, so that they are counted again only when something has changed."""
import hashlib
import json
import pathlib
import subprocess
import sys

import marks
from boot import EXACT, machine, option, read, wait, xen_arguments

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "domu"))
# pylint: disable=wrong-import-position
from bed import packages, parts, settings  # noqa: E402
from bed.cpio import Archive  # noqa: E402
from bed.errors import BedError  # noqa: E402, F401

# All else is as the kernel does it by default. Random addresses cost nothing, but whether two
# mappings share a page table would be a matter of luck.
KERNEL_ARGUMENTS = "console=hvc0 panic=1 quiet norandmaps"
BOOT_SECONDS = 600


def xen_symbols():
    """The ELF file with the symbols of the hypervisor that runs."""
    return packages.obtain_xen_symbols(settings.load())


class Linux:
    """The parts of a guest: `folder` gets the unpacked kernel and the initial file system."""

    def __init__(self, tools, folder, say):
        self.tools, self.folder = tools, folder
        folder.mkdir(parents=True, exist_ok=True)
        say("Linux: obtaining Debian's kernel (the first time, 70 MB are downloaded)")
        package = packages.obtain_kernel(settings.load())
        self.version = next(package.glob("boot/vmlinuz-*")).name.removeprefix("vmlinuz-")
        packed = parts.Parts([package]).kernel()
        archive = Archive()
        archive.folder("/dev")
        archive.file("/init", tools.linux_init.read_bytes(), 0o755)
        archive.file("/ops", tools.linux_ops.read_bytes(), 0o755)
        self.archive = archive.finish()
        self._kernel_hash = hashlib.sha256(packed).hexdigest()
        kernel = folder / f"kernel-{self._kernel_hash[:16]}"
        if not kernel.exists():
            kernel.write_bytes(parts.unpack_kernel(packed))
        self._kernel = kernel.name
        (folder / "initramfs").write_bytes(self.archive)

    def key(self, *words):
        """A name for everything that the figures depend on."""
        qemu = subprocess.run([self.tools.qemu, "--version"], check=True, capture_output=True)
        digest = hashlib.sha256()
        for data in (self._kernel_hash.encode(), self.archive, self.tools.xen.read_bytes(),
                     self.tools.counter.read_bytes(), qemu.stdout,
                     json.dumps([KERNEL_ARGUMENTS, EXACT, *words]).encode()):
            digest.update(hashlib.sha256(data).digest())
        return digest.hexdigest()[:16]

    def count(self, names, memory, vcpus, plugin, attempt):
        """{name: region} of the operations, from one boot. `memory`: MiB of the domain and of
        the machine; `plugin`: marks and options of the counting plugin."""
        work = self.folder / f"{vcpus}-{attempt}"
        work.mkdir(exist_ok=True)
        for old in work.iterdir():
            old.unlink()
        plugin = f"{option(self.tools.counter)},out={option(work / 'count')},{plugin}"
        line = machine(self.tools, work, memory[1], vcpus, plugin)
        modules = f"{self._kernel} {KERNEL_ARGUMENTS} -- {' '.join(names)},initramfs"
        line += ["-kernel", str(self.tools.xen), "-append",
                 xen_arguments(memory[0] * 1024, vcpus), "-initrd", modules]
        with (work / "qemu").open("w") as errors:
            process = subprocess.Popen(line, cwd=self.folder, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=errors)
            try:
                reason = wait(process, work, BOOT_SECONDS)
            finally:
                process.kill()
                process.wait()
        console = read(work / "xen.log").decode(errors="replace")
        for name in names:
            if f"ran {name}: 0" not in console:
                raise RuntimeError(f"Linux: {name} did not run to its end "
                                   f"({reason or 'see'} {work / 'xen.log'})")
        report = [each.split("\t") for each in read(work / "count").decode().splitlines()]
        found = marks.regions(report)
        if len(found) != len(names) or None in found:
            raise RuntimeError(f"Linux: not all operations were counted: {work / 'count'}")
        return dict(zip(names, found))
