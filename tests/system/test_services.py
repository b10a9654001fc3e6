# SPDX-License-Identifier: MIT
"""init's services and arpd as seen from the console: each bad ARP field has its counter, a rival for
an own address is reported and answered, announcements of new addresses; a restarted arpd goes on
with the neighbours that the engine has, and forwarding does not notice. Network: lab.py."""

import time

import pytest

import packet
from guest import port_mac
from lab import Lab
from twoports import announced, until

NOBODY = "00:00:00:00:00:00"
RIVAL = "02:00:00:00:09:66"


@pytest.fixture(scope="module")
def shared_lab():
    """A lab of our own: services are restarted here. The last announcements of the start (2 s after it)
    are over."""
    with Lab() as lab:
        lab.learn()
        announced(lab.vm)
        yield lab


def counters(lab):
    return lab.vm.json("show arp counters")["arp_counters"]


def services(lab):
    return {row["name"]: row for row in lab.vm.json("show services")["services"]}


def wait_asked(station, match, timeout=15.0):
    """The first ARP request seen on a station's wire that matches."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        station.wire.collect(lambda f: False, timeout=0.05)
        for frame in station.asked:
            if match(frame):
                return frame
    raise AssertionError("no such ARP request; seen: %s" % [(f.arp_sip, f.arp_tip) for f in station.asked])


@pytest.mark.parametrize("counter,offset,value", [
    ("bad_hrd", 14, b"\0\x09"), ("bad_pro", 16, b"\x86\xdd"), ("bad_hln", 18, b"\x08"), ("bad_pln", 19, b"\x10"),
    ("bad_op", 20, b"\0\x63"), ("bad_sha", 22, b"\x01"), ("bad_sha", 22, b"\0\0\0\0\0\0"),
    ("bad_spa", 28, b"\xe0\x00\x00\x01"), ("bad_spa", 28, b"\x7f\x00\x00\x01"), ("bad_tpa", 38, b"\xff\xff\xff\xff"),
    ("rx_off_link", 28, b"\x63\x01\x02\x03"), ("rx_not_ours", 38, b"\x0a\x00\x00\x4d")])
def test_bad_field_is_counted(lab, counter, offset, value):
    s = lab.s[0]
    good = packet.arp(1, s.mac, s.ip, NOBODY, s.router_ip)
    before = counters(lab)
    s.send(good[:offset] + value + good[offset + len(value):])
    named = [k for k in before if k.startswith("bad_") or k in ("rx_off_link", "rx_not_ours")]

    def rose():  # by name: stations answer arpd's polls meanwhile
        after = counters(lab)
        return {k: after[k] - before[k] for k in named if after[k] != before[k]}
    until(rose)
    assert rose() == {counter: 1}


def test_rival_for_own_address(lab):
    s = lab.s[0]
    before = counters(lab)["conflict"]
    mark = len(lab.vm.text)
    s.send(packet.arp(1, RIVAL, s.router_ip, NOBODY, s.ip))
    # RFC 5227 2.4 (b): one announcement in defence, and no second one within ten seconds
    got = wait_asked(s, lambda f: f.arp_sip == s.router_ip)
    assert (got.arp_smac, got.arp_tip, got.dst) == (port_mac(0), s.router_ip, packet.BROADCAST)
    lab.vm.wait_text(r"eth0: address 10\.0\.0\.1 is also used by " + RIVAL, 15, since=mark)
    s.send(packet.arp(1, RIVAL, s.router_ip, NOBODY, s.ip))
    until(lambda: counters(lab)["conflict"] >= before + 2)
    time.sleep(0.3)
    assert len([f for f in s.asked if f.arp_sip == s.router_ip and f.arp_tip == s.router_ip]) == 1
    assert counters(lab)["conflict"] == before + 2
    conflicts = lab.vm.json("show arp counters")["conflicts"]
    assert {"interface": "eth0", "address": "10.0.0.1", "rival": RIVAL} == \
        {k: conflicts[0][k] for k in ("interface", "address", "rival")}
    assert s.router_ip not in lab.vm.arp()


def test_new_address_is_announced(lab):
    """A probe, which makes a rival speak, and two announcements two seconds apart (RFC 5227 2.3)."""
    s = lab.s[1]
    lab.vm.configure("set interfaces eth1 address 10.0.31.1/24")
    try:
        wait_asked(s, lambda f: f.arp_sip == "0.0.0.0" and f.arp_tip == "10.0.31.1")
        first = wait_asked(s, lambda f: f.arp_sip == f.arp_tip == "10.0.31.1")
        assert (first.dst, first.arp_smac) == (packet.BROADCAST, port_mac(1))
        begin = time.monotonic()
        while len([f for f in s.asked if f.arp_sip == "10.0.31.1"]) < 2:
            assert time.monotonic() - begin < 20, "no second announcement"
            s.wire.collect(lambda f: False, timeout=0.05)
    finally:
        lab.vm.configure("delete interfaces eth1 address 10.0.31.1/24")
    time.sleep(0.2)
    s.asked.clear()
    s.send(packet.arp(1, s.mac, "10.0.31.2", NOBODY, "10.0.31.1"))
    s.expect_none(lambda f: f.arp_op == 2, timeout=0.3, what="a reply for the removed address")


def test_flood_of_requests(lab):
    """3000 requests from all stations of a subnet: the table stays bounded, arpd lives and still
    resolves, what the meter refuses is dropped by name (the law at the end says so)."""
    s, b = lab.s[0], lab.s[1]
    pid = services(lab)["arpd"]["pid"]
    for n in range(3000):
        s.send(packet.arp(1, "02:00:00:00:aa:%02x" % (n % 250), "10.0.0.%d" % (3 + n % 250), NOBODY, s.router_ip))
        if n % 8 == 7:
            s.wire.collect(lambda f: False, timeout=0.0005)
    until(lambda: counters(lab)["entries"] >= 200)
    s.wire.collect(lambda f: False, timeout=0.5)
    assert counters(lab)["entries"] <= 270
    assert services(lab)["arpd"]["pid"] == pid
    b.ips.add("10.0.1.80")
    s.send(s.udp("10.0.1.80", 80, 1))
    b.expect_udp(80, 1)
    known = counters(lab)
    until(lambda: counters(lab) == known or known.update(counters(lab)), step=0.3)  # all of the flood was heard
    lab.vm.cmd("clear arp")
    assert counters(lab)["entries"] == 0


def test_scan_of_a_subnet(lab):
    """Packets to 150 addresses that nobody has: for some, as many as the engine has queues for, arpd
    asks, at most three times each; every packet is dropped by name; a live neighbour is not harmed."""
    a, b = lab.s[0], lab.s[1]
    lab.learn(1)
    before = lab.vm.drops()
    b.asked.clear()
    for n in range(100, 250):
        a.send(a.udp("10.0.1.%d" % n, 81, n))
        if n % 8 == 7:
            time.sleep(0.01)
    a.send(a.udp(b.ip, 82, 1))
    b.expect_udp(82, 1)
    deadline = time.monotonic() + 30
    # icmp_rate: unresolved, and the host unreachable that is due was over its rate
    reasons = ("neighbour_unresolved", "neighbour_queue_full", "icmp_rate")
    while sum(lab.vm.drops()[r] - before[r] for r in reasons) < 150:
        assert time.monotonic() < deadline, {r: lab.vm.drops()[r] - before[r] for r in reasons}
        b.wire.collect(lambda f: False, timeout=0.2)
    asked = [f.arp_tip for f in b.asked if 100 <= int(f.arp_tip.split(".")[3]) < 250]
    assert len(set(asked)) >= 50, "too few were asked for"
    assert max(asked.count(ip) for ip in set(asked)) <= 3
    assert b.ip in lab.vm.arp()


def test_services_run(lab):
    rows = services(lab)
    assert set(rows) == {"confd", "arpd", "pash"}
    assert all(row["pid"] > 1 for row in rows.values())
    assert "no service 'nobody'" in lab.vm.cmd("restart nobody")


def wait_restarted(lab, name, old, timeout=30):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        row = services(lab)[name]
        if row["pid"] and row["pid"] != old["pid"]:
            assert row["restarts"] == old["restarts"] + 1
            return row
        time.sleep(0.1)
    raise AssertionError("%s did not come back: %s" % (name, services(lab)))


def test_arpd_restarts_under_traffic(lab):
    """Packets between known neighbours go on while arpd is away; afterwards it knows them still, polls
    them by unicast, and resolves new ones."""
    a, b = lab.s[0], lab.s[1]
    lab.learn(0, 1)
    known = lab.vm.arp()
    assert known[b.ip]["mac"] == b.mac
    old = services(lab)["arpd"]
    mark = len(lab.vm.text)
    lab.vm.cmd("restart arpd")
    for seq in range(200):
        a.send(a.udp(b.ip, 70, seq))
        if seq % 8 == 7:
            time.sleep(0.005)
    came = b.wire.collect(lambda f: f.ports and f.ports[0] == 70, 0.1, 200)
    assert len(came) == 200
    wait_restarted(lab, "arpd", old)
    lab.vm.wait_text(r"init: arpd: ended with status 0", 15, since=mark)
    until(lambda: b.ip in lab.vm.arp())  # arpd has not forgotten its neighbours
    assert lab.vm.arp()[b.ip]["mac"] == b.mac
    # within its five seconds it asks those that it took over, to their MAC
    poll = wait_asked(b, lambda f: f.arp_tip == b.ip and f.dst == b.mac, timeout=20)
    assert poll.arp_sip == b.router_ip
    b.ips.add("10.0.1.71")
    a.send(a.udp("10.0.1.71", 71, 1))
    b.expect_udp(71, 1)


def test_confd_restarts(lab):
    """The configuration that runs stays, and can be changed again."""
    before = lab.vm.cmd("show configuration | json")
    old = services(lab)["confd"]
    lab.vm.cmd("restart confd")
    wait_restarted(lab, "confd", old)
    a, b = lab.s[0], lab.s[1]
    a.send(a.udp(b.ip, 72, 1))
    b.expect_udp(72, 1)
    until(lambda: lab.vm.cmd("show configuration | json") == before)


def test_clear_arp(lab):
    a, b = lab.s[0], lab.s[1]
    lab.learn(1)
    assert "forgotten" in lab.vm.cmd("clear arp")
    assert lab.vm.arp() == {}
    b.asked.clear()
    a.send(a.udp(b.ip, 73, 1))
    b.expect_udp(73, 1)
    assert [f for f in b.asked if f.arp_tip == b.ip], "resolved again"
