# SPDX-License-Identifier: MIT
"""IPv4 forwarding between each pair of drivers: rewrite, TTL, checksum, order, routes, and every bad
header by its named drop (RFC 1812 5.2, 5.3). Network: lab.py."""

import struct
import threading
import time

import pytest

import packet
from guest import port_mac
from lab import SMALL_MTU
from packet import UDP, Frame, csum, ip4, udp4
from wire import pump

PAIRS = [(a, b) for a in (0, 1, 2) for b in (0, 1, 2) if a != b]


@pytest.mark.parametrize("source,sink", PAIRS)
def test_forwards_between_drivers(lab, source, sink):
    a, b = lab.s[source], lab.s[sink]
    for size in (0, 1, 18, 19, 100, 1471, 1472):
        data = bytes(i & 0xFF for i in range(size))
        frame = a.udp(b.ip, data=data, ttl=64, ident=size, tos=0x28)
        got, = lab.send_and_expect(source, [frame], sink, lambda f: f.ports == (1000, 2000))
        assert (got.dst, got.src) == (b.mac, port_mac(sink))
        assert (got.ip_src, got.ip_dst, got.ttl, got.ip_id) == (a.ip, b.ip, 63, size)
        assert got.payload == data
        assert got.raw[15] == 0x28, "type of service is kept"


def test_ttl_two_is_forwarded_as_one(lab):
    lab.s[0].send(lab.s[0].udp(lab.s[1].ip, ttl=2))
    assert lab.s[1].expect_udp().ttl == 1


def test_checksum_wraps(lab):
    """The incremental update (RFC 1624) at the values where the older formula (RFC 1141) fails."""
    a, b = lab.s[0], lab.s[1]
    seen = set()
    for ident in range(0, 65536):
        head = ip4(a.ip, b.ip, UDP, b"\0" * 8, ident=ident)[:20]
        value = head[10] << 8 | head[11]
        if value in (0x0000, 0x0001, 0x00FF, 0x0100, 0xFEFE, 0xFEFF, 0xFF00, 0xFFFE, 0xFFFF, 0x8000):
            seen.add(value)
            a.send(a.frame(udp4(a.ip, b.ip, 1000, 2000, b"", ident=ident)))
            got = b.expect_udp()
            assert csum(got.raw[14:34]) == 0
            assert got.raw[24:26] != b"\xff\xff" or value == 0xFEFF, "never minus zero"
    assert len(seen) >= 8


def test_options_are_kept(lab):
    """Options that ask for nothing: NOPs and the end of the list (RFC 791 3.1)."""
    a, b = lab.s[0], lab.s[1]
    a.send(a.udp(b.ip, options=b"\x01\x01\x01\x00"))
    got = b.expect(lambda f: f.ip_dst == b.ip)
    assert got.raw[14] == 0x46 and got.raw[34:38] == b"\x01\x01\x01\x00"
    assert got.payload == b"pix"


def test_fragments_pass(lab):
    """A router forwards fragments as they are."""
    a, b = lab.s[0], lab.s[2]
    whole = udp4(a.ip, b.ip, 5, 6, bytes(range(256)) * 4)[20:]
    a.send(a.frame(ip4(a.ip, b.ip, UDP, whole[:512], ident=7, flags=1)),
           a.frame(ip4(a.ip, b.ip, UDP, whole[512:], ident=7, offset=512)))
    parts = [b.expect(lambda f: f.ip_id == 7 and f.proto == UDP) for _ in range(2)]
    assert [p.frag & 0x1FFF for p in parts] == [0, 64]
    assert parts[0].body + parts[1].body == whole


def test_fragments_are_made(lab):
    """Larger than the next link's MTU without DF: it goes in pieces (RFC 791 3.2), none of them too large,
    which together are what was sent."""
    a, b = lab.s[0], lab.s[6]
    datagram = udp4(a.ip, b.ip, 5, 6, bytes(i * 7 & 0xFF for i in range(1472)))[20:]
    a.send(a.frame(ip4(a.ip, b.ip, UDP, datagram, ident=99)))
    parts = [b.expect(lambda f: f.ip_id == 99 and f.proto == UDP) for _ in range(3)]
    assert all(20 + len(p.body) <= SMALL_MTU and p.ttl == 63 for p in parts)
    assert [p.frag for p in parts] == [0x2000, 0x2000 | 72, 144]
    assert b"".join(p.body for p in parts) == datagram
    b.expect_none(timeout=0.05)


def test_longest_prefix(lab):
    a = lab.s[0]
    a.send(a.udp("10.9.1.1", 11, 1))
    assert lab.s[1].expect_udp(11, 1).dst == lab.s[1].mac
    a.send(a.udp("10.9.9.1", 12, 1))
    assert lab.s[2].expect_udp(12, 1).dst == lab.s[2].mac


