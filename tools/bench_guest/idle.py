#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make bench-guest-idle`: polling, hybrid and interrupt-driven in the guest, one against the other.

The same image thrice on the same QEMU command line (2 vCPUs, one of them a QGM), told
`pix.idle=spin` (polling), `nap` (polls, then halts) and `irq` (halts whenever there is nothing):
alternating rounds of no traffic, one frame in flight, and 8 frames in flight (e1000 and virtio).
Printed per policy: host CPU of the packet vCPU while idle and with one frame in flight, latency p50
and p99, kpps. Each line goes to build/bench/results.jsonl with polling as the peer."""

import json
import os
import statistics
import sys
import time

import bench
from bench import Contestant, WINDOW

POLICIES = ("spin", "nap", "irq")
ROUNDS = int(os.environ.get("ROUNDS", 5))
SECONDS = float(os.environ.get("SECONDS", 1.0))


class Idler(Contestant):
    def __init__(self, policy, model):
        super().__init__("pix", model, 2, "dgram", False, append="pix.idle=" + policy)
        self.policy = policy
        self.rows = []
        self.tid = self.vm.threads()["CPU 1/TCG"]

    def cpu(self):
        """Seconds on a CPU of the packet vCPU's thread."""
        with open("/proc/%d/task/%d/schedstat" % (self.vm.process.pid, self.tid)) as f:
            return int(f.read().split()[0]) / 1e9

    def share(self, work):
        """What `work()` returns, and how much of a host core the vCPU took meanwhile."""
        begin, cpu = time.monotonic(), self.cpu()
        got = work()
        return got, (self.cpu() - cpu) / (time.monotonic() - begin)

    def measure(self):
        self.vm.qmp("cont")
        try:
            bench.generate(self.wires, "dgram", 0.3, 1)
            time.sleep(0.2)
            _, idle = self.share(lambda: time.sleep(SECONDS))
            one, busy = self.share(lambda: bench.generate(self.wires, "dgram", SECONDS, 1))
            many = bench.generate(self.wires, "dgram", SECONDS, WINDOW)
        finally:
            self.vm.qmp("stop")
        self.rows.append({"idle": 100 * idle, "one": 100 * busy, "p50": one["p50_us"], "p99": one["p99_us"],
                          "kpps": many["kpps"], "lost": many["lost"]})


def record(model, policy, key, unit, mine, polling, better):
    line = {"bench": "idle-%s-%s-%s" % (model, policy, key), "unit": unit, "pix": statistics.median(mine),
            "pix_min": min(mine), "pix_max": max(mine), "peer": "pix.idle=spin",
            "peer_value": statistics.median(polling), "peer_min": min(polling), "peer_max": max(polling),
            "ratio": round(statistics.median(better), 3), "target": None, "rounds": len(mine),
            "cpu": bench.cpu_name(), "note": "shown"}
    os.makedirs(os.path.dirname(bench.RESULTS), exist_ok=True)
    with open(bench.RESULTS, "a") as f:
        f.write(json.dumps(line) + "\n")


def case(model):
    guests = []
    try:
        for policy in POLICIES:
            guests.append(Idler(policy, model))
            guests[-1].vm.qmp("stop")
        for _ in range(ROUNDS):
            for guest in guests:
                guest.measure()
        for guest in guests:
            guest.close()
    finally:
        for guest in guests:
            guest.vm.stop()
    spin = guests[0].rows
    for guest in guests:
        middle = {k: statistics.median(r[k] for r in guest.rows) for k in guest.rows[0]}
        print("  %-7s %-5s %8.1f %% %10.1f %% %10.0f %9.0f %9.1f %7d" % (
            model, guest.policy, middle["idle"], middle["one"], middle["p50"], middle["p99"], middle["kpps"],
            sum(r["lost"] for r in guest.rows)), flush=True)
        for key, unit, more in (("idle", "% of a core", False), ("p50", "us", False), ("p99", "us", False),
                                ("kpps", "kpps", True)):
            mine, other = [r[key] for r in guest.rows], [r[key] for r in spin]
            better = [(a / b if more else b / max(a, 1e-3)) for a, b in zip(mine, other)]
            record(model, guest.policy, key, unit, mine, other, better)


def main():
    print("bench-guest-idle: %d rounds of 3 x %.1f s, alternating; 2 vCPUs, one QGM on host core %d" %
          (ROUNDS, SECONDS, bench.PACKET_CORE))
    print("  %-7s %-5s %10s %12s %10s %9s %9s %7s" % ("NIC", "idle=", "host CPU", "1 in flight", "p50 us",
                                                     "p99 us", "kpps", "lost"))
    for model in ("e1000", "virtio"):
        case(model)
    return 0


if __name__ == "__main__":
    sys.exit(main())
