# SPDX-License-Identifier: MIT
"""Jumbo frames: an MTU up to 9216 on ports of each driver, routed and switched, answered, fragmented
and refused at the boundary; ports change over while running, and small machines say that they cannot.

    S0 ── eth0 e1000 ┐       ┌ eth3 e1000  ── S3
    S1 ── eth1 e1000e├─ PIX ─┤ eth4 e1000e ── S4   br0
    S2 ── eth2 virtio┘       └ eth5 virtio ── S5
    S6 ── eth6 virtio, MTU 1500
"""

import struct
import time

import pytest

import packet
from lab import Station
from packet import echo4, udp4
from pixvm import PixVM
from twoports import links_up, reaches, restarts

MTU = 9216
DF = 2
MODELS = ["e1000", "e1000e", "virtio", "e1000", "e1000e", "virtio", "virtio"]
CONFIG = "version 1;\ninterfaces {\n" + "".join(
    "    eth%d { address 10.0.%d.1/24; mtu %d; }\n" % (i, i, MTU) for i in range(3)) + "".join(
    "    eth%d { bridge br0; mtu %d; }\n" % (i, MTU) for i in range(3, 6)) + \
    "    eth6 { address 10.0.6.1/24; }\n}\n"
# Around one buffer of 8 KiB, which the NICs of the e1000 family have at most, and around the MTU.
SIZES = (60, 1500, 1501, 2048, 4096, 8177, 8178, 8179, 8192, 9000, MTU - 1, MTU)


def data(n):
    return bytes((i * 7 + (i >> 8)) & 0xFF for i in range(n))


def links(vm):
    """Ports that change their buffers are down for a moment."""
    time.sleep(0.2)
    links_up(vm)


@pytest.fixture(scope="module")
def net():
    with PixVM(MODELS, cpus=2, mem=512, config=CONFIG, name="jumbo") as vm:
        vm.ready()
        s = [Station(wire, i) for i, wire in enumerate(vm.ports)]
        links(vm)
        for i in (0, 1, 2, 6):
            reaches(s[0 if i else 1], s[i])
        yield vm, s
        vm.conserved()


@pytest.mark.parametrize("a,b", [(0, 1), (1, 2), (2, 0)], ids=["e1000-e1000e", "e1000e-virtio", "virtio-e1000"])
def test_routed(net, a, b):
    vm, s = net
    for size in SIZES:
        with vm.counting():
            s[a].send(s[a].udp(s[b].ip, 3, size, data(size - 28), flags=DF))
            got = s[b].expect_udp(3, size)
        assert got.payload == data(size - 28)


@pytest.mark.parametrize("a", [3, 4, 5], ids=["e1000", "e1000e", "virtio"])
def test_switched(net, a):
    """Flooded to both others (a copy finds a buffer that is large enough), then to the one."""
    vm, s = net
    src, dst = "02:00:00:20:00:%02x" % a, "02:00:00:21:00:%02x" % a
    others = [p for p in (3, 4, 5) if p != a]
    for size in SIZES:
        frame = packet.eth(dst, src, packet.ETH_IP, udp4("192.168.7.1", "192.168.7.2", 1, size, data(size - 28)))
        s[a].send(frame)
        for p in others:
            assert s[p].expect(lambda f: f.src == src).raw == frame
    back = packet.eth(src, dst, packet.ETH_IP, udp4("192.168.7.2", "192.168.7.1", 1, 1, data(MTU - 28)))
    s[others[0]].send(back)
    assert s[a].expect(lambda f: f.src == dst).raw == back
    s[others[1]].expect_none(lambda f: f.src == dst, timeout=0.1)


@pytest.mark.parametrize("port", [0, 1, 2], ids=["e1000", "e1000e", "virtio"])
def test_echo(net, port):
    vm, s = net
    for size in (8972, MTU - 28):
        with vm.counting():
            s[port].send(s[port].frame(echo4(s[port].ip, s[port].router_ip, 5, size & 0xFFFF, data(size))))
            got = s[port].expect_icmp(0, 0)
        assert got.payload == data(size)


def test_show_both_classes(net):
    """Each class has a row, and together they are all buffers; jumbo ones are in the NICs."""
    vm, s = net
    law = vm.conservation()
    whole, classes = law["pools"][0], law["classes"]
    assert [c["buf_size"] for c in classes] == [2048, 10240]
    for key in ("size", "free"):
        assert sum(c[key] for c in classes) == whole[key]
    assert all(0 < c["used"] == c["size"] - c["free"] for c in classes), classes


