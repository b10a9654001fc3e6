# SPDX-License-Identifier: MIT
"""Drivers in the real image: every NIC wakes its sleeping core by its own kind of interrupt (MSI-X,
MSI, a line of its own, a line shared by several cores), follows its link, is found behind bridges
and listed with a reason when nobody drives it; the PS/2 keyboard types, a reset boots again."""

import re
import subprocess
import time

import pytest

from guest import QEMU
from pixvm import PixVM
from twoports import asleep, reaches, stations, until
from wire import Wire


def config(n):
    return "interfaces {\n" + "".join("    eth%d { address 10.0.%d.1/24; }\n" % (i, i) for i in range(n)) + "}\n"


def wakes(vm):
    """Wakes of all cores: by devices, by other cores."""
    table = vm.cpus()
    return sum(row["wakes_device"] for row in table), sum(row["wakes_ipi"] for row in table)


FRAMES = 40


def one_by_one(vm, source, sink, gap):
    """FRAMES frames, each to a core that has gone to sleep. Returns the wakes that it took."""
    device, ipi = wakes(vm)
    for n in range(FRAMES):
        time.sleep(gap)
        source.send(source.udp(sink.ip, 9, n))
        sink.expect_udp(9, n)
    after = wakes(vm)
    return after[0] - device, after[1] - ipi


@pytest.mark.parametrize("machine", ["pc", "q35"])
@pytest.mark.parametrize("model", ["e1000", "e1000e", "virtio"])
def test_a_frame_wakes_its_core(model, machine):
    """No frame waits for a clock: each isolated frame costs one interrupt of the device."""
    with PixVM([model, model], cpus=2, machine=machine, config=config(2)) as vm:
        vm.ready()
        assert all(row["can_wake"] for row in vm.interfaces().values())
        a, b = stations(vm)

        def measure(gap):
            device, _ = one_by_one(vm, a, b, gap)
            return FRAMES * 0.8 <= device <= FRAMES * 2.5, device
        asleep(measure)


def test_a_shared_line_wakes_the_right_core():
    """pc has two lines for four e1000, and three cores own them: whoever the line's interrupt is
    for, it is woken (by IPI, since the line goes to the generic core)."""
    with PixVM(["e1000"] * 4, cpus=4, config=config(4)) as vm:
        vm.ready()
        assert all(row["can_wake"] for row in vm.interfaces().values())
        s = stations(vm)
        for i in range(4):
            def measure(gap, i=i):
                device, ipi = one_by_one(vm, s[i], s[(i + 1) % 4], gap)
                return device + ipi >= FRAMES * 0.8, (i, device, ipi)
            asleep(measure)
        vm.conserved()


@pytest.mark.parametrize("cpus", [1, 2])
def test_link_follows_the_wire(cpus):
    ports = ["e1000", "e1000e", "virtio"]
    with PixVM(ports, cpus=cpus, config=config(3)) as vm:
        vm.ready()
        s = stations(vm)
        for i in range(3):
            name = "eth%d" % i
            before = vm.interfaces()[name]
            for up in (False, True):
                mark = len(vm.text)
                vm.qmp("set_link", name="n%d" % i, up=up)
                vm.wait_text(r"%s: link %s" % (name, "up" if up else "down"), 30, since=mark)
                assert vm.interfaces()[name]["link"] is up
            after = vm.interfaces()[name]
            assert after["link_changes"] == before["link_changes"] + 2
            assert after["resets"] == 0
            reaches(s[(i + 1) % 3], s[i], 5, 5)


def test_behind_bridges_and_refused():
    """Modern-only virtio-net (1af4:1041) and e1000e behind PCI Express root ports forward; a NIC that
    no driver takes is listed with the reason. Names follow PCI order."""
    wires = [Wire("rp0"), Wire("rp1")]
    extra = ["-device", "rtl8139,romfile=", "-device", "virtio-net-pci,disable-modern=on,romfile="]
    for i, model in enumerate(["virtio-net-pci", "e1000e"]):
        netdev, _ = wires[i].netdev("b%d" % i)
        extra += ["-device", "pcie-root-port,id=rp%d,chassis=%d" % (i, i + 1), "-netdev", netdev,
                  "-device", "%s,bus=rp%d,netdev=b%d,mac=52:54:00:00:00:%02x,romfile=" % (model, i, i, i + 2)]
    vm = PixVM(["e1000"], cpus=2, machine="q35", config=config(3), extra=extra)
    vm.ports += wires
    vm._fds += [wire.netdev("x")[1] for wire in wires]
    with vm:
        vm.ready()
        rows = vm.json("show interfaces")["interfaces"]
        assert [(r["name"], r["driver"], r["device"]) for r in rows if r["name"]] == [
            ("eth0", "e1000", "100e"), ("eth1", "virtio-net", "1041"), ("eth2", "e1000e", "10d3")]
        assert {(r["device"], r["reason"]) for r in rows if not r["name"]} == {
            ("8139", "no driver for 10ec:8139"),
            ("1000", "no modern virtio interface (legacy only is not driven)")}
        assert all(r["can_wake"] for r in rows if r["name"])
        stations(vm)


DRIVEN = {"8086:100e", "8086:100f", "8086:10d3", "8086:10c9", "15ad:07b0", "1af4:1000", "1af4:1041"}


def network_devices():
    """PCI models of QEMU's that need no more than their name (rocker and pvrdma do)."""
    text = subprocess.run([QEMU, "-device", "help"], capture_output=True, text=True).stdout
    text = text[text.index("Network devices:"):]
    names = re.findall(r'^name "([^"]+)", bus PCI', text.split("\n\n")[0], re.M)
    return [name for name in names if name not in ("rocker", "pvrdma")]


