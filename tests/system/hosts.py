# SPDX-License-Identifier: MIT
"""User-space hosts on the wires of a guest, for machines without root: ARP, ICMP echo, traceroute,
UDP, and a TCP good enough for one bulk transfer (in-order receiver, go-back-N sender, RFC 9293's
handshake and close). They answer in the reader thread of their wire; the calls block the caller.

The same methods as NetnsHost (netns.py) has: ping(), traceroute(), bulk(), counters()."""

import hashlib
import ipaddress
import random
import struct
import threading
import time

import packet
from packet import ETH_IP, Frame

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
MSS = 1460
TRACE_PORT = 33434


class HostError(AssertionError):
    pass


class UserHost:
    def __init__(self, wire, mac, address, gateway=None, name="host"):
        self.wire, self.mac, self.name, self.gateway = wire, mac, name, gateway
        self.net = ipaddress.ip_interface(address)
        self.ip = str(self.net.ip)
        self.arp_table = {}
        self.faults = []
        self.arp_asked = 0
        self._waiting = {}  # next hop -> packets
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._icmp = []     # (time, Frame) of replies and errors
        self._udp = {}      # port -> list of Frames
        self._tcp = {}      # (peer ip, peer port, own port) -> _Tcp
        self._listen = {}   # port -> list of finished transfers
        self._ident = random.randrange(1, 0xFFFF)
        wire.tap = self._input

    # -- sending

    def send_ip(self, packet_bytes, dst):
        """Send an IPv4 packet to its next hop, asking for the MAC first if need be."""
        hop = dst if ipaddress.ip_address(dst) in self.net.network else self.gateway
        if hop is None:
            raise HostError("%s has no gateway for %s" % (self.name, dst))
        with self._lock:
            mac = self.arp_table.get(hop)
            if mac is None:
                self._waiting.setdefault(hop, []).append(packet_bytes)
        if mac:
            self.wire.send(packet.eth(mac, self.mac, ETH_IP, packet_bytes))
        else:
            self.ask(hop)

    def ask(self, ip):
        """Send an ARP request."""
        self.arp_asked += 1
        self.wire.send(packet.arp(1, self.mac, self.ip, "00:00:00:00:00:00", ip))

    def resolve(self, ip, timeout=3.0):
        """The MAC address of a neighbour, asked for every half second."""
        deadline = time.monotonic() + timeout
        with self._news:
            while ip not in self.arp_table:
                if time.monotonic() >= deadline:
                    raise HostError("%s: no ARP reply from %s within %.1f s" % (self.name, ip, timeout))
                self._lock.release()
                try:
                    self.ask(ip)
                finally:
                    self._lock.acquire()
                self._news.wait(0.5)
            return self.arp_table[ip]

    # -- receiving, in the wire's thread

    def _input(self, raw):
        try:
            frame = Frame(raw)
            if frame.dst not in (self.mac, packet.BROADCAST):
                return frame.dst[1] not in "13579bdf"  # flooded unicast of others: not ours, gone
            if frame.arp_op is not None:
                self._arp(frame)
            elif frame.ip_dst == self.ip:
                self._ip(frame)
        except Exception as e:  # the thread must live; the caller sees it in `faults`
            self.faults.append("%s: %r on %s" % (self.name, e, raw[:64].hex()))
        return True

    def _arp(self, frame):
        with self._news:
            if frame.arp_tip == self.ip or frame.arp_sip in self.arp_table:
                self.arp_table[frame.arp_sip] = frame.arp_smac
            queued = self._waiting.pop(frame.arp_sip, []) if frame.arp_sip in self.arp_table else []
            self._news.notify_all()
        if frame.arp_op == 1 and frame.arp_tip == self.ip:
            self.wire.send(packet.arp(2, self.mac, self.ip, frame.arp_smac, frame.arp_sip))
        for waiting in queued:
            self.wire.send(packet.eth(frame.arp_smac, self.mac, ETH_IP, waiting))

    def _ip(self, frame):
        if frame.proto == packet.ICMP:
            if frame.icmp == (8, 0):
                rest = struct.unpack("!I", frame.body[4:8])[0]
                self.send_ip(packet.icmp4(self.ip, frame.ip_src, 0, 0, rest, frame.payload), frame.ip_src)
            else:
                with self._news:
                    self._icmp.append((time.monotonic(), frame))
                    self._news.notify_all()
        elif frame.proto == packet.UDP and frame.ports:
            with self._news:
                if frame.ports[1] in self._udp:
                    self._udp[frame.ports[1]].append(frame)
                    self._news.notify_all()
                    return
            quoted = frame.raw[14:14 + 28]
            self.send_ip(packet.icmp4(self.ip, frame.ip_src, 3, 3, 0, quoted), frame.ip_src)
        elif frame.proto == packet.TCP and frame.ports:
            self._tcp_input(frame)

    def _wait_icmp(self, match, timeout):
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                for i, (when, frame) in enumerate(self._icmp):
                    if match(frame):
                        del self._icmp[i]
                        return when, frame
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._news.wait(left)

    # -- what demo and tests call

    def ping(self, dst, count=5, size=56, interval=0.01, timeout=2.0, ttl=64):
        """{sent, received, ttl: set of the replies' TTLs, rtt_ms: list}. Data is compared. Three in a row without
        a reply are the last."""
        self._ident = self._ident % 0xFFFF + 1
        result = {"sent": 0, "received": 0, "ttl": set(), "rtt_ms": []}
        data = bytes(i & 0xFF for i in range(size))
        lost = 0
        for seq in range(1, count + 1):
            if lost == 3:
                break
            head = struct.pack("!HH", self._ident, seq)
            begin = time.monotonic()
            self.send_ip(packet.echo4(self.ip, dst, self._ident, seq, data, ttl=ttl), dst)
            result["sent"] += 1
            got = self._wait_icmp(lambda f, h=head: f.icmp == (0, 0) and f.body[4:8] == h and
                                  f.ip_src == dst, timeout)
            lost = 0 if got else lost + 1
            if got:
                if got[1].payload != data:
                    self.faults.append("%s: echo data from %s differs" % (self.name, dst))
                result["received"] += 1
                result["ttl"].add(got[1].ttl)
                result["rtt_ms"].append((got[0] - begin) * 1000)
            time.sleep(interval)
        return result

    def traceroute(self, dst, hops=8, probes=3, timeout=1.0):
        """One list of answering addresses (None = star) per TTL, until dst answers."""
        path = []
        for ttl in range(1, hops + 1):
            row = []
            done = False
            for probe in range(probes):
                port = TRACE_PORT + ttl * probes + probe
                sport = 40000 + ttl * 16 + probe
                self.send_ip(packet.udp4(self.ip, dst, sport, port, b"pix trace", ttl=ttl), dst)
                want = struct.pack("!HH", sport, port)
                got = self._wait_icmp(lambda f, w=want: f.icmp and f.icmp[0] in (3, 11) and
                                      f.quoted[20:24] == w, timeout)
                row.append(got[1].ip_src if got else None)
                done = done or bool(got and got[1].icmp[0] == 3)
            path.append(row)
            if done:
                break
        return path

    def udp_open(self, port):
        with self._lock:
            return self._udp.setdefault(port, [])

    def udp_wait(self, port, count, timeout=3.0):
        """Wait until `count` datagrams have come to an opened port; the list."""
        deadline = time.monotonic() + timeout
        with self._news:
            while len(self._udp[port]) < count and time.monotonic() < deadline:
                self._news.wait(max(0.0, deadline - time.monotonic()))
            return list(self._udp[port])

    def counters(self):
        """Frames that left and reached this host's port."""
        return {"tx": self.wire.sent, "rx": self.wire.received}

    def bulk(self, peer, nbytes=4 << 20, timeout=60):
        """TCP transfer of random bytes to another host: {bytes, seconds, retransmits}; both ends
        compare SHA-256. Raises HostError if it fails."""
        data = random.Random(nbytes).randbytes(nbytes)
        done = peer.tcp_listen(5201)
        begin = time.monotonic()
        again = self.tcp_send(peer.ip, 5201, data, timeout)
        with peer._news:
            while not done and time.monotonic() - begin < timeout:
                peer._news.wait(0.1)
        seconds = time.monotonic() - begin
        if not done:
            raise HostError("%s -> %s: the receiver saw no end of the transfer" % (self.name, peer.name))
        count, digest = done[0]
        if count != nbytes or digest != hashlib.sha256(data).hexdigest():
            raise HostError("%s -> %s: %d of %d bytes came, or with another hash" %
                            (self.name, peer.name, count, nbytes))
        return {"bytes": nbytes, "seconds": seconds, "retransmits": again}

    # -- TCP

    def tcp_listen(self, port):
        """Accept one connection after the other on `port`; finished ones are appended to the
        returned list as (bytes, sha256)."""
        with self._lock:
            self._listen[port] = []
            return self._listen[port]

    def _tcp_out(self, c, flags, data=b"", seq=None, options=b""):
        seq = c.nxt if seq is None else seq
        self.send_ip(packet.tcp4(self.ip, c.peer, c.port, c.peer_port, seq, c.rcv, flags, 65535, data,
                                 options), c.peer)

    def _tcp_input(self, frame):
        sport, dport = frame.ports
        seq, ack = struct.unpack("!II", frame.body[4:12])
        flags, data = frame.body[13], frame.payload
        key = (frame.ip_src, sport, dport)
        with self._news:
            c = self._tcp.get(key)
            if c is None:
                if dport not in self._listen or not flags & SYN or flags & ACK:
                    return
                c = self._tcp[key] = _Tcp(frame.ip_src, sport, dport)
                c.rcv = (seq + 1) & 0xFFFFFFFF
                c.digest = hashlib.sha256()
            if flags & RST:
                c.reset = True
            if flags & ACK:
                c.ack(ack)
            if flags & SYN and flags & ACK and c.digest is None:
                c.rcv = (seq + 1) & 0xFFFFFFFF
                c.open = True
            answer = None
            if c.digest is not None:
                if flags & SYN:
                    answer = SYN | ACK
                elif seq == c.rcv and (data or flags & FIN):
                    c.digest.update(data)
                    c.count += len(data)
                    c.rcv = (c.rcv + len(data)) & 0xFFFFFFFF
                    answer = ACK
                    if flags & FIN:
                        c.rcv = (c.rcv + 1) & 0xFFFFFFFF
                        answer = FIN | ACK
                        self._listen[dport].append((c.count, c.digest.hexdigest()))
                elif data or flags & FIN:
                    answer = ACK
            elif flags & FIN:
                c.rcv = (seq + len(data) + 1) & 0xFFFFFFFF
                c.peer_fin = True
                answer = ACK
            elif flags & SYN:
                answer = ACK
            self._news.notify_all()
        if answer is not None:
            first = answer & SYN
            self._tcp_out(c, answer, seq=c.iss if first else c.una_own(), options=b"\x02\x04\x05\xb4" if first else b"")

    def tcp_send(self, dst, port, data, timeout=60, window=8):
        """Connect, send all of `data`, close. Returns the number of segments sent again."""
        own = random.randrange(20000, 60000)
        c = _Tcp(dst, port, own)
        with self._lock:
            self._tcp[(dst, port, own)] = c
        end = time.monotonic() + timeout
        again = 0

        def expired():
            if c.reset:
                raise HostError("%s: connection to %s reset" % (self.name, dst))
            if time.monotonic() > end:
                raise HostError("%s: TCP to %s got no further than %d of %d bytes" %
                                (self.name, dst, max(0, c.acked - 1), len(data)))

        while not c.open:
            expired()
            self._tcp_out(c, SYN, seq=c.iss, options=b"\x02\x04\x05\xb4")
            with self._news:
                self._news.wait_for(lambda: c.open or c.reset, 0.5)
        base = c.iss + 1
        at = 0  # next byte to send; c.acked - 1 bytes are acknowledged
        moved = time.monotonic()
        while c.acked - 1 < len(data):
            expired()
            seen = c.acked
            while at < len(data) and at - (c.acked - 1) < window * MSS:
                chunk = data[at:at + MSS]
                self._tcp_out(c, ACK | PSH, chunk, seq=base + at)
                at += len(chunk)
            with self._news:
                self._news.wait_for(lambda s=seen: c.acked > s or c.reset, 0.2)
            now = time.monotonic()
            if c.acked > seen:
                moved = now
            elif now - moved > 0.5:  # go back N
                again += (at - (c.acked - 1) + MSS - 1) // MSS
                at, moved = c.acked - 1, now
        while not c.peer_fin:
            expired()
            self._tcp_out(c, FIN | ACK, seq=base + len(data))
            with self._news:
                self._news.wait_for(lambda: c.peer_fin or c.reset, 0.5)
        with self._lock:
            del self._tcp[(dst, port, own)]
        return again


class _Tcp:
    """One connection: the sender's side counts acknowledged sequence numbers from the SYN on."""

    def __init__(self, peer, peer_port, port):
        self.peer, self.peer_port, self.port = peer, peer_port, port
        self.iss = random.randrange(1 << 31)
        self.nxt = self.iss
        self.rcv = 0
        self.acked = 0
        self.open = self.peer_fin = self.reset = False
        self.digest = None
        self.count = 0

    def ack(self, value):
        distance = (value - self.iss) & 0xFFFFFFFF
        if distance < 1 << 31:
            self.acked = max(self.acked, distance)

    def una_own(self):
        """The receiver's side sends nothing but SYN and FIN."""
        return self.iss + 1


