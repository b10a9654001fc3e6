# SPDX-License-Identifier: MIT
"""The learning switch br0 over a port of each driver (IEEE 802.1Q 8.6-8.8): flooding, learning,
moving, ageing, what is never forwarded, and that frames pass unchanged. Network: lab.py."""

import os
import time

import pytest

import packet
from lab import BRIDGED
from packet import udp4
from twoports import until
from wire import pump

_next = iter(range(0x100, 0xFFFF))


def fresh_mac():
    """A MAC address that no test has used."""
    return "02:00:00:10:%02x:%02x" % divmod(next(_next), 256)


def frame(dst, src, data=b"", sport=1, dport=1):
    return packet.eth(dst, src, packet.ETH_IP, udp4("192.168.7.1", "192.168.7.2", sport, dport, data))


def learn(lab, port, mac):
    """Let the bridge see a station at a port."""
    lab.s[port].send(packet.eth("02:00:00:1f:ff:ff", mac, 0x88B5, b"hello"))
    for other in BRIDGED:
        if other != port:
            lab.s[other].expect(lambda f: f.src == mac)
    if hasattr(lab.vm, "macs"):  # the bridge's owner writes its table, maybe after others have forwarded
        until(lambda: lab.vm.macs().get(mac, {}).get("interface") == "eth%d" % port, step=0.01)
    time.sleep(0.02)


def others(port):
    return [p for p in BRIDGED if p != port]


@pytest.mark.parametrize("port", BRIDGED, ids=["e1000", "e1000e", "virtio"])
def test_unknown_is_flooded(lab, port):
    src = fresh_mac()
    sent = frame(fresh_mac(), src, b"flood")
    with lab.vm.counting():
        lab.s[port].send(sent)
        for other in others(port):
            assert lab.s[other].expect(lambda f: f.src == src).raw == sent
    for p in (port, 0, 1, 2, 6):
        lab.s[p].expect_none(lambda f: f.src == src, timeout=0.05)


@pytest.mark.parametrize("dst", [packet.BROADCAST, "01:00:5e:01:02:03", "33:33:00:00:00:01"])
def test_groups_are_flooded(lab, dst):
    src = fresh_mac()
    lab.s[3].send(frame(dst, src))
    for other in others(3):
        lab.s[other].expect(lambda f: f.src == src)


@pytest.mark.parametrize("a,b", [(a, b) for a in BRIDGED for b in BRIDGED if a != b])
def test_learned_goes_to_one_port(lab, a, b):
    here, there = fresh_mac(), fresh_mac()
    learn(lab, b, there)
    for size in (18, 1472):
        sent = frame(there, here, bytes(size))
        lab.s[a].send(sent)
        assert lab.s[b].expect(lambda f: f.src == here).raw == sent
    for p in BRIDGED:
        if p != b:
            lab.s[p].expect_none(lambda f: f.src == here, timeout=0.05)


def test_frames_pass_unchanged(lab):
    """A switch looks at no IP header: TTL 1, bad checksum, unknown EtherType, VLAN tag."""
    here, there = fresh_mac(), fresh_mac()
    learn(lab, 4, there)
    bad = bytearray(frame(there, here, b"bad checksum"))
    bad[24] ^= 0xFF
    lab.s[4].wire.verify = False
    try:
        for raw in (packet.eth(there, here, packet.ETH_IP, udp4("1.1.1.1", "2.2.2.2", 1, 1, ttl=1)), bytes(bad),
                    packet.eth(there, here, 0x88B5, bytes(range(256))),
                    packet.eth(there, here, 0x8100, b"\0\x2a\x08\0" + udp4("1.1.1.1", "2.2.2.2", 1, 1))):
            lab.s[3].send(raw)
            assert lab.s[4].expect(lambda f: f.src == here).raw == raw
    finally:
        lab.s[4].wire.verify = True


def test_station_moves(lab):
    mover, here = fresh_mac(), fresh_mac()
    learn(lab, 4, mover)
    learn(lab, 5, mover)
    lab.s[3].send(frame(mover, here))
    lab.s[5].expect(lambda f: f.src == here)
    lab.s[4].expect_none(lambda f: f.src == here, timeout=0.05)


def test_not_back_to_where_it_came_from(lab):
    here, neighbour = fresh_mac(), fresh_mac()
    learn(lab, 3, neighbour)
    with lab.vm.counting(same_port=1):
        lab.s[3].send(frame(neighbour, here))
    for p in BRIDGED:
        lab.s[p].expect_none(lambda f: f.src == here, timeout=0.05)


