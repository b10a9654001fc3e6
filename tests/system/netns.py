# SPDX-License-Identifier: MIT
"""Real Linux hosts: network namespaces, each with one TAP whose descriptor is passed to QEMU.
Needs root and /dev/net/tun. QEMU stays outside of the namespaces, so one guest's ports may lie in
several of them. Hosts have IPv6 off, so that nothing but our traffic is counted."""

import contextlib
import ctypes
import fcntl
import json
import os
import re
import struct
import subprocess
import time

from hosts import HostError

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI, IFF_MULTI_QUEUE = 0x0002, 0x1000, 0x0100
CLONE_NEWNET = 0x40000000
_count = 0


def available():
    """None, or the reason why namespaces with TAPs cannot be had here."""
    if os.geteuid() != 0:
        return "not root"
    if not os.path.exists("/dev/net/tun"):
        return "no /dev/net/tun"
    name = "pixtry%d" % os.getpid()
    done = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if done.returncode:
        return done.stderr.strip()
    try:
        fd = _open_tap(name, "tap0")
        os.close(fd)
    except OSError as e:
        return "TAP: %s" % e
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False)
    return None


@contextlib.contextmanager
def inside(netns):
    """This thread is in the namespace; what it opens there works from outside, too."""
    libc = ctypes.CDLL(None, use_errno=True)
    home = os.open("/proc/self/task/%d/ns/net" % libc.gettid(), os.O_RDONLY)
    there = os.open("/run/netns/" + netns, os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            if libc.setns(home, CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns back")
    finally:
        os.close(home)
        os.close(there)


def open_tap_here(ifname, flags=0):
    """A TAP (one more queue of it, with IFF_MULTI_QUEUE) in the namespace of this thread."""
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", ifname.encode(), IFF_TAP | IFF_NO_PI | flags))
    return fd


def _open_tap(netns, ifname):
    with inside(netns):
        return open_tap_here(ifname)


class NetnsHost:
    """A namespace with address `address` on its only interface and a default route."""

    def __init__(self, name, address, gateway=None, mac=None):
        global _count
        _count += 1
        self.name = name
        self.ip = address.split("/")[0]
        self.netns = "pix%d-%d" % (os.getpid(), _count)
        self.faults = []
        self._children = []
        self._run("ip", "netns", "add", self.netns)
        try:
            self.fd = _open_tap(self.netns, "eth0")
            self.exec("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1",
                      "net.ipv4.icmp_ratelimit=0", "net.ipv4.icmp_msgs_per_sec=10000")
            self._run("ip", "-n", self.netns, "link", "set", "lo", "up")
            if mac:
                self._run("ip", "-n", self.netns, "link", "set", "eth0", "address", mac)
            self._run("ip", "-n", self.netns, "addr", "add", address, "dev", "eth0")
            self._run("ip", "-n", self.netns, "link", "set", "eth0", "up")
            if gateway:
                self._run("ip", "-n", self.netns, "route", "add", "default", "via", gateway)
        except Exception:
            self.close()
            raise

    @staticmethod
    def _run(*args, timeout=60):
        done = subprocess.run(args, capture_output=True, text=True, timeout=timeout)
        if done.returncode:
            raise HostError("%s: %s" % (" ".join(args), (done.stderr or done.stdout).strip()))
        return done.stdout

    def exec(self, *args, timeout=60):
        """Run a program in the namespace; its output. HostError if it fails."""
        return self._run("ip", "netns", "exec", self.netns, *args, timeout=timeout)

    def ping(self, dst, count=5, size=56, interval=0.02, timeout=2.0, ttl=64):
        done = subprocess.run(
            ["ip", "netns", "exec", self.netns, "ping", "-n", "-c", str(count), "-i", str(interval),
             "-s", str(size), "-W", str(timeout), "-t", str(ttl), dst],
            capture_output=True, text=True, timeout=count * (interval + timeout) + 10)
        counts = re.search(r"(\d+) packets transmitted, (\d+) received", done.stdout)
        if not counts:
            raise HostError("%s: ping %s: %s" % (self.name, dst, (done.stdout + done.stderr).strip()))
        return {"sent": int(counts[1]), "received": int(counts[2]),
                "ttl": {int(t) for t in re.findall(r" ttl=(\d+)", done.stdout)},
                "rtt_ms": [float(t) for t in re.findall(r" time=([\d.]+)", done.stdout)],
                "text": done.stdout}

    def traceroute(self, dst, hops=8, probes=3, timeout=1.0):
        text = self.exec("traceroute", "-n", "-q", str(probes), "-m", str(hops), "-w", str(timeout), dst)
        path = []
        for line in text.splitlines()[1:]:
            row, last = [], None
            for word in line.split()[1:]:
                if word == "*":
                    row.append(None)
                elif re.match(r"\d+\.\d+\.\d+\.\d+$", word):
                    last = word
                elif word == "ms":
                    row.append(last)
            path.append(row)
        return path

    def bulk(self, peer, nbytes=16 << 20, timeout=60):
        """iperf3 to another namespace: {bytes, seconds, retransmits}. With -n the client ends when the
        last byte is acknowledged, so what it sent has arrived."""
        server = subprocess.Popen(["ip", "netns", "exec", peer.netns, "iperf3", "-s", "-1", "-B", peer.ip],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._children.append(server)
        try:
            for _ in range(400):
                if ":5201" in peer.exec("ss", "-Hltn"):
                    break
                time.sleep(0.05)
            out = subprocess.run(["ip", "netns", "exec", self.netns, "iperf3", "-c", peer.ip, "-n",
                                  str(nbytes), "-J"], capture_output=True, text=True, timeout=timeout)
            try:
                report = json.loads(out.stdout)
            except ValueError:
                raise HostError("iperf3 %s -> %s: %s" % (self.name, peer.name, out.stdout + out.stderr)) from None
            if "error" in report:
                raise HostError("iperf3 %s -> %s: %s" % (self.name, peer.name, report["error"]))
            end = report["end"]
            return {"bytes": end["sum_sent"]["bytes"], "seconds": end["sum_sent"]["seconds"],
                    "retransmits": end["sum_sent"].get("retransmits", 0)}
        except subprocess.TimeoutExpired:
            raise HostError("iperf3 %s -> %s did not end within %d s" % (self.name, peer.name, timeout)) from None
        finally:
            if server.poll() is None:
                server.terminate()
            server.wait()

    def counters(self):
        """Frames that left and reached this host's port, as its own kernel counts them."""
        stats = json.loads(self._run("ip", "-n", self.netns, "-s", "-j", "link", "show", "eth0"))[0]["stats64"]
        return {"tx": stats["tx"]["packets"], "rx": stats["rx"]["packets"],
                "tx_dropped": stats["tx"]["dropped"], "rx_dropped": stats["rx"]["dropped"]}

    def close(self):
        for child in self._children:
            if child.poll() is None:
                child.kill()
        if getattr(self, "fd", None) is not None:
            os.close(self.fd)
            self.fd = None
        subprocess.run(["ip", "netns", "del", self.netns], capture_output=True, check=False)
