# SPDX-License-Identifier: MIT
"""The real image on register-level models of NICs that QEMU does not have (tools/nicsim), attached by
x-pci-proxy-dev: one queue and one owner core a port. Each test ends with the conservation law, no
error that the model saw in the driver, and no access that QEMU lost."""

import pytest

from pixvm import PixVM
from twoports import calm, links_up, reaches, stations, until
from wire import pump

MODELS = ["82599", "xl710", "82574", "vmxnet3,revisions=3"]


def config(n, mtu=1500):
    return "interfaces {\n" + "".join("    eth%d { address 10.0.%d.1/24; mtu %d; }\n" % (i, i, mtu)
                                      for i in range(n)) + "}\n"


def started(vm):
    links_up(vm)
    return stations(vm)


@pytest.fixture(scope="module", params=MODELS)
def pair(request):
    """Two ports of the model and an e1000 between them."""
    model = request.param
    with PixVM([model, "e1000", model], cpus=2, config=config(3), name="nicsim-" + model.split(",")[0], limit=300) as vm:
        vm.ready()
        vm.s = started(vm)
        yield vm


@pytest.fixture
def vm(pair):
    yield from calm(pair)


def test_every_size(vm):
    """Each length from the shortest to the MTU, through model to model and to QEMU's e1000 and back."""
    a, e, b = vm.s
    for source, sink in ((a, b), (b, e), (e, a)):
        frames = [source.udp(sink.ip, 1000, 2000, bytes((i + k) & 255 for k in range(i)))
                  for i in range(0, 1473, 7)] + [source.udp(sink.ip, 1000, 2000, b"z" * 1472)]
        came = pump(source.wire, sink.wire, frames, lambda raw: raw[34:38] == b"\x03\xe8\x07\xd0")
        assert len(came) == len(frames)
        for sent, got in zip(frames, came):
            assert got[42:42 + len(sent) - 42] == bytes(sent)[42:], len(sent)


def test_rings_wrap(vm):
    """Many times around both rings, in order, both ways, nothing lost or twice."""
    a, _, b = vm.s
    for source, sink in ((a, b), (b, a)):
        frames = [source.udp(sink.ip, 3000, 4000, n.to_bytes(4, "big")) for n in range(4000)]
        came = pump(source.wire, sink.wire, frames, lambda raw: raw[34:38] == b"\x0b\xb8\x0f\xa0")
        assert [int.from_bytes(raw[42:46], "big") for raw in came] == list(range(4000))


def test_link(vm):
    """The partner's light goes and comes back: the port follows, traffic flows again."""
    a, _, b = vm.s
    for _ in range(3):
        vm.nicsim.light("eth0", False)
        until(lambda: not vm.interfaces()["eth0"]["link"])
        assert vm.interfaces()["eth2"]["link"]
        vm.nicsim.light("eth0", True)
        until(lambda: vm.interfaces()["eth0"]["link"])
        reaches(a, b, 5, 6)
        reaches(b, a, 6, 5)


def test_tx_hang(vm):
    """The port stops sending with packets in its ring: the driver resets it, nothing else suffers."""
    a, e, b = vm.s
    resets = vm.interfaces()["eth2"]["resets"]
    vm.nicsim.fault("eth2", "tx-hang", "always")
    a.send(*[a.udp(b.ip, 8, n) for n in range(5)])
    e.send(e.udp(a.ip, 9, 9))
    a.expect_udp(9, 9)  # the neighbour does not notice
    until(lambda: vm.interfaces()["eth2"]["resets"] > resets)
    vm.nicsim.fault("eth2", "tx-hang", 0)
    until(lambda: vm.interfaces()["eth2"]["link"])
    reaches(a, b, 8, 99)
    b.wire.flush()
    a.send(a.udp(b.ip, 8, 100))
    b.expect_udp(8, 100)


@pytest.mark.parametrize("model", MODELS)
def test_removed(model):
    """Surprise removal (all ones): the port goes down, its buffers come back, the others forward."""
    with PixVM([model, "e1000", model], cpus=2, config=config(3), name="removed-" + model.split(",")[0]) as vm:
        vm.ready()
        a, e, b = started(vm)
        vm.nicsim.fault("eth2", "removed")
        a.send(*[a.udp(b.ip, 8, n) for n in range(20)])
        until(lambda: not (vm.interfaces()["eth2"]["running"] and vm.interfaces()["eth2"]["link"]))
        for n in range(20):
            a.send(a.udp(e.ip, 10, n))
            e.expect_udp(10, n)
        vm.conserved()


@pytest.mark.parametrize("model", MODELS)
def test_driver_error_is_seen(model):
    """The check checks: frames lost on the wire or a DMA the model refuses do not go unnoticed."""
    with PixVM([model, model], cpus=1, config=config(2), name="planted-" + model.split(",")[0]) as vm:
        vm.ready()
        a, b = started(vm)
        vm.nicsim.fault("eth1", "tx-lost", 1)
        a.send(a.udp(b.ip, 11, 1), a.udp(b.ip, 11, 2))
        b.expect_udp(11, 2)
        b.expect_none(lambda f: f.ports == (11, 1))
        vm.conserved()  # the driver cannot know
