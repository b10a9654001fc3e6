# SPDX-License-Identifier: MIT
"""ICMP that the router makes: echo replies and every error, with what they quote (RFC 792, RFC 1812
4.3), the rate limit, and the cases in which no error may be made. Network: lab.py."""

import struct
import time

import pytest

import packet
from lab import ROUTED, SMALL_MTU
from packet import ICMP, UDP, echo4, icmp4, ip4, udp4
from twoports import agree


def settle():
    """The limit lets a burst of 64 per source through and refills with time."""
    time.sleep(0.3)


def quotes(error, frame):
    """The error quotes the header and at least 8 bytes of the packet, as it came in."""
    sent = frame[14:]
    quoted = error.quoted
    length = min(len(quoted), sent[2] << 8 | sent[3])
    assert length >= 28
    head = bytearray(quoted[:20])
    # The TTL and checksum may be those after the decrement in some routers; PIX quotes what came.
    assert bytes(head) == sent[:20], "quoted header differs: %s, sent %s" % (head.hex(), sent[:20].hex())
    assert quoted[20:length] == sent[20:length]
    assert len(error.raw) <= 14 + 576, "RFC 1812 4.3.2.3: at most 576 bytes"


@pytest.mark.parametrize("port", [0, 1, 2], ids=["e1000", "e1000e", "virtio"])
def test_echo_to_own_address(lab, port):
    s = lab.s[port]
    for size in (0, 1, 56, 1472):
        data = bytes((7 * i) & 0xFF for i in range(size))
        with lab.vm.counting():
            s.send(s.frame(echo4(s.ip, s.router_ip, 77, size, data)))
            got = s.expect_icmp(0, 0)
        assert (got.ip_src, got.ip_dst, got.dst) == (s.router_ip, s.ip, s.mac)
        assert got.body[4:8] == struct.pack("!HH", 77, size) and got.payload == data
        assert got.ttl == 64


def test_echo_to_the_far_interface(lab):
    """An own address answers whichever port the packet came in at."""
    s = lab.s[0]
    for port in ROUTED:
        s.send(s.frame(echo4(s.ip, lab.s[port].router_ip, 3, port, b"far")))
        got = s.expect_icmp(0, 0)
        assert got.ip_src == lab.s[port].router_ip


def test_time_exceeded(lab):
    for ttl in (0, 1):
        settle()
        s = lab.s[0]
        frame = s.udp(lab.s[1].ip, data=b"z" * 100, ttl=ttl)
        with lab.vm.counting(ttl_expired=1):
            s.send(frame)
            got = s.expect_icmp(11, 0)
        assert got.ip_src == s.router_ip, "from the address of the port it came in at"
        assert got.dst == s.mac
        quotes(got, frame)
        lab.s[1].expect_none(timeout=0.05)


def test_ttl_one_to_own_address_is_delivered(lab):
    s = lab.s[0]
    with lab.vm.counting():
        s.send(s.frame(echo4(s.ip, s.router_ip, 5, 6, b"last hop", ttl=1)))
        s.expect_icmp(0, 0)


def test_net_unreachable(lab):
    settle()
    s = lab.s[0]
    frame = s.udp("99.1.2.3", data=b"q" * 1000)
    with lab.vm.counting(no_route=1):
        s.send(frame)
        quotes(s.expect_icmp(3, 0), frame)


def test_unreachable_route(lab):
    settle()
    s = lab.s[2]
    frame = s.udp("10.67.1.1")
    with lab.vm.counting(unreachable=1):
        s.send(frame)
        got = s.expect(lambda f: f.icmp and f.icmp[0] == 3)
    assert got.icmp[1] in (0, 1)
    quotes(got, frame)


def test_host_unreachable(lab):
    """Nobody answers ARP for the next hop: the waiting packet is dropped by name and its sender told."""
    settle()
    s = lab.s[0]
    frame = s.udp("10.0.1.77")
    with lab.vm.counting(neighbour_unresolved=1):
        s.send(frame)
        got = s.expect_icmp(3, 1, timeout=20)
    quotes(got, frame)
    assert [f for f in lab.s[1].asked if f.arp_tip == "10.0.1.77"]


def test_host_unreachable_behind_a_gateway(lab):
    settle()
    s = lab.s[0]
    frame = s.udp("10.68.1.1")
    with lab.vm.counting(neighbour_unresolved=1):
        s.send(frame)
        quotes(s.expect_icmp(3, 1, timeout=20), frame)


