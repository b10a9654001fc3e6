# SPDX-License-Identifier: MIT
"""IPv6 in the real image: forwarding, hop limit, routes, neighbour discovery, each ICMPv6 error,
extension headers, malformed packets by their named drop (RFC 8200, 4443, 4861).

    S0 2001:db8:0::2 ── eth0 e1000  2001:db8:0::1/64 ┐
    S1 2001:db8:1::2 ── eth1 virtio 2001:db8:1::1/64 ├ PIX
    S2 2001:db8:2::2 ── eth2 e1000e 2001:db8:2::1/64 ┘ (MTU 1300)

2001:db8:9::/48 via S1, 2001:db8:9:9::/64 via S2's link-local address, :66::/48 blackhole,
:67::/48 unreachable."""

import struct
import time

import pytest

import packet6 as p6
from guest import port_mac
from lab6 import Station6
from packet import UDP, Frame, csum
from pixvm import PixVM
from twoports import until
from wire import pump

MODELS = ["e1000", "virtio", "e1000e"]
SMALL_MTU = 1300
LL2 = p6.link_local("02:00:00:00:06:02")
CONFIG = """version 1;
interfaces {
    eth0 { address 2001:db8::1/64; }
    eth1 { address 2001:db8:1::1/64; address 10.0.1.1/24; }
    eth2 { address 2001:db8:2::1/64; mtu %d; }
}
routes {
    static {
        2001:db8:9::/48 { next-hop 2001:db8:1::2; }
        2001:db8:9:9::/64 { next-hop %s { interface eth2; } }
        2001:db8:66::/48 { blackhole; }
        2001:db8:67::/48 { unreachable; }
    }
}
""" % (SMALL_MTU, LL2)


class Lab6:
    def __init__(self):
        self.vm = PixVM(MODELS, cpus=2, config=CONFIG, name="lab6", limit=600)

    def __enter__(self):
        self.vm.start()
        try:
            self.vm.ready()
            self.s = [Station6(wire, i, "2001:db8:%x::2" % i, "2001:db8:%x::1" % i)
                      for i, wire in enumerate(self.vm.ports)]
            self.wait_addresses()
        except BaseException:
            self.vm.stop()
            raise
        return self

    def wait_addresses(self):
        """Duplicate address detection takes a second; after it the router answers for its addresses."""
        for s in self.s:
            deadline = time.monotonic() + 30
            while True:
                s.send(s.frame(p6.solicit(s.mac, s.ip, s.router), p6.group_mac(p6.solicited(s.router))))
                try:
                    s.expect_icmp(p6.NA, 0, 0.3)
                    break
                except AssertionError:
                    assert time.monotonic() < deadline, "%s is not answered for" % s.router

    def learn(self):
        """Let the router resolve all stations."""
        for i, s in enumerate(self.s):
            other = self.s[1 if i == 0 else 0]
            other.send(other.udp(s.ip, 7, 7, b"learn"))
            s.expect_udp(7, 7)

    def __exit__(self, *_):
        self.vm.stop()


@pytest.fixture(scope="module")
def shared_lab6():
    with Lab6() as lab:
        lab.learn()
        yield lab


@pytest.fixture
def lab(shared_lab6):
    for s in shared_lab6.s:
        s.calm()
        s.ips = {s.ip, s.ll}
    yield shared_lab6
    shared_lab6.vm.conserved()


# --- forwarding


@pytest.mark.parametrize("a,b", [(0, 1), (1, 0), (0, 2), (2, 1)])
def test_forwards_between_drivers(lab, a, b):
    src, dst = lab.s[a], lab.s[b]
    for size in (0, 1, 11, 12, 13, 100, 1232):
        data = bytes(i & 0xFF for i in range(size))
        src.send(src.udp(dst.ip, data=data, hlim=64, tclass=0xA5, flow=0x12345))
        got = dst.expect_udp()
        assert (got.dst, got.src) == (dst.mac, port_mac(b))
        assert (got.ip_src, got.ip_dst, got.ttl) == (src.ip, dst.ip, 63)
        assert got.raw[14:18] == bytes.fromhex("6a512345"), "traffic class and flow label are kept"
        assert got.payload == data


def test_both_families_on_one_port(lab):
    """eth1 has an IPv4 address, too: ARP and ND beside each other."""
    rows = lab.vm.interfaces()["eth1"]
    assert any("10.0.1.1/24" in a for a in map(str, rows["addresses"]))
    assert any("2001:db8:1::1/64" in a for a in map(str, rows["addresses"]))


