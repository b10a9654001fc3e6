# SPDX-License-Identifier: MIT
"""A host with IPv6 on a wire, driven by the test: the counterpart of lab.Station.

It answers neighbour solicitations for its addresses unless `mute`, keeps router advertisements in
`ras` and all else for expect()."""

import packet
import packet6 as p6
from guest import port_mac
from lab import Host
from packet import Frame


class Station6(Host):
    """`tags` are the (TPID, VID) that its frames carry; those of other VLANs are not for it."""

    ICMP = "ICMPv6"

    def __init__(self, wire, index, ip, router=None, mac=None, tags=(), router_mac=None):
        self.wire, self.index, self.tags = wire, index, tuple(tags)
        self.mac = mac or "02:00:00:00:06:%02x" % index
        ip = p6.text(p6.addr(ip))  # 2001:db8:0::2 is written 2001:db8::2 on the way back
        self.ip, self.router = ip, router and p6.text(p6.addr(router))
        self.ll = p6.link_local(self.mac)
        self.router_mac = router_mac or port_mac(index)
        self.router_ll = p6.link_local(self.router_mac)
        self.ips = {ip, self.ll}
        self.mute = False
        self.asked = []
        self.ras = []
        wire.tap = self.input

    def input(self, raw):
        frame = Frame(raw)
        if tuple(frame.tags) != self.tags or frame.icmp is None or frame.type != p6.ETH_IP6:
            return False
        kind = frame.icmp[0]
        if kind == p6.RA:
            self.ras.append(frame)
            return True
        if kind != p6.NS:
            return False
        self.asked.append(frame)
        target = p6.text(frame.body[8:24])
        if target in self.ips and not self.mute and frame.ip_src != "::":
            self.send(self.frame(p6.advertise(self.mac, target, target, frame.ip_src), frame.src))
        return True

    def frame(self, ip_packet, dst_mac=None):
        head = packet.mac_bytes(dst_mac or self.router_mac) + packet.mac_bytes(self.mac)
        for tpid, vid in self.tags:
            head += tpid.to_bytes(2, "big") + vid.to_bytes(2, "big")
        return (head + b"\x86\xdd" + ip_packet).ljust(60, b"\0")

    def udp(self, dst, sport=1000, dport=2000, data=b"pix", src=None, **ip):
        return self.frame(p6.udp6(src or self.ip, dst, sport, dport, data, **ip))

    def calm(self):
        self.wire.flush()
        self.asked.clear()
        self.ras.clear()
        self.mute = False
