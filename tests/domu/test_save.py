# SPDX-License-Identifier: MIT
"""`xl save`, `xl restore`, checkpoints and moves of a guest that checks itself."""

from __future__ import annotations

import os
import re
import shutil
import unittest

from bed import guest, settings
from bed.control import Session
from bed.guest import Guest
from case import IMAGES, BedCase, long

ROUNDS = 20 if os.environ.get("BED_LONG") else 3
PATIENCE = 60  # seconds, for what takes one or two
AWAY = 1  # seconds that a guest is nowhere

# In the control domain. goes_on N: the guest has printed N more lines.
TOOLS = f"""
set -e
name=NAME
logs() {{ cat /share/console/guest-$name*.log; }}
lines() {{ logs | grep -c 'all go on' || true; }}
goes_on() {{
    want=$(($(lines) + $1)) tries={PATIENCE}
    until [ $(lines) -ge $want ]; do
        tries=$((tries - 1)); [ $tries -gt 0 ] || {{ echo "it stands still"; exit 1; }}
        ! logs | grep -q wrong || exit 1
        sleep 0.5
    done
}}
finish() {{
    id=$(xl domid $name)
    xl shutdown $name
    tries={PATIENCE * 10}
    until [ -n "$(xenstore-read /local/domain/$id/data/atman/exit-status 2>/dev/null)" ]; do
        tries=$((tries - 1)); [ $tries -gt 0 ] || {{ echo "it does not end"; exit 1; }}
        sleep 0.1
    done
    echo status $(xenstore-read /local/domain/$id/data/atman/exit-status)
    sleep 0.5
    xl destroy $name
}}
"""

SAVE = f"""
xl save $name /tmp/saved
sleep {AWAY}
xl restore /tmp/saved
rm /tmp/saved
goes_on 3
"""


CHECKPOINT = """
xl save -c $name /tmp/saved
rm /tmp/saved
goes_on 3
"""

# The memory of another domain cannot be written to the shared folder.
FAIL = """
! xl save $name /share/saved
goes_on 3
"""

# `xl migrate` to where the domain is; a shell is the transport instead of ssh. This Xen is
# built without shadow paging, so it cannot tell which pages of a running PV guest change:
# the fifth argument of xl's helper, 1 for that, is made 0.
MOVE = """
helper=/usr/lib/xen-4.17/bin/libxl-save-helper
[ -e $helper.real ] || {
    mv $helper $helper.real
    cat >$helper <<END
#!/bin/busybox sh
[ "\\$1" = --restore-domain ] && exec $helper.real "\\$@"
what=\\$1 to=\\$2 from=\\$3 domain=\\$4
shift 5
exec $helper.real \\$what \\$to \\$from \\$domain 0 "\\$@"
END
    printf '%s\\n' '#!/bin/busybox sh' shift 'exec sh -c "$*"' >/tmp/transport
    chmod +x $helper /tmp/transport
}
xl migrate -s /tmp/transport $name localhost
goes_on 3
"""


# The balloon is asked for something else while the domain is saved. What xl would restore then
# may have more pages than xl allows it; but it goes on here.
SAVE_AND_BALLOON = """
xl save -c $name /tmp/saved & saving=$!
xl mem-set $name 40m
xl mem-set $name 28m
wait $saving
rm /tmp/saved
goes_on 3
xl mem-set $name 40m
goes_on 3
"""

# The store stands still for a while, from about when the guest is asked to suspend on. If the
# guest gives up waiting for it, xl saves nothing, and the domain goes on where it is.
SAVE_WITHOUT_STORE = """
store=$(cat /run/xenstored.pid)
xl save $name /tmp/saved & saving=$!
sleep AFTER; kill -STOP $store; sleep SECONDS; kill -CONT $store
if wait $saving; then xl restore /tmp/saved; fi
rm -f /tmp/saved
xl list $name >/dev/null
goes_on 3
"""