def test_hop_limit_two_is_forwarded_as_one(lab):
    lab.s[0].send(lab.s[0].udp(lab.s[1].ip, hlim=2))
    assert lab.s[1].expect_udp().ttl == 1


@pytest.mark.parametrize("hlim", [0, 1])
def test_hop_limit_runs_out(lab, hlim):
    a = lab.s[0]
    with lab.vm.counting(ttl_expired=1):
        a.send(a.udp(lab.s[1].ip, hlim=hlim))
        got = a.expect_icmp(3, 0)
    assert got.ip_src == a.router
    assert got.quoted[:40][8:24] == p6.addr(a.ip)


def test_static_route(lab):
    lab.s[0].send(lab.s[0].udp("2001:db8:9::77"))
    assert lab.s[1].expect_udp().dst == lab.s[1].mac


def test_route_over_a_link_local_gateway(lab):
    """The longer prefix wins and its gateway is known on eth2 only."""
    lab.s[0].send(lab.s[0].udp("2001:db8:9:9::77"))
    got = lab.s[2].expect_udp()
    assert got.dst == lab.s[2].mac and got.ip_dst == "2001:db8:9:9::77"


def test_order_within_a_flow(lab):
    count = 5000
    a, b = lab.s[0], lab.s[1]
    came = pump(a.wire, b.wire, (a.udp(b.ip, 5, 6, seq.to_bytes(4, "big")) for seq in range(count)),
                lambda raw: raw[12:14] == b"\x86\xdd" and raw[20] == UDP)
    assert [int.from_bytes(raw[62:66], "big") for raw in came] == list(range(count))


# --- errors


@pytest.mark.parametrize("dst,code,drop", [
    ("2001:db8:ffff::1", 0, "no_route"), ("2001:db8:67::1", None, "unreachable")])
def test_unreachable(lab, dst, code, drop):
    a = lab.s[0]
    with lab.vm.counting(**{drop: 1}):
        a.send(a.udp(dst))
        got = a.expect(lambda f: f.icmp is not None and f.icmp[0] == 1)
    assert code is None or got.icmp[1] == code


def test_blackhole_is_silent(lab):
    a = lab.s[0]
    with lab.vm.counting(blackhole=1):
        a.send(a.udp("2001:db8:66::1"))
    a.expect_none(lambda f: f.icmp is not None and f.icmp[0] < 128, 0.2)


def test_packet_too_big(lab):
    a = lab.s[0]
    with lab.vm.counting(mtu_exceeded=1):
        a.send(a.udp(lab.s[2].ip, data=bytes(SMALL_MTU - 48 + 1)))
        got = a.expect_icmp(2, 0)
    assert struct.unpack("!I", got.body[4:8])[0] == SMALL_MTU
    assert len(got.raw) - 14 <= 1280, "RFC 4443 2.4 (c)"
    a.send(a.udp(lab.s[2].ip, data=bytes(SMALL_MTU - 48)))
    lab.s[2].expect_udp()


def test_neighbour_that_is_not_there(lab):
    a = lab.s[0]
    with lab.vm.counting(neighbour_unresolved=1):
        a.send(a.udp("2001:db8:1::dead"))
        got = a.expect_icmp(1, 3, timeout=20)
    assert got.ip_src == a.router
    asked = [f for f in lab.s[1].asked if p6.text(f.body[8:24]) == "2001:db8:1::dead"]
    assert len(asked) == 3, "MAX_MULTICAST_SOLICIT (RFC 4861 10)"
    assert all(f.dst == p6.group_mac(p6.solicited("2001:db8:1::dead")) and f.ttl == 255 for f in asked)


def test_no_error_about_an_error(lab):
    a = lab.s[0]
    inner = p6.udp6(a.ip, "2001:db8:ffff::1", 1, 2)
    with lab.vm.counting(icmp_forbidden=1):
        a.send(a.frame(p6.icmp6(a.ip, "2001:db8:ffff::1", 1, 0, 0, inner)))
    a.expect_none(lambda f: f.icmp is not None and f.icmp[0] < 128, 0.2)


