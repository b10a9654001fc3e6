# SPDX-License-Identifier: MIT
"""virtio-net with a queue pair for each QGM, on QEMU's device: split and packed virtqueues, RSS or
the device's own way, event index; flows keep their order, each QGM gets its share, sends by its own
queue and is woken by its own vector; a QGM that stops leaves the table. Two ports on multi-queue
TAPs, three QGMs:

    S0 10.0.0.2 ── eth0 10.0.0.1/24, 3 pairs ┐
                                             ├ PIX
    S1 10.0.1.2 ── eth1 10.0.1.1/24, 3 pairs ┘"""

import time
from contextlib import contextmanager

import netns
import pytest
from guest import port_mac
from lab import Station
from pixvm import PixVM
from tapwire import TapWire
from test_steering import CONFIG, since, traffic, worked

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
        vm.s = [Station(wire, i) for i, wire in enumerate(wires)]
        greet(vm)
        yield vm


def greet(vm):
    """One frame each way, so that the neighbours are known."""
    for a, b in ((0, 1), (1, 0)):
        vm.s[a].send(vm.s[a].udp(vm.s[b].ip, 7, 7))
        vm.s[b].expect_udp(7, 7, timeout=5)


@pytest.mark.parametrize("kind", KINDS)
def test_flows_over_queues(kind):
    with router(KINDS[kind]) as vm:
        rows = [vm.json("show interfaces eth%d detail" % i)["interfaces"][0] for i in range(2)]
        for i, row in enumerate(rows):
            assert row["rx_queues"] == row["tx_queues"] == 3
            assert [q["qgm"] for q in row["queues"]] == [(i + k) % 3 for k in range(3)]
            assert all(q["can_wake"] for q in row["queues"])
        assert kind.split("-")[0] + " rings" in vm.text and ", RSS" in vm.text
        assert (", event index" in vm.text) == kind.endswith("event")
        for src in (0, 1):
            before = worked(vm)
            traffic(vm, 3000, src=src)
            part = since(vm, before)
            assert all(part[q] > 400 for q in range(3)), part
        assert sum(q["ring_out"] for q in vm.qgms()) < 100  # each sends by its own queue
        for row in (vm.interfaces()["eth%d" % i] for i in range(2)):
            assert row["bad_descriptor"] == row["resets"] == row["tx_aborted"] == 0
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
    """Frames of one flow at a time, to QGMs that sleep: one interrupt of the device each."""
    with router(KINDS["packed"]) as vm:
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


def test_a_qgm_leaves_the_table():
    """QGM 1 stops at its 64th frame; what it held is gone, nothing that comes later is."""
    with router(KINDS["split-event"], plant="qgm-fault", fatal=False) as vm:
        a, b = vm.s
        for n in range(400):
            a.send(a.udp(b.ip, 6000 + n % 48, 10))
        vm.wait_text(r"qgm1: DOWN", 10)
        time.sleep(0.5)
        b.wire.flush()
        before = worked(vm)
        traffic(vm, 2000)
        part = since(vm, before)
        assert part[1] == 0 and part[0] > 500 and part[2] > 500, part


def test_reset_under_traffic():
    """A jumbo MTU restarts the port: stop, each QGM drains its queue, start."""
    with router(KINDS["packed-event"], mem=512) as vm:
        for mtu in (9000, 1500):
            vm.configure("set interfaces eth1 mtu %d" % mtu)
            deadline = time.monotonic() + 5
            while not vm.interfaces()["eth1"]["link"] and time.monotonic() < deadline:
                time.sleep(0.1)
            greet(vm)
            traffic(vm, 500)
        vm.conserved()
