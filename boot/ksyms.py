#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the image's symbol table (kernel/ksym.c has the format) from `nm -n` of the first link.

usage: ksyms.py pass1.elf out.bin
"""
import struct
import subprocess
import sys


def functions(elf):
    """(offset from text_start, name), ascending, one name per address, text only; clones that gcc
    made (f.constprop.0, f.isra.0, f.cold) keep their full name."""
    syms, bounds = {}, {}
    for line in subprocess.run(["nm", "-n", elf], check=True, capture_output=True,
                               text=True).stdout.splitlines():
        addr, kind, name = line.split()[-3:] if len(line.split()) == 3 else (None, None, None)
        if addr is None:
            continue
        if name in ("text_start", "text_end"):
            bounds[name] = int(addr, 16)
        elif kind in "tTwW":
            syms.setdefault(int(addr, 16), name)
    lo, hi = bounds["text_start"], bounds["text_end"]
    return [(a - lo, n) for a, n in sorted(syms.items())
            if lo <= a < hi and not n.startswith(".") and not n.startswith(("trap_stub_", "core_stub_"))]


def main():
    table = functions(sys.argv[1])
    names, offsets, at = b"", [], []
    for off, name in table:
        offsets.append(off)
        at.append(len(names))
        names += name.encode() + b"\0"
    n = len(table)
    with open(sys.argv[2], "wb") as out:
        out.write(struct.pack(f"<I{n}I{n}I", n, *offsets, *at) + names)


main()
