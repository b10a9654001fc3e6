# SPDX-License-Identifier: MIT
"""Linux namespaces with IPv6 behind a guest's ports, alone on a wire or several on one VLAN trunk.
The trunk's tags are put on and taken off here, in user space, since a kernel may lack 802.1Q: what
the namespaces see is untagged, what is on the guest's wire carries a tag each."""

import os
import re
import select
import subprocess
import threading

from hosts import HostError
from netns import NetnsHost


class Linux6(NetnsHost):
    """A namespace host with IPv6 on: it autoconfigures itself from router advertisements."""

    def __init__(self, name, address, gateway=None, mac=None):
        super().__init__(name, address, gateway, mac)
        self.exec("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0", "net.ipv6.conf.default.disable_ipv6=0",
                  "net.ipv6.conf.eth0.accept_ra=2", "net.ipv6.conf.eth0.router_solicitations=5")
        # Off and on again, so that the link-local address is made and a solicitation goes out.
        self._run("ip", "-n", self.netns, "link", "set", "eth0", "down")
        self._run("ip", "-n", self.netns, "link", "set", "eth0", "up")
        if gateway:
            self._run("ip", "-n", self.netns, "route", "replace", "default", "via", gateway)

    def addresses(self, scope="global"):
        """IPv6 addresses of eth0 that are no longer tentative."""
        out = self._run("ip", "-n", self.netns, "-6", "-o", "addr", "show", "dev", "eth0", "scope", scope)
        return [m.group(1) for line in out.splitlines() if "tentative" not in line
                for m in [re.search(r"inet6 ([0-9a-f:]+)/", line)] if m]

    def default_route(self):
        return self._run("ip", "-n", self.netns, "-6", "route", "show", "default").strip()

    def ping6(self, dst, count=3, size=56, timeout=2.0):
        done = subprocess.run(
            ["ip", "netns", "exec", self.netns, "ping", "-6", "-n", "-c", str(count), "-i", "0.05",
             "-s", str(size), "-W", str(timeout), dst], capture_output=True, text=True,
            timeout=count * timeout + 10)
        counts = re.search(r"(\d+) packets transmitted, (\d+) received", done.stdout)
        if not counts:
            raise HostError("%s: ping %s: %s" % (self.name, dst, (done.stdout + done.stderr).strip()))
        return {"sent": int(counts[1]), "received": int(counts[2]), "text": done.stdout,
                "ttl": {int(t) for t in re.findall(r" ttl=(\d+)", done.stdout)}}

    def traceroute6(self, dst, hops=5):
        """The answering address of each hop (None: a star)."""
        text = self.exec("traceroute", "-6", "-n", "-q", "1", "-m", str(hops), "-w", "2", dst)
        path = []
        for line in text.splitlines()[1:]:
            words = line.split()
            path.append(words[1] if len(words) > 1 and words[1] != "*" else None)
        return path


class Trunk:
    """Several hosts on one wire: {VID: host}. `wire` is a Wire of the guest; frames of a host get its
    VID's tag, frames with a host's tag reach it without. Frames with another tag are counted."""

    def __init__(self, wire, hosts, tpid=0x8100):
        self.wire, self.hosts, self.tpid = wire, dict(hosts), tpid
        self.stray = 0
        self._stop = threading.Event()
        self._by_fd = {h.fd: vid for vid, h in self.hosts.items()}
        for fd in self._by_fd:
            os.set_blocking(fd, False)
        wire.tap = self._to_hosts
        self._thread = threading.Thread(target=self._from_hosts, daemon=True)
        self._thread.start()

    def _to_hosts(self, raw):
        host = None
        if int.from_bytes(raw[12:14], "big") == self.tpid:
            host = self.hosts.get(int.from_bytes(raw[14:16], "big") & 0xFFF)
        if host is None:
            self.stray += 1
            return True
        try:
            os.write(host.fd, raw[:12] + raw[16:])
        except OSError:
            pass  # the namespace's queue is full, or it is down
        return True

    def _from_hosts(self):
        poller = select.poll()
        for fd in self._by_fd:
            poller.register(fd, select.POLLIN)
        while not self._stop.is_set():
            for fd, _ in poller.poll(100):
                for _ in range(16):
                    try:
                        raw = os.read(fd, 65536)
                    except OSError:
                        break
                    tag = self.tpid.to_bytes(2, "big") + self._by_fd[fd].to_bytes(2, "big")
                    try:
                        self.wire.send((raw[:12] + tag + raw[12:]).ljust(64, b"\0"))
                    except AssertionError:
                        return  # the guest is gone

    def close(self):
        self._stop.set()
        self._thread.join(2)
