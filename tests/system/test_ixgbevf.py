# SPDX-License-Identifier: MIT
"""PIX on virtual functions: each 82599 has one on that a guest gets, and nobody drives the device itself
(tools/nicsim answers the mailbox as the driver of a host would). By x-pci-proxy-dev beside an e1000; and by
vfio-user with MSI-X and several queues, which wants a newer QEMU: `make long-vf` fetches one.

    S0 ── eth0 VF of an 82599 ┐
    S1 ── eth1 VF of an 82599 ┼ PIX
    S2 ── eth2 e1000          ┘"""

import subprocess
import time

import pytest
import twoports
from guest import QEMU, port_mac
from lab import Lab
from packet import Frame
from test_vlan import Tagged
from twoports import config, reaches, since, until, worked
from wire import WireError

VF = "82599vf"
MODELS = [VF, VF, "e1000"]
PAIRS = [(a, b) for a in range(3) for b in range(3) if a != b and (a < 2 or b < 2)]
has_vfio_user = "vfio-user-pci options" in subprocess.run(
    [QEMU, "-device", "vfio-user-pci,help"], capture_output=True, text=True).stdout
newer = pytest.mark.skipif(not has_vfio_user, reason="this QEMU has no vfio-user (make long-vf fetches one)")


def links_up(lab):
    twoports.links_up(lab.vm)
    for i, station in enumerate(lab.s):
        reaches(lab.s[i - 1], station)


def detail(lab, i):
    return twoports.detail(lab.vm, i)


def forwards(lab, source, sink, sizes=(0, 1, 18, 19, 100, 1471, 1472)):
    a, b = lab.s[source], lab.s[sink]
    for size in sizes:
        data = bytes(i * 7 & 0xFF for i in range(size))
        got, = lab.send_and_expect(source, [a.udp(b.ip, data=data, ident=size)], sink,
                                   lambda f: f.ports == (1000, 2000))
        assert (got.dst, got.src, got.ttl, got.ip_id) == (b.mac, port_mac(sink), 63, size)
        assert got.payload == data


def in_order(lab, rounds=20, flows=32):
    """Interleaved flows: all frames arrive, each flow in order."""
    a, b = lab.s[:2]
    seen = {}
    for n in range(rounds):
        a.send(*[a.udp(b.ip, 1000 + flow, 2000, ident=n) for flow in range(flows)])
        for _ in range(flows):
            got = b.expect(lambda f: f.ports and f.ports[1] == 2000, 5)
            assert got.ip_id == seen.get(got.ports, 0), "order in flow %s" % (got.ports,)
            seen[got.ports] = got.ip_id + 1
    assert len(seen) == flows


@pytest.fixture(scope="module")
def guest():
    with Lab(MODELS, cpus=2, mem=512, config=config(3)) as lab:
        links_up(lab)
        yield lab
        lab.vm.conserved()


@pytest.mark.parametrize("source,sink", PAIRS)
def test_forwards(guest, source, sink):
    forwards(guest, source, sink)
    guest.vm.conserved()


def test_what_it_tells(guest):
    for i in range(2):
        row = detail(guest, i)
        assert (row["driver"], row["vendor"], row["device"]) == ("ixgbevf", "8086", "10ed")
        assert row["mac"] == port_mac(i) and row["speed_mbps"] == 10000
    before = detail(guest, 0)["statistics"]
    a, b = guest.s[0], guest.s[2]
    for n in range(20):
        a.send(a.udp(b.ip, 5000, 6000))
        b.expect_udp(5000, 6000)
        b.send(b.udp(a.ip, 5000, 6000))
        a.expect_udp(5000, 6000)
    for name in ("VFGPRC", "VFGPTC"):
        until(lambda n=name: detail(guest, 0)["statistics"][n] >= before[n] + 20)
    rows = twoports.registers(guest.vm)
    assert int(rows["VFRXDCTL0"], 16) >> 25 & 1 and int(rows["VFRDLEN0"], 16) == 8192
    assert rows["VFMAILBOX"] is None  # reading it has effects


def test_light_goes_and_comes(guest):
    """The link is the device's."""
    guest.vm.nicsim.light("eth0", False)
    until(lambda: not guest.vm.interfaces()["eth0"]["link"])
    assert guest.vm.interfaces()["eth1"]["link"]
    guest.vm.nicsim.light("eth0", True)
    until(lambda: guest.vm.interfaces()["eth0"]["link"])
    reaches(*guest.s[:2])
    forwards(guest, 0, 1, (100,))


