#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make bench-guest`: PIX and Linux 6.1 as the guest of the same QEMU command line, as routers of
64-byte IPv4/UDP frames between two ports, one after the other in each round (A B A B ...; the one
that waits is stopped by QMP). Per NIC (e1000, virtio) and number of vCPUs (1; 2 with one QGM):

    dgram    kpps, closed loop of 8 frames over UNIX datagrams, which push back: loss-free
    latency  the same with one frame in flight: p50 and p99
    stream   kpps at overload over a UNIX stream: what is above the guest's rate is lost
    insn     guest instructions per forwarded packet at that saturation (a TCG plugin counts)

The forwarding vCPU has host core 0 for itself; the generator, QEMU's main loop and the other vCPU
share core 1. `hub` is the wire's own ceiling: QEMU joins its two netdevs without any guest.
Results: a table, and JSON lines in build/bench/results.jsonl. CASE=e1000-1 runs one case, FULL=1
more and longer rounds; PIX_APPEND is PIX's command line."""

import json
import mmap
import os
import re
import socket
import statistics
import struct
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("B", "build"))
sys.path.insert(0, os.path.join(ROOT, "tests", "system"))

from guest import Guest, GuestError                          # noqa: E402
from linuxvm import LinuxVM, build_peer, router_script       # noqa: E402
from pixvm import PixVM, violations                          # noqa: E402

GEN = os.path.join(BUILD, "bench_guest", "gen")
INSN = os.path.join(BUILD, "bench_guest", "insn.so")
RESULTS = os.path.join(BUILD, "bench", "results.jsonl")
FULL = os.environ.get("FULL") == "1"
ROUNDS = int(os.environ.get("ROUNDS", 9 if FULL else 5))
SECONDS = float(os.environ.get("SECONDS", 5 if FULL else 1.5))
WINDOW = 8
CORES = sorted(os.sched_getaffinity(0))
PACKET_CORE, OTHER_CORE = CORES[0], CORES[-1]
CONFIG = "interfaces { eth0 { address 10.0.0.1/24; } eth1 { address 10.0.1.1/24; } }\n"
APPEND = os.environ.get("PIX_APPEND", "")
TARGETS = {"dgram": 1.6, "stream": 4.0, "insn": 10.0, "latency": 1.0}


class BenchWire:
    """A wire whose far end the generator holds."""

    def __init__(self, kind):
        self.kind, self.faults = kind, []
        self.sock, self.guest_end = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_STREAM if kind == "stream" else socket.SOCK_DGRAM)

    def netdev(self, ident):
        fd = self.guest_end.fileno()
        if self.kind == "stream":
            return "stream,id=%s,server=off,addr.type=fd,addr.str=%d" % (ident, fd), fd
        return "dgram,id=%s,local.type=fd,local.str=%d" % (ident, fd), fd

    def plugged(self):
        self.guest_end.close()

    def close(self):
        self.sock.close()


def generate(wires, kind, seconds, window):
    """One run of the generator on core 1; its JSON."""
    fds = [wire.sock.fileno() for wire in wires]
    out = subprocess.run(["taskset", "-c", str(OTHER_CORE), GEN, str(fds[0]), str(fds[1]), kind,
                          str(seconds), str(window)], pass_fds=fds, capture_output=True, text=True,
                         timeout=seconds + 150)
    if out.returncode:
        raise GuestError("gen: " + out.stderr)
    result = json.loads(out.stdout)
    if result["bad"] or result["reordered"]:
        raise GuestError("wrong packets came: %s" % result)
    return result


