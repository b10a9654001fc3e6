# SPDX-License-Identifier: MIT
"""When the host of the tests stood still, and how fast it is: what a hypervisor takes from a machine, and a slow
clock, are in no process's books. Tests of times take it off what they measured.

    mark = pulse.mark()
    ...
    seconds -= pulse.still(mark)"""

import ctypes
import mmap
import os
import signal
import struct
import subprocess
import sys
import time

STEP, STILL = 0.002, 0.010  # a watcher's nap in seconds; what is longer by so much was none
PACE_SECONDS = 0.030        # that pace() took on the machine on which limits of times were set

_notes = None


def mark():
    """Seconds so far in which each CPU let nobody run who wanted to."""
    global _notes
    if _notes is None:
        cpus = sorted(os.sched_getaffinity(0))
        file = os.memfd_create("pulse")
        os.ftruncate(file, 8 * len(cpus))
        _notes = mmap.mmap(file, 8 * len(cpus))
        for i, cpu in enumerate(cpus):
            subprocess.Popen([sys.executable, os.path.abspath(__file__), str(file), str(i), str(cpu)],
                             stdin=subprocess.DEVNULL, pass_fds=[file],
                             preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL))
        os.close(file)
    return struct.unpack("%dd" % (len(_notes) // 8), _notes[:])


def still(since):
    """The longest that one of the CPUs stood still since mark()."""
    time.sleep(4 * STEP)  # who stood still notes it when it goes on
    return max(now - before for now, before in zip(mark(), since))


def pace():
    """How many times slower than the machine of the limits this one is now while it runs; not less than 1."""
    best, total = PACE_SECONDS * 100, 0
    for _ in range(10):
        begin = time.perf_counter()
        for i in range(100000):
            total += i & 3
        best = min(best, time.perf_counter() - begin)
    return max(1.0, best * 10 / PACE_SECONDS)


def _watch(file, slot, cpu):
    notes, lost = mmap.mmap(file, 0), 0.0
    try:
        os.sched_setaffinity(0, {cpu})
    except OSError:
        pass  # not allowed here: it watches the machine as a whole
    while True:
        begin = time.monotonic()
        time.sleep(STEP)
        late = time.monotonic() - begin - STEP
        if late > STILL:
            lost += late
            struct.pack_into("d", notes, 8 * slot, lost)


if __name__ == "__main__":
    _watch(*map(int, sys.argv[1:]))
