# SPDX-License-Identifier: MIT
"""Disks that the control domain's kernel serves to a guest. BED_SEED repeats a
run; BED_LONG=1 writes more and kills oftener."""

from __future__ import annotations

import os
import random
import re
import shutil
import struct
import unittest
import zlib

from case import IMAGES, BedCase, long, text

MIB = 1 << 20
WRITABLE = "disk = ['/tmp/disk,raw,xvda,w']"


LONG = bool(os.environ.get("BED_LONG"))
DISK_MIB = 256 if LONG else 16
KILLS = 20 if LONG else 2
SEED = int(os.environ.get("BED_SEED", "1"))


def gpt_header(here: int, there: int, table: int, entries: bytes) -> bytes:
    """A header of a GUID partition table for a disk of 8 MiB."""
    header = struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, here, there, 34,
                         8 * MIB // 512 - 34, b"\1" * 16, table, 128, 128, zlib.crc32(entries))
    return header[:16] + struct.pack("<I", zlib.crc32(header)) + header[20:]


class DiskCase(BedCase):
    """Disks that are files of the control domain."""

    def make_disk(self, data: bytes, size: int = 8 * MIB, name: str = "disk") -> None:
        """A file /tmp/NAME that begins with those bytes."""
        (self.session.share / name).write_bytes(data)
        self.command(
            f"rm -f /tmp/{name}; truncate -s {size} /tmp/{name};"
            f"dd if=/share/{name} of=/tmp/{name} conv=notrunc 2>/dev/null"
        )

    def command(self, line: str, seconds: float = 60) -> str:
        """A command in the control domain, which must succeed: what it wrote."""
        done = self.session.run(line, seconds)
        self.assertEqual(done.status, 0, (line, done.out, done.err))
        return done.out.decode()

    def contents(self, first: int, size: int) -> bytes:
        """Bytes of /tmp/disk, when no guest uses it any more."""
        self.command(
            f"dd if=/tmp/disk of=/share/back bs=1 skip={first} count={size} 2>/dev/null"
        )
        return (self.session.share / "back").read_bytes()

    def wait_for(self, guest: str, line: str) -> str:
        """The shell's part of waiting for that line on a guest's console."""
        return (
            "n=0; until grep -q '" + line + f"' /share/console/guest-{guest}.log"
            " 2>/dev/null; do sleep 0.1; n=$((n+1)); [ $n -lt 400 ] || exit 1; done\n"
        )

    def next_name(self) -> str:
        return f"disk{BedCase._guests + 1}"


