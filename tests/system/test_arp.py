# SPDX-License-Identifier: MIT
"""ARP (RFC 826, RFC 1122 2.3.2, RFC 5227's gratuitous ARP): replies, requests and their rate, the
queue of waiting packets, changes of address. arpd answers, the engine queues. Network: lab.py."""

import time

import pytest

import packet
from guest import port_mac
from twoports import until

NOBODY = "00:00:00:00:00:00"


@pytest.mark.parametrize("port", [0, 1, 2], ids=["e1000", "e1000e", "virtio"])
def test_replies_for_own_address(lab, port):
    s = lab.s[port]
    s.send(packet.arp(1, s.mac, s.ip, NOBODY, s.router_ip))
    got = s.expect(lambda f: f.arp_op == 2, what="ARP reply")
    assert (got.dst, got.src) == (s.mac, port_mac(port))
    assert (got.arp_smac, got.arp_sip, got.arp_tip) == (port_mac(port), s.router_ip, s.ip)
    assert got.raw[32:38] == packet.mac_bytes(s.mac), "target hardware address"


def test_unicast_request_is_answered(lab):
    """RFC 1122 2.3.2.1: neighbours verify their cache by unicast."""
    s = lab.s[0]
    s.send(packet.arp(1, s.mac, s.ip, s.router_mac, s.router_ip, dst=s.router_mac))
    s.expect(lambda f: f.arp_op == 2)


@pytest.mark.parametrize("target", ["10.0.0.77", "10.0.0.0", "10.0.0.255", "10.9.1.1", "127.0.0.1", "0.0.0.0"])
def test_silent_about_others(lab, target):
    s = lab.s[0]
    s.send(packet.arp(1, s.mac, s.ip, NOBODY, target))
    s.expect_none(lambda f: f.arp_op == 2, timeout=0.15, what="a reply for " + target)


def test_probe_is_answered_without_learning(lab):
    """A probe (RFC 5227: sender address 0) gets its reply; nothing is learned from it."""
    s = lab.s[0]
    s.send(packet.arp(1, "02:00:00:00:02:99", "0.0.0.0", NOBODY, s.router_ip))
    got = s.expect(lambda f: f.arp_op == 2)
    assert got.dst == "02:00:00:00:02:99"
    if hasattr(lab.vm, "arp"):
        assert "0.0.0.0" not in lab.vm.arp()


def test_resolves_and_keeps(lab):
    """The first packet to a new neighbour asks once and arrives; the second does not ask."""
    a, b = lab.s[0], lab.s[1]
    b.ips.add("10.0.1.20")
    begin = time.monotonic()
    a.send(a.udp("10.0.1.20", 1, 1))
    b.expect_udp(1, 1)
    took = time.monotonic() - begin
    request = [f for f in b.asked if f.arp_tip == "10.0.1.20"]
    assert 1 <= len(request) <= 1 + int(took), "again after a second without an answer"
    assert request[0].dst == packet.BROADCAST
    assert (request[0].arp_smac, request[0].arp_sip) == (port_mac(1), "10.0.1.1")
    a.send(a.udp("10.0.1.20", 1, 2))
    b.expect_udp(1, 2)
    assert len([f for f in b.asked if f.arp_tip == "10.0.1.20"]) == len(request)
    if hasattr(lab.vm, "arp"):
        row = lab.vm.arp()["10.0.1.20"]
        assert (row["mac"], row["interface"]) == (b.mac, "eth1")


def test_waiting_packets_go_in_order_before_newer_ones(lab):
    a, b = lab.s[0], lab.s[2]
    b.mute = True
    b.ips.add("10.0.2.30")
    for seq in range(3):
        a.send(a.udp("10.0.2.30", 30, seq))
    b.expect_none(lambda f: f.ports, timeout=0.2)
    b.mute = False
    b.send(packet.arp(2, b.mac, "10.0.2.30", port_mac(2), "10.0.2.1"))
    a.send(a.udp("10.0.2.30", 30, 3))
    came = [b.expect(lambda f: f.ports and f.ports[0] == 30).ports[1] for _ in range(4)]
    assert came == [0, 1, 2, 3]


def test_queue_is_bounded(lab):
    """Of a flood to one silent neighbour a bounded number waits; the rest is dropped by name."""
    if not hasattr(lab.vm, "drops"):
        pytest.skip("counts PIX's drops")
    a, b = lab.s[0], lab.s[1]
    b.mute = True
    before = lab.vm.drops()
    for seq in range(200):
        a.send(a.udp("10.0.1.40", 40, seq))
    until(lambda: lab.vm.drops()["neighbour_queue_full"] > before["neighbour_queue_full"], step=0)
    b.ips.add("10.0.1.40")
    b.mute = False
    b.send(packet.arp(2, b.mac, "10.0.1.40", port_mac(1), "10.0.1.1"))
    came = []

    def all_told():
        came.extend(b.wire.collect(lambda f: f.ports and f.ports[0] == 40, timeout=0.05))
        return len(came) + lab.vm.drops()["neighbour_queue_full"] - before["neighbour_queue_full"] == 200
    until(all_told)
    assert 0 < len(came) < 200
    assert [f.ports[1] for f in came] == sorted(f.ports[1] for f in came)


