# SPDX-License-Identifier: MIT
"""The include table of the house: which room may include what. The include line itself shows which
layer is used, so a wrong one is a wrong dependency."""

import os
import re

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

FREESTANDING = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdalign.h", "stdnoreturn.h",
                "limits.h", "float.h", "cpuid.h", "immintrin.h", "x86intrin.h", "emmintrin.h"}
QGM_FOR_DRIVERS = {"qgm/%s.h" % n for n in ("port", "packet", "pool", "atomic", "compiler", "cpu")}
ABI = "libc/include/pix/"
LWIP = "kernel/net/lwip_port/"
# What the network drivers share, the one upon the other (docs/decisions/0024).
SHARED_BY_DRIVERS = ("drivers/net/ring/", "drivers/net/owner/")


def refusal(path, bracket, name):
    """None if `path` may include `name`, else the reason as a sentence."""
    quoted = bracket == '"'
    room = path.split("/")[0]
    if path.startswith(ABI):
        if not quoted and name in FREESTANDING or quoted and os.path.exists(
                os.path.join(os.path.dirname(path), name)) and "/" not in name:
            return None
        return "the ABI headers include compiler headers and each other only"
    if room in ("tools", "tests", "boot"):
        return None
    if room == "apps":
        if quoted and not name.startswith(("apps/", "libc/include/")):
            return "apps include libc/include/ and apps/ only"
        return None
    if room == "libc":
        if quoted and not name.startswith("libc/"):
            return "libc includes itself only"
        return None
    if room not in ("qgm", "drivers", "kernel"):
        return "no rule for the room %s/" % room
    if not quoted:
        if name in FREESTANDING:
            return None
        if path == "kernel/driver.h" and name == "errno.h":  # for drivers compiled for the host
            return None
        if room == "kernel" and path.startswith(LWIP) and name.startswith(("lwip/", "netif/", "arch/")):
            return None
        return "only the compiler's freestanding headers may stand in <>"
    if "/" not in name:
        return "include by path from the root"
    if room == "qgm":
        return None if name.startswith(("qgm/", ABI)) else "qgm/ includes qgm/ and the ABI only"
    if room == "kernel":
        if name.startswith("lwip/"):
            return None if path.startswith(LWIP) else "lwIP is included by kernel/net/lwip_port/ only"
        return None if name.startswith(("kernel/", "qgm/", ABI)) else \
            "kernel/ includes kernel/, qgm/ and the ABI only"
    own = "/".join(path.split("/")[:2]) + "/"
    if name in QGM_FOR_DRIVERS or name in ("kernel/driver.h", ABI + "types.h"):
        return None
    if own == "drivers/net/":
        room = os.path.dirname(path) + "/"
        if name.startswith((room,) + SHARED_BY_DRIVERS) and not (
                room in SHARED_BY_DRIVERS and not name.startswith(SHARED_BY_DRIVERS)):
            return None
    elif name.startswith(own):
        return None
    # Bus and console drivers are parts of the kernel that happen to stand in drivers/: they are
    # never compiled for the host as one object with a NIC model, as network drivers are.
    if own != "drivers/net/" and name.startswith("kernel/"):
        return None
    return ("network drivers include qgm/{port,packet,pool,atomic,compiler,cpu}.h, kernel/driver.h, their own folder "
            "and drivers/net/{ring,owner}/")


def check(paths):
    """Problems as "file:line: text"."""
    found = []
    for path in paths:
        if not path.endswith((".c", ".h")):
            continue
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                match = INCLUDE.match(line)
                if match:
                    why = refusal(path, match[1], match[2])
                    if why:
                        found.append("%s:%d: includes %s: %s" % (path, number, match[2], why))
    return found
