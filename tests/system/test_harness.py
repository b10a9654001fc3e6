# SPDX-License-Identifier: MIT
"""The harness itself: its checksum check notices each kind of damage, its law each kind of violation,
its include table each wrong line."""

import copy
import os
import subprocess
import sys

import pytest

import packet
from pixvm import ROOT, violations
from twoports import agree

sys.path.insert(0, os.path.join(ROOT, "tools", "lint"))
import includes  # noqa: E402

A, B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
GOOD = {
    "udp": packet.eth(B, A, packet.ETH_IP, packet.udp4("10.0.0.1", "10.0.0.2", 1, 2, b"odd")),
    "tcp": packet.eth(B, A, packet.ETH_IP, packet.tcp4("10.0.0.1", "10.0.0.2", 1, 2, 3, 4, 16, 5, b"data" * 9)),
    "icmp": packet.eth(B, A, packet.ETH_IP, packet.echo4("10.0.0.1", "10.0.0.2", 1, 2, b"x" * 31)),
    "options": packet.eth(B, A, packet.ETH_IP, packet.udp4("10.0.0.1", "10.0.0.2", 1, 2, b"o", options=b"\1\1\1")),
    "arp": packet.arp(1, A, "10.0.0.1", "00:00:00:00:00:00", "10.0.0.2"),
}


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_builders_agree_with_scapy(kind):
    """Scapy, which shares no code with us, computes the same bytes."""
    frame = packet.Frame(GOOD[kind])
    assert packet.check(frame.raw) is None
    pkt = frame.pkt.copy()
    for layer in ("IP", "UDP", "TCP", "ICMP"):
        if pkt.haslayer(layer):
            del pkt[layer].chksum
            if layer in ("IP", "UDP"):
                del pkt[layer].len
    assert bytes(pkt) == frame.raw


@pytest.mark.parametrize("kind", ["udp", "tcp", "icmp", "options"])
def test_each_damaged_byte_is_noticed(kind):
    """Any change of any one byte of an IPv4 packet is wrong in some checksum, length or pad."""
    good = GOOD[kind]
    for at in range(14, len(good)):
        bad = good[:at] + bytes([good[at] ^ 0x10]) + good[at + 1:]
        if packet.check(bad) is None:
            # UDP's checksum 0xffff and 0 are the one pair that ones' complement cannot tell apart
            assert False, "byte %d of %s" % (at, kind)


def law():
    return {"holds": True, "why": "", "seq": 1, "answered": 1, "missing": 0, "in_rings": 0, "violations": 0,
            "buffers_lost": 0,
            "qgms": [{"qgm": 0, "rx": 5, "ring_in": 1, "made": 2, "copies": 1, "tx": 4, "ring_out": 1, "drops": 3,
                      "consumed": 1, "held": 0, "difference": 0}],
            "ports": [{"port": 1, "name": "eth0", "difference": 0}],
            "pools": [{"id": 0, "size": 9, "free": 5, "in_nic": 4, "in_rings": 0, "held": 0}]}


def test_law_notices_violations():
    assert violations(law()) == []
    for path, value in [(("holds",), False), (("missing",), 1), (("buffers_lost",), 1), (("in_rings",), 2),
                        (("qgms", 0, "rx"), 6), (("qgms", 0, "difference"), 1), (("qgms", 0, "ring_in"), 2),
                        (("ports", 0, "difference"), -1), (("pools", 0, "free"), 4), (("qgms",), [])]:
        broken = copy.deepcopy(law())
        node = broken
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = value
        assert violations(broken), path


def test_counts_of_two_sides():
    """Frames made between the two reads, which both sides count, do no harm; one that only one side has does."""
    ours, theirs, made = [0], [0], iter(range(3))

    def read():
        said = ours[0]
        for counts in (ours, theirs) if next(made, None) is not None else ():
            counts[0] += 1
        return said

    assert agree(read, lambda: theirs[0], step=0) == (3, 3)
    theirs[0] += 1
    with pytest.raises(AssertionError, match="3 here, 4 there"):
        agree(read, lambda: theirs[0], 0.1, 0)


@pytest.mark.parametrize("path,line,good", [
    ("qgm/ring.c", '"qgm/ring.h"', True), ("qgm/ring.c", '"kernel/printk.h"', False),
    ("qgm/ring.c", "<string.h>", False), ("qgm/ring.c", "<stdint.h>", True),
    ("qgm/ring.c", '"libc/include/pix/types.h"', True), ("qgm/ring.c", '"ring.h"', False),
    ("drivers/net/e1000/rx.c", '"qgm/port.h"', True), ("drivers/net/e1000/rx.c", '"qgm/tables.h"', False),
    ("drivers/net/e1000/rx.c", '"kernel/driver.h"', True), ("drivers/net/e1000/rx.c", '"kernel/mm/heap.h"', False),
    ("kernel/main.c", '"qgm/qgm.h"', True), ("kernel/main.c", '"apps/lib/json.h"', False),
    ("kernel/main.c", '"lwip/tcp.h"', False), ("apps/pash/main.c", "<stdio.h>", True),
    ("apps/pash/main.c", '"kernel/smp.h"', False), ("libc/src/a.c", '"apps/lib/json.h"', False),
    ("tools/x.c", '"kernel/smp.h"', True), ("elsewhere/x.c", '"kernel/smp.h"', False)])
def test_include_table(path, line, good):
    assert (includes.refusal(path, line[0], line[1:-1]) is None) == good


def test_a_guest_whose_qemu_died_is_started_once_more(tmp_path):
    """Once, and only then: the second death of the same test is a failure."""
    here = os.path.dirname(os.path.abspath(__file__))
    (tmp_path / "test_dies.py").write_text("""
import pytest, signal
from pixvm import PixVM
deaths = []

def boot(dies):
    with PixVM(["e1000"]) as vm:
        if dies:
            deaths.append(vm.process.send_signal(signal.SIGSEGV))
        vm.ready()

@pytest.fixture(scope="module")
def vm():
    boot(not deaths)

def test_once(vm):
    assert len(deaths) == 1

def test_twice():
    boot(True)
""")
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider", tmp_path],
                         env={**os.environ, "PYTHONPATH": here}, capture_output=True, text=True, timeout=60)
    assert "1 failed, 1 passed" in run.stdout, run.stdout
    assert run.stdout.count("died by SIGSEGV at boot") == 2
