# SPDX-License-Identifier: MIT
"""What arpd does with IPv6 in the real image: duplicate address detection, unreachability, router
advertisements and solicitations, on ports, in VLANs, in a VRF (RFC 4861, 4862, 4191, 8106).

    S0 2001:db8:0::2 ── eth0 e1000   2001:db8:0::1/64, advertises every 4 s
    S1 2001:db8:1::2 ── eth1 virtio  VLAN 10: 2001:db8:1::1/64, advertises every 1800 s
    S2 2001:db8:2::2 ── eth2 e1000e  VLAN 20 of br0, whose station is 2001:db8:2::1/64
    S3 2001:db8:0::2 ── eth3 virtio  2001:db8:0::1/64 in VRF red: the same network as eth0's"""

import struct
import time

import pytest

import packet6 as p6
import pulse
from guest import own_wait
from lab6 import Station6
from pixvm import PixVM
from twoports import until

C = 0x8100
CONFIG = """version 1;
vrfs { red; }
interfaces {
    eth0 {
        address 2001:db8::1/64;
        router-advertisement { interval 4; managed; preference high; dns 2001:db8::53; }
    }
    eth1 { vif 10 { address 2001:db8:1::1/64; router-advertisement { interval 1800; } } }
    eth2 { bridge br0; vlan { trunk 20; } }
    br0 { vif 20 { address 2001:db8:2::1/64; } }
    eth3 { address 2001:db8::1/64; vrf red; }
}
"""


@pytest.fixture(scope="module")
def vm():
    with PixVM(["e1000", "virtio", "e1000e", "virtio"], cpus=3, config=CONFIG, name="nd", limit=600) as guest:
        tags = [(), ((C, 10),), ((C, 20),), ()]
        guest.s = [Station6(wire, i, "2001:db8:%x::2" % (i % 3), "2001:db8:%x::1" % (i % 3), tags=tags[i])
                   for i, wire in enumerate(guest.ports)]
        guest.ready()
        wait_valid(guest)
        guest.first = {i: list(s.asked) for i, s in enumerate(guest.s)}
        guest.s[2].router_mac = guest.interfaces()["br0.20"]["mac"]
        yield guest


@pytest.fixture(autouse=True)
def calm(vm):
    for s in vm.s:
        s.calm()
        s.ips = {s.ip, s.ll}
    yield
    vm.conserved()


def states(vm, name):
    row = vm.interfaces()[name]
    return dict(zip(row["addresses"], row["address_states"]))


def wait_valid(vm, timeout=30):
    deadline = time.monotonic() + timeout
    while True:
        rows = vm.interfaces().values()
        if all(state == "valid" for row in rows for state in row["address_states"]):
            return
        assert time.monotonic() < deadline, rows
        time.sleep(0.1)


def options(frame):
    """{kind: [body behind kind and length]} of a router advertisement."""
    raw, found = frame.body[16:], {}
    while raw:
        found.setdefault(raw[0], []).append(raw[2:raw[1] * 8])
        raw = raw[raw[1] * 8:]
    return found


def ask(s, target=None):
    s.send(s.frame(p6.solicit(s.mac, s.ip, target or s.router), p6.group_mac(p6.solicited(target or s.router))))


@pytest.mark.parametrize("i", range(4))
def test_addresses_are_probed_first(vm, i):
    """From ::, to the solicited-node group of each address, link-local too, hop limit 255."""
    seen = {p6.text(f.body[8:24]): f for f in vm.first[i] if f.ip_src == "::"}
    router_ll = p6.link_local(vm.s[i].router_mac)
    assert seen.keys() >= {vm.s[i].router, router_ll}, (seen.keys(), router_ll)
    for target, f in seen.items():
        assert f.ip_dst == p6.solicited(target) and f.ttl == 255 and len(f.body) == 24
        assert tuple(f.tags) == vm.s[i].tags


@pytest.mark.parametrize("i", range(4))
def test_answers_on_each_kind_of_interface(vm, i):
    s = vm.s[i]
    ask(s)
    f = s.expect(lambda f: f.icmp == (p6.NA, 0) and f.ip_dst == s.ip)
    assert f.ip_src == s.router and f.dst == s.mac and f.src == s.router_mac
    assert f.body[4] & 0xE0 == 0xE0, "router, solicited, override"
    s.send(s.frame(p6.echo6(s.ip, s.router, 7, i)))
    assert s.expect_icmp(p6.ECHO_REPLY, 0).ip_src == s.router


def test_the_same_address_in_two_vrfs(vm):
    """Each table has its own neighbours."""
    for i in (0, 3):
        vm.s[i].send(vm.s[i].frame(p6.echo6(vm.s[i].ip, vm.s[i].router, 9, 1)))
        vm.s[i].expect_icmp(p6.ECHO_REPLY, 0)
    rows = [r for r in vm.json("show neighbors")["neighbors"] if r["address"] == vm.s[0].ip]
    assert {r["interface"]: r["mac"] for r in rows} == {"eth0": vm.s[0].mac, "eth3": vm.s[3].mac}


