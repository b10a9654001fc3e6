# SPDX-License-Identifier: MIT
"""A wire whose end in QEMU has several queues: a TAP in a namespace of its own, with a packet socket
on its other side. QEMU's other back ends without a peer process have one queue only."""

import os
import socket
import subprocess

from netns import IFF_MULTI_QUEUE, inside, open_tap_here
from wire import Wire

_count = 0


class TapWire(Wire):
    def __init__(self, name, queues):
        global _count
        _count += 1
        super().__init__(name)
        self.sock.close()
        self.guest_end.close()
        self.netns = "pixq%d-%d" % (os.getpid(), _count)
        self._ip("netns", "add", self.netns)
        try:
            with inside(self.netns):
                self.fds = [open_tap_here("tap0", IFF_MULTI_QUEUE) for _ in range(queues)]
                self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            for name, value in (("all", 1), ("default", 1)):
                self._ip("netns", "exec", self.netns, "sysctl", "-qw",
                         "net.ipv6.conf.%s.disable_ipv6=%d" % (name, value))
            self._ip("-n", self.netns, "link", "set", "tap0", "up", "txqueuelen", "1000")
            self.sock.bind(("tap0", 3))  # ETH_P_ALL
            self.sock.settimeout(0.2)
        except Exception:
            self._ip("netns", "del", self.netns)
            raise

    @staticmethod
    def _ip(*args):
        subprocess.run(("ip",) + args, check=True, capture_output=True, timeout=60)

    def netdev(self, ident):
        return "tap,id=%s,vhost=off,fds=%s" % (ident, ":".join(map(str, self.fds))), self.fds[0]

    def device(self, ident, mac, options):
        """QEMU's arguments for a virtio-net on it."""
        return ["-netdev", self.netdev(ident)[0], "-device",
                "virtio-net-pci,netdev=%s,mac=%s,romfile=,mq=on,vectors=%d,%s" %
                (ident, mac, 2 * len(self.fds) + 2, options)]

    def plugged(self):
        for fd in self.fds:
            os.close(fd)
        super().plugged()  # guest_end is closed already

    def _read(self):
        while not self._closed:
            try:
                raw, where = self.sock.recvfrom(65536)
            except socket.timeout:
                continue
            except OSError:
                return
            if where[2] != socket.PACKET_OUTGOING:
                self._take(raw)

    def close(self):
        self._closed = True
        self._thread.join(2)
        self.sock.close()
        self._ip("netns", "del", self.netns)
