# SPDX-License-Identifier: MIT
"""Channels of xl's config, which are consoles beside the first one, and QEMU serves; and what
is written to a console while nobody takes it."""

from __future__ import annotations

import os
import shutil
import unittest

from bed import guest
from bed.guest import Guest
from case import IMAGES, BedCase, text

# The xl of this Xen loses the first channel: it takes it for the first console.
TWO = "channel = [ %s ]\n" % ", ".join(
    f"'name={name},connection=pty'" for name in ("lost", "org.example.one", "org.example.two")
)
RING = 2048
LINES = 400  # of 64 bytes: the ring holds 32
TEXT = "".join(f"{number:<62}.\n" for number in range(LINES))

# In the control domain. attach N FILE: what comes from channel N is in that file, and
# descriptor 7 leads to it. QEMU looks once a second whether somebody is there.
TOOLS = """
name=NAME log=/share/console/guest-NAME.log
until_() { n=0; until eval "$1"; do sleep 0.1; n=$((n+1)); [ $n -lt 600 ] || { echo "$1" >&2; exit 1; }; done; }
says() { until_ "grep -q '$1' $log 2>/dev/null"; }
attach() {
    dir=/local/domain/$(xl domid $name)/device/console/$1
    until_ "[ \\"\\$(xenstore-read $dir/state)\\" = 4 ] && tty=\\$(xenstore-read $dir/tty)"
    stty -F $tty raw -echo
    exec 7<>$tty
    cat <&7 >>$2 &
    reader=$!
}
size() { wc -c <$1; }
"""


class ConsoleCase(BedCase):
    """Guests whose consoles are looked after by a script."""

    def create(self, *arguments: str, config: str = "") -> str:
        """All that a guest is made of; its name."""
        BedCase._guests += 1
        name = f"channel{BedCase._guests}"
        folder = self.session.share / "guests" / name
        folder.mkdir()
        shutil.copyfile(IMAGES / "channel", folder / "kernel")
        wanted = Guest(IMAGES, list(arguments), config=config)
        (folder / "config").write_text(guest.config_text(name, wanted))
        return name

    def carry_out(self, name: str, script: str, seconds: int = 120) -> str:
        """Makes the guest, runs the script; the guest must end with 0 then."""
        script = (
            TOOLS.replace("NAME", name) + "xl create -q -e /share/guests/$name/config || exit 1\n"
            + script + "\nid=$(xl domid $name)\n"
            "until_ 'xenstore-exists /local/domain/$id/data/atman/exit-status'\n"
            "xenstore-read /local/domain/$id/data/atman/exit-status\nsleep 0.5\n"
            "xl destroy $name\n"
        )
        output = self.session.run(script, seconds)
        log = self.session.share / "console" / f"guest-{name}.log"
        console = log.read_text() if log.exists() else ""
        words = output.out.decode().split()
        self.assertEqual((output.status, words[-1:]), (0, ["0"]), f"{output}\n{console[-2000:]}")
        return console.replace("\r\n", "\n")

    def came(self, name: str) -> str:
        """What the script has put into the file NAME of the shared folder."""
        return (self.session.share / name).read_text().replace("\r\n", "\n")


class Channel(ConsoleCase):
    """Guests with two channels."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.session.add_device_model()

    def test_what_they_are_like(self) -> None:
        result = self.run_guest("channel", "look", config=TWO)
        self.check_end(result, "poweroff", 0)
        self.assertEqual(text(result), "hvc0 hvc1 hvc2\n../hvc2\n")

    def test_both_directions_and_a_restore(self) -> None:
        name = self.create("echo", "/dev/xen-channel/org.example.two", config=TWO)
        say = "echo LINE >&7; until_ 'grep -q \"here: LINE\" /share/echo'\n"
        script = (
            "says ready; attach 2 /share/echo\n" + say.replace("LINE", "one")
            + say.replace("LINE", "two") + "xl save $name /tmp/saved; kill $reader; exec 7<&-\n"
            "xl restore -e /tmp/saved; rm /tmp/saved; attach 2 /share/echo\n"
            + say.replace("LINE", "three") + "echo end >&7"
        )
        self.assertEqual(self.carry_out(name, script), "ready\nend\n")
        self.assertEqual(self.came("echo"), "here: one\nhere: two\nhere: three\n")

    def test_a_writer_waits_for_its_reader(self) -> None:
        name = self.create("flood", "/dev/hvc1", str(LINES), config=TWO)
        script = (
            "says begin; attach 1 /share/flood\n"
            "id=$(xl domid $name); qemu=$(xenstore-read /local/domain/0/device-model/$id/pid"
            " 2>/dev/null || xenstore-read /local/domain/$id/image/device-model-pid)\n"
            "kill -STOP $qemu; echo >&7; sleep 1; size /share/flood; ! grep -q done $log || exit 1\n"
            "kill -CONT $qemu; says done; until_ '[ $(size /share/flood) -ge SIZE ]'"
        ).replace("SIZE", str(len(TEXT)))
        self.assertEqual(self.carry_out(name, script), "begin\ndone\n")
        self.assertTrue(self.came("flood") == TEXT, self.came("flood")[:200])


class Full(ConsoleCase):
    """The first console, when xenconsoled does not take what is written."""

    def test_a_writer_waits_for_xenconsoled(self) -> None:
        name = self.create("flood", "-", str(LINES))
        script = (
            "daemon=$(cat /run/xenconsoled.pid); kill -STOP $daemon; sleep 1\n"
            "id=$(xl domid $name)\n"
            "! xenstore-exists /local/domain/$id/data/atman/exit-status || exit 1\n"
            "kill -CONT $daemon\n"
        )
        self.assertTrue(self.carry_out(name, script) == "begin\n" + TEXT)

    def test_the_same_while_it_is_saved(self) -> None:
        name = self.create("flood", "-", str(LINES))
        script = (
            "daemon=$(cat /run/xenconsoled.pid); kill -STOP $daemon; sleep 0.5\n"
            "xl save $name /tmp/saved; kill -CONT $daemon; sleep 0.5\n"
            "xl restore -e /tmp/saved\n"
        )
        console, want = self.carry_out(name, script), "begin\n" + TEXT
        # What was in the ring then is also in the ring of the domain that was saved, which
        # xenconsoled empties when it goes on.
        again = len(console) - len(want)
        self.assertIn(again, range(RING + 1))
        split = len(os.path.commonprefix([console, want]))
        self.assertTrue(console[split:] == want[split - again :], console[-300:])


if __name__ == "__main__":
    unittest.main()
