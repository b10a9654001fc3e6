# SPDX-License-Identifier: MIT
"""The 82574's two pairs of queues on QEMU's e1000e: RSS by addresses (the chip hashes no UDP ports),
an MSI-X entry for each pair, a QGM that leaves the table. Three QGMs, of which two have a pair of each
port:

    S0 10.0.0.2 ── eth0 10.0.0.1/24, pairs of QGM 0 and 1 ┐
                                                          ├ PIX
    S1 10.0.1.2 ── eth1 10.0.1.1/24, pairs of QGM 1 and 2 ┘"""

from contextlib import contextmanager

import pytest
import twoports
from pixvm import PixVM
from twoports import CONFIG, by_address, detail, registers, stations, until


@contextmanager
def router(cpus=4, **kw):
    with PixVM(["e1000e", "e1000e"], cpus=cpus, config=CONFIG, name="e1000e", **kw) as vm:
        vm.ready(60)
        vm.s = stations(vm)
        yield vm


def test_flows_over_queues():
    with router() as vm:
        for i in range(2):
            row = detail(vm, i)
            assert (row["driver"], row["device"]) == ("e1000e", "10d3")
            assert row["rx_queues"] == row["tx_queues"] == 2 and row["speed_mbps"] == 1000
            assert [q["qgm"] for q in row["queues"]] == [i, i + 1]
            assert all(q["can_wake"] for q in row["queues"])
        twoports.spread_evenly(vm, 3000, 600, lambda src: (src, src + 1), by_address)
        for i in range(2):
            until(lambda i=i: min(detail(vm, i)["statistics"][name] for name in ("GPRC", "GPTC")) >= 3000)
            twoports.nothing_odd(detail(vm, i), "rx_missed")
        regs = registers(vm)
        assert int(regs["MRQC"], 16) & 3 == 1 and int(regs["RDLEN1"], 16) == 4096 and regs["ICR"] is None
        vm.conserved()


@pytest.mark.parametrize("cpus,append", [(1, ""), (2, ""), (4, "pix.queues=1")])
def test_one_queue(cpus, append):
    with router(cpus, append=append) as vm:
        assert all(row["rx_queues"] == row["tx_queues"] == 1 for row in vm.interfaces().values())
        for src in (0, 1):
            twoports.traffic(vm, 1000, src=src, source=by_address)
        vm.conserved()


def test_each_vector_wakes_its_own():
    with router() as vm:
        twoports.each_wakes(vm, least=15, qgms=(0, 1), source=by_address)
        vm.conserved()


def test_a_qgm_leaves_the_table():
    """Of two QGMs, QGM 1 stops."""
    with router(cpus=3, plant="qgm-fault", fatal=False) as vm:
        part = twoports.a_qgm_leaves(vm, by_address)
        assert part[0] >= 2000, part


def test_reset_under_traffic():
    """Frames over 8 KiB take two buffers."""
    with router(mem=768) as vm:
        twoports.jumbo_and_back(vm)
        vm.conserved()
