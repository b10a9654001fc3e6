# SPDX-License-Identifier: MIT
"""The boot matrix: by PVH, BIOS and UEFI, as CD and as USB disk, with 1 to 64 CPUs, 64 MiB to 4 GiB,
NUMA nodes, a CPU without SMEP, SMAP, AVX; what each boot shows; times, sizes, power, display."""

import os
import re
import threading
import time

import pytest

import packet
import pulse
from guest import port_mac
from pixvm import BUILD, PixVM
from twoports import until

CONFIG = "interfaces { eth0 { address 10.0.0.1/24; } eth1 { address 10.0.1.1/24; } }\n"
A, B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"


def answer_arp(wire, mac, ip):
    """A host that answers ARP for one address; all else stays for expect()."""
    def tap(raw):
        if raw[12:14] != b"\x08\x06" or raw[21] != 1:
            return False
        frame = packet.Frame(raw)
        if frame.arp_tip == ip:
            wire.send(packet.arp(2, mac, ip, frame.arp_smac, frame.arp_sip))
        return True
    wire.tap = tap


def forwards(vm):
    """One packet from eth0 to eth1, ARP included."""
    answer_arp(vm.ports[0], A, "10.0.0.2")
    answer_arp(vm.ports[1], B, "10.0.1.2")
    vm.ports[0].send(packet.eth(port_mac(0), A, packet.ETH_IP, packet.udp4("10.0.0.2", "10.0.1.2", 5, 6, b"boot")))
    got = vm.ports[1].expect(lambda f: f.ports == (5, 6), 20)
    assert got.payload == b"boot" and got.ttl == 63


def check(vm, cpus, firmware=None):
    """What every boot must show."""
    version = vm.json("show version")["version"]
    assert version["cpus"] == version["cpus_madt"] == cpus, version
    if firmware:
        assert firmware in version["firmware"], version["firmware"]
    table = vm.cpus()
    assert len(table) == cpus
    parts = [row["partition"] for row in table]
    if cpus == 1:
        assert version["shared_mode"] is True and version["qgms"] == 1
    else:
        assert version["shared_mode"] is False
        assert parts.count("generic") == 1 and parts.count("qgm") == cpus - 1 == version["qgms"], parts
    assert version["tsc_hz"] > 500_000_000
    vm.conserved()


PVH = [dict(cpus=1), dict(cpus=1, mem=64), dict(cpus=2), dict(cpus=4, mem=64, machine="q35"), dict(cpus=16),
       dict(cpus=64), dict(cpus=4, mem=1024, numa=2), dict(cpus=2, mem=4096, machine="q35"), dict(cpus=2, cpu=None),
       dict(cpus=1, cpu=None, machine="q35")]


@pytest.mark.parametrize("options", PVH, ids=lambda o: "-".join("%s=%s" % kv for kv in o.items()))
def test_pvh(options):
    with PixVM(["e1000", "virtio"], config=CONFIG, **options) as vm:
        vm.ready(120 if options["cpus"] > 4 else None)
        check(vm, options["cpus"], "PVH")
        forwards(vm)
        if options.get("numa"):
            assert {row["node"] for row in vm.cpus()} == {0, 1}
            assert re.search(r"split: data plane node 1: ", vm.text), "each node has its share"
        vm.conserved()


ISO = [("bios", "pc", 2), ("bios", "q35", 2), ("usb", "q35", 2), ("usb", "pc", 1),
       ("uefi", "pc", 1), ("uefi", "pc", 4), ("uefi", "q35", 1), ("uefi", "q35", 4), ("uefi-usb", "q35", 2)]


@pytest.mark.parametrize("boot,machine,cpus", ISO, ids=lambda v: str(v))
def test_iso(boot, machine, cpus):
    with PixVM(["e1000e", "virtio"], config=CONFIG, boot=boot, machine=machine, cpus=cpus) as vm:
        vm.ready()
        check(vm, cpus, "UEFI" if "uefi" in boot else "BIOS")
        forwards(vm)
        vm.conserved()


def since_start(vm):
    """Seconds since QEMU's start in which the host let the machine run: without those in which its CPU 0 was
    ready and had to wait, since the host ran something else."""
    seconds = time.monotonic() - vm.started
    try:
        with open("/proc/%d/task/%d/schedstat" % (vm.process.pid, vm.threads()["CPU 0/TCG"])) as f:
            return seconds - int(f.read().split()[1]) / 1e9
    except (OSError, KeyError, IndexError):
        return seconds  # this kernel does not count it


def best(limit, tries, measure):
    """One of a few measurements, each at the pace of the host at that time, is within the limit."""
    times = []
    while len(times) < tries and (not times or min(times) > limit):
        mark, pace = pulse.mark(), pulse.pace()
        seconds = measure() - pulse.still(mark)
        times.append(seconds / max(pace, pulse.pace()))
        print("%.2f s, at the pace of the limit %.2f s" % (seconds, times[-1]))
    assert min(times) <= limit, "took %s s, limit %.1f s" % (["%.2f" % t for t in times], limit)


