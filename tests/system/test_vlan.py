# SPDX-License-Identifier: MIT
"""VLANs (IEEE 802.1Q): sub-interfaces with one and two tags, access, trunk, native and tunnel ports
of bridges, the router's own station in a VLAN, storm control, link-local control frames.

    eth0 e1000   trunk to the router: vif 100 10.100.0.1/24, vif 200 vif-c 7 10.200.7.1/24,
                 untagged 10.0.0.1/24
    eth1 virtio  10.0.1.1/24, vif 100 10.101.0.1/24 (the same VID on another port: another network)
    br0: eth2 virtio access 10, eth3 e1000 access 20, eth4 e1000e trunk 10,20-30 native 5,
         eth5 virtio tunnel 300, eth6 virtio trunk 300
         br0 vif 10 10.10.0.1/24, br0 vif 20 10.20.0.1/24 (IRB)"""

import re
import time

import pytest

import packet
from packet import Frame, arp, udp4
from pixvm import PixVM
from guest import port_mac
from twoports import agree, until
from wire import hush

CONFIG = """version 1;
interfaces {
    eth0 {
        address 10.0.0.1/24;
        vif 100 { address 10.100.0.1/24; address 2001:db8:100::1/64; }
        vif 200 { vif-c 7 { address 10.200.7.1/24; } }
    }
    eth1 {
        address 10.0.1.1/24;
        vif 100 { address 10.101.0.1/24; mtu 1400; }
    }
    eth2 { bridge br0; vlan { access 10; } }
    eth3 { bridge br0; vlan { access 20; } }
    eth4 { bridge br0; vlan { trunk 10,20-30; native 5; } }
    eth5 { bridge br0; vlan { tunnel 300; } }
    eth6 { bridge br0; vlan { trunk 300; } }
    br0 {
        vif 10 { address 10.10.0.1/24; }
        vif 20 { address 10.20.0.1/24; }
    }
}
"""
C, S = 0x8100, 0x88A8


def tagged(dst, src, tags, ethertype, payload):
    raw = packet.mac_bytes(dst) + packet.mac_bytes(src)
    for tpid, tci in tags:
        raw += tpid.to_bytes(2, "big") + tci.to_bytes(2, "big")
    return (raw + ethertype.to_bytes(2, "big") + payload).ljust(60, b"\0")


class Tagged:
    """A host behind a port, on a VLAN: answers ARP for its address under its own tags."""

    def __init__(self, wire, mac, ip, router_mac, tags=()):
        self.wire, self.mac, self.ip, self.router_mac, self.tags = wire, mac, ip, router_mac, list(tags)

    def raw(self, dst_mac, ethertype, payload, tags=None):
        return tagged(dst_mac, self.mac, self.tags if tags is None else tags, ethertype, payload)

    def udp(self, dst, sport=1000, dport=2000, data=b"pix", tags=None):
        return self.raw(self.router_mac, packet.ETH_IP, udp4(self.ip, dst, sport, dport, data), tags)

    def takes(self, frame):
        """Answer an ARP request for us; True if it was one."""
        if frame.arp_op != 1 or frame.arp_tip != self.ip or frame.tags != self.tags:
            return False
        body = arp(2, self.mac, self.ip, frame.arp_smac, frame.arp_sip)[14:42]
        self.wire.send(self.raw(frame.arp_smac, packet.ETH_ARP, body))
        return True


