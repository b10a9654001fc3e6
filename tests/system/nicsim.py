# SPDX-License-Identifier: MIT
"""NICs of nicsim (tools/nicsim: register-level models) in a guest: one nicsim process beside QEMU
for all of them. By x-pci-proxy-dev (stock QEMU) or, with attach="vfio", by vfio-user-pci of a newer
one. A port's wire is the same datagram socket as that of QEMU's own NICs.

    with PixVM(["82599", "e1000", "xl710,lldp=on"]) as vm:
        vm.nicsim.fault("eth0", "tx-hang", 1)

What the models found wrong with the driver fails the test: conserved() asks, and so does the end
(`vm.nicsim.expect_errors = True` for tests that want errors; errors(), clear())."""

import os
import socket
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(ROOT, os.environ.get("B", "build"), "nicsim", "nicsim")


class NicSimError(AssertionError):
    pass


class NicSim:
    def __init__(self, tmp, attach="proxy", args=()):
        self.tmp = tmp
        self.attach = attach
        self.args = [os.environ.get("PIX_NICSIM", PROGRAM)] + list(args)
        self.expect_errors = False
        self.process = None
        self.names = []
        self.report = ""
        self._ends = []  # QEMU's ends of sockets
        self._own = []   # the model's
        self._control, control_end = socket.socketpair()
        self._own.append(control_end)
        self.args += ["--control", str(control_end.fileno()),
                      "--report", os.path.join(tmp, "nicsim.report")]

    def add(self, name, spec, mac, wire_end):
        """A device of `spec` ("82599,option=value") on a wire's descriptor, unless it has a wire of
        its own (wire=gen:...). QEMU's arguments. "82599vf,..." is the only VF of a device that no
        machine has: the model answers its mailbox; faults and light are the device's, under the
        port's name, the VF itself is "eth0.vf0"."""
        model, _, options = spec.partition(",")
        is_vf = model.endswith("vf")
        self.names.append(name)
        if is_vf:
            self.names.append(name + ".vf0")
            # the VF's address is the one after the device's
            spec = model[:-2] + ",vfs=1" + (options and "," + options)
            mac = "%s:%02x" % (mac[:-3], int(mac[-2:], 16) - 1)
        device = "%s,id=%s,mac=%s" % (spec, name, mac)
        if ",wire=" not in spec:
            device += ",wire=fd:%d" % wire_end
        if self.attach == "proxy":
            mine, qemu = socket.socketpair()
            self._own.append(mine)
            self._ends.append(qemu)
            attach = "attach=proxy:%d" % mine.fileno()
            args = ["-device", "x-pci-proxy-dev,id=%s,fd=%d" % (name, qemu.fileno())]
        else:
            path = os.path.join(self.tmp, name + ".vfio")
            attach = "attach=vfio:" + path
            args = ["-device", '{"driver":"vfio-user-pci","id":"%s","socket":{"type":"unix","path":"%s"}}'
                    % (name, path)]
        if is_vf:
            self.args += ["--device", device, "--vf", "%s.vf0,%s" % (name, attach)]
        else:
            self.args += ["--device", "%s,%s" % (device, attach)]
        return args

    def fds(self):
        """The descriptors that QEMU inherits."""
        return [end.fileno() for end in self._ends]

    def start(self, wire_fds, preexec):
        self._stderr = open(os.path.join(self.tmp, "nicsim.stderr"), "w+b")
        self.process = subprocess.Popen(
            self.args, stdin=subprocess.DEVNULL, stdout=self._stderr, stderr=self._stderr,
            pass_fds=[end.fileno() for end in self._own] + list(wire_fds), preexec_fn=preexec)
        for end in self._own:
            end.close()
        # the first answer says that all sockets are bound
        self.command("report")

    def plugged(self):
        """QEMU runs."""
        for end in self._ends:
            end.close()

    def command(self, line):
        """A command of the control socket (tools/nicsim/control.h); its lines."""
        self._control.settimeout(30)
        answer = b""
        try:
            self._control.sendall(line.encode() + b"\n")
            while not (answer.endswith(b"\n") and
                       answer.splitlines()[-1].split()[:1] in ([b"ok"], [b"error"])):
                chunk = self._control.recv(65536)
                if not chunk:
                    break
                answer += chunk
        except OSError as e:
            answer = ("error %s" % e).encode()
        lines = answer.decode().splitlines()
        if not lines or lines[-1] != "ok":
            raise NicSimError("nicsim: %r: %s\n%s" % (line, lines, self.stderr()))
        return lines[:-1]

    def fault(self, name, fault, count="always", arg=0):
        self.command("fault %s %s %s %s" % (name, fault, count, arg))

    def light(self, name, on):
        self.command("light %s %s" % (name, "on" if on else "off"))

    def errors(self, name=None):
        """What the drivers did wrong so far, as lines."""
        found = []
        for one in [name] if name else self.names:
            lines = self.command("errors " + one)
            if lines[0] != "errors 0":
                found += lines
        return found

    def clear(self, name):
        self.command("clear " + name)

    def check(self):
        if not self.expect_errors:
            found = self.errors()
            if found:
                raise NicSimError("the driver did wrong: " + "; ".join(found[:12]))

    def stderr(self):
        with open(os.path.join(self.tmp, "nicsim.stderr"), "rb") as f:
            return f.read().decode(errors="replace")

    def stop(self):
        """After QEMU's end. What was wrong, "" if nothing."""
        if not self.process:
            return ""
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = "hung"
        self._control.close()
        self._stderr.close()
        report = ""
        try:
            with open(os.path.join(self.tmp, "nicsim.report")) as f:
                report = f.read()
        except OSError:
            pass
        self.report = report
        if status == 0 or (status == 1 and self.expect_errors):
            return ""
        return "nicsim ended with %s\n%s\n%s" % (status, self.stderr()[-3000:], report[-3000:])
