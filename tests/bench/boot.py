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


def command(tools, image, folder, memory_kib, machine_mib, count):
    line = [tools.qemu, "-accel", "tcg", "-cpu", "max,-smap,-svm", "-m", f"{machine_mib}",
            "-nodefaults", "-display", "none", "-no-reboot",
            "-chardev", f"file,id=xen,path={option(folder / 'xen.log')}",
            "-serial", "chardev:xen", "-serial", "null",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
    for port, name in ((0xe9, "stdout"), (0xea, "stderr"), (0xeb, "log")):
        line += ["-chardev", f"file,id={name},path={option(folder / name)}",
                 "-device", f"isa-debugcon,iobase={port},chardev={name}"]
    line += ["-kernel", str(tools.xen),
             "-append", "console=com1 com1=115200,8n1 noreboot bootscrub=0 "
                        f"dom0_mem={memory_kib}K,max:{memory_kib}K",
             "-initrd", option(f"{image.path.name} atman.ports=1 --")]
    if count:
        line += EXACT + ["-plugin", f"{option(tools.plugin)},target={image.main:#x},"
                                    f"out={option(folder / 'count')}"]
    return line


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


def boot(tools, image, folder, memory_kib, machine_mib, count=False, limit=60):
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    result = Result()
    # The image is named without its folder, whose name may have spaces.
    process = subprocess.Popen(
        command(tools, image, folder, memory_kib, machine_mib, count), cwd=image.path.parent,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=(folder / "qemu").open("w"))
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