class VlanLab:
    HOSTS = {
        "plain": (0, "10.0.0.2", ()), "v100": (0, "10.100.0.2", ((C, 100),)),
        "qinq": (0, "10.200.7.2", ((S, 200), (C, 7))), "far": (1, "10.0.1.2", ()),
        "far100": (1, "10.101.0.2", ((C, 100),)), "acc10": (2, "10.10.0.2", ()),
        "acc20": (3, "10.20.0.2", ()), "tr10": (4, "10.10.0.4", ((C, 10),)),
        "tr20": (4, "10.20.0.4", ((C, 20),)), "tr5": (4, "10.5.0.4", ()),
        "cust": (5, "10.99.0.5", ()), "carrier": (6, "10.99.0.6", ((S, 300),)),
    }

    def __init__(self):
        self.vm = PixVM(["e1000", "virtio", "virtio", "e1000", "e1000e", "virtio", "virtio"], cpus=2,
                        config=CONFIG, name="vlan", limit=600)

    def __enter__(self):
        self.vm.start()
        try:
            self.vm.ready()
        except BaseException:
            self.vm.stop()
            raise
        self.irb_mac = None
        self.h = {}
        for i, (name, (port, ip, tags)) in enumerate(self.HOSTS.items()):
            self.h[name] = Tagged(self.vm.ports[port], "02:00:00:00:20:%02x" % i, ip, port_mac(port), tags)
        for port, wire in enumerate(self.vm.ports):
            mine = [h for h in self.h.values() if h.wire is wire]
            wire.tap = lambda raw, mine=mine: raw[12:14] in (b"\x08\x06", b"\x81\x00", b"\x88\xa8") and \
                any(h.takes(Frame(raw)) for h in mine)
        for name in ("acc10", "acc20", "tr10", "tr20"):
            host = self.h[name]
            gateway = host.ip.rsplit(".", 1)[0] + ".1"
            host.wire.send(host.raw(packet.BROADCAST, packet.ETH_ARP,
                                    arp(1, host.mac, host.ip, "00:00:00:00:00:00", gateway)[14:42]))
            reply = host.wire.expect(lambda f: f.arp_op == 2 and f.arp_sip == gateway)
            assert reply.tags == host.tags
            host.router_mac = reply.arp_smac
        return self

    def __exit__(self, *_):
        self.vm.stop()

    def routed(self, a, b, sport=1000):
        a, b = self.h[a], self.h[b]
        a.wire.send(a.udp(b.ip, sport, 2000))
        got = b.wire.expect(lambda f: f.ports == (sport, 2000))
        assert got.tags == b.tags and got.dst == b.mac and got.ttl == 63
        return got


@pytest.fixture(scope="module")
def shared_vlan():
    with VlanLab() as lab:
        yield lab


@pytest.fixture
def lab(shared_vlan):
    hush(shared_vlan.vm.ports)
    yield shared_vlan
    shared_vlan.vm.conserved()


# --- sub-interfaces


@pytest.mark.parametrize("a,b", [("v100", "far"), ("far", "v100"), ("qinq", "far"), ("far", "qinq"),
                                 ("v100", "qinq"), ("plain", "v100"), ("v100", "far100"),
                                 ("far100", "qinq")])
def test_routes_between_subinterfaces(lab, a, b):
    lab.routed(a, b)


