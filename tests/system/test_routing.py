# SPDX-License-Identifier: MIT
"""What a router does beyond one table of routes: equal-cost paths, VRFs, reverse-path filters,
loopback addresses, reassembly, links that go down.

    S0 10.0.0.2 ── eth0 10.0.0.1/24        S1, S2, S3 ── eth1-3 10.0.<n>.1/24
    10.50/16 via S1, S2 and S3 (equal)      lo 192.0.2.1/32
    vrf red: eth4 10.0.0.1/24 (the same subnet as eth0), eth5 10.7.0.1/24, 10.8/16 via eth5's station"""

import packet
import pytest
from lab import Station
from packet import ip4
from pixvm import PixVM
from twoports import calm, reaches, until

CONFIG = """version 1;
vrfs { red; }
interfaces {
    eth0 { address 10.0.0.1/24; }
    eth1 { address 10.0.1.1/24; }
    eth2 { address 10.0.2.1/24; }
    eth3 { address 10.0.3.1/24; }
    eth4 { vrf red; address 10.0.0.1/24; }
    eth5 { vrf red; address 10.7.0.1/24; }
    lo { address 192.0.2.1/32; }
}
routes {
    static {
        10.50.0.0/16 { next-hop 10.0.1.2; next-hop 10.0.2.2; next-hop 10.0.3.2; }
        10.51.0.0/16 { next-hop 10.0.1.2 { weight 3; } next-hop 10.0.2.2; }
    }
}
"""
RED = ["set vrfs red routes static 10.8.0.0/16 next-hop 10.7.0.2"]
FLOWS = 600


@pytest.fixture(scope="module")
def shared():
    with PixVM(["e1000", "virtio", "virtio", "e1000e", "virtio", "virtio"], cpus=2, config=CONFIG,
               name="routing", limit=600) as vm:
        vm.ready()
        vm.configure(*RED)
        vm.s = [Station(wire, i) for i, wire in enumerate(vm.ports)]
        vm.s[4].ip, vm.s[4].router_ip = "10.0.0.2", "10.0.0.1"
        vm.s[5].ip, vm.s[5].router_ip = "10.7.0.2", "10.7.0.1"
        for s in vm.s[4:]:
            s.ips = {s.ip}
        for i in (1, 2, 3):
            reaches(vm.s[0], vm.s[i])
        reaches(vm.s[1], vm.s[0])
        yield vm


@pytest.fixture
def vm(shared):
    yield from calm(shared)


def spread(vm, net, flows=FLOWS):
    """{flow: station} for so many flows to `net`."""
    for sport in range(flows):
        vm.s[0].send(vm.s[0].udp("%s.%d.%d" % (net, sport >> 8, sport & 255), 10000 + sport, 2000))
    where = {}

    def all_came():
        for i in (1, 2, 3):
            for f in vm.s[i].wire.collect(lambda f: f.ports and f.ports[1] == 2000, 0.05):
                where[f.ports[0] - 10000] = i
        return len(where) == flows
    until(all_came)
    return where


def test_ecmp_spreads(vm):
    where = spread(vm, "10.50")
    for i in (1, 2, 3):
        n = sum(1 for w in where.values() if w == i)
        assert FLOWS / 3 * 0.7 < n < FLOWS / 3 * 1.3, n
    assert spread(vm, "10.50") == where, "a flow keeps its path"


def test_ecmp_weights(vm):
    where = spread(vm, "10.51")
    heavy = sum(1 for w in where.values() if w == 1)
    assert 0.65 * FLOWS < heavy < 0.85 * FLOWS
    assert all(w in (1, 2) for w in where.values())


def test_ecmp_is_resilient(vm):
    """A path that goes moves its own flows only; all come back when it is there again."""
    before = spread(vm, "10.50")
    vm.configure("set interfaces eth2 disable")
    try:
        after = spread(vm, "10.50")
        assert 2 not in after.values()
        moved = [f for f in before if after[f] != before[f]]
        assert moved and all(before[f] == 2 for f in moved)
    finally:
        vm.configure("delete interfaces eth2 disable")
    reaches(vm.s[0], vm.s[2])
    until(lambda: sum(1 for w in spread(vm, "10.50").values() if w == 2) > FLOWS / 3 * 0.7)


def test_show_paths(vm):
    rows = [r for r in vm.routes() if r["prefix"] == "10.50.0.0/16"]
    text = vm.cmd("show ip route 10.50.1.1")
    assert all("10.0.%d.2" % i in text for i in (1, 2, 3)), text
    assert len(rows) == 3 and all(r["paths"] == 3 and r["active"] for r in rows)
    assert {r["gateway"] for r in rows} == {"10.0.%d.2" % i for i in (1, 2, 3)}


def test_loopback_address_answers(vm):
    a = vm.s[0]
    a.send(a.frame(packet.echo4(a.ip, "192.0.2.1", 3, 4, b"lo")))
    assert a.expect_icmp(0, 0).ip_src == "192.0.2.1"