def test_override(vm):
    """An unsolicited advertisement without the override flag changes nothing, with it everything."""
    s, host, new = vm.s[0], "2001:db8::77", "02:00:00:00:06:77"
    s.ips.add(host)
    s.send(s.udp(host, 1, 2))
    s.expect_udp(1, 2)

    def mac():
        return [r["mac"] for r in vm.json("show neighbors eth0")["neighbors"] if r["address"] == host]
    assert mac() == [s.mac]
    s.send(s.frame(p6.advertise(new, host, host, flags=0), "33:33:00:00:00:01"))
    time.sleep(0.1)
    assert mac() == [s.mac]
    s.send(s.frame(p6.advertise(new, host, host, flags=0x20000000), "33:33:00:00:00:01"))
    until(lambda: mac() == [new])
    s.send(s.udp(host, 1, 3))
    assert s.expect_udp(1, 3).dst == new


def test_duplicate_address(vm):
    """Somebody has it: never used, shown, logged; with the rival gone it comes to life."""
    s, addr = vm.s[0], "2001:db8:0:5::1"
    tap = s.wire.tap

    def rival(raw):
        frame = p6_frame(raw)
        if frame and frame.ip_src == "::" and p6.text(frame.body[8:24]) == addr:
            s.send(s.frame(p6.advertise("02:00:00:00:06:66", addr, addr, flags=0x20000000), "33:33:00:00:00:01"))
            return True
        return tap(raw)
    s.wire.tap = rival
    try:
        vm.configure("set interfaces eth0 address %s/64" % addr)
        until(lambda: states(vm, "eth0")[addr + "/64"] != "tentative")
    finally:
        s.wire.tap = tap
    assert states(vm, "eth0")[addr + "/64"] == "duplicate"
    assert "duplicate" in vm.cmd("show interfaces eth0")
    vm.wait_text("eth0: address %s is a duplicate, 02:00:00:00:06:66 has it" % addr, 15)
    rows = vm.json("show arp counters")["conflicts"]
    assert [r for r in rows if r["address"] == addr and r["duplicate"] and r["rival"] == "02:00:00:00:06:66"]
    ask(s, addr)
    s.expect_none(lambda f: f.icmp == (p6.NA, 0) and p6.text(f.body[8:24]) == addr, 0.5)
    s.send(s.frame(p6.echo6(s.ip, addr, 3, 3)))
    s.expect_none(lambda f: f.icmp == (p6.ECHO_REPLY, 0), 0.5)
    vm.configure("delete interfaces eth0 address %s/64" % addr)
    vm.configure("set interfaces eth0 address %s/64" % addr)
    wait_valid(vm)
    s.calm()
    ask(s, addr)
    s.expect(lambda f: f.icmp == (p6.NA, 0) and f.ip_src == addr)
    vm.configure("delete interfaces eth0 address %s/64" % addr)


def p6_frame(raw):
    """A neighbour solicitation, or None."""
    from packet import Frame
    frame = Frame(raw)
    return frame if frame.type == p6.ETH_IP6 and frame.icmp and frame.icmp[0] == p6.NS else None


def test_periodic_advertisements(vm):
    s = vm.s[0]
    times = []

    def in_a_row():
        """Three of them, none more than 4 s after the one before it."""
        gaps = [b[0] - a[0] for a, b in zip(times, times[1:])]
        return len(gaps) >= 2 and max(gaps[-2:]) < 4.5
    begin = time.monotonic()
    while time.monotonic() < begin + 60 and not in_a_row():  # on a host that stands still one may be late
        if s.ras:
            times.append((time.monotonic(), s.ras.pop(0)))
        time.sleep(0.02)
    assert in_a_row(), "every 4 s: %s" % [t for t, _ in times]
    ra = times[0][1]
    assert (ra.ip_src, ra.ip_dst, ra.ttl) == (s.router_ll, "ff02::1", 255)
    hops, flags, lifetime = struct.unpack("!BBH", ra.body[4:8])
    assert (hops, flags, lifetime) == (64, 0x88, 12), "managed, preference high, three intervals"
    opt = options(ra)
    assert opt[1] == [bytes.fromhex(s.router_mac.replace(":", ""))]
    assert opt[5] == [struct.pack("!HI", 0, 1500)]
    (prefix,) = opt[3]
    assert prefix[:2] == b"\x40\xc0" and p6.text(prefix[14:]) == "2001:db8::"
    assert struct.unpack("!II", prefix[2:10]) == (2592000, 604800)
    assert p6.text(opt[25][0][6:22]) == "2001:db8::53"
    row = vm.json("show router-advertisement eth0")["router_advertisements"][0]
    assert row["active"] and row["sent"] >= 3 and row["prefixes"] == ["2001:db8::/64"]


