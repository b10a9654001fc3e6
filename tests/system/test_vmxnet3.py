# SPDX-License-Identifier: MIT
"""The vmxnet3 driver on QEMU's device, which receives by one queue whatever it is told and sends by
one for each QGM:

    S0 10.0.0.2, 2001:db8:0::2 ── eth0 vmxnet3 ┐
                                               ├ PIX
    S1 10.0.1.2, 2001:db8:1::2 ── eth1 vmxnet3 ┘"""

import struct
from contextlib import contextmanager

import packet
import pytest
import twoports
from lab6 import Station6
from pixvm import PixVM
from twoports import CONFIG, agree, detail, registers, stations, traffic, until


@contextmanager
def router(cpus=2, ports=("vmxnet3", "vmxnet3"), **kw):
    with PixVM(list(ports), cpus=cpus, config=CONFIG, name="vmxnet3", **kw) as vm:
        vm.ready(60)
        vm.s = stations(vm)
        yield vm


@pytest.fixture(scope="module")
def vm():
    with router() as vm:
        yield vm


def test_what_it_says(vm):
    row = detail(vm, 0)
    assert (row["driver"], row["device"]) == ("vmxnet3", "07b0")
    assert row["link"] and row["speed_mbps"] == 1000
    regs = registers(vm)
    assert int(regs["VRRS"], 16) == 1 and regs["ICR"] is None
    mac = struct.pack("<II", int(regs["MACL"], 16), int(regs["MACH"], 16))[:6]
    assert mac.hex(":") == row["mac"]


def test_sizes(vm):
    twoports.all_sizes(vm)
    vm.conserved()


def test_statistics_and_order(vm):
    """What the device counted is what went over the wires since it started, ARP and all, to the frame."""
    def device():
        rows = [detail(vm, i)["statistics"] for i in range(2)]
        return [(s["ucastPktsRxOK"], s["ucastPktsTxOK"]) for s in rows]

    def wires():
        return [(s.wire.unicast_sent, s.wire.unicast_received) for s in vm.s]

    before, _ = agree(device, wires)
    traffic(vm, 3000)
    traffic(vm, 1000, src=1)
    after, _ = agree(device, wires)
    for i, (rx, tx) in enumerate(((3000, 1000), (1000, 3000))):
        assert all(n <= now - then < n + 10 for n, now, then in zip((rx, tx), after[i], before[i])), (before, after)
    for i in range(2):
        twoports.nothing_odd(detail(vm, i), "rx_missed")
    vm.conserved()


def test_too_long_frames_are_counted(vm):
    """Frames that no buffer takes: each is in the device's books, and nothing else is lost."""
    a, b = vm.s
    before = detail(vm, 0)["rx_length"]
    for n in range(20):
        vm.ports[0].send(packet.eth(a.router_mac, a.mac, 0x0800, b"\x45" + b"\0" * 1999))
    traffic(vm, 300)
    until(lambda: detail(vm, 0)["rx_length"] >= before + 20)
    assert detail(vm, 0)["rx_length"] == before + 20
    vm.conserved()


def test_link_follows_the_wire(vm):
    twoports.link_follows_the_wire(vm)


def test_ipv6():
    config = "interfaces { eth0 { address 2001:db8::1/64; } eth1 { address 2001:db8:1::1/64; } }\n"
    with PixVM(["vmxnet3", "vmxnet3"], cpus=2, config=config, name="vmxnet3") as vm:
        vm.ready()
        a, b = [Station6(wire, i, "2001:db8:%x::2" % i, "2001:db8:%x::1" % i) for i, wire in enumerate(vm.ports)]
        twoports.reaches(a, b)  # the router's own address is checked for a second
        for size in (0, 1, 100, 1451, 1452):
            data = bytes(n & 0xff for n in range(size))
            a.send(a.udp(b.ip, 1000 + size, 9, data))
            assert b.expect_udp(1000 + size, 9).raw[62:62 + size] == data
        vm.conserved()


def test_frames_wake_its_core(vm):
    twoports.each_wakes(vm, 40, 20, 4, (0,))


def test_each_qgm_sends_by_its_own_queue():
    """One receive queue, the work spread by software, three transmit queues."""
    with router(cpus=4) as vm:
        row = detail(vm, 0)
        assert row["rx_queues"] == 1 and row["tx_queues"] == 3
        vm.configure("set steering mode rps")
        twoports.spread_evenly(vm, 2000, 200)
        vm.conserved()


@pytest.mark.parametrize("cpus", [1, 2])
def test_beside_others(cpus):
    with router(cpus, ports=("vmxnet3", "virtio")) as vm:
        traffic(vm, 1000)
        traffic(vm, 1000, src=1)
        vm.conserved()


def test_jumbo():
    with router(mem=768) as vm:
        twoports.jumbo_and_back(vm)
        vm.conserved()