def test_port_unreachable(lab):
    settle()
    s = lab.s[1]
    frame = s.udp(s.router_ip, 1234, 40000)
    with lab.vm.counting(local_protocol=1):
        s.send(frame)
        quotes(s.expect_icmp(3, 3), frame)


def test_protocol_unreachable(lab):
    settle()
    s = lab.s[1]
    frame = s.frame(ip4(s.ip, s.router_ip, 253, b"experiment, RFC 3692"))
    with lab.vm.counting(local_protocol=1):
        s.send(frame)
        quotes(s.expect_icmp(3, 2), frame)


def test_fragmentation_needed(lab):
    settle()
    s = lab.s[0]
    fits = SMALL_MTU - 28
    s.send(s.udp(lab.s[6].ip, data=b"f" * fits, flags=2))
    assert len(lab.s[6].expect_udp().payload) == fits, "exactly the MTU passes"
    frame = s.udp(lab.s[6].ip, data=b"f" * (fits + 1), flags=2)
    with lab.vm.counting(mtu_exceeded=1):
        s.send(frame)
        got = s.expect_icmp(3, 4)
    quotes(got, frame)
    assert struct.unpack("!HH", got.body[4:8]) == (0, SMALL_MTU), "next-hop MTU, RFC 1191"
    lab.s[6].expect_none(timeout=0.1)


def test_rate_limit_and_its_burst(lab):
    """A burst of 64 gets 64 answers (traceroute shows no star); of a flood the rest is counted."""
    time.sleep(1.5)
    s = lab.s[2]
    before = lab.vm.drops() if hasattr(lab.vm, "drops") else None
    count = 400
    for seq in range(count):
        s.send(s.udp(lab.s[0].ip, 9000, seq, ttl=1))
    answers = s.wire.collect(lambda f: f.icmp == (11, 0), 1.0 if before is None else 0.1, 64)
    assert len(answers) >= 64
    if before is not None:
        def rose():
            answers.extend(s.wire.collect(lambda f: f.icmp == (11, 0), 0.05))
            after = lab.vm.drops()
            return [after[k] - before[k] for k in ("ttl_expired", "icmp_rate")]

        # each under one reason
        (_, limited), _ = agree(rose, lambda: [len(answers), count - len(answers)])
        assert limited > 0, "no limit at all"
        ports = [struct.unpack("!H", f.quoted[22:24])[0] for f in answers[:64]]
        assert ports == list(range(64)), "the first 64 are those answered"


FORBIDDEN = {
    "about an ICMP error": lambda s, d: s.frame(icmp4(s.ip, d.ip, 3, 1, 0, udp4(d.ip, s.ip, 1, 2)[:28], ttl=1)),
    "about a later fragment": lambda s, d: s.frame(ip4(s.ip, d.ip, UDP, b"x" * 16, ttl=1, offset=64)),
    "about a broadcast frame": lambda s, d: s.frame(udp4(s.ip, "99.9.9.9", 1, 2), dst_mac=packet.BROADCAST),
    "about a multicast frame": lambda s, d: s.frame(udp4(s.ip, "224.0.0.9", 1, 2, ttl=1), dst_mac="01:00:5e:00:00:09"),
    "about a source that is none": lambda s, d: s.udp("99.9.9.9", src="0.0.0.0"),
}


@pytest.mark.parametrize("case", sorted(FORBIDDEN))
def test_no_error(lab, case):
    """RFC 1812 4.3.2.7."""
    settle()
    s = lab.s[0]
    s.send(FORBIDDEN[case](s, lab.s[1]))
    s.expect_none(lambda f: f.proto == ICMP, timeout=0.3, what="an ICMP error " + case)


def test_damaged_echo_is_dropped(lab):
    s = lab.s[0]
    whole = echo4(s.ip, s.router_ip, 9, 9, b"damaged data")
    with lab.vm.counting(icmp_bad=2):
        s.send(s.frame(whole[:-1] + b"X"))
        s.send(s.frame(ip4(s.ip, s.router_ip, ICMP, b"\x08\0\xf7")))
    s.expect_none(timeout=0.1)


def test_unasked_icmp_is_counted(lab):
    """Types that a router need not answer (RFC 6918: timestamp, mask, information)."""
    s = lab.s[0]
    with lab.vm.counting(icmp_ignored=3):
        for kind in (13, 15, 17):
            s.send(s.frame(icmp4(s.ip, s.router_ip, kind, 0, 1, b"\0" * 12)))
    if hasattr(lab.vm, "configure"):
        s.expect_none(timeout=0.1)
