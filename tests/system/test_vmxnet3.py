# SPDX-License-Identifier: MIT
"""The vmxnet3 driver on QEMU's device, which receives by one queue whatever it is told and sends by
one for each QGM:

    S0 10.0.0.2, 2001:db8:0::2 ── eth0 vmxnet3 ┐
                                               ├ PIX
    S1 10.0.1.2, 2001:db8:1::2 ── eth1 vmxnet3 ┘"""

import struct
import time
from contextlib import contextmanager

import packet
import pytest
from lab import Station
from lab6 import Station6
from pixvm import PixVM
from test_steering import CONFIG, since, traffic, worked
from test_virtio import greet


@contextmanager
def router(cpus=2, ports=("vmxnet3", "vmxnet3"), **kw):
    with PixVM(list(ports), cpus=cpus, config=CONFIG, name="vmxnet3", **kw) as vm:
        vm.ready(60)
        vm.s = [Station(wire, i) for i, wire in enumerate(vm.ports)]
        greet(vm)
        yield vm


@pytest.fixture(scope="module")
def vm():
    with router() as vm:
        yield vm


def detail(vm, i):
    return vm.json("show interfaces eth%d detail" % i)["interfaces"][0]


def test_what_it_says(vm):
    row = detail(vm, 0)
    assert (row["driver"], row["device"]) == ("vmxnet3", "07b0")
    assert row["link"] and row["speed_mbps"] == 1000
    regs = {r["name"]: r["value"] for r in vm.json("show interfaces eth0 registers")["registers"]}
    assert int(regs["VRRS"], 16) == 1 and regs["ICR"] is None
    mac = struct.pack("<II", int(regs["MACL"], 16), int(regs["MACH"], 16))[:6]
    assert mac.hex(":") == row["mac"]


def test_sizes(vm):
    """All sizes of frames; short ones are filled up with zeroes."""
    a, b = vm.s
    for size in list(range(1, 60)) + list(range(60, 1473, 97)) + [1471, 1472]:
        data = struct.pack("!H", size) * (size // 2 + 1)
        a.send(a.udp(b.ip, 1 + size, 9, data[:size]))
        raw = b.expect_udp(1 + size, 9).raw
        assert raw[42:42 + size] == data[:size] and not raw[42 + size:].strip(b"\0")
    vm.conserved()


def test_statistics_and_order(vm):
    def counts(i):
        s = detail(vm, i)["statistics"]
        return s["ucastPktsRxOK"], s["ucastPktsTxOK"]

    time.sleep(0.3)
    before = [counts(i) for i in range(2)]
    traffic(vm, 3000)
    traffic(vm, 1000, src=1)
    time.sleep(0.5)
    after = [counts(i) for i in range(2)]
    assert [y - x for x, y in zip(before[0], after[0])] == [3000, 1000]
    assert [y - x for x, y in zip(before[1], after[1])] == [1000, 3000]
    for i in range(2):
        row = detail(vm, i)
        assert row["bad_descriptor"] == row["resets"] == row["tx_aborted"] == row["rx_missed"] == 0
    vm.conserved()


def test_too_long_frames_are_counted(vm):
    """Frames that no buffer takes: each is in the device's books, and nothing else is lost."""
    a, b = vm.s
    before = detail(vm, 0)["rx_length"]
    for n in range(20):
        vm.ports[0].send(packet.eth(a.router_mac, a.mac, 0x0800, b"\x45" + b"\0" * 1999))
    traffic(vm, 300)
    time.sleep(0.5)
    assert detail(vm, 0)["rx_length"] == before + 20
    vm.conserved()


def test_link_follows_the_wire(vm):
    for up in (False, True):
        mark = len(vm.text)
        vm.qmp("set_link", name="n0", up=up)
        vm.wait_text(r"eth0: link %s" % ("up" if up else "down"), 10, since=mark)
    greet(vm)
    traffic(vm, 200)


def test_ipv6():
    config = "interfaces { eth0 { address 2001:db8::1/64; } eth1 { address 2001:db8:1::1/64; } }\n"
    with PixVM(["vmxnet3", "vmxnet3"], cpus=2, config=config, name="vmxnet3") as vm:
        vm.ready()
        a, b = [Station6(wire, i, "2001:db8:%x::2" % i, "2001:db8:%x::1" % i) for i, wire in enumerate(vm.ports)]
        deadline = time.monotonic() + 10
        while True:  # the router's own address is checked for a second
            a.send(a.udp(b.ip, 7, 7))
            try:
                b.expect_udp(7, 7, 0.5)
                break
            except AssertionError:
                assert time.monotonic() < deadline
        for size in (0, 1, 100, 1451, 1452):
            data = bytes(n & 0xff for n in range(size))
            a.send(a.udp(b.ip, 1000 + size, 9, data))
            assert b.expect_udp(1000 + size, 9).raw[62:62 + size] == data
        vm.conserved()


def test_frames_wake_its_core(vm):
    a, b = vm.s
    before = sum(c["wakes_device"] for c in vm.cpus())
    for n in range(40):
        time.sleep(0.012)
        a.send(a.udp(b.ip, 5000 + n, 9))
        b.expect_udp(5000 + n, 9)
    grown = sum(c["wakes_device"] for c in vm.cpus()) - before
    assert 40 * 0.8 <= grown <= 40 * 4, grown


def test_each_qgm_sends_by_its_own_queue():
    """One receive queue, the work spread by software, three transmit queues."""
    with router(cpus=4) as vm:
        row = detail(vm, 0)
        assert row["rx_queues"] == 1 and row["tx_queues"] == 3
        vm.configure("set steering mode rps")
        for src in (0, 1):
            before = worked(vm)
            traffic(vm, 2000, src=src)
            part = since(vm, before)
            assert all(part[q] > 200 for q in range(3)), part
        vm.conserved()


@pytest.mark.parametrize("cpus", [1, 2])
def test_beside_others(cpus):
    with router(cpus, ports=("vmxnet3", "virtio")) as vm:
        traffic(vm, 1000)
        traffic(vm, 1000, src=1)
        vm.conserved()


def test_jumbo():
    """9000 bytes restart the ports: stop, each QGM drains its queue, start with larger buffers."""
    with router(mem=768) as vm:
        a, b = vm.s
        for mtu in (9000, 1500):
            vm.configure("set interfaces eth0 mtu %d" % mtu, "set interfaces eth1 mtu %d" % mtu)
            deadline = time.monotonic() + 5
            while not all(row["link"] for row in vm.interfaces().values()) and time.monotonic() < deadline:
                time.sleep(0.1)
            greet(vm)
            for size in (100, mtu - 1000, mtu - 28):
                a.send(a.udp(b.ip, size, 9, b"j" * size))
                assert len(packet.Frame(b.expect_udp(size, 9).raw).raw) == size + 42
            traffic(vm, 500)
        vm.conserved()