@pytest.mark.parametrize("boot,limit", [("bios", 2.0), ("uefi", 8.0)])
def test_prompt_in_time(boot, limit):
    """From QEMU's start to the prompt; the best of six, since neighbours share the host."""
    def prompt():
        with PixVM(["e1000", "e1000"], config=CONFIG, boot=boot, machine="q35") as vm:
            vm.ready()
            return since_start(vm)
    best(limit, 6, prompt)


@pytest.mark.parametrize("nic", ["virtio", "e1000e"])
def test_first_packet_within_a_second(nic):
    """From QEMU's start to the first forwarded packet, ARP included, by PVH.

    Not with e1000: QEMU's model of it receives nothing for one second after each write to RCTL."""
    def first_packet():
        with PixVM([nic, nic], config=CONFIG) as vm:
            answer_arp(vm.ports[0], A, "10.0.0.2")
            answer_arp(vm.ports[1], B, "10.0.1.2")
            frame = packet.eth(port_mac(0), A, packet.ETH_IP, packet.udp4("10.0.0.2", "10.0.1.2", 5, 6))
            deadline = vm.started + 30
            arrived = threading.Event()
            answers = vm.ports[1].tap
            vm.ports[1].tap = lambda raw: (packet.Frame(raw).ports == (5, 6) and arrived.set()) or answers(raw)
            while time.monotonic() < deadline and not arrived.is_set():
                vm.ports[0].send(frame)  # what comes too early may be lost
                arrived.wait(0.03)
            assert arrived.is_set(), "no packet was forwarded"
            seconds = since_start(vm)
            vm.ready()
            print("guest says ready in %d ms" % vm.boot_ms())
            return seconds
    best(1.0, 6, first_packet)


def test_sizes():
    assert os.path.getsize(os.path.join(BUILD, "pix.elf")) < 8 << 20
    assert os.path.getsize(os.path.join(BUILD, "pix.iso")) < 12 << 20


def test_image_is_write_xor_execute():
    """No program header is writable and executable; PVH's note has the alignment that QEMU reads."""
    import struct
    with open(os.path.join(BUILD, "pix.elf"), "rb") as f:
        image = f.read()
    offset, = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    kinds = []
    for i in range(count):
        kind, flags = struct.unpack_from("<II", image, offset + i * size)
        align, = struct.unpack_from("<Q", image, offset + i * size + 48)
        kinds.append(kind)
        assert not (kind == 1 and flags & 3 == 3), "segment %d is writable and executable" % i
        assert kind != 4 or align == 4
    assert 4 in kinds


def test_poweroff_and_reboot():
    with PixVM(["e1000"], name="power") as vm:
        vm.ready()
        mark = len(vm.text)
        vm.type("reboot\r")
        vm.wait_text(r"boot: ready in \d+ ms", 60, since=mark)
        vm.wait_prompt()
        vm.type("poweroff\r")
        assert vm.wait_exit() == 0


@pytest.mark.parametrize("machine", ["pc", "q35"])
def test_poweroff_uefi(machine):
    with PixVM(["e1000"], boot="uefi", machine=machine, name="power") as vm:
        vm.ready()
        vm.type("poweroff\r")
        assert vm.wait_exit() == 0


def screen(vm):
    """The display as a list of pixel rows (bytes), by QMP."""
    path = os.path.join(vm.tmp, "screen.ppm")
    vm.qmp("screendump", filename=path)
    with open(path, "rb") as f:
        assert f.readline().strip() == b"P6"
        width, height = map(int, f.readline().split())
        f.readline()
        data = f.read()
    return [data[y * width * 3:(y + 1) * width * 3] for y in range(height)]


@pytest.mark.parametrize("boot", ["pvh", "bios", "uefi"])
def test_display_and_keyboard(boot):
    """The prompt stands on the display too (text mode or framebuffer), and PS/2 keys type."""
    with PixVM(["e1000"], boot=boot, vga=True, name="display") as vm:
        vm.ready()

        def lit():
            """Rows of the display that show anything."""
            return sum(1 for row in screen(vm) if len({row[i:i + 3] for i in range(0, len(row), 3)}) > 1)
        until(lambda: lit() >= 20)
        before = screen(vm)
        mark = len(vm.text)
        for key in ["s", "h", "o", "w", "spc", "v", "e", "r", "s", "i", "o", "n", "ret"]:
            vm.qmp("send-key", keys=[{"type": "qcode", "data": key}])
            time.sleep(0.15)
        vm.wait_text(r"show version\s", 30, since=mark)
        vm.wait_prompt()
        until(lambda: screen(vm) != before)


def test_no_card_no_harm():
    """Without VGA there is nothing at 0xb8000 and no framebuffer."""
    with PixVM([], boot="bios", name="headless") as vm:
        vm.ready()
        assert vm.json("show version")["version"]["ports"] == 0
