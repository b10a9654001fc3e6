# SPDX-License-Identifier: MIT
"""The igb driver on QEMU's 82576, which QEMU 7.2 has not: `make long-igb` fetches a newer one
(tools/newer_qemu.sh 10) and names it in PIX_QEMU. Three QGMs, a pair of queues for each:

    S0 10.0.0.2 ── eth0 10.0.0.1/24 ┐
                                    ├ PIX
    S1 10.0.1.2 ── eth1 10.0.1.1/24 ┘"""

import subprocess
from contextlib import contextmanager

import pytest
import twoports
from guest import QEMU, port_mac
from pixvm import PixVM
from twoports import CONFIG, detail, registers, stations, traffic, until
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
        vm.s = stations(vm)
        yield vm


def test_flows_over_queues():
    with router() as vm:
        for i in range(2):
            row = detail(vm, i)
            assert (row["driver"], row["device"]) == ("igb", "10c9")
            assert row["rx_queues"] == row["tx_queues"] == 3 and row["speed_mbps"] == 1000
            assert [q["qgm"] for q in row["queues"]] == [(i + k) % 3 for k in range(3)]
            assert all(q["can_wake"] for q in row["queues"])
        twoports.spread_evenly(vm, 3000, 400)
        assert sum(q["ring_out"] for q in vm.qgms()) < 100  # each sends by its own queue
        for i in range(2):
            until(lambda i=i: min(detail(vm, i)["statistics"][name] for name in ("GPRC", "GPTC")) >= 3000, 5)
            twoports.nothing_odd(detail(vm, i), "rx_missed")
        regs = registers(vm)
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
        twoports.each_wakes(vm)
        vm.conserved()


def test_sizes():
    with router() as vm:
        twoports.all_sizes(vm)
        vm.conserved()


def test_link_follows_the_wire():
    with router() as vm:
        twoports.link_follows_the_wire(vm)


def test_jumbo():
    with router(mem=1024) as vm:
        twoports.jumbo_and_back(vm, (9000,))
        vm.conserved()
