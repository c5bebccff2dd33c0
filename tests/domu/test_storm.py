# SPDX-License-Identifier: MIT
"""A backend that signals without end: all event channels that lead to a guest, as fast as the
control domain can. The guest's program goes on meanwhile, and its devices work afterwards."""

from __future__ import annotations

import re
import shutil
import unittest

from bed.guest import Guest, config_text
from case import IMAGES, BedCase

SECONDS = 4

SCRIPT = f"""
log=/share/console/guest-$name.log
says() {{ n=0; until grep -q "$1" $log 2>/dev/null; do sleep 0.1; n=$((n+1)); [ $n -lt 400 ] || exit 1; done; }}
answers() {{ echo "$1" >$tty; says "here: $1"; }}
truncate -s 1M /tmp/$name
xl create -q -e /share/guests/$name/config || exit 1
id=$(xl domid $name); tty=$(xenstore-read /local/domain/$id/console/tty)
says ready
/share/storm $id {SECONDS} >/share/$name.storm & storm=$!
for i in 1 2 3; do answers "disk in the storm $i"; done
kill -0 $storm || {{ echo "it was over too soon"; exit 1; }}
wait $storm || exit 1
for i in 1 2 3; do answers "disk after it $i"; done
echo end >$tty
n=0
until xenstore-exists /local/domain/$id/data/atman/exit-status; do
    sleep 0.1; n=$((n+1)); [ $n -lt 400 ] || exit 1
done
xenstore-read /local/domain/$id/data/atman/exit-status
xl destroy $id
"""


class Storm(BedCase):
    """A guest with a disk, under more events than it could take one by one."""

    def check(self, name: str, vcpus: int) -> None:
        folder = self.session.share / "guests" / name
        folder.mkdir()
        shutil.copyfile(IMAGES / "steady", folder / "kernel")
        shutil.copy(IMAGES / "storm", self.session.share)
        config = f"vcpus = {vcpus}\ndisk = [ '/tmp/{name},raw,xvda,w' ]"
        (folder / "config").write_text(
            config_text(name, Guest(IMAGES, memory_mib=24, config=config))
        )
        output = self.session.run(f"name={name}\n{SCRIPT}", 150)
        log = (self.session.share / "console" / f"guest-{name}.log").read_text()
        self.assertEqual((output.status, output.out.split()[-1:]), (0, [b"7"]), f"{output}\n{log}")
        self.assertNotIn("wrong", log)
        told = (self.session.share / f"{name}.storm").read_text()
        match = re.fullmatch(r"(\d+) channels, (\d+) events\n", told)
        assert match, told
        self.assertEqual(match[1], "3", "xenstore, the console, the disk")

    def test_one_processor(self) -> None:
        self.check("storm1", 1)

    def test_two_processors(self) -> None:
        self.check("storm2", 2)


if __name__ == "__main__":
    unittest.main()