def test_every_nic_is_listed():
    """All PCI NICs of this QEMU at once: each has its port, or its PCI id and the reason why not (NICs on
    USB are no PCI functions: PIX has no USB)."""
    models = network_devices()
    assert len(models) > 20 and "rtl8139" in models and "tulip" in models and "ne2k_pci" in models
    extra = []
    for model in models:
        extra += ["-device", model + ",romfile="]
    with PixVM([], cpus=2, mem=512, extra=extra) as vm:
        vm.ready(60)
        there = []
        for bus in vm.qmp("query-pci"):
            for dev in bus["devices"]:
                if dev["class_info"]["class"] >> 8 == 2:
                    there.append("%04x:%04x" % (dev["id"]["vendor"], dev["id"]["device"]))
        assert len(there) == len(models)
        rows = vm.json("show interfaces")["interfaces"]
        shown = ["%s:%s" % (r["vendor"], r["device"]) for r in rows]
        assert sorted(shown) == sorted(there)
        for row, nic in zip(rows, shown):
            if nic in DRIVEN:
                assert row["name"].startswith("eth") and row["driver"], row
            else:
                assert not row["name"] and row["reason"] == "no driver for " + nic, row


def test_statistics_and_registers():
    """What a NIC counts under the names of its data sheet, and its registers, read by the core that
    owns it while frames go through; nothing is lost by reading."""
    with PixVM(["e1000", "e1000e", "virtio"], cpus=2, config=config(3)) as vm:
        vm.ready()
        s = stations(vm)
        before = [vm.json("show interfaces eth%d detail" % i)["interfaces"][0]["statistics"] for i in range(2)]
        for n in range(50):
            for i in range(3):
                s[i].send(s[i].udp(s[(i + 1) % 3].ip, 9, n, b"x" * 400))
                s[(i + 1) % 3].expect_udp(9, n)
            if n % 10 == 0:
                vm.json("show interfaces eth%d registers" % (n // 10 % 3))
        for i in range(2):
            def all_read(i=i):  # the statistics are read in turn
                row = vm.json("show interfaces eth%d detail" % i)["interfaces"][0]
                grown = {k: v - before[i][k] for k, v in row["statistics"].items()}
                good = grown["GPRC"] >= 50 and grown["GPTC"] >= 50
                return good and grown["PRC511"] >= 50 and grown["GORC"] >= 50 * 440
            until(all_read)
            row = vm.json("show interfaces eth%d detail" % i)["interfaces"][0]
            grown = {k: v - before[i][k] for k, v in row["statistics"].items()}
            assert grown["MPC"] == grown["CRCERRS"] == 0
            assert row["queues"] == [{"queue": 0, "qgm": row["owner"], "rx": True, "tx": True, "can_wake": True}]
            assert row["module"] is None
        regs = [{r["name"]: r["value"] for r in vm.json("show interfaces eth%d registers" % i)["registers"]}
                for i in range(3)]
        for i in range(2):
            assert int(regs[i]["STATUS"], 16) & 2  # LU
            assert int(regs[i]["RCTL"], 16) & 2 and int(regs[i]["TCTL"], 16) & 2  # EN
            assert regs[i]["RDLEN"] == "00001000" and regs[i]["ICR"] is None
        assert "GCR" not in regs[0] and "GCR" in regs[1]
        assert regs[2]["DEVICE_STATUS"] == "0f" and regs[2]["NET_STATUS"] == "0001"
        mac = vm.json("show interfaces eth2")["interfaces"][0]["mac"]
        assert regs[2]["NET_MAC"] == mac.replace(":", "")
        vm.conserved()


def test_short_frames_leave_no_old_bytes():
    """A frame that is shorter than 60 bytes is filled up with zeroes (CVE-2003-0001)."""
    with PixVM(["e1000", "virtio", "e1000e"], cpus=2, config=config(3)) as vm:
        vm.ready()
        s = stations(vm)
        for i in range(3):
            a, b = s[i], s[(i + 1) % 3]
            for _ in range(300):  # every buffer of the rings has held something else
                a.send(a.udp(b.ip, 5, 5, b"\xa5" * 600))
                b.expect_udp(5, 5)
            a.send(a.udp(b.ip, 6, 6, b"x"))
            raw = b.expect_udp(6, 6).raw
            assert len(raw) >= 60 and raw[43:].strip(b"\0") == b""


def test_keyboard_types_on_the_terminal():
    with PixVM([], cpus=1, vga=True) as vm:
        vm.ready()
        mark = len(vm.text)
        for keys in "s h o w spc shift-v backspace v e r s i o n ret".split():
            vm.qmp("send-key", keys=[{"type": "qcode", "data": k} for k in keys.split("-")])
            time.sleep(0.15)
        vm.wait_text(r"^firmware +PVH", 30, since=mark)


def test_a_machine_reset_boots_again():
    """Devices are found as the last run left them: receiving, with rings in memory that is gone."""
    with PixVM(["e1000", "virtio", "e1000e"], cpus=2, config=config(3)) as vm:
        vm.ready()
        stations(vm)
        for _ in range(2):
            mark = len(vm.text)
            vm.qmp("system_reset")
            vm.wait_text(r"boot: ready in \d+ ms", 60, since=mark)
            vm.wait_prompt(60)
            for wire in vm.ports:
                wire.flush()
            stations(vm)
