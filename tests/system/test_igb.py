# SPDX-License-Identifier: MIT
"""The igb driver on QEMU's 82576, which QEMU 7.2 has not: `make long-igb` fetches a newer one
(tools/qemu10.sh) and names it in PIX_QEMU. Three QGMs, a pair of queues for each:

    S0 10.0.0.2 ── eth0 10.0.0.1/24 ┐
                                    ├ PIX
    S1 10.0.1.2 ── eth1 10.0.1.1/24 ┘"""

import struct
import subprocess
import time
from contextlib import contextmanager

import packet
import pytest
from guest import QEMU, port_mac
from lab import Station
from pixvm import PixVM
from test_steering import CONFIG, since, traffic, worked
from test_virtio import greet
from wire import Wire

has_igb = "igb options" in subprocess.run([QEMU, "-device", "igb,help"], capture_output=True, text=True).stdout
pytestmark = pytest.mark.skipif(not has_igb, reason="this QEMU has no igb (make long-igb fetches one)")


@contextmanager
def router(cpus=4, **kw):
    wires, extra = [Wire("eth%d" % i) for i in range(2)], []
    for i, wire in enumerate(wires):  # each behind a port of its own: its VFs take room on its bus
        extra += ["-device", "pcie-root-port,id=rp%d,chassis=%d" % (i, i + 1), "-netdev",
                  wire.netdev("n%d" % i)[0], "-device",
                  "igb,bus=rp%d,netdev=n%d,mac=%s,romfile=" % (i, i, port_mac(i))]
    vm = PixVM([], cpus=cpus, machine="q35", config=CONFIG, extra=extra, name="igb", **kw)
    vm.ports += wires
    vm._fds += [wire.guest_end.fileno() for wire in wires]
    with vm:
        vm.ready(60)
        vm.s = [Station(wire, i) for i, wire in enumerate(vm.ports)]
        greet(vm)
        yield vm


def test_flows_over_queues():
    with router() as vm:
        for i in range(2):
            row = vm.json("show interfaces eth%d detail" % i)["interfaces"][0]
            assert (row["driver"], row["device"]) == ("igb", "10c9")
            assert row["rx_queues"] == row["tx_queues"] == 3 and row["speed_mbps"] == 1000
            assert [q["qgm"] for q in row["queues"]] == [(i + k) % 3 for k in range(3)]
            assert all(q["can_wake"] for q in row["queues"])
        for src in (0, 1):
            before = worked(vm)
            traffic(vm, 3000, src=src)
            part = since(vm, before)
            assert all(part[q] > 400 for q in range(3)), part
        assert sum(q["ring_out"] for q in vm.qgms()) < 100  # each sends by its own queue
        time.sleep(0.5)
        for i in range(2):
            row = vm.json("show interfaces eth%d detail" % i)["interfaces"][0]
            assert row["bad_descriptor"] == row["resets"] == row["tx_aborted"] == row["rx_missed"] == 0
            assert row["statistics"]["GPRC"] >= 3000 and row["statistics"]["GPTC"] >= 3000
        regs = {r["name"]: r["value"] for r in vm.json("show interfaces eth0 registers")["registers"]}
        assert int(regs["MRQC"], 16) & 7 == 2 and regs["ICR"] is None
        vm.conserved()


@pytest.mark.parametrize("cpus", [1, 2])
def test_one_queue(cpus):
    with router(cpus) as vm:
        assert vm.interfaces()["eth0"]["rx_queues"] == 1
        for src in (0, 1):
            traffic(vm, 1000, src=src)
        vm.conserved()


def test_each_vector_wakes_its_own():
    with router() as vm:
        a, b = vm.s
        before = {c["qgm"]: c["wakes_device"] for c in vm.cpus() if c["qgm"] >= 0}
        for n in range(90):
            time.sleep(0.012)
            a.send(a.udp(b.ip, 5000 + n, 9))
            b.expect_udp(5000 + n, 9)
        grown = {c["qgm"]: c["wakes_device"] - before[c["qgm"]] for c in vm.cpus() if c["qgm"] >= 0}
        assert all(n >= 10 for n in grown.values()), grown
        assert 90 * 0.8 <= sum(grown.values()) <= 90 * 3, grown
        vm.conserved()


def test_sizes():
    """All sizes of frames; short ones are filled up with zeroes."""
    with router() as vm:
        a, b = vm.s
        for size in list(range(1, 60)) + list(range(60, 1473, 97)) + [1471, 1472]:
            data = struct.pack("!H", size) * (size // 2 + 1)
            a.send(a.udp(b.ip, 1 + size, 9, data[:size]))
            raw = b.expect_udp(1 + size, 9).raw
            assert raw[42:42 + size] == data[:size] and not raw[42 + size:].strip(b"\0")
        vm.conserved()


def test_link_follows_the_wire():
    with router() as vm:
        for up in (False, True):
            mark = len(vm.text)
            vm.qmp("set_link", name="n0", up=up)
            vm.wait_text(r"eth0: link %s" % ("up" if up else "down"), 10, since=mark)
        greet(vm)
        traffic(vm, 200)


def test_jumbo():
    """9000 bytes restart the ports: stop, each QGM drains its queue, start with larger buffers."""
    with router(mem=1024) as vm:
        a, b = vm.s
        vm.configure("set interfaces eth0 mtu 9000", "set interfaces eth1 mtu 9000")
        deadline = time.monotonic() + 5
        while not all(vm.interfaces()[e]["link"] for e in ("eth0", "eth1")) and time.monotonic() < deadline:
            time.sleep(0.1)
        greet(vm)
        for size in (100, 2000, 4000, 8000, 8972):
            a.send(a.udp(b.ip, size, 9, b"j" * size))
            assert len(packet.Frame(b.expect_udp(size, 9).raw).raw) == size + 42
        traffic(vm, 500)
        vm.conserved()
