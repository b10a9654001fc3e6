# SPDX-License-Identifier: MIT
"""Checks that cannot fail prove nothing. Each case boots an image with one planted bug
(`pix.plant=NAME`) and asserts that the check named beside it fails; without the plant the same check
passes in its own file. The image itself is the same: the plants are compiled in, asked once."""

import time

import pytest

import test_bridge
import test_cores
import test_forward
from lab import CONFIG, Lab
from packet import BROADCAST
from pixvm import PixVM
from twoports import until


def leaked(lab):
    """A few thousand packets that end here, then the pools must be whole."""
    for _ in range(4000):
        lab.s[0].send(lab.s[0].udp("10.66.0.1"))
    time.sleep(0.3)
    lab.vm.conserved(settle=2)


def drops_counted(lab):
    test_forward.test_bad_header_is_dropped_by_name(lab, "ip_checksum", 0)
    with lab.vm.counting(blackhole=40):
        for _ in range(40):
            lab.s[0].send(lab.s[0].udp("10.66.0.1"))


def conserved_after_drops(lab):
    for _ in range(200):
        lab.s[0].send(lab.s[0].udp("10.66.0.1"))
    time.sleep(0.3)
    lab.vm.conserved(settle=2)


def routes_swing(lab):
    for _ in range(3):
        test_forward.test_routes_changed_under_traffic(lab)


CASES = [
    # planted bug, the check that must notice, other options
    ("ttl", test_forward.test_ttl_two_is_forwarded_as_one),
    ("checksum", test_forward.test_checksum_wraps),
    ("arp", lambda lab: lab.learn()),
    ("leak", leaked),
    ("count", drops_counted),
    ("count", conserved_after_drops),
    ("reorder", test_forward.test_order_within_a_flow),
    ("fdb-stale", test_bridge.test_station_moves),
    ("no-grace", routes_swing),
]


@pytest.mark.parametrize("plant,check", CASES, ids=lambda v: v if isinstance(v, str) else v.__name__.strip("<>"))
def test_planted_bug_is_caught(plant, check):
    with Lab(plant=plant, config=CONFIG, fatal=False) as lab:
        if plant not in ("arp", "ttl", "checksum"):
            lab.learn()
        with pytest.raises(AssertionError) as caught:
            if plant in ("ttl", "checksum"):
                for s in lab.s:
                    s.wire.verify = plant != "checksum"
                try:
                    lab.learn()
                finally:
                    for s in lab.s:
                        s.wire.verify = True
            check(lab)
        assert lab.vm.process.poll() is None, "QEMU has ended: that is no report"
        print("%s was caught: %s" % (plant, str(caught.value).split("\n")[0][:200]))


def test_missing_fence_is_caught():
    """A producer without the fence, a sleeper without its second look: wake-ups are lost."""
    with PixVM(["e1000", "virtio", "e1000e"], cpus=4, config=test_cores.CONFIG, plant="nap-fence",
               append="pix.cores=generic:0,qgm:1-3", limit=600) as vm:
        vm.ready()
        late = 0
        for seed in range(1, 21):  # on a busy host the cores meet in the window less often
            late = max(late, test_cores.cross_core(vm, seed=seed))
            if late > test_cores.LATE:
                break
        print("%d of 2500 wake-ups came late" % late)
        assert late > test_cores.LATE


def test_planted_flood_is_heard():
    """The harness's own ear: a frame with a damaged checksum on the wire is reported."""
    with Lab(config=CONFIG) as lab:
        bad = bytearray(test_bridge.frame(BROADCAST, "02:00:00:00:77:77", b"damaged"))
        bad[24] ^= 1
        lab.s[4].send(bytes(bad))
        until(lambda: any(s.wire.faults for s in lab.s))
        with pytest.raises(AssertionError, match="checksum wrong"):
            lab.vm.conserved()
