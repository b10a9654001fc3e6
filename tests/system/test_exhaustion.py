# SPDX-License-Identifier: MIT
"""Floods that aim at a table's memory: neighbours of both families, stations, fragments. What is
known keeps working with no packet lost, the table stays bounded, and a newcomer is served soon
after (RELIABILITY R21, R24)."""

import os
import time

import packet
import packet6 as p6
import pulse
import pytest
from guest import own_wait
from lab import Station
from lab6 import Station6
from pixvm import PixVM

FLOOD = int(os.environ.get("PIX_FLOOD", 3000))
CONFIG = """version 1;
interfaces {
    eth0 { address 10.0.0.1/16; address 2001:db8::1/64; dad 0; }
    eth1 { address 10.1.0.1/16; address 2001:db8:1::1/64; dad 0; }
    eth2 { bridge br0; }
    eth3 { bridge br0; mac-limit 100; }
}
"""


@pytest.fixture(scope="module")
def shared():
    with PixVM(["e1000", "virtio", "e1000e", "virtio"], cpus=2, config=CONFIG, name="exhaustion", limit=400) as vm:
        vm.ready()
        yield vm


@pytest.fixture
def vm(shared):
    for wire in shared.ports:
        wire.tap = None
        wire.flush()
    yield shared
    shared.conserved(settle=20)


class Two:
    """Stations a and b of one family, and how a sends to b's subnet."""

    def __init__(self, vm, family):
        self.vm, self.six = vm, family == 6
        if self.six:
            self.a, self.b = (Station6(vm.ports[i], i, "2001:db8:%x::2" % i, "2001:db8:%x::1" % i) for i in (0, 1))
        else:
            self.a, self.b = (Station(vm.ports[i], i) for i in (0, 1))
            for i, s in enumerate((self.a, self.b)):
                s.ip, s.router_ip = "10.%d.0.2" % i, "10.%d.0.1" % i
                s.ips = {s.ip}

    def nobody(self, i):
        """Number i of those that are not there; 61,440 of them in IPv4, many more than entries."""
        if self.six:
            return "2001:db8:1::dead:%x:%x" % (i >> 16, i & 0xFFFF)
        return "10.1.%d.%d" % (16 + (i >> 8) % 240, i & 255)

    def resolve(self, ip, timeout=30):
        """Send until it arrives, as a host does; seconds that it took, without those in which the host of all
        this ran others or stood still."""
        self.b.ips.add(ip)
        mark, begin, waited = pulse.mark(), time.monotonic(), self.vm.waited() + own_wait()
        while True:
            self.a.send(self.a.udp(ip, 7, 7))
            try:
                self.b.expect(lambda f: f.ports == (7, 7) and f.ip_dst == ip, 0.25)
                return time.monotonic() - begin - (self.vm.waited() + own_wait() - waited) - pulse.still(mark)
            except AssertionError:
                if time.monotonic() - begin > timeout:
                    raise


@pytest.mark.parametrize("family", [4, 6])
def test_neighbour_flood(vm, family):
    """Packets to thousands of hosts that are not there, mixed with a flow to one that is."""
    two = Two(vm, family)
    a, b = two.a, two.b
    two.resolve(b.ip)
    b.wire.flush()
    b.asked.clear()
    begin = time.monotonic()
    good = 0
    for i in range(FLOOD):
        a.send(a.udp(two.nobody(i), 9, 9))
        if i % 4 == 0:
            a.send(a.udp(b.ip, 1000, 2000, good.to_bytes(4, "big")))
            good += 1
    seconds = time.monotonic() - begin
    came = b.wire.collect(lambda f: f.ports == (1000, 2000), 0.2, good)
    assert [int.from_bytes(f.payload[:4], "big") for f in came] == list(range(good))
    asked = len(b.asked)
    print("%d solicitations in %.1f s for %d addresses" % (asked, seconds, FLOOD))
    assert asked < 3000 * (seconds + 1) + 400, "solicitations are rate limited"
    fresh = "2001:db8:1::77" if two.six else "10.1.0.77"
    assert two.resolve(fresh) <= 3 * pulse.pace()
    a.wire.tap = lambda raw: True  # unreachables
    time.sleep(4)                  # those that wait give up


def test_station_flood(vm):
    """macof: known unicast loses nothing, the flooder's port learns to its limit only."""
    here, there = "02:00:00:40:00:01", "02:00:00:40:00:02"
    w2, w3 = vm.ports[2], vm.ports[3]
    w3.send(packet.eth(packet.BROADCAST, there, 0x88B5, bytes(46)))
    w2.expect(lambda f: f.src == there)
    w2.send(packet.eth(there, here, 0x88B5, bytes(46)))
    w3.expect(lambda f: f.src == here)
    w2.tap = lambda raw: raw[6:12] != packet.mac_bytes(here)
    good = 0
    for i in range(FLOOD):
        w3.send(packet.eth(packet.BROADCAST, "02:00:41:00:%02x:%02x" % divmod(i % 65536, 256), 0x88B5, bytes(46)))
        if i % 4 == 0:
            w2.send(packet.eth(there, here, 0x88B5, good.to_bytes(4, "big") + bytes(42)))
            good += 1
    came = w3.collect(lambda f: f.src == here, 0.2, good)
    assert [int.from_bytes(f.raw[14:18], "big") for f in came] == list(range(good))
    rows = vm.json("show mac")["macs"]
    assert any(r["mac"] == there and r["interface"] == "eth3" for r in rows)
    assert len([r for r in rows if r["interface"] == "eth3"]) <= 100


@pytest.mark.parametrize("family", [4, 6])
def test_fragment_flood(vm, family):
    """First fragments that never end, small pieces of many datagrams: bounded, forwarding goes on."""
    two = Two(vm, family)
    a, b = two.a, two.b
    two.resolve(b.ip)
    b.wire.flush()
    good = 0
    for i in range(FLOOD):
        if two.six:
            piece = p6.fragment(packet.UDP, (i % 8) * 64, 1, i // 8, bytes(64))
            a.send(a.frame(p6.ip6(a.ip, a.router, p6.FRAGMENT, piece)))
        else:
            a.send(a.frame(packet.ip4(a.ip, a.router_ip, packet.UDP, bytes(64), ident=i // 8, flags=1,
                                      offset=(i % 8) * 64)))
        if i % 4 == 0:
            a.send(a.udp(b.ip, 1000, 2000, good.to_bytes(4, "big")))
            good += 1
    came = b.wire.collect(lambda f: f.ports == (1000, 2000), 0.2, good)
    assert [int.from_bytes(f.payload[:4], "big") for f in came] == list(range(good))
    a.wire.tap = lambda raw: True
