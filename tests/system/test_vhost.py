# SPDX-License-Identifier: MIT
"""PIX's virtio-net behind vhost-user: DPDK's testpmd is the host's switch, with a queue for each QGM.

    S0 ── veth ── testpmd ── vhost-user ── eth0 ┐
                                                ├ PIX
    S1 ── veth ── testpmd ── vhost-user ── eth1 ┘

testpmd forwards by port pairs (net_af_packet, net_vhost) and counts; it writes the guest's rings itself,
QEMU only introduces the two."""

import os
import re
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

import netns
import pytest
from guest import GuestError, _die_with_parent, port_mac
from lab import Station
from pixvm import PixVM
from tapwire import TapWire
from twoports import CONFIG, agree, greet, since, traffic, worked

QUEUES = 3
TESTPMD = shutil.which("dpdk-testpmd")

pytestmark = [
    pytest.mark.skipif(not TESTPMD, reason="no dpdk-testpmd (make bench-deps installs it)"),
    pytest.mark.skipif(netns.available() is not None, reason="no namespaces: %s" % netns.available())]


class VethWire(TapWire):
    """One end is testpmd's, in the same namespace; the other ours."""

    def __init__(self, name, where, index):
        super(TapWire, self).__init__(name)
        self.sock.close()
        self.guest_end.close()
        self.netns, self.fds = where, []
        ours, theirs = "s%d" % index, "t%d" % index
        self._ip("-n", where, "link", "add", ours, "type", "veth", "peer", "name", theirs)
        for end in (ours, theirs):
            self._ip("-n", where, "link", "set", end, "up", "promisc", "on")
        with netns.inside(where):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.bind((ours, 3))
        self.sock.settimeout(0.2)

    def close(self):
        self._closed = True
        self._thread.join(2)
        self.sock.close()


class Switch:
    """testpmd in a namespace of its own."""

    def __init__(self, tmp, where):
        self.sockets = [os.path.join(tmp, "vhost%d" % i) for i in range(2)]
        # By lines, or what it says of a command comes in part behind the prompt of a later one.
        args = ["ip", "netns", "exec", where, "stdbuf", "-oL", TESTPMD, "-l", "0,1", "--no-huge", "-m", "256", "--no-pci",
                "--file-prefix", "pix%d" % os.getpid(), "--no-telemetry"]
        for i, path in enumerate(self.sockets):
            args += ["--vdev", "net_vhost%d,iface=%s,queues=%d" % (i, path, QUEUES),
                     "--vdev", "net_af_packet%d,iface=t%d,qpairs=%d" % (i, i, QUEUES)]
        args += ["--", "--interactive", "--nb-cores=1", "--rxq=%d" % QUEUES, "--txq=%d" % QUEUES,
                 "--total-num-mbufs=16384", "--forward-mode=io"]
        self.out = open(os.path.join(tmp, "testpmd"), "w+b")
        self.process = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=self.out, stderr=subprocess.STDOUT,
                                        preexec_fn=_die_with_parent)
        self.wait("testpmd> ", 60)

    def text(self):
        with open(self.out.name, "rb") as f:
            return f.read().decode(errors="replace")

    def wait(self, what, limit, since=0):
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            if what in self.text()[since:]:
                return self.text()[since:]
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise GuestError("testpmd: no %r in %s" % (what, self.text()[-2000:]))

    def command(self, line):
        mark = len(self.text())
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return self.wait("testpmd> ", 20, mark)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.out.close()


@contextmanager
def behind_testpmd(tmp, options):
    where = "pixv%d" % os.getpid()
    subprocess.run(["ip", "netns", "add", where], check=True)
    switch = None
    try:
        wires = [VethWire("eth%d" % i, where, i) for i in range(2)]
        switch = Switch(tmp, where)
        extra = ["-object", "memory-backend-memfd,id=ram,size=256M,share=on"]
        for i, path in enumerate(switch.sockets):
            extra += ["-chardev", "socket,id=c%d,path=%s" % (i, path), "-netdev",
                      "vhost-user,id=n%d,chardev=c%d,queues=%d" % (i, i, QUEUES), "-device",
                      # QEMU 7.2 falls over vhost with MSI-X under TCG: the QGMs look by the clock.
                      "virtio-net-pci,netdev=n%d,mac=%s,romfile=,mq=on,vectors=0,%s" %
                      (i, port_mac(i), options)]
        vm = PixVM([], cpus=4, config=CONFIG, machine="pc,memory-backend=ram", extra=extra, name="vhost")
        vm.ports += wires
        with vm:
            vm.ready()
            switch.command("start")
            vm.s = [Station(wire, i) for i, wire in enumerate(wires)]
            vm.switch = switch
            yield vm
    finally:
        if switch:
            switch.close()
        subprocess.run(["ip", "netns", "del", where], check=True)


def counted(text):
    """{port: (rx, tx)} of `show port stats all`."""
    return {int(port): (int(rx), int(tx)) for port, rx, tx in
            re.findall(r"NIC statistics for port (\d+).*?RX-packets: (\d+).*?TX-packets: (\d+)", text, re.S)}


def switched(vm):
    """{interface: (frames in, frames out)} of testpmd's ports towards PIX."""
    stats = counted(vm.switch.command("show port stats all"))
    return {"eth%d" % i: stats[2 * i] for i in range(2)}


def frames(rows):
    """{interface: (frames out, frames in)} of PIX's rows, as the switch sees them: what it took and gave."""
    return {name: (rows[name]["tx"], rows[name]["rx"]) for name in ("eth0", "eth1")}


@pytest.mark.parametrize("options", ["packed=off", "packed=on"])
def test_host_switch(tmp_path, options):
    """Flows over all queues of both. What testpmd, PIX and the stations counted agrees, frame by frame since the
    ports came up: nobody's counters are cleared, since nobody could clear both at one moment."""
    with behind_testpmd(str(tmp_path), options) as vm:
        assert options.replace("packed=on", "packed rings").replace("packed=off", "split rings") in vm.text
        greet(vm)
        before, ports = worked(vm), frames(vm.interfaces())
        for src in (0, 1):
            traffic(vm, 2000, src=src)
        part = since(vm, before)
        assert sum(part.values()) >= 4000 and all(n > 100 for n in part.values()), part
        after, _ = agree(lambda: frames(vm.interfaces()), lambda: switched(vm))
        for name, was in ports.items():
            assert all(now - then >= 2000 for now, then in zip(after[name], was)), (ports, after)
        for row in vm.interfaces().values():
            assert row["bad_descriptor"] == row["resets"] == 0
        vm.conserved()
