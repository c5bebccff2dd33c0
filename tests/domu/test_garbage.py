# SPDX-License-Identifier: MIT
"""Nonsense in a running guest's nodes of xenstore, written by the control domain: what a
broken toolstack or backend could leave there. The guest goes on, answers, and ends as it
wants to, or as it is asked to. BED_SEED repeats a run, BED_STEPS makes it longer."""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import unittest

from bed.control import SHARE
from bed.guest import Guest, config_text
from case import IMAGES, BedCase, long

SEED = int(os.environ.get("BED_SEED", random.SystemRandom().randrange(1 << 31)))
STEPS = int(os.environ.get("BED_STEPS", "60"))

# What xenstored still takes from the control domain, its path included.
LARGEST = 3900
# xenstore-write reads \xNN as a byte.
VALUES = (
    "", " ", "0", "-1", "1", "4", "5", "6", "7", "99999999999999999999", "0x10", "1e9",
    "4294967296", "18446744073709551615", "9223372036854775808", "%s%n%s", "x" * LARGEST,
    "9" * LARGEST, "\\x00", "\\x00poweroff", "\\xff" * 900, "\\x0a\\x0d\\x1b[2J", "Poweroff",
    "poweroff ", "rebooted", "suspended", "1" * 17, "n" * 15, "x" * 16, "/" * 300,
    "../../../0", "/local/domain/0/backend/vbd/0/0", "@releaseDomain", "online", "offline",
)

# Below the guest's own directory.
CONTROL = ("control/shutdown", "control/sysrq", "control/feature-poweroff", "control/none")
CONSOLE = ("console/limit", "console/type", "console/output", "console/state",
           "device/console/1/state", "device/console/1/ring-ref", "device/console/1/backend")
VIRTUAL = "51712"
DEVICE = tuple(
    f"device/{kind}/{number}/{key}"
    for kind, number in (("vbd", VIRTUAL), ("vbd", "x"), ("vbd", "-1"), ("vif", "0"),
                         ("vbd", "99999999999999"), ("9pfs", "0"), ("none", "0"))
    for key in ("state", "backend", "backend-id", "virtual-device", "ring-ref",
                "event-channel", "protocol", "mac", "device-type")
)
MACHINE = ("memory/target", "memory/static-max", "memory/videoram", "cpu/0/availability",
           "cpu/1/availability", "cpu/7/availability", "cpu/x/availability", "domid", "vm")
# Below a backend's directory.
BACKEND = ("state", "sectors", "sector-size", "physical-sector-size", "info", "mode",
           "max-ring-page-order", "feature-max-indirect-segments", "feature-persistent",
           "feature-flush-cache", "feature-barrier", "feature-discard", "hotplug-status",
           "discard-granularity", "discard-alignment", "online", "frontend", "frontend-id")
# The first letters of these mean something to a guest.
KEYS = "bceo"