def test_no_error_to_the_unspecified_or_a_group(lab):
    a = lab.s[0]
    for src in ("ff02::1", "::"):
        a.send(a.frame(p6.udp6(src, "2001:db8:ffff::1", 1, 2)))
    a.expect_none(lambda f: f.icmp is not None and f.icmp[0] < 128, 0.2)


def test_errors_are_rate_limited(lab):
    a = lab.s[0]
    for i in range(300):
        a.send(a.udp(lab.s[1].ip, sport=3000 + i, hlim=1))
    got = a.wire.collect(lambda f: f.icmp == (3, 0), 0.5, 1)
    assert 1 <= len(got) < 300
    until(lambda: lab.vm.drops()["icmp_rate"] > 0)
    time.sleep(1.0)


# --- to the router itself


@pytest.mark.parametrize("which", ["global", "link-local"])
def test_echo(lab, which):
    a = lab.s[0]
    src, dst = (a.ip, a.router) if which == "global" else (a.ll, a.router_ll)
    data = bytes(range(256)) * 4
    a.send(a.frame(p6.echo6(src, dst, 77, 1, data)))
    got = a.expect_icmp(p6.ECHO_REPLY, 0)
    assert (got.ip_src, got.ip_dst) == (dst, src)
    assert got.body[4:8] == struct.pack("!HH", 77, 1) and got.body[8:] == data


def test_subnet_router_anycast(lab):
    """RFC 4291 2.6.1: the subnet's first address is ours: resolved without override, answered from the unicast one."""
    a = lab.s[0]
    any_ = p6.text(p6.addr(a.router)[:8] + bytes(8))
    a.send(a.frame(p6.solicit(a.mac, a.ip, any_), p6.group_mac(p6.solicited(any_))))
    got = a.expect(lambda f: f.icmp == (p6.NA, 0) and f.ip_dst == a.ip)
    assert got.body[4] >> 5 == 6 and p6.text(got.body[8:24]) == any_, "router, solicited, no override"
    assert got.ip_src == a.router and got.body[24:32] == p6.lladdr(2, a.router_mac)
    a.send(a.frame(p6.echo6(a.ip, any_, 78, 1, b"any")))
    got = a.expect_icmp(p6.ECHO_REPLY, 0)
    assert (got.ip_src, got.ip_dst) == (a.router, a.ip) and got.body[8:] == b"any"


def test_echo_of_all_nodes(lab):
    a = lab.s[0]
    a.send(a.frame(p6.echo6(a.ll, "ff02::1", 5, 6, b"all"), p6.group_mac("ff02::1")))
    got = a.expect_icmp(p6.ECHO_REPLY, 0)
    assert got.ip_src == a.router_ll, "a reply to a group comes from an own address"


def test_link_local_is_not_forwarded(lab):
    a = lab.s[0]
    a.send(a.frame(p6.udp6(a.ll, lab.s[1].ip, 1000, 2000)))
    lab.s[1].expect_none(lambda f: f.ports == (1000, 2000), 0.2)


def test_unknown_port_is_refused(lab):
    a = lab.s[0]
    a.send(a.udp(a.router, 1000, 9))
    got = a.expect(lambda f: f.icmp is not None and f.icmp[0] == 1)
    assert got.icmp == (1, 4)


def reply(a, length):
    """The ICMPv6 message of the router that comes in fragments, put together."""
    pieces = {}
    while sum(map(len, pieces.values())) < length:
        got = a.expect(lambda f: f.ip_src == a.router and f.proto == p6.FRAGMENT)
        assert got.body[0] == p6.ICMP6 and len(got.raw) <= 1514
        pieces[(got.body[2] << 8 | got.body[3]) & 0xFFF8] = got.body[8:]
    at = 0
    for offset in sorted(pieces):
        assert offset == at, "pieces meet"
        at += len(pieces[offset])
    return b"".join(pieces[offset] for offset in sorted(pieces))


def test_fragmented_echo_is_answered(lab):
    """Reassembly to self, whatever the order (RFC 8200 4.5)."""
    a = lab.s[0]
    body = p6.icmp_body(a.ip, a.router, p6.ECHO, 0, 0x00420007, bytes(i * 3 & 0xFF for i in range(1800)))
    cut = [(0, 600), (600, 1200), (1200, len(body))]
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        ident = 1000 + order[0]
        for k in order:
            lo, hi = cut[k]
            piece = p6.fragment(p6.ICMP6, lo, int(hi < len(body)), ident, body[lo:hi])
            a.send(a.frame(p6.ip6(a.ip, a.router, p6.FRAGMENT, piece)))
        whole = reply(a, len(body))
        assert whole[0] == p6.ECHO_REPLY and whole[4:] == body[4:]
        assert csum(whole, p6.pseudo(p6.addr(a.router), p6.addr(a.ip), p6.ICMP6, len(whole))) == 0


