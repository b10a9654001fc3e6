# SPDX-License-Identifier: MIT
"""Malformed frames into a booted PIX: mutations of good frames and headers of random bits, seeded. No
panic, no leak, every frame explained; a canary flow on the same ports loses nothing. CI sends 6,000;
`make test-long` a million (PIX_FRAMES)."""

import os
import random
import struct
import time

import packet
from lab import BRIDGED
from packet import udp4

FRAMES = int(os.environ.get("PIX_FRAMES", 6000))
SEED = int(os.environ.get("PIX_SEED", 7))


def good_frames(s, d):
    """One of each kind that some parser reads."""
    yield s.udp(d.ip, data=b"d" * 40)
    yield s.frame(packet.echo4(s.ip, s.router_ip, 1, 2, b"e" * 20))
    yield s.frame(packet.icmp4(s.ip, d.ip, 3, 1, 0, udp4(d.ip, s.ip, 1, 2)[:28]))
    yield s.frame(packet.tcp4(s.ip, d.ip, 1, 2, 3, 4, 2, 9, b"t" * 10, options=b"\2\4\5\xb4"))
    yield packet.arp(1, s.mac, s.ip, "00:00:00:00:00:00", s.router_ip)
    yield packet.arp(2, s.mac, s.ip, s.router_mac, s.router_ip)
    yield s.udp(d.ip, options=b"\x07\x07\x04\0\0\0\0\0")
    yield s.udp(d.ip, flags=1, offset=0, data=b"f" * 64)
    yield packet.eth(s.router_mac, s.mac, 0x8100, b"\0\x05\x08\0" + udp4(s.ip, d.ip, 1, 2))
    yield packet.eth("01:80:c2:00:00:00", s.mac, 0x0027, b"\x42\x42\x03" + b"\0" * 30)


def fixed(frame):
    """With a right header checksum, so that what lies behind that check is reached."""
    if frame[12:14] != b"\x08\x00" or len(frame) < 34:
        return frame
    ihl = max(20, (frame[14] & 15) * 4)
    head = bytearray(frame[14:14 + ihl])
    head[10:12] = b"\0\0"
    head[10:12] = struct.pack("!H", packet.csum(bytes(head)))
    return frame[:14] + bytes(head) + frame[14 + ihl:]


def mutate(rng, frame):
    frame = bytearray(frame)
    kind = rng.randrange(5)
    if kind == 0:  # cut
        frame = frame[:rng.randrange(15, len(frame))]
    elif kind == 1:  # random bits in the headers
        for _ in range(rng.randrange(1, 6)):
            frame[rng.randrange(12, min(len(frame), 60))] ^= 1 << rng.randrange(8)
    elif kind == 2:  # interesting values
        at = rng.randrange(12, len(frame) - 4)
        frame[at:at + 2] = rng.choice([b"\0\0", b"\xff\xff", b"\x7f\xff", b"\x80\0", b"\0\1"])
    elif kind == 3:  # random tail behind the addresses
        at = rng.randrange(12, 60)
        frame[at:] = rng.randbytes(rng.randrange(0, 200))
    else:  # long
        frame += rng.randbytes(rng.randrange(1, 1514 - len(frame)))
    out = bytes(frame[:1514])
    return fixed(out) if rng.random() < 0.6 else out


def test_malformed_frames(lab):
    rng = random.Random(SEED)
    print("seed %d, %d frames" % (SEED, FRAMES))
    seen = []

    def listen(station):
        def tap(raw):
            if raw[36:38] == b"\x7e\x57" and raw[23] == 17 and raw[26:30] == b"\x0a\0\0\2":
                seen.append(raw[34:36])
            station._input(raw)  # answers ARP
            return True          # and nothing is kept
        return tap

    for s in lab.s:
        s.wire.verify = False  # what was damaged on the way in is forwarded as it is
        s.wire.tap = listen(s)
    count = 0
    try:
        for i in range(FRAMES):
            port = rng.choice((0, 1, 2) + BRIDGED)
            s, d = lab.s[port], lab.s[rng.choice((0, 1, 2))]
            frame = mutate(rng, rng.choice(list(good_frames(s, d))))
            if frame[36:38] == b"\x7e\x57":
                continue
            s.send(frame)
            if i % 20 == 0:
                lab.s[0].send(lab.s[0].udp(lab.s[2].ip, 10000 + count % 50000, 0x7E57))
                count += 1
        deadline = time.monotonic() + 20
        while len(seen) < count and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        settled = -1
        while settled != sum(s.wire.received for s in lab.s):
            settled = sum(s.wire.received for s in lab.s)
            time.sleep(0.5)
        for s in lab.s:
            s.wire.tap = s._input
            s.wire.faults.clear()
            s.wire.verify = True
    lab.calm()
    assert [struct.unpack("!H", x)[0] for x in seen] == [10000 + i % 50000 for i in range(count)]
    lab.learn()
    # Made-up neighbours may still be asked for: their packets wait for seconds before they are dropped.
    time.sleep(1)
    lab.vm.conserved(settle=40)
