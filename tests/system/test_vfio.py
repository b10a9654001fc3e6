# SPDX-License-Identifier: MIT
"""The real image on the models of 82599 and XL710 (tools/nicsim) over vfio-user: what x-pci-proxy-dev of
QEMU 7.2 cannot do. Three QGMs on one port at the same time, MSI-X messages that arrive, 64-bit BARs,
each core asleep until a vector of its own wakes it. Needs QEMU >= 10.1: taken where `tools/newer_qemu.sh 11` has
unpacked one already (`make long-vfio` lets it), else the tests are skipped and say so.

    S0 10.0.0.2 ── eth0 10.0.0.1/24 ┐
                                    ├ PIX
    S1 10.0.1.2 ── eth1 10.0.1.1/24 ┘"""

import os
from contextlib import contextmanager

import pytest
import twoports
from lab import Station
from pixvm import BUILD, PixVM
from twoports import CONFIG, detail, links_up, until, wakes

QEMU11 = os.environ.get("PIX_QEMU11", BUILD + "-qemu11/qemu")
COUNT = int(os.environ.get("PIX_VFIO", "3000"))
# Device id, and the registers whose sum is all good frames in and out.
MODELS = {"82599": ("10fb", ["GPRC"], ["GPTC"]),
          "xl710": ("1583", ["UPRC", "MPRC", "BPRC"], ["UPTC", "MPTC", "BPTC"])}
pytestmark = pytest.mark.skipif(not os.access(QEMU11, os.X_OK),
                                reason="no QEMU with vfio-user (make long-vfio fetches one)")


def greet(vm):
    """One frame each way, so that the neighbours are known. A NIC that has just got its link may have no
    buffer yet: what it drops then is counted (rx_missed), and the frame is sent again."""
    for a, b in ((vm.s[0], vm.s[1]), (vm.s[1], vm.s[0])):
        for last in (False, False, True):
            a.send(a.udp(b.ip, 7, 7))
            try:
                b.expect_udp(7, 7, timeout=5 if last else 1)
                break
            except AssertionError:
                if last:
                    raise
    missed = sum(row["rx_missed"] for row in vm.interfaces().values())
    assert missed <= 4, missed


@contextmanager
def router(models, cpus=4, idle="nap", **kw):
    kw.setdefault("limit", 280)
    with PixVM(models, cpus=cpus, machine="q35", mem=512, config=CONFIG, append="pix.idle=" + idle,
               nicsim="vfio", qemu=QEMU11, name="vfio-%s-%s" % (models[0].split(",")[0], idle), **kw) as vm:
        vm.ready(60)
        links_up(vm)
        vm.s = [Station(wire, i) for i, wire in enumerate(vm.ports)]
        greet(vm)
        yield vm


@pytest.mark.parametrize("model", MODELS)
def test_flows_over_queues(model):
    """A pair of queues and a vector for each QGM; flows spread, each in order; counts of the data sheet's
    registers are exact."""
    device, received, sent = MODELS[model]
    with router([model, model]) as vm:
        for i in range(2):
            row = detail(vm, i)
            assert row["device"] == device and row["rx_queues"] == row["tx_queues"] == 3
            assert sorted(q["qgm"] for q in row["queues"]) == [0, 1, 2]
            assert all(q["can_wake"] for q in row["queues"])
        woken, missed = wakes(vm), [vm.interfaces()["eth%d" % i]["rx_missed"] for i in range(2)]
        twoports.spread_evenly(vm, COUNT, COUNT / 8)
        assert all(after > woken[qgm] for qgm, after in wakes(vm).items()), (woken, wakes(vm))
        assert sum(q["ring_out"] for q in vm.qgms()) < 100  # each sends by its own queue
        for i in range(2):
            def counted(row):
                stats = row["statistics"]
                return sum(stats[name] for name in received), sum(stats[name] for name in sent)

            # the registers are read now and then; what they say is what PIX has counted, frame by frame
            until(lambda i=i: counted(detail(vm, i))[0] >= COUNT)
            until(lambda i=i: counted(detail(vm, i)) ==
                  (detail(vm, i)["rx"] + detail(vm, i)["rx_missed"], detail(vm, i)["tx"]))
            row = detail(vm, i)
            assert row["rx_missed"] == missed[i]
            assert COUNT < row["rx"] < COUNT + 10 and COUNT < row["tx"] < COUNT + 10, row
            twoports.nothing_odd(row)
        vm.conserved()


@pytest.mark.parametrize("idle", ["nap", "irq"])
@pytest.mark.parametrize("model", MODELS)
def test_each_vector_wakes_its_own(model, idle):
    with router([model, model], idle=idle) as vm:
        assert vm.json("show version")["version"]["idle"] == idle
        twoports.each_wakes(vm, most=4)
        vm.conserved()


def test_one_of_each():
    """An 82599 and an XL710 in one machine, all sizes, both ways, and their links."""
    with router(["82599", "xl710"]) as vm:
        for a, b in ((vm.s[0], vm.s[1]), (vm.s[1], vm.s[0])):
            for size in list(range(0, 60, 7)) + list(range(60, 1473, 157)) + [1471, 1472]:
                data = bytes((size + i) & 255 for i in range(size))
                a.send(a.udp(b.ip, 1 + size, 9, data))
                raw = b.expect_udp(1 + size, 9).raw
                assert raw[42:42 + size] == data
        for i in range(2):
            vm.nicsim.light("eth%d" % i, False)
            until(lambda i=i: not vm.interfaces()["eth%d" % i]["link"])
            vm.nicsim.light("eth%d" % i, True)
            until(lambda i=i: vm.interfaces()["eth%d" % i]["link"])
        for a, b in (vm.s, vm.s[::-1]):
            twoports.reaches(a, b)
        for src in (0, 1):
            twoports.traffic(vm, 1000, src=src)
        vm.conserved()


@pytest.mark.parametrize("model", MODELS)
def test_hang_under_traffic(model):
    """A transmitter that stops while three QGMs send by it: reset with all queues drained, then it goes on."""
    with router([model, model]) as vm:
        a, b = vm.s
        resets = vm.interfaces()["eth1"]["resets"]
        vm.nicsim.fault("eth1", "tx-hang", "always")
        a.send(*[a.udp(b.ip, 3000 + n, 9) for n in range(48)])
        until(lambda: vm.interfaces()["eth1"]["resets"] > resets, 20)
        vm.nicsim.fault("eth1", "tx-hang", 0)
        until(lambda: vm.interfaces()["eth1"]["link"], 20)
        for one, other in (vm.s, vm.s[::-1]):
            twoports.reaches(one, other)
        b.wire.flush()
        for src in (0, 1):
            twoports.traffic(vm, 500, src=src)
        vm.conserved()