def test_overlapping_fragments_are_dropped(lab):
    """RFC 5722: the whole datagram goes."""
    a = lab.s[0]
    body = p6.icmp_body(a.ip, a.router, p6.ECHO, 0, 0x00420008, bytes(1000))
    for lo, hi, more in ((0, 504, 1), (496, 800, 1), (800, len(body), 0)):
        a.send(a.frame(p6.ip6(a.ip, a.router, p6.FRAGMENT, p6.fragment(p6.ICMP6, lo, more, 77, body[lo:hi]))))
    a.expect_none(lambda f: f.ip_src == a.router and f.proto in (p6.FRAGMENT, p6.ICMP6), 0.3)


# --- extension headers


def test_extension_headers_pass(lab):
    """A router looks at hop-by-hop options only; the rest is the destination's business."""
    a, b = lab.s[0], lab.s[1]
    body = p6.udp_body(a.ip, b.ip, 1000, 2000, b"behind")
    chain = p6.options(p6.DSTOPT, b"") + p6.options(p6.FRAGMENT, b"") + p6.fragment(UDP, 0, 0, 9, body)
    a.send(a.frame(p6.ip6(a.ip, b.ip, p6.HOPOPT, chain)))
    got = b.expect(lambda f: f.ip_dst == b.ip and f.proto == p6.HOPOPT)
    assert got.body == chain


@pytest.mark.parametrize("kind,told", [(0x1E, None), (0x5E, False), (0x9E, True), (0xDE, True)])
def test_unknown_hop_by_hop_option(lab, kind, told):
    """The two high bits say: skip, drop, drop and tell (RFC 8200 4.2)."""
    a, b = lab.s[0], lab.s[1]
    chain = p6.options(UDP, bytes([kind, 2, 0, 0])) + p6.udp_body(a.ip, b.ip, 1000, 2000)
    a.send(a.frame(p6.ip6(a.ip, b.ip, p6.HOPOPT, chain)))
    if told is None:
        b.expect(lambda f: f.proto == p6.HOPOPT)
        return
    b.expect_none(lambda f: f.proto == p6.HOPOPT, 0.1)
    if told:
        got = a.expect_icmp(4, 2)
        assert struct.unpack("!I", got.body[4:8])[0] == 42, "points at the option"
    else:
        a.expect_none(lambda f: f.icmp is not None and f.icmp[0] == 4, 0.2)


def test_routing_header_0_is_refused(lab):
    """RFC 5095: for us with segments left."""
    a = lab.s[0]
    head = bytes([UDP, 2, 0, 1, 0, 0, 0, 0]) + p6.addr(lab.s[1].ip)
    a.send(a.frame(p6.ip6(a.ip, a.router, p6.ROUTING, head + p6.udp_body(a.ip, a.router, 1, 2))))
    got = a.expect_icmp(4, 0)
    assert struct.unpack("!I", got.body[4:8])[0] == 42
    lab.s[1].expect_none(lambda f: f.proto == p6.ROUTING, 0.1)


BAD = {
    "version": lambda a, b: b"\x50" + p6.udp6(a.ip, b.ip, 1, 2)[1:],
    "short": lambda a, b: p6.udp6(a.ip, b.ip, 1, 2)[:39],
    "truncated": lambda a, b: p6.ip6(a.ip, b.ip, UDP, bytes(8), plen=900),
    "source-group": lambda a, b: p6.udp6("ff02::5", b.ip, 1, 2),
    "source-loopback": lambda a, b: p6.udp6("::1", b.ip, 1, 2),
    "destination-loopback": lambda a, b: p6.udp6(a.ip, "::1", 1, 2),
    "destination-unspecified": lambda a, b: p6.udp6(a.ip, "::", 1, 2),
    "source-own": lambda a, b: p6.udp6(a.router, b.ip, 1, 2),
    "interface-local-group": lambda a, b: p6.udp6(a.ip, "ff01::1", 1, 2),
    "chain-cut": lambda a, b: p6.ip6(a.ip, a.router, p6.HOPOPT, bytes([UDP, 9, 1, 4, 0, 0, 0, 0])),
    "option-runs-out": lambda a, b: p6.ip6(a.ip, b.ip, p6.HOPOPT, bytes([UDP, 0, 0x1E, 200, 0, 0, 0, 0])),
}


