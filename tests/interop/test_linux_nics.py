# SPDX-License-Identifier: MIT
"""Linux's own ixgbe.ko and i40e.ko on the models, by vfio-user of a newer QEMU: several vCPUs on one
device, MSI-X, 64-bit BARs, extended configuration space. The guest bridges two ports; frames come
through unchanged, and exactly as many as were sent. The drivers' interrupts are counted."""

import re

import pytest

from conform import ConformVM, build_guest, newer_qemu
from wire import pump

DRIVER = {"82599": "ixgbe", "xl710": "i40e"}


@pytest.fixture(scope="module")
def qemu():
    build_guest()
    return newer_qemu()


def frame(n, size):
    """Of many flows, so that RSS has something to spread."""
    ip = bytes([0x45, 0]) + (size - 14).to_bytes(2, "big") + \
        bytes([0, 0, 0, 0, 64, 17, 0, 0, 198, 18, 0, 1 + n % 200, 198, 18, 1, 1])
    total = sum(int.from_bytes(ip[i:i + 2], "big") for i in range(0, 20, 2))
    total = (total & 0xffff) + (total >> 16)
    ip = ip[:10] + (0xffff - total).to_bytes(2, "big") + ip[12:]
    udp = (1000 + n % 500).to_bytes(2, "big") + b"\x00\x09" + (size - 34).to_bytes(2, "big") + b"\0\0"
    return bytes([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]) + ip + udp + \
        bytes((n + i) & 255 for i in range(size - 42))


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


@pytest.mark.parametrize("model", ["82599", "xl710"])
def test_bridge(model, qemu):
    with ConformVM([model, model], qemu=qemu, nicsim="vfio", name="linux-" + model, limit=280) as vm:
        for wire in vm.ports:
            wire.verify = False
        vm.ready()
        said = vm.cmd("ports " + DRIVER[model], timeout=60)
        assert "ports: 2" in said, said + vm.cmd("dmesg | tail -n 30")
        vm.shell("modprobe bridge; brctl addbr br0 && "
                 "echo 0 > /sys/class/net/br0/bridge/forward_delay && "
                 "brctl addif br0 eth0 && brctl addif br0 eth1 && ip link set br0 up && "
                 "ip link set eth0 up && ip link set eth1 up")
        vm.shell("n=0; while [ $n -lt 100 ]; do [ `cat /sys/class/net/eth0/carrier /sys/class/net/eth1/carrier"
                 " | grep -c 1` = 2 ] && break; sleep 0.1; n=$((n + 1)); done; [ $n -lt 100 ]", 40)
        vm.cmd("sleep 1")
        before = interrupts(vm)
        for source, sink in (vm.ports, vm.ports[::-1]):
            frames = [frame(n, 60 + n % 1400) for n in range(3000)]
            came = pump(source, sink, frames, lambda raw: raw[12:14] == b"\x08\x00", window=4, timeout=20)
            assert sorted(bytes(raw) for raw in came) == sorted(frames)
            # the next direction: the bridge has learned where the sender's address is
            vm.cmd("echo 1 > /sys/class/net/br0/bridge/flush")
        after = interrupts(vm)
        assert after, vm.cmd("cat /proc/interrupts")
        used = [key for key in after if after[key] > before.get(key, 0)]
        assert {port for port, _ in used} == {"eth0", "eth1"}, (before, after)
        assert len({queue for _, queue in used}) > 1, "one queue only: %s" % after
        for port in ("eth0", "eth1"):
            rx = int(vm.cmd("cat /sys/class/net/%s/statistics/rx_packets" % port).split()[-1])
            assert rx == 3000, (port, rx)
        vm.end()