def test_control_frames_stay(lab):
    """01:80:C2:00:00:00 to 0F are never forwarded (802.1Q table 8-1)."""
    if os.environ.get("PIX_GUEST") == "linux":
        pytest.skip("Linux without STP forwards 01:80:C2:00:00:00")
    src = fresh_mac()
    with lab.vm.counting():  # no drop: they go to the control plane
        for last in ("00", "02", "0e"):
            lab.s[3].send(packet.eth("01:80:c2:00:00:" + last, src, 0x88CC, b"link local"))
    for other in others(3):
        lab.s[other].expect_none(lambda f: f.src == src, timeout=0.05)


def test_group_source_is_not_learned(lab):
    if os.environ.get("PIX_GUEST") == "linux":
        pytest.skip("counts PIX's drops")
    with lab.vm.counting(bad_source_mac=1):
        lab.s[3].send(frame(fresh_mac(), "03:00:00:00:00:01"))
    assert "03:00:00:00:00:01" not in lab.vm.macs()


def test_show_mac(lab):
    if os.environ.get("PIX_GUEST") == "linux":
        pytest.skip("PIX's own shell")
    where = {port: fresh_mac() for port in BRIDGED}
    for port, mac in where.items():
        learn(lab, port, mac)
    table = lab.vm.macs()
    for port, mac in where.items():
        assert (table[mac]["bridge"], table[mac]["interface"]) == ("br0", "eth%d" % port)


def test_ageing(lab):
    """A silent station is forgotten after the configured time and flooded to again."""
    if os.environ.get("PIX_GUEST") == "linux":
        pytest.skip("PIX's configuration")
    gone, here = fresh_mac(), fresh_mac()
    lab.vm.configure("set bridges br0 ageing 10")
    try:
        learn(lab, 5, gone)
        lab.s[3].send(frame(gone, here))
        lab.s[5].expect(lambda f: f.src == here)
        lab.s[4].expect_none(lambda f: f.src == here, timeout=0.05)
        deadline = time.monotonic() + 40
        while gone in lab.vm.macs():
            assert time.monotonic() < deadline, "still there"
            time.sleep(0.5)
        lab.s[3].send(frame(gone, here))
        lab.s[4].expect(lambda f: f.src == here)
    finally:
        lab.vm.configure("delete bridges br0 ageing")


def test_many_stations(lab):
    """1,000 stations are learned at three ports and each is then reached at its own only."""
    count = 1000
    macs = [("02:00:00:20:%02x:%02x" % divmod(i, 256), BRIDGED[i % 3]) for i in range(count)]
    sink = [lab.s[p].wire for p in BRIDGED]
    for mac, port in macs:
        lab.s[port].send(packet.eth(lab.s[BRIDGED[0]].mac, mac, 0x88B5, b"learn me"))
    if hasattr(lab.vm, "json"):
        until(lambda: lab.vm.json("show bridges")["bridges"][0]["macs"] >= count)
    for port in BRIDGED:  # one more by each way: those before it have come when it has
        last = fresh_mac()
        lab.s[port].send(packet.eth(packet.BROADCAST, last, 0x88B6, b"last of these"))
        for other in others(port):
            lab.s[other].expect(lambda f: f.src == last)
    for wire in sink:
        wire.flush()
    for port in (4, 5):
        mine = [mac for mac, p in macs if p == port]
        came = pump(lab.s[3].wire, lab.s[port].wire,
                    (packet.eth(mac, lab.s[3].mac, 0x88B5, b"reach") for mac in mine),
                    lambda raw: raw[12:14] == b"\x88\xb5")
        assert [packet.mac_text(raw[:6]) for raw in came] == mine
    for p in BRIDGED:
        lab.s[p].expect_none(lambda f: f.type == 0x88B5 and f.src == lab.s[3].mac, timeout=0.1)


def test_order_across_drivers(lab):
    here, there = fresh_mac(), fresh_mac()
    learn(lab, 5, there)
    count = 5000
    came = pump(lab.s[3].wire, lab.s[5].wire,
                (frame(there, here, seq.to_bytes(4, "big") + bytes(14)) for seq in range(count)),
                lambda raw: raw[6:12] == packet.mac_bytes(here))
    assert [int.from_bytes(raw[42:46], "big") for raw in came] == list(range(count))