def test_order_within_a_flow(lab):
    """20,000 packets of one flow, 8 in flight: all come, in order, unharmed."""
    a, b = lab.s[0], lab.s[1]
    count = 20000
    head = a.udp(b.ip, 4000, 4001, b"\0" * 18)
    at = 42

    def frames():
        for seq in range(count):
            data = struct.pack("!Q", seq)
            yield head[:40] + b"\0\0" + data + head[at + 8:]

    came = pump(a.wire, b.wire, frames(), lambda raw: raw[34:38] == b"\x0f\xa0\x0f\xa1")
    assert len(came) == count
    assert [struct.unpack("!Q", raw[42:50])[0] for raw in came] == list(range(count))


def test_routes_changed_under_traffic(lab):
    """A route's next hop swings between two neighbours, commit after commit, while packets use it:
    each packet goes to one of the two, none is lost, none goes elsewhere."""
    if not hasattr(lab.vm, "configure"):
        pytest.skip("PIX's own shell is needed")
    a = lab.s[0]
    came = {1: 0, 2: 0}
    wrong = []
    sent = 0
    stop = threading.Event()
    slots = threading.Semaphore(6)

    def tap(index, inner):
        def take(raw):
            if raw[30:32] != b"\x0a\x0a":
                return inner(raw)
            if packet.mac_text(raw[:6]) != lab.s[index].mac or raw[22] != 63:
                wrong.append(Frame(raw))
            came[index] += 1
            slots.release()
            return True
        return take

    inner = {i: lab.s[i].wire.tap for i in (1, 2)}
    lab.vm.configure("set routes static 10.10.0.0/16 next-hop 10.0.1.2")
    lab.learn(1, 2)
    for i in (1, 2):
        lab.s[i].wire.tap = tap(i, inner[i])

    def blast():
        nonlocal sent
        frame = a.udp("10.10.1.1", 77, 78)
        while not stop.is_set():
            if slots.acquire(timeout=5):
                a.send(frame)
                sent += 1

    sender = threading.Thread(target=blast)
    sender.start()
    try:
        turn = 0
        while turn < 12 or (min(came.values()) <= 100 and turn < 100 and not wrong):
            turn += 1
            lab.vm.configure("delete routes static 10.10.0.0/16",
                             "set routes static 10.10.0.0/16 next-hop 10.0.%d.2" % (1 + turn % 2))
    finally:
        stop.set()
        sender.join()
        end = time.monotonic() + 5
        while came[1] + came[2] < sent and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.2)
        for i in (1, 2):
            lab.s[i].wire.tap = inner[i]
        lab.vm.configure("delete routes static 10.10.0.0/16")
    assert not wrong, wrong[:3]
    assert came[1] + came[2] == sent, "%d sent, %s came" % (sent, came)
    assert came[1] > 100 and came[2] > 100, came


def _patched(frame, at, value):
    return frame[:at] + value + frame[at + len(value):]


def _fixed(frame, at, value):
    """Patch an IPv4 header field and make the header checksum right again."""
    head = bytearray(_patched(frame, at, value)[14:34])
    head[10:12] = b"\0\0"
    head[10:12] = struct.pack("!H", csum(bytes(head)))
    return frame[:14] + bytes(head) + frame[34:]