class SaveCase(BedCase):
    """Guests that go on somewhere else."""

    def go_through(
        self, script: str, image: str = "moved", config: str = "", seconds: int = 240
    ) -> str:
        """Runs the script, which begins when the guest does, and gives the console."""
        name = self.create(image, config)
        self.carry_out(name, f"xl create /share/guests/{name}/config\ngoes_on 2\n{script}",
                       seconds)
        return self.finish(name)

    def create(self, image: str, config: str) -> str:
        """All that a guest is made of; its name."""
        BedCase._guests += 1
        name = f"{image}{BedCase._guests}"
        folder = self.session.share / "guests" / name
        folder.mkdir()
        shutil.copyfile(IMAGES / image, folder / "kernel")
        (folder / "config").write_text(guest.config_text(name, Guest(IMAGES, config=config)))
        return name

    def carry_out(self, name: str, script: str, seconds: int = 120) -> bytes:
        """Runs a script about that guest, and gives what it wrote."""
        output = self.session.run(TOOLS.replace("NAME", name) + script, seconds)
        self.assertEqual(output.status, 0, f"{output}\n{self.console(name)}")
        return output.out

    def console(self, name: str) -> str:
        """What xl migrate moves has another name at first, and a log of that name."""
        folder = self.session.share / "console"
        logs = (folder / f"guest-{name}.log", folder / f"guest-{name}--incoming.log")
        return "".join(log.read_text() for log in logs if log.exists())

    def finish(self, name: str, first: int = 0) -> str:
        """Ends the guest, whose lines must all be there from the first on."""
        self.assertIn(b"status 7", self.carry_out(name, "finish"))
        console = self.console(name)
        self.assertNotIn("wrong", console)
        numbers = [int(n) for n in re.findall(r"line (\d+): all go on\r?\n", console)]
        if first and numbers:
            first = numbers[0]
        self.assertEqual(numbers, list(range(first, first + len(numbers))), console)
        return console

    def away(self, console: str) -> int:
        """How long the guest says that it was nowhere."""
        match = re.search(r"away (\d+) s", console)
        self.assertIsNotNone(match, console)
        return int(match[1]) if match else 0

    def make_disk(self) -> str:
        """A disk for a guest, as a line of its config."""
        self.session.run("truncate -s 8M /tmp/disk", 30)
        return "disk = ['/tmp/disk,raw,xvda,w']\n"


class Save(SaveCase):
    """xl save and xl restore."""

    def test_one_vcpu(self) -> None:
        console = self.go_through(SAVE)
        self.assertGreaterEqual(self.away(console), AWAY)

    def test_again_and_again(self) -> None:
        config = self.make_disk() + "vcpus = 2"
        console = self.go_through(SAVE * ROUNDS, config=config, seconds=60 + 60 * ROUNDS)
        self.assertGreaterEqual(self.away(console), AWAY * ROUNDS)
        blocks = re.search(r"^(\d+) blocks", console, re.MULTILINE)
        self.assertGreater(int(blocks[1]) if blocks else 0, 0, console)


class Busy(SaveCase):
    """Guests that make it difficult."""

    def test_nothing_but_a_computation(self) -> None:
        """By a thread that is more important than all others, and so has the only vCPU."""
        name = self.create("ending", "extra = 'fifo'")
        said = self.carry_out(
            name, f"xl create -q -e /share/guests/{name}/config\n"
            "until logs 2>/dev/null | grep -q ready; do sleep 0.1; done\n"
            "xl save $name /tmp/saved\nxl restore -e /tmp/saved\nrm /tmp/saved\nsleep 1\nfinish"
        )
        self.assertIn(b"status 143", said)

    def test_its_memory_changes_meanwhile(self) -> None:
        """And its first thread has ended."""
        self.go_through(SAVE_AND_BALLOON + SAVE, config="extra = 'apart'\nvcpus = 2\nmaxmem = 64")

    @long
    def test_the_store_is_late(self) -> None:
        for after in "0.05", "0.2":
            with self.subTest(after=after):
                script = SAVE_WITHOUT_STORE.replace("AFTER", after).replace("SECONDS", "2")
                self.go_through(script, config="vcpus = 2")


@long
class Move(SaveCase):
    """Checkpoints, moves, and another host."""

    def test_the_store_is_too_late(self) -> None:
        """Guests give up after 5 s; xl after a minute."""
        for after in "0.05", "0.1", "0.2", "0.4":
            with self.subTest(after=after):
                script = SAVE_WITHOUT_STORE.replace("AFTER", after).replace("SECONDS", "8")
                self.go_through(script, config="vcpus = 2")

    def test_checkpoints_and_moves(self) -> None:
        self.go_through(CHECKPOINT + MOVE + FAIL + MOVE, config="vcpus = 3")

    def test_with_other_vcpus_and_memory(self) -> None:
        """What rests, and what was given back or came later, is as it was."""
        self.go_through(
            "xl mem-set $name 48m\nxl vcpu-set $name 1\ngoes_on 3\n" + SAVE +
            "xl vcpu-set --ignore-host $name 3\nxl mem-set $name 20m\ngoes_on 3\n" + SAVE +
            "xl vcpu-set --ignore-host $name 2\nxl mem-set $name 40m\ngoes_on 3\n",
            config="vcpus = 3\nmaxmem = 64")

    def test_another_host(self) -> None:
        """Other frames, another clock: the host's that the snapshot has."""
        name = self.create("moved", "vcpus = 2")
        self.carry_out(
            name, f"xl create /share/guests/{name}/config\ngoes_on 5\nxl save $name /tmp/saved\n"
            "mv /tmp/saved /share/"
        )
        saved, kernel = self.session.share / "saved", f"guests/{name}/kernel"
        where = settings.load()
        with Session(where, where.state / "runs" / "AnotherHost") as other:
            shutil.move(saved, other.share / "saved")
            (other.share / "guests" / name).mkdir()
            shutil.copyfile(self.session.share / kernel, other.share / kernel)
            self.session, first = other, self.session
            try:
                self.carry_out(name, "xl restore /share/saved\ngoes_on 3")
                self.finish(name, first=1)
            finally:
                self.session = first


if __name__ == "__main__":
    unittest.main()
