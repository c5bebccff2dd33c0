# SPDX-License-Identifier: MIT
"""<atman/xenstore.h> against the real xenstored."""

from __future__ import annotations

import subprocess
import unittest

from case import IMAGES, BedCase, text


class Store(BedCase):
    """Guests that read, write and watch."""

    def check_guest(self, config: str) -> None:
        name = f"store{BedCase._guests + 1}"
        job = self.session.start(
            f"until grep -q ready /share/console/guest-{name}.log 2>/dev/null; do sleep 0.1; done\n"
            f"id=$(xl domid {name}); echo $id\n"
            "path=/local/domain/$id/data\n"
            "awk -v p=$path 'BEGIN { for (; i < 300; i++)"
            " printf \"%s/many/%03d-a-name-that-is-rather-long x\\n\", p, i }' |"
            " xargs xenstore-write\n"
            "xenstore-write $path/word wait; sleep 0.3; xenstore-write $path/word go\n"
            "until xenstore-read $path/heard 2>/dev/null; do sleep 0.1; done"
        )
        result = self.run_guest("store", config=config)
        self.check_end(result, "poweroff", 0)
        number, heard = self.session.wait(job, 30).out.decode().split()
        self.assertEqual(heard, "go")
        self.assertEqual(
            text(result), f"domid={number}\nname={name}\ndata/sum=80\nready\n"
        )

    def test_one_processor(self) -> None:
        self.check_guest("vcpus = 1")

    def test_several_processors(self) -> None:
        self.check_guest("vcpus = 3")

    def test_the_status_gets_out_all_the_same(self) -> None:
        for way, reason, status in (("exit", "poweroff", 7), ("abort", "crash", 134)):
            for vcpus in (1, 2, 3):
                with self.subTest(way, vcpus=vcpus):
                    result = self.run_guest("store", way, config=f"vcpus = {vcpus}")
                    self.check_end(result, reason, status)

    def test_a_process_has_none(self) -> None:
        done = subprocess.run([IMAGES / "store"], capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (3, b"no store\n"))


if __name__ == "__main__":
    unittest.main()
