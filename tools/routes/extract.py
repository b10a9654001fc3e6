#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
extract: the prefixes of Debian's libloc-database as text, for tests and benchmarks.

    extract.py OUTDIR

writes OUTDIR/prefixes4.txt and OUTDIR/prefixes6.txt, one prefix a line in the order of the
database: "address/length next-hop", where next-hop is the AS number modulo 64 (0..63; prefixes
without an AS have AS 0 and so next hop 0: they are routes like the others). A FIB whose next hop 0
means "no route" adds 1. The data base is CC BY-SA 4.0; its text is made at build time, never
committed.
"""
import os
import sys

import location

DATABASE = "/usr/share/libloc-location/location.db"


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    files = {}
    count = {4: 0, 6: 0}
    for family in (4, 6):
        files[family] = open(f"{out}/prefixes{family}.txt.new", "w", encoding="ascii")
    for net in location.Database(DATABASE).networks:
        text = str(net)
        family = 6 if ":" in text else 4
        files[family].write(f"{text} {(net.asn or 0) % 64}\n")
        count[family] += 1
    for family in (4, 6):
        files[family].close()
        os.replace(f"{out}/prefixes{family}.txt.new", f"{out}/prefixes{family}.txt")
    print(f"routes: {count[4]} IPv4 and {count[6]} IPv6 prefixes in {out}")


main()