class Block(DiskCase):
    """What can be done with disks."""

    def test_read_write(self) -> None:
        for vcpus in (1, 2):
            with self.subTest(vcpus=vcpus):
                self.make_disk(b"")
                result = self.run_guest(
                    "disk", "basics", "/dev/xvda", config=f"{WRITABLE}\nvcpus = {vcpus}"
                )
                self.check_end(result, "poweroff", 0)
                self.assertEqual(text(result), f"size {8 * MIB}\n")
                self.assertEqual(self.contents(0, 13), b"kept by fsync")
                self.assertEqual(self.contents(512, 14), b"kept by O_SYNC")
                self.assertEqual(self.contents(1024, 15), b"kept by the end")
                self.assertEqual(self.contents(2 * MIB + 4096, 6), b"mapped")

    def test_partitions(self) -> None:
        table = bytearray(512)
        for i, (kind, first, count) in enumerate(((0x83, 2048, 2048), (0x83, 4096, 99))):
            struct.pack_into("<B3xB3xII", table, 446 + 16 * i, 0, kind, first, count)
        table[510:] = b"\x55\xaa"
        self.make_disk(bytes(table))
        for place, word in ((2048, "partone!"), (4096, "parttwo!")):
            self.command(
                f"printf {word} | dd of=/tmp/disk bs=512 seek={place} conv=notrunc 2>&1"
            )
        self.make_disk(b"oneworld", 4 * MIB, "second")
        config = "disk = ['/tmp/disk,raw,xvda,w', '/tmp/second,raw,xvdc1,r']"
        names = ["xvda1", "xvda2", "xvda3", "xvdc1", "xvdb"]
        result = self.run_guest(
            "disk", "list", *(f"/dev/{name}" for name in names), config=config
        )
        self.check_end(result, "poweroff", 0)
        self.assertEqual(
            text(result).splitlines(),
            [
                "xvda xvda1 xvda2 xvdc1",
                " 202        0       8192 xvda",
                " 202        1       1024 xvda1",
                " 202        2         49 xvda2",
                " 202       33       4096 xvdc1",
                "/dev/xvda1 1048576 partone!",
                "/dev/xvda2 50688 parttwo!",
                "/dev/xvda3 No such file or directory",
                "/dev/xvdc1 4194304 oneworld",
                "/dev/xvdb No such file or directory",
            ],
        )

    def test_gpt(self) -> None:
        """Also if the first header is not good any more."""
        sectors, lines = 8 * MIB // 512, ["xvda xvda1 xvda2", " 202        0       8192 xvda"]
        parts = ((1, 2048, 2048, b"gptpart1"), (2, 6144, 33, b"gptpart2"))
        lines += [f" 202 {n:8} {count // 2:10} xvda{n}" for n, _, count, _ in parts]
        lines += [f"/dev/xvda{n} {count * 512} {word.decode()}" for n, _, count, word in parts]
        for is_damaged in (False, True) if LONG else (False,):
            disk = bytearray(8 * MIB)
            entries = bytearray(128 * 128)
            for number, first, count, word in parts:
                struct.pack_into("<16s16sQQ", entries, 128 * (number - 1), b"a type of it....",
                                 bytes([number]) * 16, first, first + count - 1)
                disk[first * 512 : first * 512 + len(word)] = word
            struct.pack_into("<B3xB3xII", disk, 446, 0, 0xEE, 1, sectors - 1)
            disk[510:512] = b"\x55\xaa"
            for here, there, table in ((1, sectors - 1, 2), (sectors - 1, 1, sectors - 33)):
                disk[here * 512 : here * 512 + 92] = gpt_header(here, there, table, entries)
                disk[table * 512 : table * 512 + len(entries)] = entries
            disk[600] ^= is_damaged
            with self.subTest(is_damaged=is_damaged):
                self.make_disk(bytes(disk))
                result = self.run_guest("disk", "list", "/dev/xvda1", "/dev/xvda2", config=WRITABLE)
                self.check_end(result, "poweroff", 0)
                self.assertEqual(text(result).splitlines(), lines)

    def test_clearing(self) -> None:
        """The file that is the disk is in memory, and gets holes."""
        self.make_disk(os.urandom(8 * MIB))
        before = int(self.command("du -k /tmp/disk").split()[0])
        result = self.run_guest("disk", "clear", "/dev/xvda", config=WRITABLE)
        self.check_end(result, "poweroff", 0)
        self.assertEqual(text(result), "cleared\n")
        after = int(self.command("du -k /tmp/disk").split()[0])
        self.assertEqual((before, after // 1024), (8192, 2))
        self.assertEqual(self.contents(2 * MIB, 4096), bytes(4096))

    def test_linux_clears_in_the_same_way(self) -> None:
        self.make_disk(b"")
        shutil.copy(IMAGES / "disk", self.session.share / "clear")
        self.assertEqual(
            self.command("d=$(losetup -f); losetup $d /tmp/disk; /share/clear clear $d;"
                         " losetup -d $d"), "cleared\n"
        )

    def test_read_only(self) -> None:
        self.make_disk(b"readonly")
        config = "disk = ['/tmp/disk,raw,xvdb,r']"
        result = self.run_guest("disk", "readonly", "/dev/xvdb", config=config)
        self.check_end(result, "poweroff", 0)
        self.assertEqual(text(result), "readonly\n")

    def test_plug_and_unplug(self) -> None:
        self.make_disk(b"")
        self.make_disk(b"pluggedX", 4 * MIB, "second")
        name = self.next_name()
        plug = f"xl block-attach {name} /tmp/second,raw,xvdb,w\n"
        unplug = f"xl block-detach {name} xvdb\n"
        log = f"/share/console/guest-{name}.log"
        job = self.session.start(
            self.wait_for(name, "ready")
            + plug
            + self.wait_for(name, "came")
            + unplug
            + self.wait_for(name, "went")
            + plug
            + f"until [ $(grep -c came {log}) = 2 ]; do sleep 0.1; done\n"
            + unplug
        )
        result = self.run_guest("disk", "follow", "/dev/xvdb", config=WRITABLE)
        self.session.wait(job, 60)
        self.check_end(result, "poweroff", 0)
        self.assertEqual(text(result), "ready\n" + "came: pluggedX\nwent\n" * 2)

    def test_grows(self) -> None:
        self.make_disk(b"")
        name = self.next_name()
        job = self.session.start(
            self.wait_for(name, "size")
            + f"truncate -s {12 * MIB} /tmp/disk\n"
            + "losetup -c $(losetup -a | sed -n 's/: .*disk$//p')\n"
        )
        result = self.run_guest("disk", "size", "/dev/xvda", config=WRITABLE)
        self.session.wait(job, 60)
        self.check_end(result, "poweroff", 0)
        self.assertEqual(text(result), f"size {8 * MIB}\nsize {12 * MIB}\n")

    def test_a_signal_loses_nothing(self) -> None:
        for vcpus in (1, 2):
            with self.subTest(vcpus=vcpus):
                self.make_disk(b"")
                config = f"{WRITABLE}\nvcpus = {vcpus}"
                result = self.run_guest("disk", "die", "/dev/xvda", config=config)
                self.check_end(result, "crash", 134)
                self.assertEqual(self.contents(256 * 4096 - 4, 8), b"ssss\0\0\0\0")

    def test_fsync_returns_after_the_flush(self) -> None:
        self.make_disk(b"")
        tracing = "/sys/kernel/tracing"
        self.command(
            f"mount -t tracefs t {tracing} 2>/dev/null; cd {tracing}; echo > trace;"
            "echo 1 > events/block/block_rq_issue/enable;"
            "echo 1 > events/block/block_rq_complete/enable; echo 1 > tracing_on"
        )
        result = self.run_guest("disk", "marks", "/dev/xvda", config=WRITABLE)
        trace = self.command(f"cd {tracing}; echo 0 > tracing_on; cat trace")
        self.check_end(result, "poweroff", 0)
        flushed = written = marks = 0
        for line in trace.splitlines():
            found = re.search(r"block_rq_(\w+): 7,\d+ (\w+) .*?(\d+) \+ (\d+)", line)
            if not found:
                continue
            event, kind, sector = found[1], found[2], int(found[3])
            if event == "complete" and kind.startswith("F"):
                flushed, written = flushed + 1, 0
            elif kind.startswith("W") and int(found[4]):
                written += 1
            elif event == "issue" and kind.startswith("R") and sector == 2048 + marks:
                # All that was written was followed by a flush, which had ended.
                self.assertEqual((flushed >= 1, written), (True, 0), trace)
                marks, flushed = marks + 1, 0
        self.assertEqual(marks, 8, trace)


class Kept(DiskCase):
    """What was written is there."""

    def test_random_writes(self) -> None:
        # In the host's folder: the control domain's memory is small.
        self.command(f"truncate -s {DISK_MIB * MIB} /share/large")
        result = self.run_guest(
            "integrity", "/dev/xvda", "4", str(DISK_MIB), str(SEED),
            config="disk = ['/share/large,raw,xvda,w']\nvcpus = 2",
            memory_mib=24 + DISK_MIB // 8, timeout=900,
        )
        self.check_end(result, "poweroff", 0)
        data = (self.session.share / "large").read_bytes()
        self.assertEqual(len(data), DISK_MIB * MIB)
        self.assertEqual(text(result), f"{zlib.crc32(data)}\n")

    def test_backend_that_comes_back(self) -> None:
        self.command(f"truncate -s {16 * MIB} /share/small")
        name = f"integrity{BedCase._guests + 1}"
        job = self.session.start(
            f"until [ -d /sys/bus/xen-backend/devices/vbd-* ]; do sleep 0.1; done\n"
            "device=$(basename /sys/bus/xen-backend/devices/vbd-*)\n"
            "state=/local/domain/0/backend/vbd/$(echo $device | sed 's/vbd-//; s,-,/,')/state\n"
            "own=/local/domain/$(echo $device | sed 's,vbd-,,; s,-,/device/vbd/,')/state\n"
            "cd /sys/bus/xen-backend/drivers/vbd\n"
            "for i in 1 2 3; do\n"
            "n=0; until [ $(xenstore-read $state) = 4 ]; do sleep 0.1; n=$((n+1));"
            "[ $n -lt 200 ] || exit 1; done\n"
            "sleep 0.5; echo $device >unbind; xenstore-write $state 6\n"
            "n=0; until [ $(xenstore-read $own) = 1 ]; do sleep 0.1; n=$((n+1));"
            "[ $n -lt 200 ] || exit 1; done\n"
            "echo $device >bind; done; echo done"
        )
        result = self.run_guest(
            "integrity", "/dev/xvda", "3", "48", str(SEED),
            config="disk = ['/share/small,raw,xvda,w']\nvcpus = 2",
        )
        done = self.session.wait(job, 60)
        self.check_end(result, "poweroff", 0)
        self.assertEqual(done.out, b"done\n", done)
        data = (self.session.share / "small").read_bytes()
        self.assertEqual(text(result), f"{zlib.crc32(data)}\n")

    @long
    def test_a_backend_that_is_silent_holds_no_end(self) -> None:
        for arguments, reason, status in (([], "poweroff", 0), (["abort"], "crash", 134)):
            with self.subTest(reason):
                self.make_disk(b"")
                name = self.next_name()
                job = self.session.start(
                    self.wait_for(name, "written")
                    + "cd /sys/bus/xen-backend/drivers/vbd\n"
                    "basename /sys/bus/xen-backend/devices/vbd-* >unbind\n"
                    f"xenstore-write /local/domain/$(xl domid {name})/data/go 1\n"
                )
                result = self.run_guest(
                    "disk", "late", "/dev/xvda", *arguments, config=WRITABLE, timeout=90
                )
                self.session.wait(job, 60)
                self.check_end(result, reason, status)
                self.assertIn("xvda does not answer: what was", text(result))

    def test_kills_leave_what_was_synced(self) -> None:
        choose = random.Random(SEED)
        for kill in range(KILLS):
            with self.subTest(kill=kill):
                self.make_disk(b"")
                name = self.next_name()
                pause = choose.uniform(0, 1.5)
                job = self.session.start(
                    self.wait_for(name, "^1$")
                    + f"sleep {pause:.2f}; xl destroy {name}\n"
                )
                result = self.run_guest("disk", "records", "/dev/xvda", config=WRITABLE)
                self.assertEqual(self.session.wait(job, 60).status, 0)
                # The last line may be a part of one.
                synced = int(text(result).rpartition("\n")[0].split()[-1])
                self.check_records(synced)

    def check_records(self, synced: int) -> None:
        """Record i is at page 7919 i, unless a later one is there; it is whole."""
        self.command("cp /tmp/disk /share/back")
        data = (self.session.share / "back").read_bytes()
        pages = len(data) // 4096
        for i in range(max(1, synced - pages + 1), synced + 1):
            at = i * 7919 % pages * 4096
            words = set(struct.unpack("<512Q", data[at : at + 4096]))
            self.assertEqual(len(words), 1, (i, synced))
            self.assertGreaterEqual(words.pop(), i, synced)


if __name__ == "__main__":
    unittest.main()
