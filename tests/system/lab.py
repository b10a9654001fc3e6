# SPDX-License-Identifier: MIT
"""The network of the data-plane tests: one PIX with a port of each driver, routed and switched.

    S0 10.0.0.2 ── eth0 e1000   10.0.0.1/24 ┐     ┌ eth3 e1000  ── S3
    S1 10.0.1.2 ── eth1 e1000e  10.0.1.1/24 ├ PIX ┤ eth4 e1000e ── S4     br0
    S2 10.0.2.2 ── eth2 virtio  10.0.2.1/24 │     └ eth5 virtio ── S5
    S6 10.0.6.2 ── eth6 virtio  10.0.6.1/24 ┘ (MTU 600)

Static routes: 10.9/16 via S1, 10.9.9/24 via S2, 10.66/16 blackhole, 10.67/16 unreachable,
10.68/16 via 10.0.1.99, whom nobody is."""

import os
from contextlib import contextmanager

import packet
from guest import port_mac
from linuxvm import LinuxVM, router_script
from packet import ETH_IP, Frame
from pixvm import PixVM
from wire import PATIENCE, hush

MODELS = ["e1000", "e1000e", "virtio", "e1000", "e1000e", "virtio", "virtio"]
ROUTED = (0, 1, 2, 6)
BRIDGED = (3, 4, 5)
SMALL_MTU = 600

CONFIG = """version 1;
interfaces {
    eth0 { address 10.0.0.1/24; }
    eth1 { address 10.0.1.1/24; }
    eth2 { address 10.0.2.1/24; }
    eth3 { bridge br0; }
    eth4 { bridge br0; }
    eth5 { bridge br0; }
    eth6 { address 10.0.6.1/24; mtu %d; }
}
routes {
    static {
        10.9.0.0/16 { next-hop 10.0.1.2; }
        10.9.9.0/24 { next-hop 10.0.2.2; }
        10.66.0.0/16 { blackhole; }
        10.67.0.0/16 { unreachable; }
        10.68.0.0/16 { next-hop 10.0.1.99; }
    }
}
""" % SMALL_MTU


class Host:
    """What a test does with a host on one wire, whatever family it speaks."""

    ICMP = "ICMP"

    def send(self, *frames):
        self.wire.send(*frames)

    def expect(self, match=None, timeout=PATIENCE, what=None):
        return self.wire.expect(match, timeout, what)

    def expect_none(self, match=None, timeout=0.3, what=None):
        self.wire.expect_none(match, timeout, what)

    def expect_udp(self, sport=1000, dport=2000, timeout=PATIENCE):
        return self.expect(lambda f: f.ports == (sport, dport), timeout, "UDP %d > %d" % (sport, dport))

    def expect_icmp(self, kind, code, timeout=PATIENCE):
        return self.expect(lambda f: f.icmp == (kind, code), timeout, "%s %d/%d" % (self.ICMP, kind, code))


class Station(Host):
    """A host on one wire, driven by the test: it answers ARP for its addresses (unless `mute`) and
    keeps all else for expect()."""

    def __init__(self, wire, index):
        self.wire, self.index = wire, index
        self.mac = "02:00:00:00:01:%02x" % index
        self.ip = "10.0.%d.2" % index
        self.router_ip = "10.0.%d.1" % index
        self.router_mac = port_mac(index)
        self.ips = {self.ip}
        self.mute = False
        self.asked = []  # ARP requests that came, in order
        wire.tap = self._input

    def _input(self, raw):
        if raw[12:14] != b"\x08\x06" or len(raw) < 42 or raw[21] != 1:
            return False
        frame = Frame(raw)
        self.asked.append(frame)
        if frame.arp_tip in self.ips and not self.mute:
            self.wire.send(packet.arp(2, self.mac, frame.arp_tip, frame.arp_smac, frame.arp_sip))
        return True

    def frame(self, ip_packet, dst_mac=None, src_mac=None):
        """An IPv4 packet framed for the router."""
        return packet.eth(dst_mac or self.router_mac, src_mac or self.mac, ETH_IP, ip_packet)

    def udp(self, dst, sport=1000, dport=2000, data=b"pix", src=None, **ip):
        return self.frame(packet.udp4(src or self.ip, dst, sport, dport, data, **ip))


class LinuxLab(LinuxVM):
    """The same network with Linux in PIX's place (PIX_GUEST=linux): shows that a check is right.
    It has none of PIX's counters, so those asserts pass unseen."""

    def __init__(self, ports, **kw):
        script = router_script({"eth%d" % i: "10.0.%d.1/24" % i for i in ROUTED},
                               [("10.9.0.0/16", "10.0.1.2"), ("10.9.9.0/24", "10.0.2.2"),
                                ("10.68.0.0/16", "10.0.1.99")],
                               {"br0": ["eth%d" % i for i in BRIDGED]})
        script += "\nip link set eth6 mtu %d\nip route add blackhole 10.66.0.0/16" % SMALL_MTU
        script += "\nip route add unreachable 10.67.0.0/16"
        super().__init__(ports, config=script)

    @contextmanager
    def counting(self, **_):
        yield

    def conserved(self, **_):
        pass


class Lab:
    """The booted network. `vm` is the guest, `s` its stations by port number."""

    def __init__(self, models=MODELS, **kw):
        if os.environ.get("PIX_GUEST") == "linux":
            self.vm = LinuxLab(MODELS)
        else:
            kw.setdefault("cpus", 2)
            kw.setdefault("config", CONFIG)
            self.vm = PixVM(models, name="lab", limit=600, **kw)
        self.s = []

    def __enter__(self):
        self.vm.start()
        try:
            self.vm.ready()
            self.s = [Station(wire, i) for i, wire in enumerate(self.vm.ports)]
        except BaseException:
            self.vm.stop()
            raise
        return self

    def __exit__(self, *_):
        self.vm.stop()

    def learn(self, *ports):
        """Let the router resolve the stations, so that a test sees no ARP."""
        for i in ports or ROUTED:
            other = 0 if i else 1
            self.s[i].mute = False
            self.s[other].send(self.s[other].udp(self.s[i].ip, 7, 7, b"learn"))
            self.s[i].expect_udp(7, 7)

    def send_and_expect(self, source, frames, sink, match, count=None, timeout=PATIENCE, **drops):
        """Send frames from station `source`; exactly `count` (default: all) matching frames must come
        to station `sink`, and the named drop counters rise by so many, no others. The frames."""
        frames = list(frames)
        count = len(frames) if count is None else count
        with self.vm.counting(**drops):
            self.s[source].send(*frames)
            got = [self.s[sink].expect(match, timeout) for _ in range(count)]
            self.s[sink].expect_none(match, 0.05)
        return got

    def calm(self):
        """Forget what is captured: the state in which each test starts."""
        hush([station.wire for station in self.s])
        for station in self.s:
            station.asked.clear()
            station.mute = False
            station.ips = {station.ip}
