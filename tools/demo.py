#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make demo`: PIX forwards real traffic, and its counters are compared with what the hosts counted.

     A 10.0.0.2 ── eth0 ┐             ┌ eth1 ── B 10.0.1.2        routed
                e1000   │     PIX     │  virtio
     C 10.0.2.2 ── eth2 ┤ 4 vCPUs,    ├ eth3 ── D 10.0.2.3        switched (br0)
                e1000   │ 3 QGM cores │  virtio
     E 10.0.3.2 ── eth4 ┤             ├ eth5 ── F 10.0.4.2        routed
                ixgbe   └             ┘  i40e

eth4 and eth5 are register-level models (tools/nicsim: 82599 and XL710), attached by x-pci-proxy-dev,
which lets one core at a time touch a device: pix.queues=1.
Hosts are Linux network namespaces on TAPs where root and /dev/net/tun allow it, else hosts in user
space on UNIX datagram sockets (DEMO_HOSTS=userspace forces them). BREAK=arp|checksum|ttl plants a
fault in the image's data plane; the demo must then fail. Exit 0, or 1 with the reasons."""

import os
import signal
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "system"))

import guest                                    # noqa: E402
import netns                                    # noqa: E402
from hosts import UserHost                      # noqa: E402
from linuxvm import LinuxVM, router_script      # noqa: E402
from pixvm import PixVM, violations             # noqa: E402

LIMIT = 115  # seconds for all of it
# The XL710's firmware would send an LLDP frame of its own before the driver stops it: the counts differ.
PORTS = ["e1000", "virtio", "e1000", "virtio", "82599", "xl710,lldp=off"]
CONFIG = """interfaces {
    eth0 { address 10.0.0.1/24; }
    eth1 { address 10.0.1.1/24; }
    eth2 { bridge br0; }
    eth3 { bridge br0; }
%s}
""" % "".join("    eth%d { address 10.0.%d.1/24; }\n" % (i, i - 1) for i in range(4, len(PORTS)))
PLANTS = ("arp", "checksum", "ttl")
TTY = sys.stdout.isatty()


def paint(code, text):
    return "\x1b[%sm%s\x1b[0m" % (code, text) if TTY else text


class Report:
    """Says each step as it ends and keeps what failed."""

    def __init__(self):
        self.begin = time.monotonic()
        self.failed = []
        self.count = 0

    def check(self, good, what, why=""):
        self.count += 1
        mark = paint("32", " ok ") if good else paint("31;1", "FAIL")
        print("  [%s] %s%s" % (mark, what, "" if good or not why else ": " + why), flush=True)
        if not good:
            self.failed.append(what + (": " + why if why else ""))
        return good

    def title(self, text):
        print("\n%s %s" % (paint("1", text), paint("2", "(%.1f s)" % (time.monotonic() - self.begin))),
              flush=True)

    def attempt(self, what, fn):
        """Run a step that may raise; its value, or None after a failure has been noted."""
        try:
            return fn()
        except (AssertionError, OSError) as e:
            self.check(False, what, str(e).split("\n")[0])
            return None


class LinuxRouter(LinuxVM):
    """The known good router in PIX's place (DEMO_GUEST=linux): tries the demo itself."""

    def interfaces(self):
        table = {}
        for line in self.cmd("cat /proc/net/dev").splitlines()[2:]:
            name, values = line.split(":")
            fields = values.split()
            table[name.strip()] = {"rx": int(fields[1]), "tx": int(fields[9])}
        return table

    SHOWS = ("cat /proc/net/dev",)


class PixRouter(PixVM):
    SHOWS = ("show interfaces", "show qgm", "show conservation")


def console(vm, command):
    """Type a command, print it and its answer as an operator sees them."""
    prompt = "pix> " if isinstance(vm, PixVM) else "peer# "
    print("  " + paint("36", prompt + command))
    for line in vm.cmd(command).splitlines():
        print("  " + paint("2", line))
    sys.stdout.flush()


def make_hosts(report):
    """A host for each port and the NIC list for QEMU; user-space hosts get their wire later."""
    wanted = os.environ.get("DEMO_HOSTS", "")
    reason = "DEMO_HOSTS=userspace" if wanted == "userspace" else netns.available()
    if reason is None:
        print("hosts: Linux network namespaces on TAPs (ping, traceroute, iperf3)")
        hosts = []
        try:
            for name, address, gateway in HOSTS:
                hosts.append(netns.NetnsHost(name, address, gateway, mac=host_mac(name)))
        except BaseException:
            for host in hosts:
                host.close()
            raise
        return hosts, [(model, host.fd) for model, host in zip(PORTS, hosts)]
    print("hosts: in user space on UNIX datagram sockets (%s)" % reason)
    return None, PORTS