def test_boundary(net):
    """To a port of MTU 1500: fragments, or with DF the error with that MTU."""
    vm, s = net
    with vm.counting(mtu_exceeded=1):
        s[0].send(s[0].udp(s[6].ip, 9, 9, data(1473), flags=DF))
        got = s[0].expect_icmp(3, 4)
    assert got.body[6:8] == struct.pack("!H", 1500)
    s[1].send(s[1].udp(s[6].ip, 9, 10, data(8972)))
    parts = [s[6].expect(lambda f: f.ip_dst == s[6].ip) for _ in range(7)]
    assert all(len(p.raw) <= 1514 for p in parts)
    s[6].expect_none(lambda f: f.ip_dst == s[6].ip, timeout=0.1)


def test_large_fragments(net):
    """Between two jumbo MTUs: fragments as large as the smaller of them."""
    vm, s = net
    links(vm)
    vm.configure("set interfaces eth1 mtu 4000")
    reaches(s[0], s[1])
    try:
        s[0].send(s[0].udp(s[1].ip, 9, 11, data(8972)))
        parts = [s[1].expect(lambda f: f.ip_dst == s[1].ip) for _ in range(3)]
        assert [len(p.raw) for p in parts] == [14 + 3996, 14 + 3996, 14 + 20 + 8980 - 2 * 3976]
        assert b"".join(p.raw[34:] for p in parts)[8:] == data(8972)
        assert [struct.unpack("!H", p.raw[20:22])[0] for p in parts] == [0x2000, 0x2000 | 497, 2 * 497]
        s[1].expect_none(lambda f: f.ip_dst == s[1].ip, timeout=0.1)
    finally:
        vm.configure("set interfaces eth1 mtu %d" % MTU)
        links(vm)


@pytest.mark.parametrize("port", [0, 1, 2], ids=["e1000", "e1000e", "virtio"])
def test_larger_than_a_buffer(net, port):
    """Lost alone and by name, or never taken by the device; what follows arrives."""
    vm, s = net
    to = s[(port + 1) % 3]
    before = vm.interfaces()["eth%d" % port]["resets"]
    for size in (10200, 12000, 16300, 16384):
        s[port].send(packet.eth(s[port].router_mac, s[port].mac, 0x88B5, data(size - 14)))
        s[port].send(s[port].udp(to.ip, 4, size, data(8972)))
        assert to.expect_udp(4, size).payload == data(8972)
    assert vm.interfaces()["eth%d" % port]["resets"] == before


def test_while_running(net):
    """A port goes back to small buffers and again to large ones; the others never notice."""
    vm, s = net
    for _ in range(2):
        restarts(vm, ["eth1"], "delete interfaces eth1 mtu")
        reaches(s[0], s[1])
        with vm.counting(mtu_exceeded=1):
            s[0].send(s[0].udp(s[1].ip, 9, 9, data(1473), flags=DF))
            got = s[0].expect_icmp(3, 4)
        assert got.body[6:8] == struct.pack("!H", 1500)
        s[0].send(s[0].udp(s[1].ip, 6, 6, data(1472)))
        s[1].expect_udp(6, 6)
        restarts(vm, ["eth1"], "set interfaces eth1 mtu 9000")
        reaches(s[0], s[1])
        s[0].send(s[0].udp(s[1].ip, 6, 7, data(8972), flags=DF))
        assert s[1].expect_udp(6, 7).payload == data(8972)
        s[1].send(s[1].udp(s[2].ip, 6, 8, data(8972), flags=DF))
        assert s[2].expect_udp(6, 8).payload == data(8972)
        vm.conserved()
    vm.configure("set interfaces eth1 mtu %d" % MTU)


def test_too_small_a_machine():
    """64 MiB have no jumbo buffers: the MTU is refused by a sentence, ordinary frames pass."""
    config = "interfaces {\n    eth0 { address 10.0.0.1/24; }\n    eth1 { address 10.0.1.1/24; }\n}\n"
    with PixVM(["e1000", "virtio"], cpus=1, mem=64, config=config) as vm:
        vm.ready()
        s = [Station(wire, i) for i, wire in enumerate(vm.ports)]
        said = vm.configure("set interfaces eth0 mtu 9000")
        assert "more than its port can do (1500)" in said, said
        s[0].send(s[0].udp(s[1].ip, 1, 2, data(1472)))
        s[1].expect_udp(1, 2)
        vm.conserved()