class Contestant:
    """A guest, the wires of its ports and its instruction counters."""

    def __init__(self, name, model, cpus, kind, count, profile=None, append=APPEND):
        self.name, self.kind, self.cpus = name, kind, cpus
        self.wires = [BenchWire(kind), BenchWire(kind)]
        ports = [(model, wire) for wire in self.wires]
        extra = []
        self.counters = None
        if count:
            path = os.path.join(BUILD, "bench_guest", "insn-%s-%d" % (name, os.getpid()))
            if os.path.exists(path):
                os.unlink(path)
            extra = ["-plugin", "%s,out=%s%s" % (INSN, path, ",profile=" + profile if profile else "")]
        if name == "linux":
            script = router_script({"eth0": "10.0.0.1/24", "eth1": "10.0.1.1/24"})
            if cpus > 1:  # forward on the last vCPU, as PIX does
                script += "\nfor i in /proc/irq/*/smp_affinity; do echo %x > $i; done 2>/dev/null" % (
                    1 << (cpus - 1))
            self.vm = LinuxVM(ports, config=script, cpus=cpus, extra=extra, limit=1800)
        else:
            self.vm = PixVM(ports, config=CONFIG, cpus=cpus, extra=extra, append=append, limit=1800)
        try:
            self.vm.start()
            self.vm.ready(90)
            self.pin()
            if count:
                with open(path, "r+b") as f:
                    self.counters = mmap.mmap(f.fileno(), 0)
                os.unlink(path)
            # QEMU's e1000 receives nothing in the first second after its start.
            if not any(generate(self.wires, kind, 1.0, WINDOW)["received"] for _ in range(4)):
                raise GuestError("%s forwards nothing\n%s" % (name, self.vm.tail()))
        except BaseException:
            self.vm.stop()
            raise

    def pin(self):
        """The forwarding vCPU (the last) on core 0, all the rest of QEMU on core 1."""
        for tid in os.listdir("/proc/%d/task" % self.vm.process.pid):
            with open("/proc/%d/task/%s/comm" % (self.vm.process.pid, tid)) as f:
                comm = f.read().strip()
            core = PACKET_CORE if comm == "CPU %d/TCG" % (self.cpus - 1) else OTHER_CORE
            os.sched_setaffinity(int(tid), {core})

    def instructions(self):
        """[per vCPU]"""
        return [struct.unpack_from("<Q", self.counters, 64 * i)[0] for i in range(self.cpus)]

    def polls(self):
        """(turns, empty turns) of PIX's QGMs."""
        qgms = self.vm.qgms()
        return sum(q["turns"] for q in qgms), sum(q["turns_empty"] for q in qgms)

    def round(self, seconds, window):
        """One measured run; adds insn per packet and the share of empty polls where counted."""
        self.vm.qmp("cont")
        try:
            # Nobody has answered ARP while the generator was away: let the router ask again first.
            generate(self.wires, self.kind, 0.3, 1)
            polls = self.polls() if self.name == "pix" and self.counters else None
            before = self.instructions() if self.counters else None
            result = generate(self.wires, self.kind, seconds, window)
            if self.counters:
                after = self.instructions()
                forwarded = max(result["received"], 1)
                result["insn_vcpu"] = [(b - a) / forwarded for a, b in zip(before, after)]
                result["insn"] = sum(result["insn_vcpu"])
            if polls:
                turns = [b - a for a, b in zip(polls, self.polls())]
                result["empty"] = turns[1] / max(turns[0], 1)
            return result
        finally:
            self.vm.qmp("stop")

    def close(self):
        if self.name == "pix":
            self.vm.qmp("cont")
            wrong = violations(self.vm.conservation())
            if wrong:
                raise GuestError("conservation after the run: " + "; ".join(wrong))


def hub(kind):
    """The wire's ceiling: both netdevs on a hub of QEMU, the machine idle in its firmware."""
    wires = [BenchWire(kind), BenchWire(kind)]
    vm = Guest([], name="hub")
    for i, wire in enumerate(wires):
        netdev, fd = wire.netdev("n%d" % i)
        vm._fds.append(fd)
        vm.args += ["-netdev", netdev, "-netdev", "hubport,id=h%d,hubid=1,netdev=n%d" % (i, i)]
    with vm:
        for wire in wires:
            wire.plugged()
        os.sched_setaffinity(vm.process.pid, {PACKET_CORE})
        time.sleep(0.5)
        # A hub changes nothing: TTL stays 64, so gen calls each frame bad; only the rate counts.
        fds = [wire.sock.fileno() for wire in wires]
        out = subprocess.run(["taskset", "-c", str(OTHER_CORE), GEN, str(fds[0]), str(fds[1]), kind,
                              str(SECONDS), str(WINDOW if kind == "dgram" else 0)], pass_fds=fds,
                             capture_output=True, text=True, check=True)
        return json.loads(out.stdout)["kpps"]


def spread(values):
    return statistics.median(values), min(values), max(values)


def record(bench, unit, pix, peer, better, note):
    """One line of the results file. `better` is how many times PIX beats the peer, pair by pair."""
    ratio = statistics.median(better)
    target = TARGETS[bench.rsplit("-", 1)[-1] if bench.rsplit("-", 1)[-1] in TARGETS else "latency"]
    line = {"bench": bench, "unit": unit, "pix": spread(pix)[0], "pix_min": min(pix), "pix_max": max(pix),
            "peer": "linux " + kernel(), "peer_value": spread(peer)[0], "peer_min": min(peer),
            "peer_max": max(peer), "ratio": round(ratio, 3), "target": target, "rounds": len(pix),
            "cpu": cpu_name(), "note": note}
    os.makedirs(os.path.dirname(RESULTS), exist_ok=True)
    with open(RESULTS, "a") as f:
        f.write(json.dumps(line) + "\n")
    print("  %-24s %9.1f (%.1f-%.1f)   %9.1f (%.1f-%.1f)   %6.2f x  target %.1f  %s" % (
        bench + " " + unit, *spread(pix), *spread(peer), ratio, target, note), flush=True)
    return ratio >= target


