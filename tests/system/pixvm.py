# SPDX-License-Identifier: MIT
"""PixVM: the real image under QEMU, with a wire per port from Python and a typist at the console.

    with PixVM(["e1000", "virtio"], config=CONFIG) as vm:
        vm.ready()
        vm.ports[0].send(frame)
        vm.ports[1].expect(lambda f: f.ports == (1, 2))
        vm.cmd("show version"); vm.json("show interfaces")

`boot` is how the image starts: "pvh" (build/pix.elf by -kernel), "bios" or "uefi" (build/pix.iso as
CD), "usb" or "uefi-usb" (the same file as a USB disk). Only PVH takes a command line here; an ISO
has GRUB's. Every use ends with conserved() through close()."""

import json
import os
import re
import shutil
import time
from contextlib import contextmanager

from guest import Guest, GuestError
from wire import PATIENCE

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("B", "build"))
OVMF_CODE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
OVMF_VARS = "/usr/share/OVMF/OVMF_VARS_4M.fd"
# Lines that the kernel and init write when they like, also while a command runs.
LOG = re.compile(r"^(?:net|init|arpd|confd|qgm\d+): .*$", re.M)
PROMPT_LIMIT = {"pvh": 60, "bios": 60, "usb": 60, "uefi": 120, "uefi-usb": 120}


class PixVM(Guest):
    FATAL = re.compile(r"^panic: .*$", re.M)

    def __init__(self, ports=(), cpus=1, mem=256, config="", machine="pc", append="", boot="pvh",
                 numa=0, cpu="max", plant=(), extra=(), fatal=True, **kw):
        kw.setdefault("name", "pix")
        super().__init__(ports, cpus=cpus, mem=mem, machine=machine, cpu=cpu, numa=numa, extra=extra, **kw)
        self.boot = boot
        if not fatal:
            self.FATAL = None
        if plant:
            append += " pix.plant=" + ",".join([plant] if isinstance(plant, str) else plant)
        if config:
            path = os.path.join(self.tmp, "config")
            with open(path, "w") as f:
                f.write(config)
            self.args += ["-fw_cfg", "name=opt/pix/config,file=" + path]
        if boot == "pvh":
            self.args += ["-kernel", os.path.join(BUILD, "pix.elf")]
            if append:
                self.args += ["-append", append.strip()]
        else:
            if append:
                raise ValueError("append is for boot='pvh'; an ISO has GRUB's command line")
            iso = os.path.join(BUILD, "pix.iso")
            if "uefi" in boot:
                variables = os.path.join(self.tmp, "vars.fd")
                shutil.copyfile(OVMF_VARS, variables)
                self.args += ["-drive", "if=pflash,format=raw,unit=0,readonly=on,file=" + OVMF_CODE,
                              "-drive", "if=pflash,format=raw,unit=1,file=" + variables]
            if "usb" in boot:
                self.args += ["-device", "qemu-xhci,id=usb", "-drive",
                              "if=none,id=stick,format=raw,readonly=on,file=" + iso,
                              "-device", "usb-storage,bus=usb.0,drive=stick"]
            else:
                self.args += ["-cdrom", iso]

    def ready(self, timeout=None):
        """Wait for the prompt; the start-up configuration is applied by then."""
        timeout = timeout or PROMPT_LIMIT[self.boot]
        self.wait_text(r"boot: ready in \d+ ms", timeout)
        self.wait_prompt(timeout)
        self.cmd("terminal length 0")
        return self

    def boot_ms(self):
        """What the guest says it took from its start to running ports."""
        return int(self.wait_text(r"boot: ready in (\d+) ms", 1).group(1))

    # -- the operator

    def json(self, command, timeout=3 * PATIENCE):
        """A show command's JSON value."""
        text = self.cmd(command + " | json", timeout)
        start = re.search(r"^[{\[]", text, re.M)
        if not start:
            raise GuestError("%r gave no JSON but: %s" % (command, text))
        try:
            return json.JSONDecoder().raw_decode(text, start.start())[0]
        except ValueError as e:
            raise GuestError("%r: %s in %s" % (command, e, text)) from None

    def configure(self, *lines):
        """Set or delete lines in one commit. Returns what the shell printed at the commit."""
        self.cmd("configure")
        try:
            for line in lines:
                said = LOG.sub("", self.cmd(line))
                if said.strip():
                    raise GuestError("%r said: %s" % (line, said))
            return self.cmd("commit")
        finally:
            self.cmd("exit")

    def drops(self):
        """{reason: packets} of the whole system."""
        return self.json("show drops")["drops"]

    def interfaces(self):
        """{name: row of show interfaces}."""
        return {row["name"]: row for row in self.json("show interfaces")["interfaces"]}

    def cpus(self):
        return self.json("show cpu")["cpus"]

    def qgms(self):
        return self.json("show qgm")["qgms"]

    def routes(self):
        return self.json("show ip route")["routes"]

    def arp(self):
        """{address: row of show arp}."""
        return {row["address"]: row for row in self.json("show arp")["arp"]}

    def macs(self):
        """{mac: row of show mac}."""
        return {row["mac"]: row for row in self.json("show mac")["macs"]}

    # -- the laws

    def conservation(self):
        return self.json("show conservation")["conservation"]

    def conserved(self, settle=PATIENCE):
        """Assert the conservation law (DESIGN.md section 4): per QGM and per port differences 0,
        nothing in rings, no buffer lost. Traffic must have stopped; packets under way get
        `settle` seconds. Also that no captured frame had a wrong checksum."""
        deadline = time.monotonic() + settle
        while True:
            wrong = violations(self.conservation())
            if not wrong:
                break
            if time.monotonic() > deadline:
                raise GuestError("conservation: " + "; ".join(wrong))
            time.sleep(0.1)
        for wire in self.ports:
            if wire and wire.faults:
                raise GuestError("; ".join(wire.faults[:5]))
        if self.nicsim:
            self.nicsim.check()

    @contextmanager
    def counting(self, exact=False, **drops):
        """Assert by how much named drop counters rise in the block, and that no other does:
        `with vm.counting(ttl_expired=3): ...`"""
        before = self.drops()
        yield
        deadline = time.monotonic() + PATIENCE
        while True:
            after = self.drops()
            delta = {name: after[name] - before.get(name, 0) for name in after
                     if after[name] != before.get(name, 0)}
            if delta == drops:
                return
            if time.monotonic() > deadline:
                raise GuestError("drops rose by %s, expected %s" % (delta, drops))
            time.sleep(0.1)


