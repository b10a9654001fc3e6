# SPDX-License-Identifier: MIT
"""The real image on register-level models of NICs that QEMU has not (tools/nicsim): 82599 and XL710
beside e1000 and virtio, routed:

    S0 ── eth0 82599 ┐     ┌ eth2 e1000  ── S2
    S1 ── eth1 XL710 ┴ PIX ┴ eth3 virtio ── S3

Forwarding between each pair, jumbo frames, what the ports tell, several queues, and that a port that
hangs costs the others nothing; each model by itself: test_nicsim.py. What the models find wrong with a driver fails the test:
conserved() asks, and so does its end."""

import time

import pytest

import twoports
from guest import port_mac
from lab import Lab
from twoports import config, reaches, until

MODELS = ["82599", "xl710", "e1000", "virtio"]
NICS = (0, 1)
PAIRS = [(a, b) for a in range(4) for b in range(4) if a != b and (a in NICS or b in NICS)]


def links_up(lab):
    twoports.links_up(lab.vm)
    for i, station in enumerate(lab.s):
        reaches(lab.s[i - 1], station)


@pytest.fixture(scope="module")
def nics():
    with Lab(MODELS, cpus=2, mem=512, config=config(4)) as lab:
        links_up(lab)
        yield lab


@pytest.mark.parametrize("source,sink", PAIRS)
def test_forwards(nics, source, sink):
    a, b = nics.s[source], nics.s[sink]
    for size in (0, 1, 18, 19, 100, 1471, 1472):
        data = bytes(i & 0xFF for i in range(size))
        got, = nics.send_and_expect(source, [a.udp(b.ip, data=data, ident=size)], sink,
                                    lambda f: f.ports == (1000, 2000))
        assert (got.dst, got.src, got.ttl, got.ip_id) == (b.mac, port_mac(sink), 63, size)
        assert got.payload == data
    nics.vm.conserved()


@pytest.mark.parametrize("nic,counter", [(0, "GPRC"), (1, "VSI_UPRC")])
def test_statistics_of_the_data_sheet(nics, nic, counter):
    def value():
        row = nics.vm.json("show interfaces eth%d detail" % nic)["interfaces"][0]
        return row["statistics"][counter]

    before, a, b = value(), nics.s[nic], nics.s[3]
    for n in range(20):
        a.send(a.udp(b.ip, 5000, 6000))
        b.expect_udp(5000, 6000)
    until(lambda: value() >= before + 20)


@pytest.mark.parametrize("nic,register", [(0, "RXDCTL0"), (1, "QRX_ENA0")])
def test_registers_by_name(nics, nic, register):
    rows = nics.vm.json("show interfaces eth%d registers" % nic)["registers"]
    values = {row["name"]: row for row in rows}
    assert register in values and len(values) > 50, sorted(values)


@pytest.mark.parametrize("nic", NICS)
def test_a_hung_transmitter_is_reset(nics, nic):
    """Nothing of what other ports forward is lost meanwhile, and it goes on by itself."""
    a, b, c, d = nics.s[nic], nics.s[1 - nic], nics.s[2], nics.s[3]
    resets = nics.vm.interfaces()["eth%d" % nic]["resets"]
    nics.vm.nicsim.fault("eth%d" % nic, "tx-hang", 1 << 40)
    b.send(b.udp(a.ip, 8, 8))
    for n in range(60):
        c.send(c.udp(d.ip, 9, 9, ident=n))
        assert d.expect_udp(9, 9).ip_id == n
        time.sleep(0.01)
    until(lambda: nics.vm.interfaces()["eth%d" % nic]["resets"] > resets)
    nics.vm.nicsim.fault("eth%d" % nic, "tx-hang", 0)
    until(lambda: nics.vm.interfaces()["eth%d" % nic]["link"])
    a.wire.flush()
    reaches(b, a, 10, 10)
    nics.vm.conserved()


def test_jumbo():
    """Frames of 9216 bytes of IP from one to the other."""
    with Lab(["82599", "xl710"], cpus=2, mem=768, config=config(2, "mtu 9216;")) as lab:
        links_up(lab)
        for source, sink in ((0, 1), (1, 0)):
            a, b = lab.s[source], lab.s[sink]
            for size in (1473, 4000, 8972, 9188):
                data = bytes(i * 7 & 0xFF for i in range(size))
                got, = lab.send_and_expect(source, [a.udp(b.ip, data=data)], sink,
                                           lambda f: f.ports == (1000, 2000))
                assert got.payload == data
        lab.vm.conserved()


@pytest.mark.parametrize("nic", ["82599", "xl710"])
def test_several_queues(nic):
    """Four QGMs, a pair of queues each, on one host thread: flows spread and each stays in order."""
    with Lab([nic, nic], cpus=5, mem=768, accel="tcg,thread=single", config=config(2)) as lab:
        links_up(lab)
        assert all(row["rx_queues"] == 4 for row in lab.vm.interfaces().values())
        a, b = lab.s
        seen = {}
        for n in range(20):
            a.send(*[a.udp(b.ip, 1000 + flow, 2000, ident=n) for flow in range(32)])
            for _ in range(32):
                got = b.expect(lambda f: f.ports and f.ports[1] == 2000, 5)
                assert got.ip_id == seen.get(got.ports, 0), "order in flow %s" % (got.ports,)
                seen[got.ports] = got.ip_id + 1
        assert len(seen) == 32
        shares = [row["rx"] for row in lab.vm.qgms()]
        assert all(share > 20 for share in shares), shares
        lab.vm.conserved()
