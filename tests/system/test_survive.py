# SPDX-License-Identifier: MIT
"""Forwarding outlives the generic partition: it panics (`pix.crash=`, some seconds after start-up),
and the QGM cores go on with the tables they have. DESIGN.md section 2.

    Station 0 -- eth0 [ PIX: generic core panics ] eth1 -- Station 1
"""

from contextlib import contextmanager

import pytest

from pixvm import PixVM
from test_cores import CONFIG, run_traffic, stations


PANIC = "panic: the generic partition has stopped"
TWO_PORTS = CONFIG.replace("    eth2 { address 10.0.2.1/24; }\n", "")


@contextmanager
def doomed(append, cpus):
    """A machine that forwards, and panics within seconds: (machine, stations). One whose panic came before it had
    forwarded anything, since the host is slow, is begun again with more time."""
    for after in (4, 12, 36):
        with PixVM(["e1000e", "virtio"], cpus=cpus, config=TWO_PORTS, fatal=False,
                   append="%s pix.crash_after=%d" % (append, after)) as vm:
            try:
                vm.ready()
                found = stations(vm)
                run_traffic(*found, 200)
            except AssertionError:
                if PANIC not in vm.text or after == 36:
                    raise
                continue
            if PANIC not in vm.text:
                yield vm, found
                return
    raise AssertionError("the panic is always too early")


@pytest.mark.parametrize("idle", ["spin", "nap"])
@pytest.mark.parametrize("how", ["panic", "stack"])
def test_forwarding_outlives_the_generic_partition(how, idle):
    with doomed("pix.idle=%s pix.crash=%s" % (idle, how), 3) as (vm, (a, b)):
        vm.wait_text(PANIC, 90)
        run_traffic(a, b, 3000)
        run_traffic(b, a, 3000)
        assert vm.text.count(PANIC) == 1


def test_one_cpu_stops_with_its_generic_partition():
    """The shared mode has no second core: the same panic ends forwarding. So the test above can fail."""
    with doomed("pix.crash=panic", 1) as (vm, (a, b)):
        vm.wait_text(PANIC, 90)
        a.send(a.udp(b.ip, 5, 6))
        with pytest.raises(AssertionError):
            b.expect_udp(5, 6, timeout=1)