HOSTS = [("A", "10.0.0.2/24", "10.0.0.1"), ("B", "10.0.1.2/24", "10.0.1.1"),
         ("C", "10.0.2.2/24", None), ("D", "10.0.2.3/24", None),
         ("E", "10.0.3.2/24", "10.0.3.1"), ("F", "10.0.4.2/24", "10.0.4.1")][:len(PORTS)]


def host_mac(name):
    return "02:00:00:00:00:0" + name.lower()


def ping(report, source, dst, what, ttl, count=20):
    patience = 1.0 if report.failed else 3.0  # a busy host may be late, a broken router is what it is
    got = report.attempt("ping " + what, lambda: source.ping(dst, count=count, timeout=patience))
    if got is None:
        return False
    rtt = sorted(got["rtt_ms"])
    text = "ping %s: %d of %d" % (what, got["received"], got["sent"])
    if rtt:
        text += ", median %.2f ms" % rtt[len(rtt) // 2]
    report.check(got["received"] == got["sent"], text, "%d lost" % (got["sent"] - got["received"]))
    if got["received"]:
        report.check(got["ttl"] == {ttl}, "replies arrive with TTL %d" % ttl, "TTL %s" % sorted(got["ttl"]))
    return got["received"] > 0


def bulk(report, vm, source, sink, what, nbytes):
    """A TCP transfer while the operator looks at the counters."""
    result = {}

    def run():
        result["value"] = report.attempt("TCP " + what, lambda: source.bulk(sink, nbytes, timeout=40))

    worker = threading.Thread(target=run)
    worker.start()
    time.sleep(0.3)
    report.attempt("console during traffic", lambda: console(vm, vm.SHOWS[0]))
    worker.join()
    got = result["value"]
    if got:
        report.check(got["bytes"] > nbytes * 0.9, "%s %s: %.1f MB in %.2f s = %.0f Mbit/s, %d segments sent again" % (
            "TCP with SHA-256" if isinstance(source, UserHost) else "iperf3", what, got["bytes"] / 1e6,
            got["seconds"], got["bytes"] * 8 / 1e6 / max(got["seconds"], 1e-6), got["retransmits"]),
            "only %d of %d bytes" % (got["bytes"], nbytes))


def compare(report, vm, hosts, settle=10.0):
    """Each port's counters against those of the host on its wire, both ways, to the frame."""
    deadline = time.monotonic() + settle
    while True:
        table = vm.interfaces()
        wrong, lines = [], []
        for i, host in enumerate(hosts):
            port, mine = table["eth%d" % i], host.counters()
            good = port["rx"] == mine["tx"] and port["tx"] == mine["rx"]
            lines.append("eth%d <- %s: host sent %d, PIX received %d; eth%d -> %s: PIX sent %d, host received %d" %
                         (i, host.name, mine["tx"], port["rx"], i, host.name, port["tx"], mine["rx"]))
            if not good:
                wrong.append(i)
        if not wrong or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    for i, line in enumerate(lines):
        report.check(i not in wrong, line, "they differ")


def traffic(report, vm, hosts):
    a, b, c, d = hosts[:4]
    nbytes = (4 << 20) if isinstance(a, UserHost) else (16 << 20)
    report.title("router: A and B in different subnets")
    # QEMU's e1000 takes no frame for a second after its receiver is switched on; wait it out.
    report.attempt("first echo", lambda: a.ping("10.0.0.1", count=1, timeout=3.0))
    ping(report, a, "10.0.0.1", "A -> PIX (10.0.0.1)", ttl=64, count=5)
    reached = ping(report, a, b.ip, "A -> B", ttl=63)
    path = report.attempt("traceroute A -> B", lambda: a.traceroute(b.ip, timeout=1.0 if report.failed else 3.0))
    if path is not None:
        for hop, row in enumerate(path):
            print("       %2d  %s" % (hop + 1, "  ".join(x or "*" for x in row)))
        report.check(path == [["10.0.0.1"] * 3, [b.ip] * 3], "traceroute A -> B: PIX, then B, no star",
                     "path was %s" % path)
    if reached:
        bulk(report, vm, a, b, "A -> B", nbytes)

    report.title("switch: C and D in one subnet behind br0")
    report.attempt("first echo", lambda: c.ping(d.ip, count=1, timeout=3.0))
    if ping(report, c, d.ip, "C -> D", ttl=64):
        bulk(report, vm, c, d, "C -> D", nbytes)
    for one in hosts[4:]:
        models(report, vm, a, b, one, nbytes)
    if len(hosts) == 6:
        e, f = hosts[4:]
        if ping(report, e, f.ip, "E -> F (model to model)", ttl=63):
            bulk(report, vm, e, f, "E -> F", nbytes // 4)


def models(report, vm, a, b, one, nbytes):
    """A host on a model of nicsim talks to those on QEMU's own NICs."""
    report.title("%s on the model of the %s" % (one.name, PORTS[ord(one.name) - ord("A")].split(",")[0].upper()))
    gateway = HOSTS[ord(one.name) - ord("A")][2]
    report.attempt("first echo", lambda: one.ping(gateway, count=1, timeout=3.0))
    ping(report, one, gateway, "%s -> PIX (%s)" % (one.name, gateway), ttl=64, count=5)
    for other, driver in ((a, "e1000"), (b, "virtio")):
        if ping(report, one, other.ip, "%s -> %s (%s)" % (one.name, other.name, driver), ttl=63, count=10):
            bulk(report, vm, other, one, "%s -> %s" % (other.name, one.name), nbytes // 4)


def verdict(report, vm, hosts):
    report.title("what the console says now")
    for command in vm.SHOWS:
        report.attempt(command, lambda c=command: console(vm, c))
    report.title("what hosts and PIX counted")
    report.attempt("counters", lambda: compare(report, vm, hosts))
    for host in hosts:
        for fault in host.faults[:3]:
            report.check(False, "host " + host.name, fault)
    for wire in vm.ports:
        if wire:
            report.check(not wire.faults, "checksums of all %d frames at %s" % (wire.received, wire.name),
                         "; ".join(wire.faults[:2]))
    if vm.nicsim:
        found = report.attempt("nicsim", vm.nicsim.errors)
        report.check(found == [], "the models saw no error of a driver", "; ".join((found or ["?"])[:3]))
    if isinstance(vm, PixVM):
        law = report.attempt("show conservation", vm.conservation)
        if law is not None:
            wrong = violations(law)
            report.check(not wrong, "conservation law: every packet explained, every buffer found",
                         "; ".join(wrong))


def booted(make):
    """A machine at its prompt. QEMU 7.2 dies by its own fault in a few boots of a thousand (guest.py): once more then."""
    for last in (False, True):
        vm = make()
        try:
            vm.start()
            vm.ready()
            return vm
        except BaseException:
            vm.stop()
            if last or not guest.qemu_died:
                raise
            print("QEMU itself died by SIGSEGV at boot: once more")


def main():
    broken = os.environ.get("BREAK", "")
    if broken and broken not in PLANTS:
        print("demo: BREAK=%s: know only %s" % (broken, ", ".join(PLANTS)))
        return 1
    report = Report()
    print(paint("1", "PIX demo: a router and a switch in one image"))
    if broken:
        print("planted fault: %s (the demo must fail)" % broken)
    hosts, nics = make_hosts(report)
    vm = None
    try:
        if os.environ.get("DEMO_GUEST") == "linux":
            hosts, nics = hosts and hosts[:4], nics[:4]

        def make():
            if os.environ.get("DEMO_GUEST") == "linux":
                return LinuxRouter(nics, cpus=4, config=router_script(
                    {"eth0": "10.0.0.1/24", "eth1": "10.0.1.1/24"}, bridges={"br0": ["eth2", "eth3"]}))
            return PixRouter(nics, cpus=4, config=CONFIG, append="pix.cores=generic:0,qgm:1-3 pix.queues=1",
                             plant=broken)
        report.title("boot: 4 vCPUs, 1 generic, 3 QGM cores")
        vm = booted(make)
        report.check(True, "prompt %.2f s after QEMU's start%s" % (
            time.monotonic() - vm.started, ", guest says ready in %d ms" % vm.boot_ms()
            if isinstance(vm, PixVM) else ""))
        if isinstance(vm, PixVM):
            console(vm, "show version")
        if hosts is None:
            hosts = [UserHost(vm.ports[i], host_mac(name), address, gateway, name)
                     for i, (name, address, gateway) in enumerate(HOSTS[:len(vm.ports)])]
        traffic(report, vm, hosts)
        verdict(report, vm, hosts)
    except AssertionError as e:
        report.check(False, "demo", str(e))
    finally:
        if vm:
            vm.stop()
            if vm.wrong:
                report.check(False, "end of the machine", vm.wrong.split("\n")[0])
        for host in hosts or []:
            if hasattr(host, "close"):
                host.close()

    seconds = time.monotonic() - report.begin
    print()
    if report.failed:
        print(paint("31;1", "demo FAILED: %d of %d checks, %.0f s" % (len(report.failed), report.count, seconds)))
        for reason in report.failed:
            print("  - " + reason.split("\n")[0])
        return 1
    print(paint("32;1", "demo passed: %d checks, %.0f s" % (report.count, seconds)))
    return 0


def too_long(*_):
    raise AssertionError("demo: not done within %d s" % LIMIT)


if __name__ == "__main__":
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LIMIT)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    sys.exit(main())
