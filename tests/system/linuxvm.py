# SPDX-License-Identifier: MIT
"""A Linux guest (Debian's kernel, busybox) as bench-guest's peer; also the known good router that
the harness itself is tried on: a check that fails on Linux too is a fault of the check.
Build it with tools/bench_guest/peer.sh."""

import os
import re
import subprocess

from guest import Guest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PEER = os.path.join(ROOT, os.environ.get("B", "build"), "peer")


def build_peer():
    subprocess.run([os.path.join(ROOT, "tools/bench_guest/peer.sh"), PEER], check=True)
    return PEER


class LinuxVM(Guest):
    """`config` is a shell script that the guest runs when its ports are named."""

    PROMPT = re.compile(r"^peer# $")

    def __init__(self, ports=(), config="", append="", extra=(), **kw):
        kw.setdefault("name", "linux")
        super().__init__(ports, extra=extra, **kw)
        script = os.path.join(self.tmp, "config")
        with open(script, "w") as f:
            f.write(config + "\n")
        self.args += ["-kernel", os.path.join(PEER, "vmlinuz"),
                      "-initrd", os.path.join(PEER, "initramfs.cpio.gz"),
                      "-append", "console=ttyS0 quiet panic=1 mitigations=off " + append,
                      "-no-reboot", "-fw_cfg", "name=opt/peer/config,file=" + script]

    def ready(self, timeout=60):
        self.wait_text(r"peer: ready with \d+ ports", timeout)
        self.wait_prompt(timeout)
        return self


def router_script(addresses, routes=(), bridges=None):
    """The shell script for a router: addresses {port: "a/l"}, routes [(prefix, next hop)],
    bridges {name: [ports]}."""
    lines = []
    for name, ports in (bridges or {}).items():
        lines += ["brctl addbr %s; brctl stp %s off; brctl setfd %s 0" % (name, name, name)]
        lines += ["brctl addif %s %s; ip link set %s up" % (name, p, p) for p in ports]
        lines += ["ip link set %s up" % name]
    for port, address in addresses.items():
        lines += ["ip addr add %s dev %s; ip link set %s up" % (address, port, port)]
    lines += ["echo 1 > /proc/sys/net/ipv4/ip_forward"]
    lines += ["ip route add %s via %s" % route for route in routes]
    # Linux drops what it sends before it has noticed the link, some 0.9 s after "up".
    lines += ["n=0; while [ $n -lt 50 ] && ! grep -q up /sys/class/net/%s/operstate; do "
              "sleep 0.1; n=$((n + 1)); done" % port for port in addresses]
    return "\n".join(lines)