BAD = {
    # drop reason -> list of makers (station, destination station) -> frame
    "bad_source_mac": [lambda s, d: s.udp(d.ip)[:6] + b"\x01\0\x5e\0\0\1" + s.udp(d.ip)[12:],
                       lambda s, d: s.udp(d.ip)[:6] + b"\0" * 6 + s.udp(d.ip)[12:]],
    "not_for_us": [lambda s, d: s.frame(udp4(s.ip, d.ip, 1, 2), dst_mac="02:99:99:99:99:99")],
    "unknown_ethertype": [lambda s, d: packet.eth(s.router_mac, s.mac, 0x1234, b"x" * 46)],
    "ip6_off": [lambda s, d: packet.eth(s.router_mac, s.mac, 0x86DD, b"\x60" + b"\0" * 59)],
    "no_interface": [lambda s, d: packet.eth(s.router_mac, s.mac, 0x8100, b"\0\x64\x08\0" + udp4(s.ip, d.ip, 1, 2))],
    "ip_truncated": [lambda s, d: _fixed(s.udp(d.ip), 16, b"\x02\x00")],
    "ip_version": [lambda s, d: _fixed(s.udp(d.ip), 14, b"\x65"), lambda s, d: _fixed(s.udp(d.ip), 14, b"\x05")],
    "ip_header_length": [lambda s, d: _fixed(s.udp(d.ip), 14, b"\x44"), lambda s, d: _fixed(s.udp(d.ip), 14, b"\x40")],
    "ip_total_length": [lambda s, d: _fixed(s.udp(d.ip), 16, b"\x00\x13"), lambda s, d: _fixed(s.udp(d.ip), 16, b"\0\0")],
    "ip_checksum": [lambda s, d: _patched(s.udp(d.ip), 24, b"\xde\xad"), lambda s, d: _patched(s.udp(d.ip), 22, b"\x3f")],
    "ip_source": [lambda s, d: s.udp(d.ip, src="127.0.0.1"), lambda s, d: s.udp(d.ip, src="224.0.0.9"),
                  lambda s, d: s.udp(d.ip, src="255.255.255.255"), lambda s, d: s.udp(d.ip, src="240.0.0.1"),
                  lambda s, d: s.udp(d.ip, src=s.router_ip)],
    "ip_destination": [lambda s, d: s.udp("127.0.0.1"), lambda s, d: s.udp("0.1.2.3"), lambda s, d: s.udp("240.0.0.1")],
    "ip_broadcast": [lambda s, d: s.udp("10.0.%d.255" % d.index), lambda s, d: s.frame(
        udp4(s.ip, "255.255.255.255", 1, 2), dst_mac=packet.BROADCAST)],
    "ip_multicast": [lambda s, d: s.frame(udp4(s.ip, "239.1.1.1", 1, 2), dst_mac="01:00:5e:01:01:01")],
    "blackhole": [lambda s, d: s.udp("10.66.1.1")],
}


@pytest.mark.parametrize("source", [0, 1, 2], ids=["e1000", "e1000e", "virtio"])
@pytest.mark.parametrize("reason", sorted(BAD))
def test_bad_header_is_dropped_by_name(lab, reason, source):
    """Each bad field is dropped, counted under its reason and no other, and nothing comes out."""
    s, d = lab.s[source], lab.s[(source + 1) % 3]
    frames = [make(s, d) for make in BAD[reason]]
    with lab.vm.counting(**{reason: len(frames)}):
        s.send(*frames)
    for station in lab.s:
        station.expect_none(timeout=0.02, what="anything of %s" % reason)


OPTIONS = {
    "loose source route": (b"\x83\x07\x04\x0a\x00\x00\x01\x00", None),
    "strict source route": (b"\x89\x07\x04\x0a\x00\x00\x01\x00", None),
    "length 0": (b"\x07\x00\x00\x00", 21),
    "length 1": (b"\x01\x44\x01\x00", 22),
    "longer than the header": (b"\x44\x28\x05\x00", 21),
    "no room for the length": (b"\x01\x01\x01\x07", 23),
    "record route's pointer": (b"\x07\x07\x03\x00\x00\x00\x00\x00", 22),
}


@pytest.mark.parametrize("case", sorted(OPTIONS))
def test_bad_options(lab, case):
    """Refused options (source routes, RFC 7126) and malformed ones end the packet; of the malformed the
    sender hears where they are wrong: parameter problem with the octet's number (RFC 1812 4.3.3.5)."""
    option, pointer = OPTIONS[case]
    s, d = lab.s[0], lab.s[1]
    time.sleep(0.1)
    frame = s.frame(udp4(s.ip, d.ip, 1, 2, b"x" * 40, options=option))
    with lab.vm.counting(ip_options=1):
        s.send(frame)
    d.expect_none(timeout=0.05)
    if pointer is None:
        s.expect_none(lambda f: f.icmp and f.icmp[0] != 3, timeout=0.05)
    else:
        got = s.expect_icmp(12, 0)
        assert got.body[4] == pointer
        assert got.quoted[:24] == frame[14:38]


def test_runt_is_dropped(lab):
    """virtio hands over what came; the others' NICs pad short frames (so eth2)."""
    with lab.vm.counting(runt=2):
        lab.s[2].send(b"\x52\x54\0\0\0\3\2\0\0\0", b"\x52")


def test_good_packets_among_bad(lab):
    """A bad packet in a burst harms none of its neighbours."""
    a, b = lab.s[0], lab.s[1]
    bad = _patched(a.udp(b.ip), 24, b"\0\0")
    frames = []
    for seq in range(64):
        frames += [a.udp(b.ip, 500 + seq, 9)] + ([bad] if seq & 1 else [])
    got = lab.send_and_expect(0, frames, 1, lambda f: f.ports, count=64, ip_checksum=32)
    assert [f.ports[0] for f in got] == [500 + seq for seq in range(64)]
