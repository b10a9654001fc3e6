# SPDX-License-Identifier: MIT
"""One CPU for packets and processes: whatever the processes do, the packet engine runs again after one slice, and
whatever the engine does, the shell answers. Times are the guest's own (-icount), as the host steals 8 ms at once."""

import re

import pytest

from pixvm import PixVM

# Slices are 2 ms; an engine turn, a tick and the switches are on top of it.
LONGEST_GAP_NS = 4_000_000


def gap(vm):
    return max(q["gap_max_ns"] for q in vm.qgms())


def engine_runs_beside(load, plant=()):
    with PixVM(["e1000"], cpus=1, mem=96, extra=["-icount", "shift=1"], plant=plant, name="sched", limit=600) as vm:
        # Under -icount the link comes up at the prompt: the line would hide it.
        vm.wait_text("net: eth0: link up", 120)
        vm.type("\r")
        vm.ready(120)
        said = vm.cmd("run usertests " + load, timeout=360)
        assert re.search(r"usertests: 1 passed, 0 failed", said), said
        assert gap(vm) < LONGEST_GAP_NS, "the engine waited %d ns" % gap(vm)
        assert "PIX" in vm.cmd("show version")


@pytest.mark.parametrize("load", ["fork-bomb", "preemption", "eats-all-memory", "badptr"])
def test_engine_runs_beside_processes(load):
    engine_runs_beside(load)
