# SPDX-License-Identifier: MIT
"""IPv6 frames of the system tests: builders and the neighbour-discovery messages.
RFC 8200 (IPv6), 4443 (ICMPv6), 4861 (neighbour discovery), 768 (UDP). Companion of packet.py."""

import ipaddress
import socket
import struct

from packet import UDP, csum, eth, mac_bytes

ETH_IP6 = 0x86DD
HOPOPT, ROUTING, FRAGMENT, ICMP6, NONXT, DSTOPT = 0, 43, 44, 58, 59, 60
RS, RA, NS, NA, REDIRECT = 133, 134, 135, 136, 137
ECHO, ECHO_REPLY = 128, 129


def addr(text):
    return socket.inet_pton(socket.AF_INET6, text)


def text(raw):
    return socket.inet_ntop(socket.AF_INET6, bytes(raw))


def link_local(mac):
    """Modified EUI-64 below fe80::/64 (RFC 4291 appendix A)."""
    m = bytearray(mac_bytes(mac))
    m[0] ^= 2
    return text(b"\xfe\x80" + bytes(6) + bytes(m[:3]) + b"\xff\xfe" + bytes(m[3:]))


def solicited(ip):
    """Solicited-node multicast address (RFC 4291 2.7.1)."""
    return text(addr("ff02::1:ff00:0")[:13] + addr(ip)[13:])


def group_mac(ip):
    """RFC 2464 7."""
    return "33:33:" + addr(ip)[12:].hex(":")


def pseudo(src, dst, proto, length):
    """Sum of the pseudo header (RFC 8200 8.1), for csum()."""
    return sum(struct.unpack("!16H", src + dst)) + (length >> 16) + (length & 0xFFFF) + proto


def ip6(src, dst, nxt, payload, hlim=64, tclass=0, flow=0, plen=None):
    head = struct.pack("!IHBB", 6 << 28 | tclass << 20 | flow, len(payload) if plen is None else plen,
                       nxt, hlim)
    return head + addr(src) + addr(dst) + payload


def upper(src, dst, proto, head, data, at):
    """A transport header with its checksum (at offset `at`) filled in, and the data."""
    value = csum(head + data, pseudo(addr(src), addr(dst), proto, len(head) + len(data))) or 0xFFFF
    return head[:at] + struct.pack("!H", value) + head[at + 2:] + data


def udp_body(src, dst, sport, dport, data=b""):
    return upper(src, dst, UDP, struct.pack("!HHHH", sport, dport, 8 + len(data), 0), data, 6)


def udp6(src, dst, sport, dport, data=b"", **ip):
    return ip6(src, dst, UDP, udp_body(src, dst, sport, dport, data), **ip)


def icmp_body(src, dst, kind, code, rest=0, data=b""):
    return upper(src, dst, ICMP6, struct.pack("!BBHI", kind, code, 0, rest), data, 2)


def icmp6(src, dst, kind, code, rest=0, data=b"", **ip):
    return ip6(src, dst, ICMP6, icmp_body(src, dst, kind, code, rest, data), **ip)


def echo6(src, dst, ident, seq, data=b"", **ip):
    return icmp6(src, dst, ECHO, 0, ident << 16 | seq, data, **ip)


def fragment(nxt, offset, more, ident, data):
    """A fragment header (RFC 8200 4.5) and its piece; offset in bytes."""
    return struct.pack("!BBHI", nxt, 0, offset | more, ident) + data


def options(nxt, raw):
    """A hop-by-hop or destination options header, padded with PadN."""
    room = (len(raw) + 2 + 7) // 8 * 8 - 2 - len(raw)
    pad = b"" if not room else b"\0" if room == 1 else bytes([1, room - 2]) + bytes(room - 2)
    return bytes([nxt, (len(raw) + len(pad) + 2) // 8 - 1]) + raw + pad


def lladdr(kind, mac):
    """Link-layer address option: 1 source, 2 target."""
    return bytes([kind, 1]) + mac_bytes(mac)


def frame6(dst, src, packet_bytes):
    return eth(dst, src, ETH_IP6, packet_bytes)


def solicit(mac, ip, target, unicast=None):
    """A neighbour solicitation; from :: it is a duplicate address probe and has no option."""
    dst = unicast or solicited(target)
    body = addr(target) + (lladdr(1, mac) if ip != "::" else b"")
    return icmp6(ip, dst, NS, 0, 0, body, hlim=255)


def advertise(mac, ip, target, dst="ff02::1", flags=0x60000000):
    """A neighbour advertisement; flags: router 8, solicited 4, override 2 in the top digit."""
    return icmp6(ip, dst, NA, 0, flags, addr(target) + lladdr(2, mac), hlim=255)


def check6(packet):
    """None, or what is wrong with an IPv6 packet: lengths, the header chain and the checksum."""
    if len(packet) < 40 or packet[0] >> 4 != 6:
        return "IPv6 version %d in %d bytes" % (packet[0] >> 4, len(packet))
    plen = packet[4] << 8 | packet[5]
    if 40 + plen > len(packet):
        return "IPv6 payload of %d bytes in %d" % (plen, len(packet))
    if any(packet[40 + plen:]):
        return "padded with old bytes: " + packet[40 + plen:].hex()
    nxt, at, end, dst = packet[6], 40, 40 + plen, packet[24:40]
    while nxt in (HOPOPT, ROUTING, FRAGMENT, DSTOPT):
        if at + 8 > end:
            return "extension header cut off"
        if nxt == FRAGMENT:
            return None  # the checksum covers the whole datagram
        if nxt == ROUTING and packet[at + 3]:
            return None  # the checksum is over the final destination
        nxt, at = packet[at], at + packet[at + 1] * 8 + 8
    body = packet[at:end]
    where = {UDP: 6, 6: 16, ICMP6: 2}.get(nxt)
    if where is None:
        return None
    if len(body) < where + 2:
        return "protocol %d of %d bytes" % (nxt, len(body))
    value = csum(body, pseudo(packet[8:24], dst, nxt, len(body)))
    return "protocol %d checksum wrong by %#x" % (nxt, value) if value else None


def in_net(ip, net):
    return ipaddress.ip_address(ip) in ipaddress.ip_network(net)
