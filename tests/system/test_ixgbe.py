# SPDX-License-Identifier: MIT
"""The ixgbe driver in the real image, on the model of the 82599 behind x-pci-proxy-dev (a process of
its own; no interrupts there): frames of all kinds are routed and switched with exact counts, faults of
the device are noticed and recovered from, and the model has no complaint about the driver.

    S0 ── eth0 82599 ┐       ┌ eth2 e1000
                     ├─ PIX ─┤
    S1 ── eth1 82599 ┘       └ eth3 virtio
"""

import time

import pytest

from pixvm import PixVM
from twoports import links_up, reaches, stations, until
from wire import pump

MTU = 9216
CONFIG = "version 1;\ninterfaces {\n" + "".join(
    "    eth%d { address 10.0.%d.1/24; }\n" % (i, i) for i in range(4)) + "}\n"
JUMBO = CONFIG.replace(".1/24;", ".1/24; mtu %d;" % MTU)
MODELS = ["82599", "82599,sfp=da", "e1000", "virtio"]


@pytest.fixture(scope="module")
def net():
    with PixVM(MODELS, cpus=2, mem=512, config=CONFIG, name="ixgbe") as vm:
        vm.ready()
        links_up(vm)
        yield vm, stations(vm)
        vm.conserved()


@pytest.mark.parametrize("a,b", [(0, 1), (1, 0), (0, 2), (2, 1), (3, 0), (1, 3)])
def test_routed(net, a, b):
    """500 frames of all lengths, in order, none lost."""
    vm, s = net
    with vm.counting():
        came = pump(s[a].wire, s[b].wire, (s[a].udp(s[b].ip, 20, n, bytes(n * 3 % 1473)) for n in range(500)),
                    lambda raw: raw[34:36] == b"\0\x14")
    assert [int.from_bytes(raw[36:38], "big") for raw in came] == list(range(500))


def test_what_it_tells(net):
    vm, s = net
    detail = vm.json("show interfaces eth0 detail")
    text = str(detail)
    assert "GPRC" in text and "SFP+ 10GBASE-SR" in text
    assert "direct attach" in str(vm.json("show interfaces eth1 detail"))
    registers = str(vm.json("show interfaces eth0 registers"))
    assert "MAXFRS" in registers and "RDLEN0" in registers


def test_light_goes_and_comes(net):
    vm, s = net
    vm.nicsim.light("eth0", False)
    until(lambda: not vm.interfaces()["eth0"]["link"])
    assert vm.interfaces()["eth1"]["link"]
    vm.nicsim.light("eth0", True)
    links_up(vm)
    reaches(s[0], s[1], 21, 1)


@pytest.mark.parametrize("fault", ["tx-hang", "rx-no-dd", "ecc"])
def test_fault_is_recovered(net, fault):
    """The port is reset, and carries frames again; other ports lose none meanwhile."""
    vm, s = net
    resets = vm.interfaces()["eth0"]["resets"]
    vm.nicsim.fault("eth0", fault, "always" if fault == "tx-hang" else 1)
    deadline = time.monotonic() + 30
    n = 0
    while vm.interfaces()["eth0"]["resets"] == resets:
        s[1].send(s[1].udp(s[0].ip, 22, n))
        s[0].send(s[0].udp(s[1].ip, 22, n))
        s[2].send(s[2].udp(s[3].ip, 23, n))
        s[3].expect_udp(23, n)
        n += 1
        assert time.monotonic() < deadline
    vm.nicsim.fault("eth0", fault, 0)
    links_up(vm)
    reaches(s[0], s[1], 24, 1)
    reaches(s[1], s[0], 24, 2)
    for i in (0, 1):
        s[i].wire.flush()


def test_jumbo():
    with PixVM(["82599", "82599"], cpus=2, mem=512, config=JUMBO.replace(
            "    eth2 { address 10.0.2.1/24; mtu %d; }\n    eth3 { address 10.0.3.1/24; mtu %d; }\n"
            % (MTU, MTU), ""), name="ixgbe-jumbo") as vm:
        vm.ready()
        links_up(vm)
        time.sleep(0.5)  # ports restart with larger buffers
        links_up(vm)
        s = stations(vm)
        for size in (60, 1500, 1501, 2048, 4096, 8192, 9000, MTU - 1, MTU):
            s[0].send(s[0].udp(s[1].ip, 30, size, bytes(max(size - 28, 0))))
            s[1].expect_udp(30, size, timeout=10)
        vm.conserved()
