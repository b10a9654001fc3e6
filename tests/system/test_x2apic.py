# SPDX-License-Identifier: MIT
"""x2APIC mode: start of all cores, IPIs, timers, MSI, panic's stop of other cores. Needs a QEMU that has x2APIC
under TCG: `make long-x2apic` fetches one (tools/newer_qemu.sh 10) and names it in PIX_QEMU."""

import re
import subprocess

import pytest

from guest import QEMU
from pixvm import PixVM
from test_cores import CONFIG, run_traffic, stations


def qemu_major():
    said = subprocess.run([QEMU, "--version"], capture_output=True, text=True).stdout
    return int(re.search(r"version (\d+)", said).group(1))


pytestmark = pytest.mark.skipif(qemu_major() < 9, reason="QEMU %d has no x2APIC under TCG" % qemu_major())


@pytest.mark.parametrize("cpus,idle", [(1, "nap"), (2, "spin"), (2, "nap"), (16, "nap")])
def test_forwards(cpus, idle):
    with PixVM(["e1000e", "virtio"], cpus=cpus, machine="q35", append="pix.selftest pix.idle=" + idle,
               config=CONFIG.replace("    eth2 { address 10.0.2.1/24; }\n", "")) as vm:
        vm.wait_text(r"lapic: x2apic mode", 20)
        vm.ready(60)
        assert "selftest: split ok" in vm.text
        version = vm.json("show version")["version"]
        assert version["cpus"] == version["cpus_madt"] == cpus
        a, b = stations(vm)
        run_traffic(a, b, 1000)
        vm.conserved()


def test_panic_stops_the_other_generic_cores():
    with PixVM([], cpus=3, append="pix.crash=panic pix.crash_after=1 pix.cores=generic:0-1,qgm:2", fatal=False) as vm:
        vm.wait_text(r"lapic: x2apic mode", 20)
        vm.wait_text(r"panic: the generic partition has stopped", 20)


def test_xapic_when_the_cpu_has_no_x2apic():
    with PixVM(["e1000e"], cpus=2, cpu="max,-x2apic") as vm:
        vm.wait_text(r"lapic: xapic mode", 20)
        vm.ready()
