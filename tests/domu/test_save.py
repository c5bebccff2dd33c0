# SPDX-License-Identifier: MIT
"""`xl save`, `xl restore`, checkpoints and moves of a guest that checks itself."""

from __future__ import annotations

import os
import re
import shutil
import unittest

from bed import guest
from bed.guest import Guest
from case import IMAGES, BedCase

ROUNDS = int(os.environ.get("BED_SAVES", "3"))
PATIENCE = 60  # seconds, for what takes one or two
AWAY = 2  # seconds that a guest is nowhere

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
xl create /share/guests/$name/config
goes_on 2
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


class Save(BedCase):
    """Guests that go on somewhere else."""

    def go_through(self, script: str, image: str = "moved", config: str = "") -> str:
        """Runs the script, which begins when the guest does, and gives the console."""
        BedCase._guests += 1
        name = f"{image}{BedCase._guests}"
        folder = self.session.share / "guests" / name
        folder.mkdir()
        shutil.copyfile(IMAGES / image, folder / "kernel")
        (folder / "config").write_text(guest.config_text(name, Guest(IMAGES, config=config)))
        text = TOOLS.replace("NAME", name) + script + "\nfinish\n"
        output = self.session.run(text, 280)
        logs = self.session.share / "console"
        console = "".join( # what xl migrate moves has a name of its own at first
            log.read_text()
            for log in (logs / f"guest-{name}.log", logs / f"guest-{name}--incoming.log")
            if log.exists()
        )
        self.assertEqual(output.status, 0, f"{output}\n{console}")
        self.assertIn(b"status 7", output.out)
        self.check_console(console)
        return console

    def check_console(self, console: str) -> None:
        """Every line is there, in its order."""
        self.assertNotIn("wrong", console)
        numbers = [int(n) for n in re.findall(r"line (\d+): all go on\r?\n", console)]
        self.assertEqual(numbers, list(range(len(numbers))), console)

    def away(self, console: str) -> int:
        """How long the guest says that it was nowhere."""
        match = re.search(r"away (\d+) s", console)
        self.assertIsNotNone(match, console)
        return int(match[1]) if match else 0

    def test_one_vcpu(self) -> None:
        console = self.go_through(SAVE)
        self.assertGreaterEqual(self.away(console), AWAY)

    def test_again_and_again(self) -> None:
        console = self.go_through(SAVE * ROUNDS, config="vcpus = 2")
        self.assertGreaterEqual(self.away(console), AWAY * ROUNDS)

    def test_with_a_disk(self) -> None:
        self.session.run("truncate -s 8M /tmp/disk", 30)
        config = "disk = ['/tmp/disk,raw,xvda,w']\nvcpus = 2"
        console = self.go_through(CHECKPOINT + SAVE, config=config)
        blocks = re.search(r"^(\d+) blocks", console, re.MULTILINE)
        self.assertGreater(int(blocks[1]) if blocks else 0, 0, console)

    def test_checkpoints_and_moves(self) -> None:
        self.go_through(CHECKPOINT + MOVE + CHECKPOINT + MOVE, config="vcpus = 3")


if __name__ == "__main__":
    unittest.main()
