# SPDX-License-Identifier: MIT
"""DPDK's poll-mode drivers (net_ixgbe, net_i40e) on the models, by x-pci-proxy-dev of the stock QEMU:
testpmd forwards between two ports, frames and counts are compared exactly. One vCPU thread at a time,
since testpmd's console touches the ports from another vCPU than its forwarding."""

import os
import re

import pytest

from conform import IDS, ConformVM, build_guest
from guest import GuestError
from wire import pump

# Linux takes the XL710's INTx for broken, and so uio_pci_generic takes the device only without it.
SPEC = {"82599": "82599", "xl710": "xl710,intx=off,lldp=off"}
LLDP = b"\x88\xcc"
COUNT = int(os.environ.get("PIX_CONFORM", "20000"))
SINK = re.compile(r"(eth\d): generator made (\d+); sink: in order (\d+), gaps (\d+), late (\d+), bad (\d+), foreign (\d+)")


@pytest.fixture(scope="module", autouse=True)
def guest():
    build_guest()


def start(vm, model, *args):
    vm.ready()
    vm.shell("uio %s %s" % IDS[model])
    vm.cmd("testpmd %s" % " ".join(args), timeout=90)
    said = vm.cmd("show port summary all")
    assert said.count("up") == 2, "%s\n%s" % (said, vm.tail())


def port_stats(vm, port):
    said = vm.cmd("show port stats %d" % port)
    return {name: int(value) for name, value in re.findall(r"([RT]X-[a-z]+):\s+(\d+)", said)}


def frame(n, size):
    return bytes([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5]) + n.to_bytes(4, "big") + \
        bytes((n + i) & 255 for i in range(size - 18))


@pytest.mark.parametrize("model", ["82599", "xl710"])
def test_frames(model):
    """Every size, both directions, bit by bit; the PMD's statistics agree with the wire."""
    with ConformVM([SPEC[model]] * 2, accel="tcg,thread=single", name="testpmd-" + model, limit=240) as vm:
        start(vm, model, "--forward-mode=io")
        for wire in vm.ports:
            wire.verify = False
        vm.cmd("start")
        for source, sink in (vm.ports, vm.ports[::-1]):
            frames = [frame(n, size) for n, size in enumerate(list(range(60, 1514, 11)) + [1514] * 5)]
            came = pump(source, sink, frames, lambda raw: raw[12:14] == b"\x88\xb5", timeout=20)
            assert [bytes(raw) for raw in came] == frames
            count = len(frames)
        vm.cmd("stop", timeout=30)
        for port, wire in enumerate(vm.ports):
            stats = port_stats(vm, port)
            own = len(wire.collect(lambda f: f.raw[12:14] == LLDP, 0.1))
            assert stats["RX-packets"] == count and stats["TX-packets"] == count + own, (stats, own)
            assert stats["RX-missed"] == stats["RX-errors"] == stats["TX-errors"] == 0, stats
        vm.type("quit\r")
        vm.wait_text(r"Bye", 30)
        vm.end()


@pytest.mark.parametrize("model", ["82599", "xl710"])
def test_volume(model):
    """Generators of the models on both sides: all frames, in order, none lost, exact statistics."""
    generator = SPEC[model] + ",wire=gen:2000000:68:%d:16:held" % COUNT
    with ConformVM([generator, generator], accel="tcg,thread=single", name="volume-" + model, limit=900) as vm:
        start(vm, model, "--forward-mode=io")
        vm.cmd("start")
        vm.nicsim.command("go eth0")
        vm.nicsim.command("go eth1")
        last = None
        while True:
            report = "\n".join(vm.nicsim.command("report"))
            found = {m[0]: [int(v) for v in m[1:]] for m in SINK.findall(report)}
            if all(v[1] >= COUNT for v in found.values()):
                break
            if found == last:
                raise GuestError("nothing moves: %s" % report)
            last = found
            vm.wait_idle(3)
        vm.cmd("stop", timeout=30)
        for port in (0, 1):
            made, good, gaps, late, bad, own = found["eth%d" % port]
            assert (made, good, gaps, late, bad) == (COUNT, COUNT, 0, 0, 0), report
            assert own == 0 or model == "xl710", report  # its firmware sends LLDP
            stats = port_stats(vm, port)
            assert stats["RX-packets"] == COUNT and stats["TX-packets"] == COUNT + own, stats
            assert stats["RX-missed"] == stats["RX-errors"] == 0, stats
        vm.end()
