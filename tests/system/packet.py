# SPDX-License-Identifier: MIT
"""Frames of the system tests: builders, a light parsed view, and the checksum check that every
captured frame goes through. Plain struct code, because it runs for each of 100,000 packets; tests
that want odd headers build them with scapy and use `Frame.pkt` for scapy's opinion.

RFC 791 (IPv4), 792 (ICMP), 768 (UDP), 9293 (TCP), 826 (ARP), 1071 (the checksum)."""

import socket
import struct

ETH_IP = 0x0800
ETH_ARP = 0x0806
ICMP, TCP, UDP = 1, 6, 17
BROADCAST = "ff:ff:ff:ff:ff:ff"


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


def mac_text(raw):
    return raw.hex(":")


def csum(data, start=0):
    """Internet checksum (RFC 1071) of bytes, folded, complemented; 0 for data that verifies."""
    if len(data) & 1:
        data += b"\0"
    total = start + sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _pseudo(src, dst, proto, length):
    return sum(struct.unpack("!4H", src + dst)) + proto + length


def eth(dst, src, ethertype, payload):
    """An Ethernet frame, zero-padded to the 60 bytes that a NIC sends at least."""
    return (mac_bytes(dst) + mac_bytes(src) + struct.pack("!H", ethertype) + payload).ljust(60, b"\0")


def ip4(src, dst, proto, payload, ttl=64, ident=0, flags=0, offset=0, tos=0, options=b""):
    ihl = 5 + (len(options) + 3) // 4
    head = struct.pack("!BBHHHBBH4s4s", 0x40 | ihl, tos, ihl * 4 + len(payload), ident,
                       flags << 13 | offset // 8, ttl, proto, 0, socket.inet_aton(src),
                       socket.inet_aton(dst)) + options.ljust((ihl - 5) * 4, b"\0")
    return head[:10] + struct.pack("!H", csum(head)) + head[12:] + payload


def udp4(src, dst, sport, dport, data=b"", **ip):
    length = 8 + len(data)
    head = struct.pack("!HHHH", sport, dport, length, 0)
    pseudo = _pseudo(socket.inet_aton(src), socket.inet_aton(dst), UDP, length)
    value = csum(head + data, pseudo) or 0xFFFF
    return ip4(src, dst, UDP, head[:6] + struct.pack("!H", value) + data, **ip)


def icmp4(src, dst, kind, code, rest=0, data=b"", **ip):
    head = struct.pack("!BBHI", kind, code, 0, rest)
    value = csum(head + data)
    return ip4(src, dst, ICMP, head[:2] + struct.pack("!H", value) + head[4:] + data, **ip)


def echo4(src, dst, ident, seq, data=b"", **ip):
    return icmp4(src, dst, 8, 0, ident << 16 | seq, data, **ip)


def tcp4(src, dst, sport, dport, seq, ack, flags, window, data=b"", options=b"", **ip):
    words = 5 + (len(options) + 3) // 4
    head = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, words << 4,
                       flags, window, 0, 0) + options.ljust((words - 5) * 4, b"\0")
    body = head + data
    pseudo = _pseudo(socket.inet_aton(src), socket.inet_aton(dst), TCP, len(body))
    value = csum(body, pseudo)
    return ip4(src, dst, TCP, body[:16] + struct.pack("!H", value) + body[18:], **ip)


def arp(op, smac, sip, tmac, tip, dst=None):
    """An ARP frame; a request goes to broadcast, a reply to its target, unless `dst` says else."""
    body = struct.pack("!HHBBH", 1, ETH_IP, 6, 4, op) + mac_bytes(smac) + socket.inet_aton(sip) + \
        mac_bytes(tmac) + socket.inet_aton(tip)
    return eth(dst or (BROADCAST if op == 1 else tmac), smac, ETH_ARP, body)


def check(raw):
    """None, or what is wrong with a frame: each length, checksum and pad byte that can be checked."""
    if len(raw) < 14:
        return "frame of %d bytes" % len(raw)
    ethertype = raw[12] << 8 | raw[13]
    at = 14
    while ethertype in (0x8100, 0x88A8):
        if len(raw) < at + 4:
            return "frame ends inside of its VLAN tag"
        ethertype = raw[at + 2] << 8 | raw[at + 3]
        at += 4
    if ethertype == ETH_ARP:
        if len(raw) < at + 28:
            return "ARP of %d bytes" % (len(raw) - at)
        return None if not any(raw[at + 28:]) else "ARP padded with old bytes: " + raw[at + 28:].hex()
    if ethertype == 0x86DD:
        from packet6 import check6
        return check6(raw[at:])
    if ethertype != ETH_IP:
        return None
    packet = raw[at:]
    if len(packet) < 20:
        return "IPv4 header of %d bytes" % len(packet)
    ihl = (packet[0] & 15) * 4
    total = packet[2] << 8 | packet[3]
    if packet[0] >> 4 != 4 or ihl < 20 or total < ihl or total > len(packet):
        return "IPv4 version/ihl %#x, length %d in %d bytes" % (packet[0], total, len(packet))
    if csum(packet[:ihl]):
        return "IPv4 header checksum wrong by %#x" % csum(packet[:ihl])
    if any(packet[total:]):
        return "padded with old bytes: " + packet[total:].hex()
    if (packet[6] << 8 | packet[7]) & 0x3FFF:  # a fragment: its checksum covers the whole datagram
        return None
    body = packet[ihl:total]
    proto = packet[9]
    if proto == ICMP:
        if len(body) < 8:
            return "ICMP of %d bytes" % len(body)
        return "ICMP checksum wrong by %#x" % csum(body) if csum(body) else None
    if proto == UDP:
        if len(body) < 8 or (body[4] << 8 | body[5]) > len(body):
            return "UDP length %s in %d bytes" % (body[4:6].hex(), len(body))
        if body[6:8] == b"\0\0":
            return None
        body = body[: body[4] << 8 | body[5]]
    elif proto != TCP:
        return None
    elif len(body) < 20:
        return "TCP of %d bytes" % len(body)
    value = csum(body, _pseudo(packet[12:16], packet[16:20], proto, len(body)))
    return "%s checksum wrong by %#x" % ("UDP" if proto == UDP else "TCP", value) if value else None


