# SPDX-License-Identifier: MIT
"""Real Linux hosts around PIX: addresses from its router advertisements (SLAAC), ping, traceroute and
TCP in both families, and TCP over a VLAN trunk between two VLANs (router on a stick) and inside one
(switch). Skipped where network namespaces are not allowed."""

import time

import netns
import pytest
from linuxhosts import Linux6, Trunk
from pixvm import PixVM
from wire import Wire

REASON = netns.available()
pytestmark = pytest.mark.skipif(REASON is not None, reason="namespaces: %s" % REASON)

CONFIG = """version 1;
interfaces {
    eth0 { address 10.0.0.1/24; address 2001:db8:a::1/64; router-advertisement { interval 4; } }
    eth1 { address 10.0.1.1/24; address 2001:db8:b::1/64; router-advertisement { interval 4; dns 2001:db8:b::53; } }
}
"""


@pytest.fixture(scope="module")
def two():
    """a - eth0 PIX eth1 - b."""
    a = b = None
    try:
        a = Linux6("a", "10.0.0.2/24", "10.0.0.1")
        b = Linux6("b", "10.0.1.2/24", "10.0.1.1")
        with PixVM([("e1000", a.fd), ("virtio", b.fd)], cpus=2, config=CONFIG, name="linux", limit=600) as vm:
            vm.ready()
            vm.a, vm.b = a, b
            yield vm
            vm.conserved()
    finally:
        for host in (a, b):
            if host:
                host.close()


def autoconfigured(host, prefix, timeout=60):
    deadline = time.monotonic() + timeout
    while True:
        mine = [x for x in host.addresses() if x.startswith(prefix)]
        if mine and host.default_route():
            return mine[0]
        assert time.monotonic() < deadline, (host.addresses("link"), host.default_route())
        time.sleep(0.2)


def test_slaac(two):
    """Both hosts make an address of the advertised prefix and take PIX as their default router."""
    a = autoconfigured(two.a, "2001:db8:a:")
    b = autoconfigured(two.b, "2001:db8:b:")
    assert "via fe80::" in two.a.default_route()
    assert a != b


def test_ping6(two):
    b = autoconfigured(two.b, "2001:db8:b:")
    autoconfigured(two.a, "2001:db8:a:")
    got = two.a.ping6(b, count=10)
    assert got["received"] == 10 and got["ttl"] == {63}
    got = two.a.ping6("2001:db8:a::1", count=3, size=1800)
    assert got["received"] == 3, "fragments to PIX itself: " + got["text"]


def test_traceroute6(two):
    b = autoconfigured(two.b, "2001:db8:b:")
    autoconfigured(two.a, "2001:db8:a:")
    assert two.a.traceroute6(b) == ["2001:db8:a::1", b]


def test_tcp_of_both_families(two):
    b = autoconfigured(two.b, "2001:db8:b:")
    autoconfigured(two.a, "2001:db8:a:")
    assert two.a.bulk(two.b, 8 << 20)["bytes"] >= 8 << 20
    four, two.b.ip = two.b.ip, b
    try:
        assert two.a.bulk(two.b, 8 << 20)["bytes"] >= 8 << 20
    finally:
        two.b.ip = four


def test_neighbours_are_shown(two):
    b = autoconfigured(two.b, "2001:db8:b:")
    two.a.ping6(b, count=1)
    rows = {r["address"]: r for r in two.json("show neighbors")["neighbors"]}
    assert rows[b]["interface"] == "eth1"


STICK = """version 1;
interfaces {
    eth0 {
        vif 10 { address 10.10.0.1/24; address 2001:db8:10::1/64; router-advertisement { interval 4; } }
        vif 20 { address 10.20.0.1/24; address 2001:db8:20::1/64; router-advertisement { interval 4; } }
    }
}
"""


def test_tcp_over_a_trunk_between_vlans():
    """A router on a stick: two Linux hosts in two VLANs of one trunk, IPv4 and IPv6."""
    hosts = []
    try:
        for vid in (10, 20):
            hosts.append(Linux6("v%d" % vid, "10.%d.0.2/24" % vid, "10.%d.0.1" % vid))
        wire = Wire("trunk")
        with PixVM([("virtio", wire)], cpus=2, config=STICK, name="stick", limit=400) as vm:
            vm.ready()
            trunk = Trunk(wire, {10: hosts[0], 20: hosts[1]})
            try:
                assert hosts[0].ping("10.20.0.2", 5)["ttl"] == {63}
                assert hosts[0].bulk(hosts[1], 4 << 20, 120)["bytes"] >= 4 << 20
                six = autoconfigured(hosts[1], "2001:db8:20:")
                autoconfigured(hosts[0], "2001:db8:10:")
                assert hosts[0].ping6(six, 3)["received"] == 3
                assert trunk.stray == 0
                vm.conserved()
            finally:
                trunk.close()
    finally:
        for host in hosts:
            host.close()


SWITCH = """version 1;
interfaces {
    eth0 { bridge br0; vlan { trunk 10,20; } }
    eth1 { bridge br0; vlan { access 10; } }
}
"""


def test_tcp_through_a_vlan_switch():
    """iperf3 from a host on a trunk to one on an access port of the same VLAN."""
    hosts = []
    try:
        hosts.append(Linux6("t10", "10.10.0.2/24"))
        hosts.append(Linux6("t20", "10.10.0.3/24"))  # the same subnet, another VLAN: not reached
        hosts.append(Linux6("acc", "10.10.0.9/24"))
        wire = Wire("trunk")
        with PixVM([("virtio", wire), ("e1000", hosts[2].fd)], cpus=2, config=SWITCH, name="vswitch",
                   limit=400) as vm:
            vm.ready()
            trunk = Trunk(wire, {10: hosts[0], 20: hosts[1]})
            try:
                assert hosts[0].ping("10.10.0.9", 3)["received"] == 3
                assert hosts[0].bulk(hosts[2], 4 << 20, 120)["bytes"] >= 4 << 20
                assert hosts[1].ping("10.10.0.9", 1, timeout=1)["received"] == 0
                vm.conserved()
            finally:
                trunk.close()
    finally:
        for host in hosts:
            host.close()
