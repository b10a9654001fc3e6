# SPDX-License-Identifier: MIT
"""A guest under QEMU: the process, its console, its QMP monitor and the wires of its ports.
PixVM (pixvm.py) and LinuxVM (linuxvm.py) say what to boot. QEMU always runs under TCG; every
guest has a hard time limit, dies with its parent, and only its own process is ever killed."""

import codecs
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from nicsim import NicSim
from wire import PATIENCE, Wire

QEMU = os.environ.get("PIX_QEMU", "qemu-system-x86_64")
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>()][0-9A-Za-z]?|[\x00\x07]")
MODELS = {"e1000": "e1000", "e1000e": "e1000e", "virtio": "virtio-net-pci",
          "virtio-net-pci": "virtio-net-pci", "vmxnet3": "vmxnet3"}


# Guests whose QEMU ended itself by SIGSEGV before they were up. QEMU 7.2 does so in a few boots of a
# thousand, in the thread of a CPU that is being started; conftest.py runs such a test once more.
qemu_died = []


def _waited(pid):
    base, total = "/proc/%s/task" % pid, 0
    for tid in os.listdir(base):
        try:
            with open("%s/%s/schedstat" % (base, tid)) as f:
                total += int(f.read().split()[1])
        except (OSError, IndexError):
            pass  # the thread has ended, or this kernel does not count it
    return total / 1e9


def own_wait():
    """The same as Guest.waited() of this process."""
    return _waited("self")


class GuestError(AssertionError):
    pass


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def port_mac(index):
    return "52:54:00:00:00:%02x" % (index + 1)


