# SPDX-License-Identifier: MIT
"""Network interfaces that the control domain's kernel serves to a guest, which answers
ARP, echo requests and questions for names itself: the driver without a stack."""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import unittest

from bed.guest import Result
from case import IMAGES, BedCase, long, text
from test_garbage import SEED, STEPS, VALUES
from test_save import SaveCase

ADDRESS, OTHER = "10.0.2.50", "10.0.2.51"
LONG = bool(os.environ.get("BED_LONG"))
PINGS = 2000 if LONG else 100


MAC = "00:16:3e:00:01:01"


def waiting(name: str, seconds: int) -> str:
    """The shell's part of waiting for a line on the guest's console, or some of them."""
    return (
        f"name={name} log=/share/console/guest-{name}.log\n"
        "found() { [ -e $log ] || return 1; [ $(grep -c \"$1\" $log) -ge ${2:-1} ]; }\n"
        f"wait_for() {{ n=0; until found \"$@\";"
        f" do sleep 0.1; n=$((n+1)); [ $n -lt {seconds * 10} ] || exit 9; done; }}\n"
    )


class LinkCase(BedCase):
    """A guest that answers while a script runs in the control domain."""

    def serve(self, script: str, vifs: str = f"'mac={MAC}'", config: str = "",
              links: int = 1, filters: str = "", seconds: int = 60,
              end: str = ADDRESS) -> tuple[Result, str]:
        """The guest's end, and what the script wrote, which began when the guest was
        ready; then the guest is ended. $log is the guest's console."""
        name = f"link{BedCase._guests + 1}"
        shell = (
            f"{waiting(name, seconds)}wait_for ready {links}\n{script}\n"
            f"ping -q -c 1 -s 999 {end} >/dev/null\n"
        )
        job = self.session.start(shell)
        result = self.run_guest("link", ADDRESS, str(links), *([filters] if filters else []),
                                config=f"vif = [{vifs}]\n{config}", timeout=seconds)
        done = self.session.wait(job, 30)
        self.assertEqual(done.status, 0, (done.out, done.err, text(result)))
        return result, done.out.decode()

    def check_clean(self, result: Result, links: int = 1) -> str:
        """It ended, all that was lent to the driver came back, nothing was lost."""
        self.check_end(result, "poweroff", 0)
        ends = re.findall(
            r"kept (\d+) returned (\d+) errors (\d+) (\d+) dropped (\d+)", text(result)
        )
        self.assertEqual(len(ends), links, text(result))
        for kept, returned, *rest in ends:
            self.assertLessEqual(int(kept) - int(returned), 8, text(result))
            self.assertEqual(rest, ["0", "0", "0"], text(result))
        return text(result)


def ping(count: int, size: int, interval: float = 0.02, address: str = ADDRESS) -> str:
    return f"ping -q -c {count} -i {interval} -W 5 -s {size} {address} | grep transmitted"


def all_came(count: int) -> str:
    return f"{count} packets transmitted, {count} packets received, 0% packet loss"