class Garbage(BedCase):
    """Guests with two processors that go on under all of it."""

    def begin(self, name: str) -> str:
        """Makes a guest; gives the beginning of a script about it."""
        folder = self.session.share / "guests" / name
        folder.mkdir()
        shutil.copyfile(IMAGES / "steady", folder / "kernel")
        disk = f"'/tmp/{name},raw,xvda,w'"
        wanted = Guest(IMAGES / "steady", memory_mib=24,
                       config=f"vcpus = 2\ndisk = [ {disk} ]")
        (folder / "config").write_text(config_text(name, wanted))
        return (
            f"name={name} log=/share/console/guest-{name}.log\n"
            "wait_for() { until grep -q \"$1\" $log 2>/dev/null; do sleep 0.1; done; }\n"
            "answers() { echo \"still $1\" >$tty; wait_for \"here: still $1\"; }\n"
            "truncate -s 1M /tmp/$name\n"
            f"xl create -q -e {SHARE}/guests/$name/config || exit 1\n"
            "id=$(xl domid $name); me=/local/domain/$id\n"
            f"back=/local/domain/0/backend/vbd/$id/{VIRTUAL}\n"
            "tty=$(xenstore-read $me/console/tty)\n"
            "wait_for ready\n"
        )

    def end(self, name: str, script: str, how: str, status: int) -> None:
        """Runs the script; then the guest ends, in this way, with this status."""
        script += (
            f"answers last\n{how}\n"
            "until [ $(xl list $name | awk 'END { print $5 }' | grep -c s) = 1 ]; do"
            " sleep 0.1; done\n"
            "xenstore-read $me/data/atman/exit-status; xl destroy $id\n"
        )
        log = self.session.share / "console" / f"guest-{name}.log"
        output = self.session.run(script, 120)
        said = f"{output}\n{log.read_text(errors='replace')}"
        self.assertEqual((output.status, output.out.split()[-1:]), (0, [b"%d" % status]), said)
        self.assertNotIn("wrong", log.read_text(errors="replace"))
        self.assertNotIn("atman: fatal", log.read_text(errors="replace"))
        sectors = re.search(r"sectors (\d+)", log.read_text(errors="replace"))
        if status == 7:
            assert sectors, said
            self.assertNotEqual(sectors[1], "0", "the disk was never there")

    @long
    def test_all_that_is_listed(self) -> None:
        script = self.begin("listed")
        for paths in (CONTROL, CONSOLE, DEVICE, MACHINE):
            script += "".join(map(write_all, (f"$me/{path}" for path in paths)))
            script += f"answers {paths[0]}\n"
        script += "".join(write_all(f"$back/{key}") for key in BACKEND)
        script += "answers backend\n"
        script += "xenstore-rm $back; xenstore-rm $me/device; answers removed\n"
        self.end("listed", script, "echo end >$tty", 7)

    @long
    def test_rights_and_removal(self) -> None:
        script = self.begin("rights")
        for path in ("control", "control/shutdown", "device", "data"):
            # Nobody but the control domain; then with the guest as the owner; then none.
            script += f"xenstore-write $me/{path}/deep 1\n"
            for rights in ("n0", "b$id", "n$id n0", "w0 w$id"):
                script += (
                    f"xenstore-chmod -r $me/{path} {rights}\n"
                    f"xenstore-write $me/{path} x $me/{path}/deep y\n")
            script += f"answers {path}\nxenstore-rm $me/{path}\nanswers no{path}\n"
        script += "xenstore-write $me/control/shutdown ''\n"
        script += "xenstore-chmod $me/control/shutdown b$id\n"
        # Where it leaves its status.
        script += "xenstore-write $me/data ''; xenstore-chmod $me/data n$id\n"
        self.end("rights", script, "xl shutdown $id", 143)

    @long
    def test_thousands_of_events(self) -> None:
        script = self.begin("events")
        words = " ".join(f"$me/{path} {value}" for path in ("control/shutdown",
                         "control/sysrq", f"device/vbd/{VIRTUAL}/state", "memory/target")
                         for value in ("x", "1") for _ in range(10))
        script += f"for i in $(seq 1 40); do xenstore-write {words}; done\n"
        script += f"i=0; while [ $i -lt 300 ]; do i=$((i + 1)); echo $me/device/vbd/$i/state"
        script += " 1; done | xargs -n 200 xenstore-write\nanswers many\n"
        self.end("events", script, "xl shutdown $id", 143)

    def test_at_random(self) -> None:
        print(f"BED_SEED={SEED} ", end="", flush=True)
        chance = random.Random(SEED)
        script = self.begin("random")
        for number in range(STEPS):
            script += step(chance)
            if number % 30 == 29:
                script += f"answers {number}\n"
        script += "xenstore-chmod $me/control/shutdown b$id 2>/dev/null\n"
        self.end("random", script, "echo end >$tty", 7)


def harmless(path: str, value: str) -> bool:
    """Whether this is nonsense, and not an order."""
    return not ((path.endswith("sysrq") and value[:1] in tuple(KEYS))
                or (path.endswith("shutdown") and value in ("poweroff", "reboot", "suspend")))


def write_all(path: str) -> str:
    """Commands that write each value to a node, and then remove it."""
    pairs = "".join(f" {path} {shlex.quote(value)}" for value in VALUES
                    if harmless(path, value))
    return f"xenstore-write{pairs}\nxenstore-rm {path}\n"


def step(chance: random.Random) -> str:
    """A command of some kind, about some node."""
    path = chance.choice((
        *(f"$me/{path}" for path in chance.choice((CONTROL, CONSOLE, DEVICE, MACHINE))),
        *(f"$back/{key}" for key in BACKEND)))
    kind = chance.randrange(10)
    if kind == 0:
        return f"xenstore-rm {path} 2>/dev/null\n"
    if kind == 1 and "/" in path.removeprefix("$me/"):
        return f"xenstore-rm {path.rpartition('/')[0]} 2>/dev/null\n"
    if kind == 2:
        rights = chance.choice(("n0", "b$id", "n$id", "r$id", "n0 b$id"))
        return f"xenstore-chmod {path} {rights} 2>/dev/null\n"
    if kind == 3:
        path += f"/{chance.choice(('deep', 'state', '0', 'a' * 100))}"
    value = chance.choice((chance.choice(VALUES), noise(chance)))
    if not harmless(path, value):
        return ""
    return f"xenstore-write {path} {shlex.quote(value)}\n"


def noise(chance: random.Random) -> str:
    """Any bytes."""
    # The first is no letter that means something.
    data = b"~" + chance.randbytes(chance.choice((1, 3, 20, 900)))
    return "".join(f"\\x{byte:02x}" for byte in data)


if __name__ == "__main__":
    unittest.main()
