# SPDX-License-Identifier: MIT
"""One boot of an image as the first domain of Xen under QEMU, and what came of it.

The command line is atman-run's (its contract is docs/direct-boot.md); it is built here so
that a boot can be counted, which needs options of QEMU that atman-run has no use for."""
import subprocess
import time

# What Xen writes to its log when it will not get further.
DEAD = ("Panic on CPU", "crashed on cpu", "Manual reset required")
# A count is exact and repeatable with one instruction a nanosecond and no outside clock.
EXACT = ["-icount", "shift=0,sleep=off", "-seed", "1",
         "-rtc", "base=2026-01-01T00:00:00,clock=vm"]


class Result:
    """status: the program's exit status, or None; output: its stdout, as bytes;
    reason: why there is no status; report: the counting plugin's lines."""

    def __init__(self):
        self.status, self.output, self.reason, self.report = None, b"", "", []


def option(value):
    """A value inside a QEMU option: commas are doubled."""
    return str(value).replace(",", ",,")


def machine(tools, folder, mib, vcpus=1, plugin=None):
    """The command line of a machine of `mib` MiB, but for what it boots: Xen's console goes to
    the file xen.log in `folder`. With a plugin (its file and arguments) it counts."""
    line = [tools.qemu, "-accel", "tcg", "-cpu", "max,-smap,-svm", "-m", f"{mib}",
            "-smp", f"{vcpus}", "-nodefaults", "-display", "none", "-no-reboot",
            "-chardev", f"file,id=xen,path={option(folder / 'xen.log')}",
            "-serial", "chardev:xen"]
    return line + (EXACT + ["-plugin", plugin] if plugin else [])


def xen_arguments(memory_kib, vcpus=1):
    """Xen's own command line. Each virtual CPU has a processor for itself."""
    pin = f"dom0_max_vcpus={vcpus} dom0_vcpus_pin" if vcpus > 1 else "dom0_max_vcpus=1"
    return ("console=com1 com1=115200,8n1 noreboot bootscrub=0 "
            f"dom0_mem={memory_kib}K,max:{memory_kib}K {pin}")


def command(tools, image, folder, memory_kib, machine_mib, vcpus, plugin, words):
    line = machine(tools, folder, machine_mib, vcpus, plugin)
    line += ["-serial", "null", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
    for port, name in ((0xe9, "stdout"), (0xea, "stderr"), (0xeb, "log")):
        line += ["-chardev", f"file,id={name},path={option(folder / name)}",
                 "-device", f"isa-debugcon,iobase={port},chardev={name}"]
    arguments = " ".join(["atman.ports=1 --", *words])
    return line + ["-kernel", str(tools.xen), "-append", xen_arguments(memory_kib, vcpus),
                   "-initrd", option(f"{image.path.name} {arguments}")]


def read(path):
    return path.read_bytes() if path.exists() else b""


def wait(process, folder, limit):
    """Until QEMU ends, Xen gives up or `limit` seconds have passed; the reason, or ''."""
    end = time.monotonic() + limit
    while process.poll() is None:
        log = read(folder / "xen.log").decode(errors="replace")
        if any(word in log for word in DEAD):
            return next((line for line in reversed(log.split("\n"))
                         if "Domain 0 alloc" in line or "Not enough RAM" in line
                         or "too small" in line or "rashed" in line), "Xen gave up").strip()
        if time.monotonic() > end:
            return f"no end after {limit} seconds"
        time.sleep(0.05)
    return ""


def boot(tools, image, folder, memory_kib, machine_mib, vcpus=1, plugin=None, words=(),
         limit=60):
    """Boots the image with `words` as the program's arguments. The plugin writes its report
    to the file `count` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    result = Result()
    # The image is named without its folder, whose name may have spaces.
    process = subprocess.Popen(
        command(tools, image, folder, memory_kib, machine_mib, vcpus, plugin, words),
        cwd=image.path.parent, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=(folder / "qemu").open("w"))
    try:
        result.reason = wait(process, folder, limit)
    finally:
        process.kill()
        process.wait()
    for line in read(folder / "log").split(b"\n"):
        if line.startswith(b"\x01exit "):
            result.status = int(line[6:])
    result.output = read(folder / "stdout")
    result.report = [line.split("\t") for line in read(folder / "count").decode().splitlines()]
    if result.status is None and not result.reason:
        result.reason = read(folder / "qemu").decode(errors="replace").strip() or "no exit line"
    return result


def works(image, result):
    return result.status == 0 and result.output == image.expected
