# SPDX-License-Identifier: MIT
"""Linux's own ixgbe.ko, i40e.ko and ixgbevf.ko on the models, by vfio-user of a newer QEMU: several
vCPUs on one device, MSI-X, 64-bit BARs, extended configuration space. The guest bridges two ports;
frames come through unchanged, and exactly as many as were sent. The drivers' interrupts are counted.
Virtual functions are not promiscuous, so there the guest routes. The models find nothing wrong with
any of the drivers."""

import re

import pytest

from conform import ConformVM, build_guest, newer_qemu
from wire import pump

DRIVER = {"82599": "ixgbe", "xl710": "i40e", "82599vf": "ixgbevf"}
COUNT = 3000


@pytest.fixture(scope="module")
def qemu():
    build_guest()
    return newer_qemu()


def frame(n, size, macs=bytes([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]), nets=(0, 1), ttl=64):
    """Of many flows, so that RSS has something to spread."""
    ip = bytes([0x45, 0]) + (size - 14).to_bytes(2, "big") + \
        bytes([0, 0, 0, 0, ttl, 17, 0, 0, 198, 18, nets[0], 1 + n % 200, 198, 18, nets[1], 1])
    total = sum(int.from_bytes(ip[i:i + 2], "big") for i in range(0, 20, 2))
    total = (total & 0xffff) + (total >> 16)
    ip = ip[:10] + (0xffff - total).to_bytes(2, "big") + ip[12:]
    udp = (1000 + n % 500).to_bytes(2, "big") + b"\x00\x09" + (size - 34).to_bytes(2, "big") + b"\0\0"
    return macs + b"\x08\x00" + ip + udp + bytes((n + i) & 255 for i in range(size - 42))


def interrupts(vm):
    """Messages to each port's queue vectors so far."""
    said = vm.cmd("cat /proc/interrupts")
    counts = {}
    for line in said.splitlines():
        m = re.match(r"\s*\d+:\s+((?:\d+\s+)+).*PCI-MSI\S*\s.*?(eth\d)-TxRx-(\d+)|"
                     r"\s*\d+:\s+((?:\d+\s+)+).*i40e-(eth\d)-TxRx-(\d+)", line)
        if m:
            numbers = m[1] or m[4]
            counts[(m[2] or m[5], int(m[3] or m[6]))] = sum(int(x) for x in numbers.split())
    return counts


def start(vm, model):
    for wire in vm.ports:
        wire.verify = False
    vm.ready()
    said = vm.cmd("ports " + DRIVER[model], timeout=60)
    assert "ports: 2" in said, said + vm.cmd("dmesg | tail -n 30")


def carriers(vm):
    vm.shell("n=0; while [ $n -lt 100 ]; do [ `cat /sys/class/net/eth0/carrier /sys/class/net/eth1/carrier"
             " | grep -c 1` = 2 ] && break; sleep 0.1; n=$((n + 1)); done; [ $n -lt 100 ]", 40)
    vm.cmd("sleep 1")


def is_udp(raw):
    return raw[12:14] == b"\x08\x00" and raw[23] == 17 and raw[36:38] == b"\0\x09"


def check_interrupts(vm, before):
    """Both ports' vectors fired, of more than one queue."""
    after = interrupts(vm)
    assert after, vm.cmd("cat /proc/interrupts")
    used = [key for key in after if after[key] > before.get(key, 0)]
    assert {port for port, _ in used} == {"eth0", "eth1"}, (before, after)
    assert len({queue for _, queue in used}) > 1, "one queue only: %s" % after


def check_counts(vm):
    """What came in and what went out, as the driver counts; the kernel may send frames of its own."""
    for port in ("eth0", "eth1"):
        said = vm.cmd("cd /sys/class/net/%s/statistics; cat rx_packets tx_packets rx_errors rx_missed_errors "
                      "rx_dropped tx_errors tx_dropped; cd /" % port)
        rx, tx, *bad = [int(line) for line in said.split() if line.isdigit()]
        assert rx == COUNT and tx >= COUNT and bad == [0] * 5, (port, said)


@pytest.mark.parametrize("model", ["82599", "xl710"])
def test_bridge(model, qemu):
    with ConformVM([model, model], qemu=qemu, nicsim="vfio", name="linux-" + model, limit=280) as vm:
        start(vm, model)
        vm.shell("modprobe bridge; brctl addbr br0 && "
                 "echo 0 > /sys/class/net/br0/bridge/forward_delay && "
                 "brctl addif br0 eth0 && brctl addif br0 eth1 && ip link set br0 up && "
                 "ip link set eth0 up && ip link set eth1 up")
        carriers(vm)
        before = interrupts(vm)
        for source, sink in (vm.ports, vm.ports[::-1]):
            frames = [frame(n, 60 + n % 1400) for n in range(COUNT)]
            came = pump(source, sink, frames, is_udp, window=4, timeout=20)
            assert sorted(bytes(raw) for raw in came) == sorted(frames)
            # the next direction: the bridge has learned where the sender's address is
            vm.cmd("echo 1 > /sys/class/net/br0/bridge/flush")
        check_interrupts(vm, before)
        check_counts(vm)
        vm.end()


def test_vf(qemu):
    """A VF of each of two 82599 handed to the guest, their PFs to nobody: Linux's ixgbevf talks to the
    model's mailbox; the guest routes between them."""
    with ConformVM(["82599vf", "82599vf"], qemu=qemu, nicsim="vfio", name="linux-vf", limit=280) as vm:
        start(vm, "82599vf")
        own = [bytes([0x52, 0x54, 0, 0, 0, 1 + i]) for i in range(2)]
        peer = [bytes([2, 0, 0, 0, 0, 1 + i]) for i in range(2)]
        for i in range(2):
            vm.shell("ip link set eth%d up && ip addr add 198.18.%d.250/24 dev eth%d && arp -s 198.18.%d.1 %s"
                     % (i, i, i, i, ":".join("%02x" % b for b in peer[i])))
        vm.shell("echo 1 > /proc/sys/net/ipv4/ip_forward")
        carriers(vm)
        before = interrupts(vm)
        for i, o in ((0, 1), (1, 0)):
            sizes = [60 + n % 1400 for n in range(COUNT)]
            frames = [frame(n, size, own[i] + peer[i], (i, o)) for n, size in enumerate(sizes)]
            wanted = [frame(n, size, peer[o] + own[o], (i, o), ttl=63) for n, size in enumerate(sizes)]
            came = pump(vm.ports[i], vm.ports[o], frames, is_udp, window=4, timeout=20)
            assert sorted(bytes(raw) for raw in came) == sorted(wanted)
        check_interrupts(vm, before)
        check_counts(vm)
        vm.end()