def test_requests_are_limited(lab):
    """A flood to a silent neighbour makes about one request a second, not one per packet, and at
    last gives up: every packet is dropped by name (RFC 1122 2.3.2.1)."""
    a, b = lab.s[0], lab.s[1]
    before = lab.vm.drops() if hasattr(lab.vm, "drops") else None
    begin, sent = time.monotonic(), 0
    while time.monotonic() - begin < 2.0:
        a.send(a.udp("10.0.1.50", 50, 1))
        sent += 1
        time.sleep(0.005)
    asked = len([f for f in b.asked if f.arp_tip == "10.0.1.50"])
    assert 1 <= asked <= 2 + 2 * (time.monotonic() - begin), "%d requests in 2 s" % asked
    if before:
        # icmp_rate: unresolved, and the host unreachable that is due was over its rate
        reasons = ("neighbour_unresolved", "neighbour_queue_full", "icmp_rate")
        until(lambda: sum(lab.vm.drops()[r] - before[r] for r in reasons) == sent)


def test_moved_neighbour(lab):
    """A gratuitous ARP changes a known entry at once, unless it changed less than a second ago: two
    stations that fight for an address do not make the entry flap."""
    a, b = lab.s[0], lab.s[1]
    rival, moved = "02:00:00:00:09:61", "02:00:00:00:09:60"
    for ip in ("10.0.1.%d" % n for n in range(150, 170)):
        b.ips.add(ip)
        begin = time.monotonic()
        a.send(a.udp(ip, 60, 1))
        assert b.expect_udp(60, 1).dst == b.mac
        b.send(packet.arp(1, rival, ip, NOBODY, ip))
        time.sleep(0.2)
        a.send(a.udp(ip, 60, 2))
        where = b.expect_udp(60, 2).dst
        if time.monotonic() - begin < 0.9:
            break  # else the host stood still: with another address
    assert where == b.mac, "changed again within a second"
    time.sleep(1.1)
    b.send(packet.arp(1, moved, ip, NOBODY, ip))

    def has_moved():
        a.send(a.udp(ip, 60, 3))
        return b.expect_udp(60, 3).dst == moved
    until(has_moved)


def test_gratuitous_arp_of_a_stranger_creates_nothing(lab):
    if not hasattr(lab.vm, "arp"):
        pytest.skip("looks into PIX's table")
    s = lab.s[1]
    s.send(packet.arp(1, "02:00:00:00:09:70", "10.0.1.70", NOBODY, "10.0.1.70"))
    time.sleep(0.3)
    assert "10.0.1.70" not in lab.vm.arp()


@pytest.mark.parametrize("what", ["hardware type", "protocol type", "hardware length", "protocol length",
                                  "operation", "group sender", "foreign subnet"])
def test_nonsense_changes_nothing(lab, what):
    s = lab.s[0]
    good = packet.arp(1, s.mac, s.ip, NOBODY, s.router_ip)
    patch = {"hardware type": (14, b"\0\x09"), "protocol type": (16, b"\x86\xdd"), "hardware length": (18, b"\x08"),
             "protocol length": (19, b"\x10"), "operation": (20, b"\0\x63"), "group sender": (22, b"\x01"),
             "foreign subnet": (28, b"\x63\x01\x02\x03")}[what]
    s.send(good[:patch[0]] + patch[1] + good[patch[0] + len(patch[1]):])
    if what == "foreign subnet":  # may be answered, is not learned
        s.wire.collect(lambda f: f.arp_op == 2, timeout=0.15)
    else:
        s.expect_none(lambda f: f.arp_op == 2, timeout=0.15)
    if hasattr(lab.vm, "arp"):
        assert "99.1.2.3" not in lab.vm.arp()
        assert lab.vm.arp().get(s.ip, {"mac": s.mac})["mac"] == s.mac


def test_truncated_arp_is_dropped(lab):
    """On virtio, where short frames are not padded."""
    s = lab.s[2]
    with lab.vm.counting(arp_bad=1):
        s.send(packet.arp(1, s.mac, s.ip, NOBODY, s.router_ip)[:40])
    s.expect_none(timeout=0.1)


def test_reply_to_nobody_is_not_believed(lab):
    """A reply that was not asked for does not make an entry."""
    if not hasattr(lab.vm, "arp"):
        pytest.skip("looks into PIX's table")
    s = lab.s[0]
    s.send(packet.arp(2, "02:00:00:00:09:90", "10.0.0.90", s.router_mac, s.router_ip))
    time.sleep(0.3)
    assert lab.vm.arp().get("10.0.0.90", {"mac": ""})["mac"] == ""
