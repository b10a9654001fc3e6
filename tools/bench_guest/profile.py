#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Where the guest's instructions go: PIX forwards at saturation over a stream, and the instructions
of each function are listed per forwarded packet.

    tools/bench_guest/profile.py [e1000|e1000e|virtio] [cpus]"""

import bisect
import os
import subprocess
import sys

import bench


def symbols():
    out = subprocess.run(["nm", "-n", os.path.join(bench.BUILD, "pix.sym")], capture_output=True, text=True, check=True)
    table = [line.split() for line in out.stdout.splitlines()]
    return [(int(row[0], 16), row[2]) for row in table if len(row) == 3 and row[1] in "tTwW"]


def main():
    model = sys.argv[1] if len(sys.argv) > 1 else "e1000"
    cpus = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    path = os.path.join(bench.BUILD, "bench_guest", "profile-%d" % os.getpid())
    guest = bench.Contestant("pix", model, cpus, "stream", True, profile=path)
    try:
        result = guest.round(3.0, 0)
        guest.vm.qmp("quit")
        guest.vm.process.wait(20)
    finally:
        guest.vm.stop()
    # The profile holds the whole life; boot and warm-up are small beside the round.
    table = symbols()
    starts = [row[0] for row in table]
    total = {}
    with open(path) as f:
        for line in f:
            pc, insns, runs = line.split()
            at = bisect.bisect_right(starts, int(pc, 16)) - 1
            name = table[at][1] if at >= 0 and int(pc, 16) >= starts[0] else "user"
            total[name] = total.get(name, 0) + int(insns) * int(runs)
    os.unlink(path)
    packets = result["received"]
    everything = sum(total.values())
    print("%s, %d vCPU: %d packets in the round, %.0f instructions each (whole run: %.0f); empty polls %.1f %%" %
          (model, cpus, packets, result["insn"], everything / packets, 100 * result["empty"]))
    for name, insns in sorted(total.items(), key=lambda kv: -kv[1])[:40]:
        print("%8.1f  %5.1f %%  %s" % (insns / packets, 100 * insns / everything, name))


if __name__ == "__main__":
    main()