# --- VRFs


def test_vrfs_do_not_mix(vm):
    """The same subnet in both; each packet stays where it came in."""
    red, blue = vm.s[4], vm.s[0]
    red.send(red.udp(vm.s[5].ip))
    assert vm.s[5].expect_udp().ip_src == "10.0.0.2"
    blue.send(blue.udp(vm.s[5].ip))
    got = blue.expect_icmp(3, 0)
    assert got.ip_src == "10.0.0.1"
    vm.s[5].expect_none(lambda f: f.ports == (1000, 2000), 0.1)
    red.send(red.udp("10.0.1.2"))
    red.expect_icmp(3, 0)
    vm.s[1].expect_none(lambda f: f.ports == (1000, 2000), 0.1)


def test_route_in_a_vrf(vm):
    red = vm.s[4]
    red.send(red.udp("10.8.1.1"))
    assert vm.s[5].expect_udp().ip_dst == "10.8.1.1"
    vm.s[0].send(vm.s[0].udp("10.8.1.1"))
    vm.s[0].expect_icmp(3, 0)


def test_own_address_of_each_vrf_answers(vm):
    for s in (vm.s[0], vm.s[4]):
        s.send(s.frame(packet.echo4(s.ip, "10.0.0.1", 9, 9, b"vrf")))
        assert s.expect_icmp(0, 0).ip_src == "10.0.0.1"


# --- reverse-path filter


def test_urpf_strict(vm):
    vm.configure("set interfaces eth0 urpf strict")
    try:
        a = vm.s[0]
        with vm.counting(urpf=2):
            a.send(a.udp(vm.s[1].ip, src="10.0.2.77"), a.udp(vm.s[1].ip, src="203.0.113.9"))
        a.send(a.udp(vm.s[1].ip))
        vm.s[1].expect_udp()
        vm.s[1].expect_none(lambda f: f.ports == (1000, 2000), 0.1)
    finally:
        vm.configure("delete interfaces eth0 urpf")


def test_urpf_loose(vm):
    vm.configure("set interfaces eth0 urpf loose")
    try:
        a = vm.s[0]
        with vm.counting(urpf=1):
            a.send(a.udp(vm.s[1].ip, src="10.0.2.77"), a.udp(vm.s[1].ip, src="203.0.113.9"))
        assert vm.s[1].expect_udp().ip_src == "10.0.2.77"
    finally:
        vm.configure("delete interfaces eth0 urpf")


# --- reassembly to self


def test_fragmented_ping_is_answered(vm):
    a = vm.s[0]
    body = packet.icmp4(a.ip, a.router_ip, 8, 0, 0x00070008, bytes(i * 5 & 255 for i in range(1700)))[20:]
    for n, order in enumerate(((0, 1, 2), (2, 1, 0), (1, 2, 0))):
        cut = [(0, 600), (600, 1200), (1200, len(body))]
        for k in order:
            lo, hi = cut[k]
            a.send(a.frame(ip4(a.ip, a.router_ip, packet.ICMP, body[lo:hi], ident=500 + n,
                               flags=int(hi < len(body)), offset=lo)))
        got, parts = {}, None
        while parts is None or sum(map(len, got.values())) < len(body):
            parts = a.expect(lambda f: f.ip_src == a.router_ip and f.proto == packet.ICMP)
            raw = parts.raw[14:]
            got[(parts.frag & 0x1FFF) * 8] = raw[(raw[0] & 15) * 4: raw[2] << 8 | raw[3]]
        whole = b"".join(got[k] for k in sorted(got))
        assert whole[0] == 0 and whole[4:] == body[4:] and packet.csum(whole) == 0


def test_unfinished_datagrams_are_bounded(vm):
    """First fragments only: memory is bounded, forwarding does not care (RELIABILITY R24)."""
    a = vm.s[0]
    for i in range(2000):
        a.send(a.frame(ip4(a.ip, a.router_ip, packet.UDP, bytes(504), ident=i, flags=1)))
    a.send(a.udp(vm.s[1].ip))
    vm.s[1].expect_udp()


# --- links


def test_link_down_withdraws_the_route(vm):
    """The connected route goes with the link, and its ECMP paths."""
    vm.qmp("set_link", name="n3", up=False)
    try:
        until(lambda: not any(r["prefix"] == "10.0.3.0/24" and r["active"] for r in vm.routes()))
        where = spread(vm, "10.50")
        assert set(where.values()) == {1, 2}
    finally:
        vm.qmp("set_link", name="n3", up=True)
    until(lambda: any(r["prefix"] == "10.0.3.0/24" and r["active"] for r in vm.routes()))
    reaches(vm.s[0], vm.s[3])


def test_directed_broadcast_is_not_forwarded(vm):
    a = vm.s[0]
    with vm.counting(ip_broadcast=1):
        a.send(a.udp("10.0.1.255"))
    vm.s[1].expect_none(lambda f: f.ports == (1000, 2000), 0.1)
