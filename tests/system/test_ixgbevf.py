# SPDX-License-Identifier: MIT
"""PIX on virtual functions: a device that nobody drives has one on, and a guest gets it (tools/nicsim answers
the mailbox as the driver of a host would). By x-pci-proxy-dev: two functions of two devices, and an e1000.

    S0 ── eth0 VF of an 82599 ┐
    S1 ── eth1 VF of an 82599 ┼ PIX
    S2 ── eth2 e1000          ┘
"""

import time

import pytest

from guest import port_mac
from lab import Lab

MODELS = ["82599vf", "82599vf", "e1000"]
PAIRS = [(a, b) for a in range(3) for b in range(3) if a != b and (a < 2 or b < 2)]


def config(n, more=""):
    return "version 1;\ninterfaces {\n%s}\n" % "".join(
        "    eth%d { address 10.0.%d.1/24; %s }\n" % (i, i, more) for i in range(n))


def until(what, seconds=5):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "not within %d s" % seconds
        time.sleep(0.05)


def links_up(lab):
    until(lambda: all(row["running"] and row["link"] for row in lab.vm.interfaces().values()))
    for i, station in enumerate(lab.s):
        other = lab.s[i - 1]
        other.send(other.udp(station.ip, 7, 7))
        station.expect_udp(7, 7, timeout=5)


@pytest.fixture(scope="module")
def guest():
    with Lab(MODELS, cpus=2, mem=512, config=config(3)) as lab:
        links_up(lab)
        yield lab


@pytest.mark.parametrize("source,sink", PAIRS)
def test_forwards(guest, source, sink):
    a, b = guest.s[source], guest.s[sink]
    for size in (0, 1, 18, 19, 100, 1471, 1472):
        data = bytes(i & 0xFF for i in range(size))
        got, = guest.send_and_expect(source, [a.udp(b.ip, data=data, ident=size)], sink,
                                     lambda f: f.ports == (1000, 2000))
        assert (got.dst, got.src, got.ttl, got.ip_id) == (b.mac, port_mac(sink), 63, size)
        assert got.payload == data
    guest.vm.conserved()
