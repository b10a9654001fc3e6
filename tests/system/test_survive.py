# SPDX-License-Identifier: MIT
"""Forwarding outlives the generic partition: it panics (`pix.crash=`, some seconds after start-up),
and the QGM cores go on with the tables they have. DESIGN.md section 2.

    Station 0 -- eth0 [ PIX: generic core panics ] eth1 -- Station 1
"""

import pytest

from pixvm import PixVM
from test_cores import CONFIG, run_traffic, stations


@pytest.mark.parametrize("idle", ["spin", "nap"])
@pytest.mark.parametrize("how", ["panic", "stack"])
def test_forwarding_outlives_the_generic_partition(how, idle):
    with PixVM(["e1000e", "virtio"], cpus=3, config=CONFIG.replace("    eth2 { address 10.0.2.1/24; }\n", ""),
               append="pix.idle=%s pix.crash=%s pix.crash_after=4" % (idle, how), fatal=False) as vm:
        vm.ready()
        a, b = stations(vm)
        run_traffic(a, b, 200)
        vm.wait_text(r"panic: the generic partition has stopped", 20)
        run_traffic(a, b, 3000)
        run_traffic(b, a, 3000)
        assert vm.text.count("panic: the generic partition has stopped") == 1


def test_one_cpu_stops_with_its_generic_partition():
    """The shared mode has no second core: the same panic ends forwarding. So the test above can fail."""
    with PixVM(["e1000e", "virtio"], cpus=1, config=CONFIG.replace("    eth2 { address 10.0.2.1/24; }\n", ""),
               append="pix.crash=panic pix.crash_after=4", fatal=False) as vm:
        vm.ready()
        a, b = stations(vm)
        vm.wait_text(r"panic: the generic partition has stopped", 20)
        a.send(a.udp(b.ip, 5, 6))
        with pytest.raises(AssertionError):
            b.expect_udp(5, 6, timeout=1)
