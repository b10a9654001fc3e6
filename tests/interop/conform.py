# SPDX-License-Identifier: MIT
"""The conformance guest (tools/conform): Debian's kernel with its own drivers of the NICs that nicsim
models, and DPDK's testpmd. These drivers were written by others against silicon: what they need and
what the model does not do fails here, whatever PIX's own driver believes."""

import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "system"))

from guest import Guest, GuestError  # noqa: E402

BUILD = os.path.join(ROOT, os.environ.get("B", "build"))
GUEST = os.path.join(BUILD, "conform")
IDS = {"82599": ("8086", "10fb"), "xl710": ("8086", "1583"), "x710": ("8086", "1572")}


def build_guest():
    subprocess.run([os.path.join(ROOT, "tools/conform/guest.sh"), GUEST], check=True)


def newer_qemu():
    """Path of a QEMU with vfio-user, unpacked beside the system."""
    done = subprocess.run([os.path.join(ROOT, "tools/newer_qemu.sh"), "11", BUILD + "-qemu11"], check=True,
                          stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


class ConformVM(Guest):
    PROMPT = re.compile(r"^(peer# |testpmd> )$")
    FATAL = re.compile(r"^.*(Kernel panic|Oops:|BUG:|segfault|PANIC in).*$", re.M)

    def __init__(self, ports, **kw):
        kw.setdefault("name", "conform")
        kw.setdefault("machine", "q35")
        kw.setdefault("mem", 1024)
        kw.setdefault("cpus", 2)
        super().__init__(ports, **kw)
        self.args += ["-kernel", os.path.join(GUEST, "vmlinuz"),
                      "-initrd", os.path.join(GUEST, "initramfs.cpio.gz"),
                      "-append", "console=ttyS0 quiet panic=-1 mitigations=off", "-no-reboot"]

    def ready(self, timeout=90):
        self.wait_text(r"peer: ready", timeout)
        self.wait_prompt(timeout)
        return self

    def shell(self, line, timeout=30):
        """A command that must succeed; what it printed."""
        said = self.cmd("%s; echo status=$?" % line, timeout)
        if not re.search(r"^status=0$", said, re.M):
            raise GuestError("%r: %s\n%s" % (line, said, self.tail()))
        return said

    def wait_idle(self, seconds):
        time.sleep(seconds)

    def end(self):
        """These drivers work on silicon: whatever a model finds wrong with them is an error of the
        model, of every kind."""
        self.nicsim.check()