def recovers(lab, fault):
    """eth0's device stands still for its function: that is reset."""
    resets = lab.vm.interfaces()["eth0"]["resets"]
    a, b = lab.s[:2]
    source, sink = (b, a) if fault == "tx-hang" else (a, b)
    lab.vm.nicsim.fault("eth0", fault, "always" if fault == "tx-hang" else 1)
    for _ in range(3):
        source.send(source.udp(sink.ip, 9, 9))
    until(lambda: lab.vm.interfaces()["eth0"]["resets"] > resets)
    lab.vm.nicsim.fault("eth0", fault, 0)
    until(lambda: lab.vm.interfaces()["eth0"]["link"])
    reaches(a, b)
    reaches(b, a)
    a.wire.flush()
    b.wire.flush()
    forwards(lab, 1, 0, (100,))
    forwards(lab, 0, 1, (100,))


@pytest.mark.parametrize("fault", ["tx-hang", "rx-no-dd"])
def test_faults(guest, fault):
    """And the other ports never notice."""
    recovers(guest, fault)
    assert all(row["resets"] == 0 for name, row in guest.vm.interfaces().items() if name != "eth0")
    guest.vm.conserved()


def test_jumbo():
    with Lab([VF, VF], cpus=2, mem=768, config=config(2, "mtu 9216;")) as lab:
        links_up(lab)
        for source, sink in ((0, 1), (1, 0)):
            forwards(lab, source, sink, (1473, 4000, 8972, 9188))
        lab.vm.conserved()


def test_vlans():
    """The host filters tags: it is asked for those of the sub-interfaces, also when they change."""
    text = config(2).replace("eth0 { ", "eth0 { vif 100 { address 10.100.0.1/24; } ")
    with Lab([VF, VF], cpus=2, mem=512, config=text) as lab:
        links_up(lab)
        b = lab.s[1]
        for vid in (100, 200):
            if vid == 200:
                lab.vm.configure("set interfaces eth0 vif 200 address 10.200.0.1/24")
            host = Tagged(lab.s[0].wire, "02:00:00:00:21:01", "10.%d.0.2" % vid, port_mac(0), ((0x8100, vid),))
            lab.s[0].wire.tap = lambda raw, host=host: raw[12:14] == b"\x81\x00" and host.takes(Frame(raw))
            until(lambda host=host: answered(host, b))
            b.send(b.udp(host.ip, 40, 41))
            got = host.wire.expect(lambda f: f.ports == (40, 41))
            assert got.tags == [(0x8100, vid)]
        lab.vm.conserved()


def answered(host, b):
    """A frame with its tag reaches the other side."""
    host.wire.send(host.udp(b.ip, 30, 31))
    try:
        b.expect_udp(30, 31, timeout=0.3)
        return True
    except WireError:
        return False


def test_several_queues():
    """Four QGMs on one host thread. Key and table of the hash are the host's: flows are spread over the
    function's four queues, each in order, and each QGM sends by a queue of its own."""
    with Lab([VF, VF], cpus=5, mem=768, accel="tcg,thread=single", config=config(2)) as lab:
        links_up(lab)
        row = detail(lab, 0)
        assert row["rx_queues"] == row["tx_queues"] == 4
        before = worked(lab.vm)
        in_order(lab)
        part = since(lab.vm, before)
        assert len(part) == 4 and all(n >= 60 for n in part.values()), part
        lab.vm.conserved()


@newer
def test_vectors():
    """Over vfio-user: message-signalled interrupts, and a core for each function."""
    with Lab([VF, VF], cpus=3, mem=768, machine="q35", nicsim="vfio", config=config(2)) as lab:
        links_up(lab)
        for i in range(2):
            row = detail(lab, i)
            assert row["driver"] == "ixgbevf" and row["rx_queues"] == 2
            assert all(q["can_wake"] for q in row["queues"])
        before = sum(c["wakes_device"] for c in lab.vm.cpus() if c["qgm"] >= 0)
        for n in range(20):
            forwards(lab, n % 2, 1 - n % 2, (100,))
            time.sleep(0.02)
        grown = sum(c["wakes_device"] for c in lab.vm.cpus() if c["qgm"] >= 0) - before
        assert grown >= 15, grown
        in_order(lab)
        lab.vm.conserved()


@newer
def test_faults_with_vectors():
    with Lab([VF, VF], cpus=3, mem=768, machine="q35", nicsim="vfio", config=config(2)) as lab:
        links_up(lab)
        for fault in ("tx-hang", "rx-no-dd", "tx-hang"):
            recovers(lab, fault)
        lab.vm.conserved()