def test_last_advertisement(vm):
    """Switched off: lifetime 0, and then no word."""
    s = vm.s[0]
    vm.configure("delete interfaces eth0 router-advertisement")

    def lifetimes():
        return [struct.unpack("!H", f.body[6:8])[0] for f in s.ras]
    until(lambda: 0 in lifetimes())
    time.sleep(0.3)
    assert lifetimes()[-1] == 0, "a periodic one may have come before it, none after it"
    assert vm.json("show router-advertisement eth0")["router_advertisements"] == []
    s.calm()
    vm.configure("set interfaces eth0 router-advertisement interval 4")
    until(lambda: 12 in lifetimes())


def test_gateway_comes_back(vm):
    """A path whose gateway did not answer gets flows again once it does, without a packet to ask for it."""
    s = vm.s[0]
    first, second = "2001:db8::a1", "2001:db8::a2"
    s.ips.add(first)
    vm.configure("set routes static 2001:db8:50::/48 next-hop " + first,
                 "set routes static 2001:db8:50::/48 next-hop " + second)
    try:
        macs = {first: s.mac, second: "02:00:00:00:06:a2"}
        def ways():
            s.wire.flush()
            got = set()
            for sport in range(1000, 1040):
                s.send(s.udp("2001:db8:50::9", sport, 9))
            for f in s.wire.collect(lambda f: f.ports and f.ports[1] == 9, 0.1, 40):
                got.add(f.dst)
            return got
        time.sleep(4)  # the second has failed by now
        until(lambda: ways() == {macs[first]}, 30)
        tap = s.wire.tap

        def both(raw):
            frame = p6_frame(raw)
            if frame and p6.text(frame.body[8:24]) == second and frame.ip_src != "::":
                s.send(s.frame(p6.advertise(macs[second], second, second, frame.ip_src), frame.src))
                return True
            return tap(raw)
        s.wire.tap = both
        try:
            until(lambda: ways() == set(macs.values()), 40, 0.5)
        finally:
            s.wire.tap = tap
    finally:
        vm.configure("delete routes static 2001:db8:50::/48")


def test_ping_and_traceroute_from_the_console(vm):
    s = vm.s[0]
    host = "2001:db8:1::2"
    tap = vm.s[1].wire.tap

    def echo(raw):
        from packet import Frame
        frame = Frame(raw)
        if frame.type == p6.ETH_IP6 and frame.icmp == (p6.ECHO, 0):
            t = vm.s[1]
            t.send(t.frame(p6.ip6(frame.ip_dst, frame.ip_src, p6.ICMP6, p6.icmp_body(
                frame.ip_dst, frame.ip_src, p6.ECHO_REPLY, 0, struct.unpack("!I", frame.body[4:8])[0], frame.body[8:]))))
            return True
        return tap(raw)
    vm.s[1].wire.tap = echo
    try:
        said = vm.cmd("ping %s count 2" % host, 15)
        assert "2 packets transmitted, 2 received" in said, said
        said = vm.cmd("ping %s interface eth1.10 count 1" % vm.s[1].ll, 15)
        assert "1 received" in said and "from " + vm.s[1].ll in said, said
        said = vm.cmd("traceroute " + host, 30)
        assert said.splitlines()[1].split()[:2] == ["1", host], said
    finally:
        vm.s[1].wire.tap = tap
    vm.configure("set routes static 2001:db8:67::/48 unreachable")
    assert "From " + s.router in vm.cmd("ping 2001:db8:67::1 count 1", 15)
    vm.configure("delete routes static 2001:db8:67::/48")
    assert "say which interface" in vm.cmd("ping fe80::1 count 1")


def test_solicited_advertisement(vm):
    """Ten hosts ask in a VLAN: one answer within half a second, with the tag; the next not before 3 s."""
    s = vm.s[1]
    rs = s.frame(p6.icmp6(s.ll, "ff02::2", p6.RS, 0, 0, p6.lladdr(1, s.mac), hlim=255), "33:33:00:00:00:02")
    # the first three are spread over half a minute
    until(lambda: vm.json("show router-advertisement eth1.10")["router_advertisements"][0]["next_in_s"] >= 60, 60, 0.5)
    time.sleep(3.1)
    s.calm()

    def host_waited():
        return vm.waited() + own_wait()

    def next_one(count):
        """Seconds until so many advertisements have come, without those in which the host ran others or stood still."""
        mark, begin, waited = pulse.mark(), time.monotonic(), host_waited()
        until(lambda: len(s.ras) >= count, 30, 0.01)
        return time.monotonic() - begin - (host_waited() - waited) - pulse.still(mark)
    for _ in range(10):
        s.send(rs)
        time.sleep(0.01)
    assert next_one(1) < 1 * pulse.pace()
    first = time.monotonic()
    time.sleep(0.7)
    s.send(rs)
    next_one(2)
    # Not more often than every three seconds. The first may have been late on its way.
    assert time.monotonic() - first > 2.5
    time.sleep(0.3)
    assert len(s.ras) == 2 and all(tuple(ra.tags) == s.tags for ra in s.ras)
    assert s.ll in {r["address"] for r in vm.json("show neighbors eth1.10")["neighbors"]}, "it said who it is"