class Guest:
    """`ports` is a list of NIC models ("e1000", "e1000e", "virtio"; "82599", "xl710" and whatever
    else nicsim has, with its options: "82599,fault=tx-hang"), or of (model, wire) where the wire is
    the descriptor of a TAP or an object with Wire's netdev(), plugged(), close();
    `mem` in MiB; `numa` a number of nodes; `nicsim` how its models are attached, "proxy" or "vfio" (then `qemu` is a newer one);
    `extra` further QEMU arguments."""

    PROMPT = re.compile(r"^[\w.-]+[>#] $")
    FATAL = None

    def __init__(self, ports=(), cpus=1, mem=256, machine="pc", cpu="max", numa=0, extra=(),
                 name="guest", limit=300, vga=False, accel="tcg", nicsim="proxy", qemu=QEMU):
        self.name = name
        self.limit = limit
        self.tmp = tempfile.mkdtemp(prefix="pix-", dir="/tmp")
        self.process = None
        self.ports = []
        self.started = None
        self.timed_out = False
        self.wrong = ""  # what only the end has shown
        self._text = ""
        self._news = threading.Condition()
        self._mark = 0
        self._fds = []
        self._qmp_buffer = b""
        self._console, console_end = socket.socketpair()
        self._monitor, monitor_end = socket.socketpair()
        self._ends = [console_end, monitor_end]

        models = [spec[0] if isinstance(spec, tuple) else spec for spec in ports]
        self.nicsim = None
        if any(model not in MODELS for model in models):
            self.nicsim = NicSim(self.tmp, nicsim)
            if not numa:
                machine += ",memory-backend=ram"
        args = [qemu, "-name", name + ",debug-threads=on", "-accel", accel, "-machine", machine,
                "-smp", str(cpus), "-m", str(mem), "-nodefaults", "-display", "none", "-no-user-config",
                "-chardev", "socket,id=con,fd=%d" % console_end.fileno(), "-serial", "chardev:con",
                "-chardev", "socket,id=mon,fd=%d" % monitor_end.fileno(),
                "-mon", "chardev=mon,mode=control"]
        if cpu:
            args += ["-cpu", cpu]
        if vga:
            args += ["-device", "VGA"]
        # The models do DMA in the guest's memory, which is shared with them.
        backend = "memory-backend-memfd,share=on" if self.nicsim else "memory-backend-ram"
        if self.nicsim and not numa:
            args += ["-object", "%s,id=ram,size=%dM" % (backend, mem)]
        for node in range(numa):
            first, last = node * cpus // numa, (node + 1) * cpus // numa - 1
            args += ["-object", "%s,id=m%d,size=%dM" % (backend, node, mem // numa),
                     "-numa", "node,memdev=m%d,cpus=%d-%d" % (node, first, last)]
        for i, spec in enumerate(ports):
            model, wire = spec if isinstance(spec, tuple) else (spec, Wire("eth%d" % i))
            if isinstance(wire, int):
                fd, netdev, wire = wire, "tap,id=n%d,fd=%d" % (i, wire), None
            else:
                netdev, fd = wire.netdev("n%d" % i)
            self.ports.append(wire)
            self._fds.append(fd)
            if model not in MODELS:
                args += self.nicsim.add("eth%d" % i, model, port_mac(i), fd)
                continue
            args += ["-netdev", netdev, "-device",
                     # No boot ROM: it only costs start-up time.
                     "%s,netdev=n%d,mac=%s,romfile=" % (MODELS[model], i, port_mac(i))]
        self.args = args + list(extra)

    # -- the process

    def start(self):
        self._stderr = open(os.path.join(self.tmp, "stderr"), "w+b")
        self.started = time.monotonic()
        fds = self._fds + [end.fileno() for end in self._ends]
        if self.nicsim:
            self.nicsim.start(self._fds, _die_with_parent)
            fds += self.nicsim.fds()
        self.process = subprocess.Popen(
            self.args, stdin=subprocess.DEVNULL, stdout=self._stderr, stderr=self._stderr,
            pass_fds=fds, preexec_fn=_die_with_parent)
        if self.nicsim:
            self.nicsim.plugged()
        for end in self._ends:
            end.close()
        for wire in self.ports:
            if wire:
                wire.plugged()
        threading.Thread(target=self._read_console, daemon=True).start()
        self._timer = threading.Timer(self.limit, self._too_long)
        self._timer.daemon = True
        self._timer.start()
        return self

    def _too_long(self):
        self.timed_out = True
        if self.process.poll() is None:
            self.process.kill()

    def stderr(self):
        self._stderr.flush()
        with open(self._stderr.name, "rb") as f:
            return f.read().decode(errors="replace")

    def stop(self):
        """Kill QEMU (its own pid only), close the wires, keep the console's text in the log."""
        if self.process:
            self._timer.cancel()
            if self.process.poll() is None:
                self.process.kill()
            if self.process.wait() == -signal.SIGSEGV and "boot: ready" not in self._text:
                qemu_died.append(self.name)
            if self.nicsim:
                self.wrong = self.nicsim.stop()
            if "Blocked re-entrant IO" in self.stderr():
                self.wrong = "QEMU lost register accesses: " + self.stderr()[-500:] + self.wrong
            for wire in self.ports:
                if wire:
                    wire.close()
            self._console.close()
            self._monitor.close()
            log = os.environ.get("PIX_TEST_LOGS")
            if log:
                os.makedirs(log, exist_ok=True)
                with open(os.path.join(log, "%s.%d.log" % (self.name, self.process.pid)), "w") as f:
                    f.write(" ".join(self.args) + "\n" + self._text + "\n-- stderr\n" + self.stderr())
                    if self.nicsim:
                        f.write("\n-- nicsim\n" + self.nicsim.stderr() + self.nicsim.report)
            self._stderr.close()
        shutil.rmtree(self.tmp, ignore_errors=True)

    def __enter__(self):
        return self.start() if not self.process else self

    def __exit__(self, error, *_):
        self.stop()
        if self.wrong and not error:
            raise GuestError(self.wrong)

    def wait_exit(self, timeout=60):
        """QEMU's exit status once the guest has switched itself off."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise GuestError("%s did not switch off within %d s\n%s" %
                             (self.name, timeout, self.tail())) from None

    def cpu_seconds(self):
        """CPU time (user + system) that the QEMU process has used."""
        with open("/proc/%d/stat" % self.process.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def threads(self):
        """{thread name: tid}; vCPUs are called "CPU n/TCG"."""
        found = {}
        base = "/proc/%d/task" % self.process.pid
        for tid in os.listdir(base):
            with open("%s/%s/comm" % (base, tid)) as f:
                found.setdefault(f.read().strip(), int(tid))
        return found

    def waited(self):
        """Seconds that QEMU's threads were ready to run and the host ran something else, all together."""
        return _waited(self.process.pid)

    # -- the monitor

    def qmp(self, command, **arguments):
        """One QMP command; returns its value."""
        if not self._qmp_buffer:
            self._qmp_line()
            self._qmp_send({"execute": "qmp_capabilities"})
        return self._qmp_send({"execute": command, "arguments": arguments})

    def _qmp_send(self, request):
        self._monitor.sendall(json.dumps(request).encode() + b"\n")
        while True:
            reply = self._qmp_line()
            if "error" in reply:
                raise GuestError("qmp %s: %s" % (request, reply["error"]))
            if "return" in reply:
                return reply["return"]

    def _qmp_line(self):
        self._monitor.settimeout(3 * PATIENCE)
        while b"\n" not in self._qmp_buffer.lstrip(b"\n"):
            chunk = self._monitor.recv(65536)
            if not chunk:
                raise GuestError("%s: monitor closed" % self.name)
            self._qmp_buffer += chunk
        line, rest = self._qmp_buffer.lstrip(b"\n").split(b"\n", 1)
        self._qmp_buffer = rest or b"\n"
        return json.loads(line)

    # -- the console

    def _read_console(self):
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            try:
                chunk = self._console.recv(65536)
            except OSError:
                chunk = b""
            with self._news:
                self._text += decoder.decode(chunk)
                self._news.notify_all()
            if not chunk:
                return

    @property
    def text(self):
        """All that the console has printed, without ANSI sequences."""
        return ANSI.sub("", self._text)

    def tail(self, n=2500):
        where = "exited with %s" % self.process.poll() if self.process.poll() is not None else "runs"
        if self.timed_out:
            where = "killed at its limit of %d s" % self.limit
        return "-- %s %s; end of its console:\n%s\n-- stderr: %s" % (
            self.name, where, self.text[-n:], self.stderr()[-1000:])

    def wait_text(self, pattern, timeout=30, since=0):
        """Wait for a regular expression on the console (offset `since` of `text`); its match."""
        regex = re.compile(pattern, re.M)
        deadline = time.monotonic() + timeout
        while True:
            with self._news:
                text = self.text
                found = regex.search(text, since)
                if found:
                    return found
                if self.FATAL and self.FATAL.search(text, since):
                    raise GuestError("%s: %r seen while waiting for %r\n%s" % (
                        self.name, self.FATAL.search(text, since).group(0), pattern, self.tail()))
                left = deadline - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    raise GuestError("%s: no %r on the console within %.1f s\n%s" %
                                     (self.name, pattern, timeout, self.tail()))
                self._news.wait(min(left, 0.5))

    def type(self, text):
        """Type on the console as it stands."""
        self._console.sendall(text.encode())

    def _screen(self, since):
        """The lines printed since an offset of the raw text, with carriage returns played out."""
        lines = []
        for line in ANSI.sub("", self._text[since:]).split("\n"):
            shown = line.rstrip("\r").split("\r")[-1]
            lines.append(shown)
        return lines

    def wait_prompt(self, timeout=30):
        """Wait until the console shows a prompt."""
        deadline = time.monotonic() + timeout
        while True:
            with self._news:
                if self.PROMPT.match(self._screen(0)[-1]):
                    return
                if self.FATAL and self.FATAL.search(self.text):
                    raise GuestError("%s: fatal\n%s" % (self.name, self.tail()))
                left = deadline - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    raise GuestError("%s: no prompt within %.1f s\n%s" % (self.name, timeout, self.tail()))
                self._news.wait(min(left, 0.5))

    def _output(self, lines, line):
        """Of the screen since a command was typed, what the command printed; None: it still runs.
        Lines of the log may come before the echo, with the prompt again below them."""
        if len(lines) < 2 or not self.PROMPT.match(lines[-1]):
            return None
        # The shell scrolls what is longer than its screen; editing keys are not shown.
        typed = re.split(r"[\x00-\x1f\x7f]", line.rstrip())[-1][-20:]
        for i, shown in enumerate(lines[:-1]):
            if shown.rstrip().endswith(typed):
                return "\n".join(text.rstrip() for text in lines[i + 1:-1])
        return None

    def cmd(self, line, timeout=3 * PATIENCE):
        """Type a command at the prompt; its output, once the prompt is back."""
        start = len(self._text)
        self.type(line + "\r")
        deadline = time.monotonic() + timeout
        while True:
            with self._news:
                said = self._output(self._screen(start), line)
                if said is not None:
                    return said
                if self.FATAL and self.FATAL.search(self._text, start):
                    raise GuestError("%s: fatal in %r\n%s" % (self.name, line, self.tail()))
                left = deadline - time.monotonic()
                if left <= 0 or self.process.poll() is not None:
                    raise GuestError("%s: no prompt %.1f s after %r\n%s" %
                                     (self.name, timeout, line, self.tail()))
                self._news.wait(min(left, 0.5))