def kernel():
    with open(os.path.join(BUILD, "peer", "version")) as f:
        return f.read().strip()


def cpu_name():
    with open("/proc/cpuinfo") as f:
        return re.search(r"model name\s*:\s*(.*)", f.read()).group(1)


def contest(model, cpus, kind, window, count=False, rounds=ROUNDS, seconds=SECONDS):
    """Alternating rounds of both guests: ([pix results], [linux results])."""
    guests = []
    results = {"pix": [], "linux": []}
    try:
        for name in ("pix", "linux"):
            guest = Contestant(name, model, cpus, kind, count)
            guests.append(guest)
            guest.vm.qmp("stop")
        for _ in range(rounds):
            for guest in guests:
                results[guest.name].append(guest.round(seconds, window))
                if window == WINDOW:
                    guest.latency = getattr(guest, "latency", [])
                    guest.latency.append(guest.round(seconds / 3, 1))
        for guest in guests:
            guest.close()
        return results, {guest.name: getattr(guest, "latency", []) for guest in guests}
    finally:
        for guest in guests:
            guest.vm.stop()


def case(model, cpus):
    name = "vm-fwd-%s-%dcpu" % (model, cpus)
    good = True
    results, latency = contest(model, cpus, "dgram", WINDOW)
    pix, peer = results["pix"], results["linux"]
    lost = sum(r["lost"] for r in pix), sum(r["lost"] for r in peer)
    good &= record(name + "-dgram", "kpps", [r["kpps"] for r in pix], [r["kpps"] for r in peer],
                   [a["kpps"] / b["kpps"] for a, b in zip(pix, peer)], "lost %d : %d" % lost)
    for key in ("p50_us", "p99_us"):
        mine, others = [r[key] for r in latency["pix"]], [r[key] for r in latency["linux"]]
        record(name + "-" + key[:3], "us", mine, others, [b / a for a, b in zip(mine, others)],
               "one frame in flight; ratio = Linux / PIX")
    results, _ = contest(model, cpus, "stream", 0)
    pix, peer = results["pix"], results["linux"]
    record(name + "-stream", "kpps", [r["kpps"] for r in pix], [r["kpps"] for r in peer],
           [a["kpps"] / b["kpps"] for a, b in zip(pix, peer)], "open loop, excess lost")
    results, _ = contest(model, cpus, "stream", 0, count=True, rounds=max(3, ROUNDS // 2))
    pix, peer = results["pix"], results["linux"]
    good &= record("vm-insn-%s-%dcpu-insn" % (model, cpus), "insn/packet", [r["insn"] for r in pix],
                   [r["insn"] for r in peer], [b["insn"] / a["insn"] for a, b in zip(pix, peer)],
                   "all vCPUs; empty polls %.1f %%; by vCPU %s : %s" % (
                       100 * statistics.median(r["empty"] for r in pix),
                       "+".join("%.0f" % x for x in pix[0]["insn_vcpu"]),
                       "+".join("%.0f" % x for x in peer[0]["insn_vcpu"])))
    return good


def main():
    build_peer()
    wanted = os.environ.get("CASE", "")
    begin = time.monotonic()
    print("bench-guest: %d rounds of %.1f s, alternating; packet core %d, all else core %d; PIX '%s'" %
          (ROUNDS, SECONDS, PACKET_CORE, OTHER_CORE, APPEND))
    print("  ceiling of the wires alone: dgram %.1f kpps, stream %.1f kpps" % (hub("dgram"), hub("stream")))
    print("  %-24s %28s   %28s   PIX is better by" % ("", "PIX median (min-max)", "Linux median (min-max)"))
    missed = []
    for model in ("e1000", "virtio"):
        for cpus in (1, 2):
            key = "%s-%d" % (model, cpus)
            if wanted in ("", key):
                if not case(model, cpus):
                    missed.append(key)
    print("bench-guest: %.0f s; results in %s" % (time.monotonic() - begin, os.path.relpath(RESULTS, ROOT)))
    if missed:
        print("bench-guest: a target was missed in: " + ", ".join(missed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
