# SPDX-License-Identifier: MIT
"""Malformed IPv6 and VLAN frames into a booted PIX: mutations of good packets with long header
chains, fragments, ND messages, tags. No panic, no leak, every frame explained, and a canary flow on
the same ports loses nothing. CI sends 4,000; `make test-long` a million (PIX_FRAMES)."""

import os
import random
import time

import packet
import packet6 as p6
from lab6 import Station6
from packet import UDP
from pixvm import PixVM

FRAMES = int(os.environ.get("PIX_FRAMES", 4000))
SEED = int(os.environ.get("PIX_SEED", 11))
CONFIG = """version 1;
interfaces {
    eth0 { address 2001:db8::1/64; dad 0; vif 5 { address 2001:db8:5::1/64; dad 0; } router-advertisement; }
    eth1 { address 2001:db8:1::1/64; dad 0; }
    eth2 { bridge br0; vlan { trunk 5-9; native 5; } }
    eth3 { bridge br0; vlan { tunnel 7; } }
    br0 { vif 5 { address 2001:db8:55::1/64; dad 0; } }
}
"""


def good_packets(a, b):
    """One of each kind that some parser reads."""
    udp = p6.udp_body(a.ip, b.ip, 1, 2, b"d" * 40)
    yield p6.ip6(a.ip, b.ip, UDP, udp)
    yield p6.echo6(a.ip, a.router, 1, 2, b"e" * 30)
    yield p6.echo6(a.ll, a.router_ll, 1, 2, b"e" * 30)
    yield p6.ip6(a.ip, b.ip, p6.HOPOPT, p6.options(p6.DSTOPT, b"\x05\x02\0\0") + p6.options(UDP, b"") + udp)
    yield p6.ip6(a.ip, a.router, p6.ROUTING, bytes([UDP, 2, 4, 1]) + bytes(20) + udp)
    yield p6.ip6(a.ip, a.router, p6.FRAGMENT, p6.fragment(UDP, 0, 1, 5, bytes(64)))
    yield p6.ip6(a.ip, a.router, p6.FRAGMENT, p6.fragment(p6.ICMP6, 64, 0, 5, bytes(64)))
    yield p6.solicit(a.mac, a.ip, a.router)
    yield p6.solicit(a.mac, a.ip, a.router, a.router)
    yield p6.advertise(a.mac, a.ip, a.ip, a.router)
    yield p6.icmp6(a.ll, "ff02::2", p6.RS, 0, 0, p6.lladdr(1, a.mac), hlim=255)
    yield p6.icmp6(a.ll, "ff02::1", p6.RA, 0, 0x40000708, bytes(8) + p6.lladdr(1, a.mac), hlim=255)
    yield p6.icmp6(a.ip, a.router, 2, 0, 1280, p6.udp6(a.router, a.ip, 1, 2, b"q" * 60))


def mutate(rng, raw):
    raw = bytearray(raw)
    kind = rng.randrange(6)
    if kind == 0:
        raw = raw[:rng.randrange(15, len(raw))]
    elif kind == 1:
        for _ in range(rng.randrange(1, 8)):
            raw[rng.randrange(12, min(len(raw), 90))] ^= 1 << rng.randrange(8)
    elif kind == 2:
        at = rng.randrange(12, len(raw) - 4)
        raw[at:at + 2] = rng.choice([b"\0\0", b"\xff\xff", b"\x7f\xff", b"\x80\0", b"\0\1"])
    elif kind == 3:
        at = rng.randrange(54, len(raw))
        raw[at:] = rng.randbytes(rng.randrange(0, 300))
    elif kind == 4:  # tags of all sorts in front of the type
        tags = b"".join(rng.choice([b"\x81\0", b"\x88\xa8"]) + rng.randrange(65536).to_bytes(2, "big")
                        for _ in range(rng.randrange(1, 5)))
        raw[12:12] = tags[:rng.randrange(1, len(tags) + 1)]
    else:
        raw += rng.randbytes(rng.randrange(1, max(2, 1514 - len(raw))))
    return bytes(raw[:1518])


def test_malformed_frames():
    rng = random.Random(SEED)
    print("seed %d, %d frames" % (SEED, FRAMES))
    with PixVM(["e1000", "virtio", "e1000e", "virtio"], cpus=2, config=CONFIG, name="malformed6",
               limit=400 + FRAMES // 100) as vm:
        vm.ready()
        a, b = (Station6(vm.ports[i], i, "2001:db8:%x::2" % i, "2001:db8:%x::1" % i) for i in (0, 1))
        a.send(a.udp(b.ip, 7, 7))
        b.expect_udp(7, 7, 20)
        seen = []

        def canary(raw):
            if raw[54:58] == b"\x27\x10\x7e\x57" and raw[20] == UDP:
                seen.append(int.from_bytes(raw[62:66], "big"))
            b.input(raw)
            return True

        def eat(raw):
            a.input(raw)
            return True

        for wire in vm.ports:
            wire.verify = False  # damaged frames are switched as they are
            wire.tap = lambda raw: True
        a.wire.tap, b.wire.tap = eat, canary
        count = 0
        for i in range(FRAMES):
            port = rng.choice((0, 0, 2, 3))
            raw = a.frame(rng.choice(list(good_packets(a, b))), None if port == 0 else packet.BROADCAST)
            vm.ports[port].send(mutate(rng, raw))
            if i % 20 == 0:
                a.send(a.udp(b.ip, 10000, 0x7E57, count.to_bytes(4, "big")))
                count += 1
        deadline = time.monotonic() + 20
        while len(seen) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        assert seen == list(range(count))
        for wire in vm.ports:
            wire.faults.clear()
        # Fragments and made-up neighbours wait for their time-outs before they are dropped by name.
        vm.conserved(settle=90)