class Frame:
    """A captured frame, its fields those behind all tags. What the frame does not have is None.
    `tags` holds (TPID, VID) of each VLAN tag, the outer one first; `ttl` is IPv6's hop limit, too;
    `proto` of an IPv6 packet is its first next header and `body` what follows the 40 bytes."""

    __slots__ = ("raw", "dst", "src", "type", "vlan", "tags", "ip_src", "ip_dst", "proto", "ttl", "ip_id",
                 "frag", "body", "arp_op", "arp_smac", "arp_sip", "arp_tip", "_pkt")

    def __init__(self, raw):
        self.raw = raw
        self.dst, self.src = mac_text(raw[:6]), mac_text(raw[6:12])
        self.type = raw[12] << 8 | raw[13]
        self.vlan = self.ip_src = self.ip_dst = self.proto = self.ttl = self.ip_id = None
        self.tags = []
        self.frag = self.arp_op = self.arp_smac = self.arp_sip = self.arp_tip = self._pkt = None
        self.body = raw[14:]
        while self.type in (0x8100, 0x88A8) and len(self.body) >= 4:
            self.tags.append((self.type, (self.body[0] << 8 | self.body[1]) & 0xFFF))
            self.type = self.body[2] << 8 | self.body[3]
            self.body = self.body[4:]
        if self.tags:
            self.vlan = self.tags[0][1]
        body = self.body
        if self.type == ETH_IP and len(body) >= 20:
            self.ttl, self.proto = body[8], body[9]
            self.ip_id = body[4] << 8 | body[5]
            self.frag = (body[6] << 8 | body[7]) & 0x3FFF
            self.ip_src = socket.inet_ntoa(body[12:16])
            self.ip_dst = socket.inet_ntoa(body[16:20])
            self.body = body[(body[0] & 15) * 4: body[2] << 8 | body[3]]
        elif self.type == 0x86DD and len(body) >= 40:
            self.ttl, self.proto = body[7], body[6]
            self.ip_src = socket.inet_ntop(socket.AF_INET6, body[8:24])
            self.ip_dst = socket.inet_ntop(socket.AF_INET6, body[24:40])
            self.body = body[40:40 + (body[4] << 8 | body[5])]
        elif self.type == ETH_ARP and len(body) >= 28:
            self.arp_op = body[6] << 8 | body[7]
            self.arp_smac = mac_text(body[8:14])
            self.arp_sip = socket.inet_ntoa(body[14:18])
            self.arp_tip = socket.inet_ntoa(body[24:28])

    @property
    def icmp(self):
        """(type, code) of an ICMP or ICMPv6 message, else None."""
        if self.proto == (58 if self.type == 0x86DD else ICMP) and len(self.body) >= 8:
            return self.body[0], self.body[1]
        return None

    @property
    def quoted(self):
        """The packet that an ICMP error quotes."""
        return self.body[8:]

    @property
    def ports(self):
        """(source, destination) of UDP and TCP, else None."""
        if self.proto in (UDP, TCP) and len(self.body) >= 8 and not (self.frag or 0) & 0x1FFF:
            return struct.unpack("!HH", self.body[:4])
        return None

    @property
    def payload(self):
        """Data behind the UDP, TCP or ICMP header."""
        if self.proto == TCP:
            return self.body[(self.body[12] >> 4) * 4:]
        return self.body[8:]

    @property
    def pkt(self):
        """The frame as scapy reads it."""
        if self._pkt is None:
            from scapy.layers.l2 import Ether
            import scapy.layers.inet  # noqa: F401  (registers IP below Ether)
            self._pkt = Ether(self.raw)
        return self._pkt

    def __repr__(self):
        if self.arp_op is not None:
            what = "ARP op %d %s (%s) -> %s" % (self.arp_op, self.arp_sip, self.arp_smac, self.arp_tip)
        elif self.ip_src:
            what = "%s > %s proto %d ttl %d" % (self.ip_src, self.ip_dst, self.proto, self.ttl)
            what += " icmp %d/%d" % self.icmp if self.icmp else ""
            what += " ports %d>%d" % self.ports if self.ports else ""
        else:
            what = "type %#06x" % self.type
        return "<%s > %s %d bytes: %s>" % (self.src, self.dst, len(self.raw), what)