class Link(LinkCase):
    """Frames go and come."""

    def test_pings(self) -> None:
        for vcpus in (1, 2) if LONG else (1,):
            with self.subTest(vcpus=vcpus):
                result, out = self.serve(
                    f"{ping(20, 1400)}; {ping(5, 8000)}; {ping(20, 0)}",
                    config=f"vcpus = {vcpus}",
                )
                self.assertEqual(out.splitlines(), [all_came(20), all_came(5), all_came(20)])
                self.check_clean(result)

    def test_a_flood(self) -> None:
        # What ping loses of the answers in its own queue is not the guest's affair.
        one = f"{ping(PINGS, 1400, 0.001)} >/dev/null &"
        result, out = self.serve(
            f"{one} {one} {one} {one} wait\n"
            "cd /sys/class/net/vif$(xl domid $name).0/statistics; cat rx_packets tx_dropped",
            config="vcpus = 2",
        )
        answered, dropped = map(int, out.split())
        self.assertGreaterEqual(answered, 4 * PINGS)
        self.assertEqual(dropped, 0)
        self.check_clean(result)

    def test_large_frames(self) -> None:
        result, out = self.serve(
            "ip link set xenbr0 mtu 9000\n"
            f"ip route add {ADDRESS}/32 dev xenbr0 mtu 9000\n"
            f"{ping(20, 8000)}; ip route del {ADDRESS}/32; ip link set xenbr0 mtu 1500",
            vifs=f"'mac={MAC},mtu=9000'",
        )
        self.assertEqual(out.splitlines(), [all_came(20)])
        console = self.check_clean(result)
        self.assertIn("mtu 9000 up", console)
        self.assertRegex(console, r"largest 8042 pieces [23]")

    def test_sums_that_the_other_end_makes(self) -> None:
        result, out = self.serve(f"nslookup a.name {ADDRESS} 2>&1 || true")
        self.assertIn("NXDOMAIN", out)
        self.check_clean(result)

    def test_large_segments(self) -> None:
        tracing = "/sys/kernel/tracing"
        event = f"{tracing}/events/net/netif_receive_skb_entry/enable"
        result, out = self.serve(
            f"mount -t tracefs t {tracing} 2>/dev/null; cd {tracing}; echo >trace\n"
            f"echo 1 >{event}; echo 1 >tracing_on; {ping(1, 997)}; {ping(1, 100)}\n"
            f"echo 0 >tracing_on; echo 0 >{event}; grep dev=vif trace; cd /",
        )
        found = re.findall(r"protocol=0x(\w+) ip_summed=3 .* len=(\d+) .* gso_size=1000 ", out)
        self.assertEqual(found, [("0800", "20040")] * 2 + [("86dd", "20060")] * 2, out)
        self.check_clean(result)

    def test_queues_and_channels(self) -> None:
        parameters = "/sys/module/xen_netback/parameters"
        wanted = (f"{ping(20, 1000)}; for i in 1 2 3 4 5 6 7 8; do {ping(1, 8000)}; done\n"
                  "cd $(dirname $log); xenstore-ls /local/domain/$(xl domid $name)/device/vif/0")
        self.addCleanup(self.session.run, f"cd {parameters}; echo 1 >max_queues;"
                                          "echo Y >separate_tx_rx_irq", 30)
        for split, ports in (("N", 1), ("Y", 2)) if LONG else (("N", 1),):
            with self.subTest(split=split):
                self.session.run(
                    f"cd {parameters}; echo 3 >max_queues; echo {split} >separate_tx_rx_irq", 30
                )
                result, out = self.serve(wanted, config="vcpus = 2")
                lines = out.splitlines()
                self.assertEqual(lines[:9], [all_came(20)] + [all_came(1)] * 8)
                self.assertIn('multi-queue-num-queues = "2"', lines)
                self.assertEqual(len(re.findall(r"queue-\d = ", out)), 2, out)
                self.assertEqual(len(re.findall(r"event-channel", out)), 2 * ports, out)
                self.check_clean(result)

    @long
    def test_several(self) -> None:
        result, out = self.serve(
            f"{ping(5, 100)}; {ping(5, 100, address=OTHER)}", links=2,
            vifs="'mac=00:16:3e:00:01:02', 'mac=00:16:3e:00:01:03'",
        )
        self.assertEqual(out.splitlines(), [all_came(5)] * 2)
        console = self.check_clean(result, links=2)
        self.assertIn("ready eth0 01:02 mtu 1500 up\nready eth1 01:03 mtu 1500 up\n", console)

    def test_plug_and_unplug(self) -> None:
        result, out = self.serve(
            "for i in 1 2 3 4; do\n"
            f"xl network-attach $name mac=00:16:3e:00:01:04; wait_for 'eth1 up' $i\n"
            f"{ping(5, 1000, address=OTHER)}\n"
            "xl network-detach $name 1; wait_for 'eth1 gone' $i; done",
        )
        self.assertEqual(out.splitlines(), [all_came(5)] * 4)
        # Nothing is left behind, but what is kept for the next one.
        free = [int(n) for n in re.findall(r"gone, (\d+) free", self.check_clean(result))]
        self.assertGreaterEqual(free[3], free[0] - 4, free)

    def test_a_backend_that_goes_and_comes(self) -> None:
        result, out = self.serve(
            "driver=/sys/bus/xen-backend/drivers/vif id=$(xl domid $name)\n"
            "echo vif-$id-0 >$driver/unbind; echo vif-$id-0 >$driver/bind; wait_for 'eth0 down'\n"
            # At the first time xl did that.
            "XENBUS_PATH=backend/vif/$id/0 vif=vif$id.0 /etc/xen/scripts/vif-bridge online\n"
            f"wait_for 'eth0 up' 2; sleep 0.5; {ping(5, 1000)}\n"
            # The cable is taken out, and is in again.
            "xenstore-write /local/domain/0/backend/vif/$id/0/carrier 0; wait_for 'eth0 down' 2\n"
            "xenstore-write /local/domain/0/backend/vif/$id/0/carrier 1; wait_for 'eth0 up' 3\n"
            + ping(5, 1000),
        )
        self.assertEqual(out.splitlines(), [all_came(5)] * 2)
        self.check_clean(result)

    def test_groups(self) -> None:
        # What was not joined does not come.
        for filters, count in (("filter", 3), ("", 6)) if LONG else (("filter", 3),):
            with self.subTest(filters=filters):
                result, out = self.serve(
                    f"{ping(1, 998)}; {ping(3, 100)}", vifs=f"'mac={MAC}', ''", links=2,
                    filters=filters,
                )
                self.assertEqual(out.splitlines(), [all_came(1), all_came(3)])
                self.assertIn(f"groups {count}\n", self.check_clean(result, links=2))


