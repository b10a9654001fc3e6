# SPDX-License-Identifier: MIT
"""The 82574's two pairs of queues on QEMU's e1000e: RSS by addresses (the chip hashes no UDP ports),
an MSI-X entry for each pair, a QGM that leaves the table. Three QGMs, of which two have a pair of each
port:

    S0 10.0.0.2 ── eth0 10.0.0.1/24, pairs of QGM 0 and 1 ┐
                                                          ├ PIX
    S1 10.0.1.2 ── eth1 10.0.1.1/24, pairs of QGM 1 and 2 ┘"""

import struct
import time
from contextlib import contextmanager

import packet
import pytest
from lab import Station
from pixvm import PixVM
from test_steering import CONFIG, since, worked
from test_virtio import greet
from wire import pump

FLOWS = 48


@contextmanager
def router(cpus=4, **kw):
    with PixVM(["e1000e", "e1000e"], cpus=cpus, config=CONFIG, name="e1000e", **kw) as vm:
        vm.ready(60)
        vm.s = [Station(wire, i) for i, wire in enumerate(vm.ports)]
        greet(vm)
        yield vm


def detail(vm, i):
    return vm.json("show interfaces eth%d detail" % i)["interfaces"][0]


def traffic(vm, count, src=0):
    """`count` numbered packets of FLOWS source addresses; all arrive, each flow in order."""
    a, b = vm.s[src], vm.s[1 - src]
    heads = [a.udp(b.ip, 3000 + flow, 4001, b"\0" * 18, src="10.0.%d.%d" % (src, 100 + flow)) for flow in range(FLOWS)]
    frames = (heads[n % FLOWS][:40] + b"\0\0" + struct.pack("!Q", n) + heads[n % FLOWS][50:]
              for n in range(count))
    came = pump(a.wire, b.wire, frames, lambda raw: raw[36:38] == b"\x0f\xa1")
    last = {}
    for raw in came:
        flow, number = struct.unpack("!H", raw[34:36])[0] - 3000, struct.unpack("!Q", raw[42:50])[0]
        assert number % FLOWS == flow
        assert number > last.get(flow, -1), "flow %d: %d after %d" % (flow, number, last[flow])
        last[flow] = number
    assert len(came) == count


def test_flows_over_queues():
    with router() as vm:
        for i in range(2):
            row = detail(vm, i)
            assert (row["driver"], row["device"]) == ("e1000e", "10d3")
            assert row["rx_queues"] == row["tx_queues"] == 2 and row["speed_mbps"] == 1000
            assert [q["qgm"] for q in row["queues"]] == [i, i + 1]
            assert all(q["can_wake"] for q in row["queues"])
        for src in (0, 1):
            before = worked(vm)
            traffic(vm, 3000, src=src)
            part = since(vm, before)
            assert all(part[q] > 600 for q in (src, src + 1)), part
        time.sleep(0.5)
        for i in range(2):
            row = detail(vm, i)
            assert row["bad_descriptor"] == row["resets"] == row["tx_aborted"] == row["rx_missed"] == 0
            assert row["statistics"]["GPRC"] >= 3000 and row["statistics"]["GPTC"] >= 3000
        regs = {r["name"]: r["value"] for r in vm.json("show interfaces eth0 registers")["registers"]}
        assert int(regs["MRQC"], 16) & 3 == 1 and int(regs["RDLEN1"], 16) == 4096 and regs["ICR"] is None
        vm.conserved()


@pytest.mark.parametrize("cpus,append", [(1, ""), (2, ""), (4, "pix.queues=1")])
def test_one_queue(cpus, append):
    with router(cpus, append=append) as vm:
        assert all(row["rx_queues"] == row["tx_queues"] == 1 for row in vm.interfaces().values())
        for src in (0, 1):
            traffic(vm, 1000, src=src)
        vm.conserved()


def test_each_vector_wakes_its_own():
    with router() as vm:
        a, b = vm.s
        before = {c["qgm"]: c["wakes_device"] for c in vm.cpus() if c["qgm"] >= 0}
        for n in range(90):
            time.sleep(0.012)
            a.send(a.udp(b.ip, 5000 + n, 9, src="10.0.0.%d" % (100 + n)))
            b.expect_udp(5000 + n, 9)
        grown = {c["qgm"]: c["wakes_device"] - before[c["qgm"]] for c in vm.cpus() if c["qgm"] >= 0}
        assert all(grown[q] >= 15 for q in (0, 1)), grown
        assert 90 * 0.8 <= sum(grown.values()) <= 90 * 3, grown
        vm.conserved()


def test_a_qgm_leaves_the_table():
    """Of two QGMs, QGM 1 stops at its 64th frame; what it held is gone, nothing that comes later is."""
    with router(cpus=3, plant="qgm-fault", fatal=False) as vm:
        a, b = vm.s
        for n in range(400):
            a.send(a.udp(b.ip, 6000 + n % 48, 10, src="10.0.0.%d" % (100 + n % 48)))
        vm.wait_text(r"qgm1: DOWN", 10)
        time.sleep(0.5)
        b.wire.flush()
        before = worked(vm)
        traffic(vm, 2000)
        part = since(vm, before)
        assert part[1] == 0 and part[0] >= 2000, part


def test_reset_under_traffic():
    """Another MTU restarts the ports: stop, each QGM drains its pair, start with larger buffers. Frames
    over 8 KiB take two of them."""
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
