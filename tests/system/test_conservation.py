# SPDX-License-Identifier: MIT
"""The conservation law (DESIGN.md section 4): exact after 100,000 packets of every kind, on one and on
several cores, and equal to what the wires counted, port by port and drop by drop."""

import os
import random
import time

import packet
import pytest
from lab import BRIDGED, CONFIG, Lab
from packet import ETH_IP, udp4
from pixvm import violations
from twoports import agree

COUNT = int(os.environ.get("PIX_COUNT", 100_000))
SEED = 20240229


def wires_and_ports_agree(lab):
    """Each port has counted exactly the frames that have crossed its wire since the machine began."""
    def ports():
        table = lab.vm.interfaces()
        return [(table["eth%d" % i]["rx"], table["eth%d" % i]["tx"]) for i in range(len(lab.s))]

    agree(ports, lambda: [(s.wire.sent, s.wire.received) for s in lab.s])


class Mix:
    """A seeded stream of (port, frame, expected drop or None)."""

    def __init__(self, lab, seed):
        self.rng = random.Random(seed)
        self.lab = lab
        s = lab.s
        # (port, frame, how many frames come out)
        self.good = [(i, s[i].udp(s[j].ip, 50, 50, bytes(n)), 1) for i in (0, 1, 2) for j in (0, 1, 2) if i != j
                     for n in (0, 18, 200, 1400)]
        for i in BRIDGED:
            for dst in [s[j].mac for j in BRIDGED if j != i] + [packet.BROADCAST]:
                self.good.append((i, packet.eth(dst, s[i].mac, ETH_IP, udp4("192.168.0.1", "192.168.0.2", 1, 1)),
                                  2 if dst == packet.BROADCAST else 1))
        bad = s[0].udp(s[1].ip)
        self.bad = [("ip_checksum", 0, bad[:24] + b"\1\2" + bad[26:]), ("blackhole", 1, s[1].udp("10.66.0.9")),
                    ("not_for_us", 2, s[2].frame(udp4(s[2].ip, s[0].ip, 1, 1), dst_mac="02:77:77:77:77:77")),
                    ("unknown_ethertype", 0, packet.eth(s[0].router_mac, s[0].mac, 0x1234, b"")),
                    ("ip_multicast", 1, s[1].frame(udp4(s[1].ip, "239.0.0.1", 1, 1), dst_mac="01:00:5e:00:00:01")),
                    ("same_port", 3, packet.eth(s[3].mac, s[3].mac, 0x1234, b"to itself"))]

    def frames(self, count):
        """(port, frame, frames that come out, drop or None)"""
        for _ in range(count):
            if self.rng.random() < 0.1:
                name, port, frame = self.rng.choice(self.bad)
                yield port, frame, 0, name
            else:
                yield self.rng.choice(self.good) + (None,)


def run(lab, count, seed, window=48):
    """Send the mix round, with at most `window` frames under way, so that no queue of PIX's fills:
    a wire that pushes back makes a router drop. Returns {drop: how many}."""
    drops = {}
    begin = sum(s.wire.received for s in lab.s)
    expected = 0
    for port, frame, comes, drop in Mix(lab, seed).frames(count):
        lab.s[port].wire.send(frame)
        expected += comes
        if drop:
            drops[drop] = drops.get(drop, 0) + 1
        end = time.monotonic() + 60
        while expected - sum(s.wire.received for s in lab.s) + begin > window:
            assert time.monotonic() < end, "%d frames are missing" % (
                expected - sum(s.wire.received for s in lab.s) + begin)
            time.sleep(0.0005)
    return drops


def quiet(lab):
    """Wait until nothing has come out of any port for 0.3 s; forget it all."""
    seen = -1
    while seen != sum(s.wire.received for s in lab.s):
        seen = sum(s.wire.received for s in lab.s)
        time.sleep(0.3)
    for station in lab.s:
        station.wire.flush()


@pytest.mark.parametrize("cpus", [2, 4], ids=["1qgm", "3qgm"])
def test_exact_over_100000_packets(cpus):
    """Routed, switched, flooded and dropped packets, on one QGM and on three: every one explained.
    Nothing is lost for want of room, since the wires push back."""
    count = COUNT if cpus == 2 else COUNT // 4
    with Lab(cpus=cpus, config=CONFIG) as lab:
        lab.learn()
        for i in BRIDGED:  # the switch knows its stations
            lab.s[i].send(packet.eth(packet.BROADCAST, lab.s[i].mac, 0x88B5, b""))
        quiet(lab)
        for s in lab.s:  # only count from here on; keeping 100,000 frames would only cost memory
            s.wire.tap = lambda raw, inner=s.wire.tap: inner(raw) or True
        before = lab.vm.drops()
        begin = time.monotonic()
        expected = run(lab, count, SEED)
        quiet(lab)
        print("%d packets in %.1f s, seed %d" % (count, time.monotonic() - begin, SEED))
        agree(lambda: {k: v - before[k] for k, v in lab.vm.drops().items() if v != before[k]}, lambda: expected)
        wires_and_ports_agree(lab)
        lab.vm.conserved()


def test_law_holds_while_packets_flow(lab):
    """At any moment: what a QGM has in hand is counted as held, what is between cores as in rings."""
    import threading
    stop = threading.Event()

    def blast():
        while not stop.is_set():
            run(lab, 50, 7)

    worker = threading.Thread(target=blast)
    worker.start()
    try:
        for _ in range(10):
            law = lab.vm.conservation()
            assert law["holds"], law["why"]
            assert not [v for v in violations(law) if v.startswith("qgm")]
    finally:
        stop.set()
        worker.join()
    quiet(lab)


def test_buffers_return_after_waiting(lab):
    """Packets that wait for ARP in vain, errors, floods: afterwards the pools are as before."""
    def free():
        return [(p["id"], p["free"] + p["in_nic"]) for p in lab.vm.conservation()["pools"]]

    quiet(lab)
    before, _ = agree(free, free)  # nothing under way
    a = lab.s[0]
    lab.s[1].mute = True
    for host in range(100, 140):
        for _ in range(4):
            a.send(a.udp("10.0.1.%d" % host))
    for _ in range(100):
        a.send(a.udp("99.0.0.1"))
    deadline = time.monotonic() + 40
    while free() != before:
        assert time.monotonic() < deadline, "%s before, now %s" % (before, lab.vm.conservation()["pools"])
        time.sleep(0.5)
    quiet(lab)