def violations(law):
    """What is wrong in the JSON of `show conservation`; an empty list if nothing."""
    wrong = [] if law["holds"] else ["does not hold: " + law["why"]]
    qgms, ports = law["qgms"], law["ports"]
    if not qgms:
        wrong.append("no QGM answered")
    for q in qgms:
        left = q["rx"] + q["ring_in"] + q["made"] + q["copies"]
        right = q["tx"] + q["ring_out"] + q["drops"] + q["consumed"] + q["held"]
        if left != right or q["difference"]:
            wrong.append("qgm %s: %d in, %d out: %s" % (q["qgm"], left, right, q))
    for p in ports:
        if p["difference"]:
            wrong.append("port %s: difference %d: %s" % (p["name"], p["difference"], p))
    for key in ("in_rings", "violations", "buffers_lost", "missing"):
        if law[key]:
            wrong.append("%s %d" % (key, law[key]))
    rings = sum(q["ring_out"] - q["ring_in"] for q in qgms)
    if rings:
        wrong.append("%d packets in rings" % rings)
    for pool in law["pools"]:
        have = pool["free"] + pool["in_nic"] + pool["in_rings"] + pool["held"]
        if have != pool["size"]:
            wrong.append("pool %s: %d of %d buffers" % (pool["id"], have, pool["size"]))
    return wrong
