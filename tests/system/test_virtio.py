# SPDX-License-Identifier: MIT
"""virtio-net with a queue pair for each QGM, on QEMU's device: split and packed virtqueues, RSS or
the device's own way, event index; flows keep their order, each QGM gets its share, sends by its own
queue and is woken by its own vector; a QGM that stops leaves the table. Two ports on multi-queue
TAPs, three QGMs:

    S0 10.0.0.2 ── eth0 10.0.0.1/24, 3 pairs ┐
                                             ├ PIX
    S1 10.0.1.2 ── eth1 10.0.1.1/24, 3 pairs ┘"""

from contextlib import contextmanager

import netns
import pytest
import twoports
from guest import port_mac
from pixvm import PixVM
from tapwire import TapWire
from twoports import CONFIG, detail, stations, traffic

why_not = netns.available()
pytestmark = pytest.mark.skipif(why_not is not None, reason="no multi-queue TAPs: %s" % why_not)

KINDS = {
    "split": "packed=off,event_idx=off,rss=on",
    "split-event": "packed=off,event_idx=on,rss=on",
    "packed": "packed=on,event_idx=off,rss=on",
    "packed-event": "packed=on,event_idx=on,rss=on",
}


@contextmanager
def router(options, cpus=4, queues=4, **kw):
    wires = [TapWire("eth%d" % i, queues) for i in range(2)]
    extra = []
    for i, wire in enumerate(wires):
        extra += wire.device("n%d" % i, port_mac(i), options)
    vm = PixVM([], cpus=cpus, config=CONFIG, extra=extra, name="virtio", **kw)
    vm.ports += wires
    vm._fds += [fd for wire in wires for fd in wire.fds]
    with vm:
        vm.ready()
        vm.s = stations(vm)
        yield vm


@pytest.mark.parametrize("kind", KINDS)
def test_flows_over_queues(kind):
    with router(KINDS[kind]) as vm:
        for i, row in enumerate(detail(vm, i) for i in range(2)):
            assert row["rx_queues"] == row["tx_queues"] == 3
            assert [q["qgm"] for q in row["queues"]] == [(i + k) % 3 for k in range(3)]
            assert all(q["can_wake"] for q in row["queues"])
        assert kind.split("-")[0] + " rings" in vm.text and ", RSS" in vm.text
        assert (", event index" in vm.text) == kind.endswith("event")
        twoports.spread_evenly(vm, 3000, 400)
        assert sum(q["ring_out"] for q in vm.qgms()) < 100  # each sends by its own queue
        for i in range(2):
            twoports.nothing_odd(vm.interfaces()["eth%d" % i])
        vm.conserved()


def test_without_rss():
    """The device spreads as it likes: by the queue in which a flow's other direction was sent."""
    with router("packed=off,rss=off") as vm:
        assert ", RSS" not in vm.text
        for _ in range(2):
            for src in (0, 1):
                traffic(vm, 1000, src=src)
        assert vm.interfaces()["eth0"]["rx_queues"] == 3
        vm.conserved()


def test_each_vector_wakes_its_own():
    with router(KINDS["packed"]) as vm:
        twoports.each_wakes(vm)
        vm.conserved()


def test_a_qgm_leaves_the_table():
    with router(KINDS["split-event"], plant="qgm-fault", fatal=False) as vm:
        part = twoports.a_qgm_leaves(vm)
        assert part[0] > 500 and part[2] > 500, part


def test_reset_under_traffic():
    """A jumbo MTU restarts the port: stop, each QGM drains its queue, start."""
    with router(KINDS["packed-event"], mem=512) as vm:
        for mtu in (9000, 1500):
            twoports.change_mtu(vm, mtu, ["eth1"])
            traffic(vm, 500)
        vm.conserved()