@pytest.mark.parametrize("what", sorted(BAD))
def test_malformed_is_dropped_by_name(lab, what):
    a, b = lab.s[0], lab.s[1]
    before = lab.vm.drops()
    a.send(a.frame(BAD[what](a, b)))
    deadline = time.monotonic() + 10
    while True:
        after = lab.vm.drops()
        rose = {k: after[k] - before.get(k, 0) for k in after if after[k] != before.get(k, 0)}
        if rose or time.monotonic() > deadline:
            break
    assert sum(rose.values()) == 1, rose
    assert "interface" not in list(rose)[0]
    b.expect_none(lambda f: f.type == p6.ETH_IP6 and f.icmp is None, 0.05)


# --- neighbour discovery


def test_resolution_and_answer(lab):
    """Router asks for us, and answers for itself."""
    a = lab.s[0]
    a.send(a.frame(p6.solicit(a.mac, a.ip, a.router), p6.group_mac(p6.solicited(a.router))))
    got = a.expect(lambda f: f.icmp == (p6.NA, 0) and f.ip_dst == a.ip)
    flags = got.body[4] >> 5
    assert flags & 4 and flags & 2, "router and solicited flags"
    assert p6.text(got.body[8:24]) == a.router and got.body[24:32] == p6.lladdr(2, a.router_mac)
    assert got.ttl == 255


@pytest.mark.parametrize("bad", ["hlim", "code", "option0", "short", "multicast-target"])
def test_bad_solicitations_are_ignored(lab, bad):
    a = lab.s[0]
    body = p6.addr(a.router) + p6.lladdr(1, a.mac)
    hlim, code = 255, 0
    if bad == "hlim":
        hlim = 254
    elif bad == "code":
        code = 1
    elif bad == "option0":
        body = p6.addr(a.router) + bytes([1, 0]) + bytes(6)
    elif bad == "short":
        body = p6.addr(a.router)[:12]
    else:
        body = p6.addr("ff02::1:ff00:1") + p6.lladdr(1, a.mac)
    dst = p6.solicited(a.router)
    a.send(a.frame(p6.icmp6(a.ip, dst, p6.NS, code, 0, body, hlim=hlim), p6.group_mac(dst)))
    # The router announces its own addresses to all when it likes.
    a.expect_none(lambda f: f.icmp == (p6.NA, 0) and f.ip_dst != "ff02::1", 0.3)


def test_show_neighbors(lab):
    rows = lab.vm.json("show neighbors")["neighbors"]
    mine = {r["address"]: r for r in rows}
    assert mine[lab.s[1].ip]["mac"] == lab.s[1].mac
    assert mine[lab.s[1].ip]["interface"] == "eth1"


def test_show_ipv6_route(lab):
    rows = {r["prefix"]: r for r in lab.vm.json("show ipv6 route")["routes"]}
    assert rows["2001:db8:1::/64"]["protocol"] == "connected"
    assert rows["2001:db8:9::/48"]["gateway"] == "2001:db8:1::2"
    assert rows["2001:db8:9:9::/64"]["interface"] == "eth2"
    assert rows["2001:db8:66::/48"]["type"] == "blackhole"


def test_ping_from_the_console(lab):
    """The station answers: one sent, one received."""
    b = lab.s[1]
    seen = []

    def answer(raw):
        frame = Frame(raw)
        if frame.icmp != (p6.ECHO, 0) or frame.ip_dst != b.ip:
            return b.input(raw)
        seen.append(frame)
        rest = struct.unpack("!I", frame.body[4:8])[0]
        b.send(b.frame(p6.icmp6(b.ip, frame.ip_src, p6.ECHO_REPLY, 0, rest, frame.body[8:], hlim=37)))
        return True

    b.wire.tap = answer
    try:
        text = lab.vm.cmd("ping 2001:db8:1::2 count 2", 40)
    finally:
        b.wire.tap = b.input
    assert len(seen) == 2 and all(f.ip_src == b.router for f in seen)
    assert "2 packets transmitted, 2 received, 0% packet loss" in text, text
    assert text.count(" hlim=37 ") == 2, text