def unpadded(raw):
    """Octets of a frame as the router made it, without what fills it up to 60."""
    at = 12
    while raw[at:at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    kind, body = raw[at:at + 2], raw[at + 2:]
    return at + 2 + {b"\x08\x00": body[2] << 8 | body[3], b"\x86\xdd": 40 + (body[4] << 8 | body[5]),
                     b"\x08\x06": 28}[kind]


def test_counters(lab):
    """What goes in and out of a sub-interface is counted, from 0 when it is made; not its port's other traffic."""
    keys = ("rx", "rx_bytes", "tx", "tx_bytes")
    wire = lab.vm.ports[0]
    log, mine, send = [], wire.tap, wire.send  # what went over the wire: (direction, tags, bytes)

    def counts(name):
        row = lab.vm.interfaces()[name]
        return [row[k] for k in keys]

    def tap(raw):
        log.append(("tx", Frame(raw).tags, unpadded(raw)))
        return mine(raw)

    def logged(*frames):
        log.extend(("rx", Frame(raw).tags, len(raw)) for raw in frames)
        send(*frames)

    def crossed(tags):
        """[rx, rx_bytes, tx, tx_bytes] of one sub-interface since the log was empty, as the wire has it."""
        sizes = {way: [n for way_, there, n in log if (way_, there) == (way, tags)] for way in ("rx", "tx")}
        return [f(sizes[way]) for way in ("rx", "tx") for f in (len, sum)]

    def rose(name, base):
        return [now - then for now, then in zip(counts(name), base)]

    lab.routed("v100", "far")
    lab.routed("far", "v100")
    lab.routed("qinq", "far")
    tags, other_tags = list(lab.h["v100"].tags), list(lab.h["qinq"].tags)
    wire.tap, wire.send = tap, logged
    try:
        # Neighbours are asked for, and answer, when it pleases them: those frames are counted, too, on both
        # sides. At the start of the log there must be none under way.
        def start():
            log.clear()
            base = counts("eth0.100"), counts("eth0.200.7")
            time.sleep(0.2)
            return base if base == (counts("eth0.100"), counts("eth0.200.7")) and not log else None
        until(lambda: start() is not None)
        base, other = counts("eth0.100"), counts("eth0.200.7")
        for i in range(5):
            lab.routed("v100", "far", 3000 + i)
        for i in range(3):
            lab.routed("far", "v100", 3000 + i)
        lab.routed("plain", "far", 3005)
        (rx, rx_bytes, tx, tx_bytes), _ = agree(lambda: rose("eth0.100", base), lambda: crossed(tags))
        assert rx >= 5 and tx >= 3, (rx, tx)
        agree(lambda: rose("eth0.200.7", other), lambda: crossed(other_tags))
        assert len([n for n in log if n == ("tx", tags, 49)]) == 3, log
    finally:
        wire.tap, wire.send = mine, send
    shown = re.search(r"packets (\d+), bytes", lab.vm.cmd("show interfaces eth0.100 detail"))
    assert int(shown[1]) >= base[0] + 5
    try:
        lab.vm.configure("set interfaces eth1 vif 300 address 10.131.0.1/24")
        assert counts("eth1.300")[:2] == [0, 0]
        far = lab.h["far"]
        far.wire.send(far.udp("10.0.0.2", tags=[(C, 300)]))
        until(lambda: counts("eth1.300")[0] == 1)
        lab.vm.configure("delete interfaces eth1 vif 300")
        lab.vm.configure("set interfaces eth1 vif 300 address 10.131.0.1/24")
        assert counts("eth1.300")[:2] == [0, 0]
    finally:
        lab.vm.configure("delete interfaces eth1 vif 300")


def test_priority_tag_is_untagged(lab):
    """VID 0 carries a priority only (802.1Q 9.6)."""
    a, b = lab.h["plain"], lab.h["far"]
    a.wire.send(a.udp(b.ip, tags=[(C, 5 << 13)]))
    assert b.wire.expect(lambda f: f.ports == (1000, 2000)).tags == []


def test_unknown_vlan_is_dropped(lab):
    a = lab.h["plain"]
    with lab.vm.counting(no_interface=2):
        a.wire.send(a.udp("10.0.1.2", tags=[(C, 77)]), a.udp("10.0.1.2", tags=[(C, 200), (C, 8)]))
    lab.h["far"].wire.expect_none(lambda f: f.ports == (1000, 2000), 0.1)


def test_mtu_of_a_subinterface(lab):
    a = lab.h["v100"]
    a.wire.send(a.raw(a.router_mac, packet.ETH_IP,
                      udp4(a.ip, lab.h["far100"].ip, 1000, 2000, bytes(1400), flags=2)))
    got = a.wire.expect(lambda f: f.icmp == (3, 4))
    assert got.tags == a.tags and got.body[6:8] == (1400).to_bytes(2, "big")


def test_icmp_comes_back_with_the_tags(lab):
    for name in ("v100", "qinq"):
        a = lab.h[name]
        a.wire.send(a.raw(a.router_mac, packet.ETH_IP,
                          packet.echo4(a.ip, a.ip.rsplit(".", 1)[0] + ".1", 1, 2, b"x")))
        got = a.wire.expect(lambda f: f.icmp == (0, 0))
        assert got.tags == a.tags


# --- bridges


def hello(host, dst, tags=None, data=b"hello"):
    return host.raw(dst, 0x88B5, data.ljust(46, b"\0"), tags)


def sees(lab, name, match):
    return lab.h[name].wire.expect(match, 2)


def quiet(lab, port, src):
    lab.vm.ports[port].expect_none(lambda f: f.src == src and f.type == 0x88B5, 0.08)


def test_access_floods_its_vlan_only(lab):
    a = lab.h["acc10"]
    a.wire.send(hello(a, packet.BROADCAST))
    got = lab.vm.ports[4].expect(lambda f: f.src == a.mac)
    assert got.tags == [(C, 10)] and got.type == 0x88B5
    for port in (3, 5, 6):
        quiet(lab, port, a.mac)


def test_trunk_to_access_and_back(lab):
    a, t = lab.h["acc20"], lab.h["tr20"]
    t.wire.send(hello(t, packet.BROADCAST))
    assert lab.vm.ports[3].expect(lambda f: f.src == t.mac).tags == []
    a.wire.send(hello(a, t.mac))
    assert lab.vm.ports[4].expect(lambda f: f.src == a.mac).tags == [(C, 20)]
    for port in (2, 5, 6):
        quiet(lab, port, a.mac)


def test_the_same_station_in_two_vlans(lab):
    """FDB entries are by VLAN: learning in 20 does not move the station of 10."""
    mac = "02:00:00:00:21:01"
    w2, w3, w4 = (lab.vm.ports[p] for p in (2, 3, 4))
    w2.send(tagged(packet.BROADCAST, mac, [], 0x88B5, bytes(46)))
    w3.send(tagged(packet.BROADCAST, mac, [], 0x88B5, bytes(46)))
    time.sleep(0.05)
    w4.flush()
    t = lab.h["tr10"]
    w4.send(hello(t, mac, [(C, 10)]))
    w2.expect(lambda f: f.src == t.mac and f.dst == mac)
    quiet(lab, 3, t.mac)
    w4.send(hello(t, mac, [(C, 20)]))
    w3.expect(lambda f: f.src == t.mac and f.dst == mac)
    def learned():
        rows = [r for r in lab.vm.json("show mac")["macs"] if r["mac"] == mac]
        return sorted((r["vlan"], r["interface"]) for r in rows)
    until(lambda: learned() == [(10, "eth2"), (20, "eth3")])


def test_native_vlan(lab):
    """Untagged frames of the trunk belong to VLAN 5; no other port is in it."""
    t = lab.h["tr5"]
    t.wire.send(hello(t, packet.BROADCAST))
    for port in (2, 3, 5, 6):
        quiet(lab, port, t.mac)


def test_what_is_not_allowed_is_dropped(lab):
    t, a = lab.h["tr10"], lab.h["acc10"]
    with lab.vm.counting(vlan_not_member=2):
        t.wire.send(hello(t, packet.BROADCAST, [(C, 99)]), hello(t, packet.BROADCAST, [(C, 31)]))
    with lab.vm.counting(vlan_tagged_on_access=1):
        a.wire.send(hello(a, packet.BROADCAST, [(C, 20)]))  # a tag on an access port
    quiet(lab, 3, a.mac)


def test_tunnel(lab):
    """QinQ: what the customer sends, tagged or not, is carried under the service tag 300."""
    cust, carrier = lab.h["cust"], lab.vm.ports[6]
    for inner in ([], [(C, 10)], [(C, 42), (C, 43)]):
        cust.wire.send(hello(cust, packet.BROADCAST, inner, b"tunnel%d" % len(inner)))
        raw = carrier.expect(lambda f: f.src == cust.mac).raw
        assert raw[12:16] == b"\x88\xa8\x01\x2c"
        assert raw[:12] + raw[16:] == hello(cust, packet.BROADCAST, inner, b"tunnel%d" % len(inner))
    quiet(lab, 2, cust.mac)
    back = hello(lab.h["carrier"], cust.mac, [(S, 300), (C, 10)])
    carrier.send(back)
    got = lab.vm.ports[5].expect(lambda f: f.src == lab.h["carrier"].mac)
    assert got.tags == [(C, 10)]


# --- the router's station in a VLAN of the bridge


@pytest.mark.parametrize("a,b", [("acc10", "acc20"), ("acc20", "tr10"), ("tr20", "acc10"),
                                 ("acc10", "far"), ("far", "tr20"), ("v100", "acc10")])
def test_routes_between_vlans(lab, a, b):
    lab.routed(a, b)


def test_irb_answers_echo(lab):
    a = lab.h["tr10"]
    a.wire.send(a.raw(a.router_mac, packet.ETH_IP, packet.echo4(a.ip, "10.10.0.1", 1, 2, b"irb")))
    assert a.wire.expect(lambda f: f.icmp == (0, 0)).tags == a.tags


def test_irb_does_not_stop_switching(lab):
    a, t = lab.h["acc10"], lab.h["tr10"]
    a.wire.send(a.raw(t.mac, packet.ETH_IP, udp4(a.ip, t.ip, 1000, 2000, ttl=1)))
    got = t.wire.expect(lambda f: f.ports == (1000, 2000))
    assert got.ttl == 1 and got.src == a.mac


# --- guards


def test_control_frames_are_punted(lab):
    """LLDP, LACP and spanning tree stop here (802.1Q table 8-1)."""
    a = lab.h["acc10"]
    before = sum(q["punted"]["control"] for q in lab.vm.qgms())
    for last in ("00", "02", "0e"):
        a.wire.send(a.raw("01:80:c2:00:00:" + last, 0x88CC, bytes(46)))
    for port in (3, 4, 5, 6):
        lab.vm.ports[port].expect_none(lambda f: f.type == 0x88CC, 0.08)
    until(lambda: sum(q["punted"]["control"] for q in lab.vm.qgms()) == before + 3)


def test_storm_control(lab):
    a = lab.h["acc10"]
    lab.vm.configure("set interfaces eth2 storm-control broadcast 100")
    try:
        before, begin = lab.vm.drops().get("storm_broadcast", 0), time.monotonic()
        for i in range(1000):
            a.wire.send(hello(a, packet.BROADCAST, data=b"%d" % i))
        came = []

        def all_told():
            came.extend(lab.vm.ports[4].collect(lambda f: f.src == a.mac, 0.05))
            return len(came) + lab.vm.drops()["storm_broadcast"] - before == 1000
        until(all_told)
        # 100 a second, and at the start what an eighth of a second allows
        assert 12 <= len(came) <= 100 * (time.monotonic() - begin) + 30
    finally:
        lab.vm.configure("delete interfaces eth2 storm-control")


def test_mac_limit(lab):
    """A flood of stations learns up to the limit; those known before stay known."""
    a, t = lab.h["acc10"], lab.h["tr10"]
    t.wire.send(hello(t, packet.BROADCAST))
    lab.vm.configure("set interfaces eth2 mac-limit 20")
    try:
        for i in range(200):
            a.wire.send(tagged(packet.BROADCAST, "02:00:00:30:00:%02x" % i, [], 0x88B5, bytes(46)))
        until(lambda: lab.vm.json("show bridges")["bridges"][0]["refused_port_limit"] >= 180)
        rows = lab.vm.json("show mac")["macs"]
        assert 10 <= len([r for r in rows if r["interface"] == "eth2"]) <= 20
        assert any(r["mac"] == t.mac and r["interface"] == "eth4" for r in rows)
        bridge = lab.vm.json("show bridges")["bridges"][0]
        assert 180 <= bridge["refused_port_limit"] <= 400
        assert bridge["refused_full"] == bridge["refused_bridge_limit"] == 0
        assert "port limit" in lab.vm.cmd("show bridges")
    finally:
        lab.vm.configure("delete interfaces eth2 mac-limit")


# --- configuration


@pytest.mark.parametrize("line,word", [
    ("set interfaces eth0 vif 0 address 10.3.0.1/24", "vif"),
    ("set interfaces eth0 vif 4095 address 10.3.0.1/24", "vif"),
    ("set interfaces eth2 vlan access 5000", "5000"),
    ("set interfaces eth4 vlan trunk 30-20", "30-20"),
])
def test_bad_vlans_are_refused(lab, line, word):
    lab.vm.cmd("configure")
    said = lab.vm.cmd(line)
    lab.vm.cmd("discard")
    lab.vm.cmd("exit")
    assert said.strip(), line


def test_live_change_of_a_vlan(lab):
    """eth3 moves from VLAN 20 to 10 and back, one epoch each."""
    a = lab.h["acc10"]
    lab.vm.configure("set interfaces eth3 vlan access 10")
    try:
        a.wire.send(hello(a, packet.BROADCAST))
        assert lab.vm.ports[3].expect(lambda f: f.src == a.mac and f.type == 0x88B5).tags == []
    finally:
        lab.vm.configure("set interfaces eth3 vlan access 20")
    lab.vm.ports[3].flush()
    a.wire.send(hello(a, packet.BROADCAST))
    quiet(lab, 3, a.mac)