# Nodes of a device's, of its backend, and values that mean something in some of them.
OWN = ("state", "backend", "backend-id", "handle", "mac", "mtu", "tx-ring-ref", "trusted",
       "event-channel-tx", "multi-queue-num-queues", "request-rx-copy")
BACKEND = ("state", "online", "feature-rx-copy", "feature-sg", "feature-gso-tcpv4", "carrier",
           "multi-queue-max-queues", "feature-split-event-channels", "hotplug-status",
           "feature-multicast-control", "feature-no-csum-offload", "frontend")
MEANT = ("0", "1", "2", "4", "64", "1000000000", "ff:ff:ff:ff:ff:ff", "00:16:3e:00:00:00:00")


class Hostile(LinkCase):
    """A backend and a toolstack that do what they should not."""

    def test_a_storm_of_events(self) -> None:
        shutil.copy(IMAGES / "storm", self.session.share)
        for vcpus in (1, 2) if LONG else (1,):
            with self.subTest(vcpus=vcpus):
                result, out = self.serve(
                    "/share/storm $(xl domid $name) 4 >/tmp/storm & sleep 0.5\n"
                    f"{ping(5, 1000)}; kill -0 $! || exit 1; wait $! || exit 1\n"
                    f"{ping(5, 1000)}; cut -d' ' -f1,2 </tmp/storm",
                    config=f"vcpus = {vcpus}",
                )
                # xenstore's channel, the console's, and two of the interface's.
                self.assertEqual(out.splitlines(), [all_came(5), all_came(5), "4 channels,"])
                self.check_clean(result)

    def test_nonsense_in_xenstore(self) -> None:
        pick = random.Random(SEED)
        lines = []
        for _ in range(STEPS):
            value = shlex.quote(pick.choice(VALUES + MEANT))
            where = pick.choice([f"$back/{key}" for key in BACKEND]
                                + [f"$me/{key}" for key in OWN])
            lines.append(f"xenstore-write {where} {value} || true")
        result, out = self.serve(
            "id=$(xl domid $name)\n"
            "me=/local/domain/$id/device/vif/0 back=/local/domain/0/backend/vif/$id/0\n"
            + "\n".join(lines) + f"\n{ping(5, 1000, address=OTHER)}",
            vifs=f"'mac={MAC}', 'mac=00:16:3e:00:01:02'", links=2, end=OTHER,
        )
        self.assertEqual(out.splitlines(), [all_came(5)], f"seed {SEED}")
        self.check_end(result, "poweroff", 0)


class Moved(SaveCase):
    """What goes on elsewhere has its interfaces there."""

    def test_save_and_restore(self) -> None:
        name = self.create("link", f"vif = ['mac={MAC}']\nextra = '{ADDRESS}'\nvcpus = 2")
        out = self.carry_out(name, waiting(name, 60) + (
            f"xl create /share/guests/{name}/config >/dev/null; wait_for ready\n"
            f"{ping(5, 1000)}\n"
            "xl save $name /tmp/saved >/dev/null 2>&1; xl restore /tmp/saved >/dev/null 2>&1\n"
            f"rm /tmp/saved; wait_for 'eth0 up' 2; sleep 0.5; {ping(5, 8000)}\n"
            f"xl save -c $name /tmp/saved >/dev/null 2>&1; rm /tmp/saved; {ping(5, 1000)}\n"
            f"ping -q -c 1 -s 999 {ADDRESS} >/dev/null; sleep 1; xl destroy $name\n"
        ))
        self.assertEqual(out.decode().splitlines(), [all_came(5)] * 3, self.console(name))
        self.assertRegex(self.console(name), r"kept (\d+) returned \d+ errors 0 0 dropped 0")


if __name__ == "__main__":
    unittest.main()
