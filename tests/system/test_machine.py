# SPDX-License-Identifier: MIT
"""The machine underneath: which cores go where, a core that does not start, the configuration as a
boot module, memory as a warm reset leaves it, and the guards that end a kernel that broke its stack."""

import os
import shutil
import subprocess

import pytest

from pixvm import BUILD, PixVM

CONFIG = "interfaces { eth0 { address 10.7.0.1/24; } }\n"


def partitions(vm):
    return [row["partition"] for row in vm.cpus()]


@pytest.mark.parametrize("cores,want", [
    ("generic:0-1,qgm:2-3", ["generic", "generic", "qgm", "qgm"]),
    ("generic:0,qgm:1+3,app:2", ["generic", "qgm", "app", "qgm"]),
    ("generic:0,qgm:2", ["generic", "off", "qgm", "off"]),
    ("generic:0-3", ["generic"] * 4)])
def test_cores_by_command_line(cores, want):
    with PixVM(["e1000e"], cpus=4, config=CONFIG, append="pix.cores=" + cores) as vm:
        vm.ready()
        assert partitions(vm) == want
        version = vm.json("show version")["version"]
        assert version["qgms"] == max(1, want.count("qgm"))
        assert version["shared_mode"] == ("qgm" not in want)
        vm.conserved()


@pytest.mark.parametrize("cores,at", [("generic:0,fast:1", "fast:1"), ("generic:0,qgm:9", "9"),
                                      ("qgm:0,generic:1", "qgm:0,generic:1"), ("generic:0,qgm:0-1", "0-1")])
def test_bad_cores_are_pointed_at(cores, at):
    with PixVM(["e1000e"], cpus=2, append="pix.cores=" + cores) as vm:
        vm.wait_text(r'smp: pix\.cores=\S+ not understood at "%s", using the default' % at, 60)
        vm.ready()
        assert partitions(vm) == ["generic", "qgm"]


def test_threads_of_core_0_are_generic():
    with PixVM(["e1000e"], cpus="4,cores=2,threads=2") as vm:
        vm.ready()
        assert partitions(vm) == ["generic", "generic", "qgm", "qgm"]


def test_core_that_does_not_start():
    """The count is checked against the MADT: a core without start-up IPI is named and left off."""
    with PixVM(["e1000e"], cpus=4, plant="ap_lost") as vm:
        vm.wait_text(r"smp: 3 of 4 CPUs up", 60)
        vm.wait_text(r"smp: CPU 3 \(APIC id 3\) did not start", 60)
        vm.ready()
        version = vm.json("show version")["version"]
        assert (version["cpus"], version["cpus_madt"], version["qgms"]) == (3, 4, 2)
        assert partitions(vm) == ["generic", "qgm", "qgm", "off"]


def test_configuration_as_boot_module(tmp_path):
    """multiboot2: the module named pix.config wins over fw_cfg."""
    tree = tmp_path / "iso"
    shutil.copytree(os.path.join(BUILD, "iso"), tree)
    (tree / "boot" / "config.txt").write_text(CONFIG)
    iso = tmp_path / "pix.iso"
    subprocess.run(["grub-mkrescue", "-o", str(iso), "--compress=xz", "--fonts=", "--locales=", "--themes=",
                    "--install-modules=multiboot2 normal boot iso9660 all_video configfile", str(tree)],
                   check=True, capture_output=True)
    vm = PixVM(["e1000e"], cpus=2, boot="bios", config="interfaces { eth0 { address 10.8.0.1/24; } }\n")
    vm.args[vm.args.index("-cdrom") + 1] = str(iso)
    with vm:
        vm.wait_text(r"config: %d bytes from boot module" % len(CONFIG), 60)
        vm.ready()
        assert "10.7.0.1/24" in vm.cmd("show configuration")
        assert "10.8.0.1" not in vm.cmd("show configuration")


def test_long_configuration_by_fw_cfg():
    text = CONFIG + "".join("# %04d %s\n" % (i, "x" * 90) for i in range(1000))
    with PixVM(["e1000e"], config=text) as vm:
        vm.wait_text(r"config: %d bytes from fw_cfg" % len(text), 60)
        vm.ready()
        assert "10.7.0.1/24" in vm.cmd("show configuration")


def test_stack_protector_by_name():
    with PixVM([], append="pix.crash=canary", fatal=False) as vm:
        vm.wait_text(r"panic: stack protector: a function's frame was overwritten", 60)
        vm.wait_text(r"__stack_chk_fail", 5)
        vm.wait_text(r"panic: the generic partition has stopped", 15)
