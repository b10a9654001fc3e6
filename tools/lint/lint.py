#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make lint`: rules of the house that a machine can check, in less than two minutes.

    words       SPDX line, no trailing blanks, no left-over notes, headers once, file length
    includes    the include table (includes.py)
    format      clang-format with the repository's .clang-format
    headers     each header compiles alone, with the flags of its room
    python      each .py compiles; shell: shellcheck
    cppcheck    warnings and portability
    clang-tidy  a small set: sizes, signs, copies, assignments; clang's own warnings

Only files that git knows are read. ONLY=headers,format runs some of the checks. What passed is
remembered by content in $(B)/lint, so that a second run is quick."""

import hashlib
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import includes  # noqa: E402

BUILD = os.environ.get("B", "build")
JOBS = min(4, os.cpu_count() or 1)
NOTES = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
PRIVATE = re.compile(r"/wo" r"rk/(wt|shared|main|\.library)|Co-Auth" r"ored-By", re.I)
MAX_LINES = 800
MAX_TEST_LINES = 1000
TIDY = ("-*,clang-diagnostic-*,bugprone-sizeof-container,bugprone-suspicious-mem*,bugprone-suspicious-semicolon,"
        "bugprone-misplaced-widening-cast,bugprone-integer-division,"
        "bugprone-macro-repeated-side-effects,"
        "bugprone-posix-return,bugprone-undefined-memory-manipulation,"
        "bugprone-infinite-loop,bugprone-terminating-continue,bugprone-redundant-branch-condition,"
        "misc-misplaced-const,misc-redundant-expression,readability-misleading-indentation")


def run(*args, **kw):
    return subprocess.run(args, capture_output=True, text=True, check=False, **kw)


def tracked():
    out = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    return [p for p in out.split("\0") if p and os.path.isfile(p)]


def make_variables(*names):
    """Values of the Makefile's variables: the checks compile as the build does."""
    goals = ["print-" + n for n in names]
    out = run("make", "-s", "--no-print-directory", *goals).stdout.splitlines()
    return dict(zip(names, (line.split() for line in out)))


def flags_of(path, flags):
    """Compiler flags of the room that a file belongs to."""
    room = path.split("/")[0]
    if path.startswith("drivers/net/"):
        chosen = flags["NETDRV_CFLAGS"]
    elif room in ("kernel", "drivers", "boot"):
        chosen = flags["KERNEL_CFLAGS"]
    elif room == "qgm":
        chosen = flags["QGM_CFLAGS"]
    elif room in ("libc", "apps") or path in ("tests/unit/libc/native.c", "tests/unit/libc/abi_ours.c"):
        chosen = flags["USER_CFLAGS"]
    else:
        # <pix/...> comes from our ABI headers, everything else from the host's C library
        chosen = flags["HOST_CFLAGS"] + ["-idirafter", "libc/include"]
        if path.startswith("tools/bench/"):
            chosen = chosen + ["-D_GNU_SOURCE"]
    if path.endswith("_avx2.c"):
        chosen = chosen + flags["AVX2"]
    if path.endswith("_avx512.c"):
        chosen = chosen + flags["AVX512"]
    return [f for f in chosen if f not in ("-MMD", "-MD", "-MP")]


class Memory:
    """Remembers by content what passed: key = check, its tool's flags, the file, all headers."""

    def __init__(self, paths):
        digest = hashlib.sha256()
        for path in sorted(p for p in paths if p.endswith(".h")):
            with open(path, "rb") as f:
                digest.update(path.encode() + b"\0" + f.read())
        self.headers = digest.digest()
        self.dir = os.path.join(BUILD, "lint")
        os.makedirs(self.dir, exist_ok=True)

    def key(self, check, path, flags, headers=True):
        with open(path, "rb") as f:
            text = f.read()
        return os.path.join(self.dir, hashlib.sha256(
            b"\0".join([check.encode(), path.encode(), " ".join(flags).encode(),
                        self.headers if headers else b"", text])).hexdigest())


def each(memory, check, paths, flags, fn):
    """Run fn(path, flags) -> problems over the files in parallel, skipping what passed before."""
    def one(path):
        key = memory.key(check, path, flags(path))
        if os.path.exists(key):
            return []
        found = fn(path, flags(path))
        if not found:
            open(key, "w").close()
        return found

    with ThreadPoolExecutor(JOBS) as pool:
        return [problem for found in pool.map(one, paths) for problem in found]


def check_words(paths):
    found = []
    for path in paths:
        if path.endswith((".png", ".svg", ".bin", ".pcap", ".gz")) or "/corpus/" in path:
            continue
        try:
            with open(path, encoding="utf-8") as f:
                lines = f.read().split("\n")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if line != line.rstrip() and not path.endswith(".md"):
                found.append("%s:%d: blanks at the end of the line" % (path, number))
            if NOTES.search(line):
                found.append("%s:%d: left-over note: %s" % (path, number, line.strip()))
            if PRIVATE.search(line):
                found.append("%s:%d: path of somebody's own machine: %s" % (path, number, line.strip()))
        source = path.endswith((".c", ".h", ".asm", ".py", ".sh", ".mk", ".ld", ".lds"))
        if source and not any("SPDX-License-Identifier: MIT" in line for line in lines[:3]):
            found.append("%s:1: no SPDX line" % path)
        # assert.h must take effect anew each time it is included (C11 7.2).
        if path.endswith(".h") and "#pragma once" not in lines and not path.endswith("/assert.h"):
            found.append("%s:1: no #pragma once" % path)
        limit = MAX_TEST_LINES if path.startswith("tests/") else MAX_LINES
        if source and len(lines) > limit:
            found.append("%s: %d lines (more than %d: look for the second noun)" % (path, len(lines), limit))
    return found


def check_format(paths, memory):
    """All files in a few calls: starting clang-format costs more than formatting."""
    with open(".clang-format") as f:
        style = [f.read()]
    keys = {p: memory.key("format", p, style, False) for p in paths if p.endswith((".c", ".h"))}
    todo = [p for p in keys if not os.path.exists(keys[p])]
    chunks = [todo[i::JOBS] for i in range(JOBS) if todo[i::JOBS]]
    with ThreadPoolExecutor(JOBS) as pool:
        said = list(pool.map(lambda chunk: run("clang-format", "--dry-run", "-Werror", *chunk).stderr, chunks))
    first = {}
    for line in "\n".join(said).splitlines():
        match = re.match(r"([^:]+):\d+:\d+: (error|warning): ", line)
        if match:
            first.setdefault(match[1], line)
    for path in todo:
        if path not in first:
            open(keys[path], "w").close()
    return [first[path] for path in sorted(first)]


def check_headers(paths, memory, flags):
    def one(path, chosen):
        out = run("gcc", *chosen, "-fsyntax-only", "-x", "c", "-Wno-unused", "-include", path, "/dev/null")
        return ["%s does not compile alone: %s" % (path, line) for line in out.stderr.splitlines()
                if "error" in line][:2] if out.returncode else []
    headers = [p for p in paths if p.endswith(".h")]
    return each(memory, "headers", headers, lambda p: flags_of(p, flags), one)


def check_python(paths):
    found = []
    for path in paths:
        if path.endswith(".py"):
            try:
                with open(path, encoding="utf-8") as f:
                    compile(f.read(), path, "exec", dont_inherit=True)
            except SyntaxError as e:
                found.append("%s:%s: %s" % (path, e.lineno, e.msg))
    scripts = []
    for path in paths:
        with open(path, "rb") as f:
            first = f.readline()
        if path.endswith(".sh") or first.startswith((b"#!/bin/bash", b"#!/bin/sh", b"#!/usr/bin/env bash")):
            scripts.append(path)
    if scripts:
        out = run("shellcheck", "-S", "warning", "-f", "gcc", *scripts)
        found += out.stdout.splitlines()
    return found


def check_cppcheck(paths, memory):
    with open("tools/lint/cppcheck.txt") as f:
        rules = f.read()

    def one(path, _):
        out = run("cppcheck", "--quiet", "--enable=warning,portability", "--inline-suppr", "--std=c11",
                  "--error-exitcode=9", "--template={file}:{line}: {severity}: {message} [{id}]",
                  "--suppressions-list=tools/lint/cppcheck.txt", "-I.", path)
        return [line for line in out.stderr.splitlines() if line.strip()] or [path + ": cppcheck: " + out.stdout.strip()] if out.returncode else []
    return each(memory, "cppcheck", [p for p in paths if p.endswith(".c")], lambda p: [rules], one)


def check_tidy(paths, memory, flags):
    def one(path, chosen):
        gcc_only = ("-mstack-protector-guard", "-fno-tree", "-fno-strict-aliasing-", "-Wframe", "-Werror")
        args = [f for f in chosen if not f.startswith(gcc_only)]
        out = run("clang-tidy", "--quiet", "--checks=" + TIDY, "--warnings-as-errors=*", path, "--", *args,
                  "-Wno-unknown-warning-option", "-Wno-gnu-variable-sized-type-not-at-end",
                  "-Wno-address-of-packed-member", "-Wno-unused-command-line-argument",
                  "-Wno-frame-larger-than")
        return [line for line in out.stdout.splitlines()
                if re.match(r".*: (error|warning): ", line)] if out.returncode else []
    # The peers need DPDK's headers, which only the benchmarks install.
    sources = [p for p in paths if p.endswith(".c") and not p.startswith("tools/bench/peer/")]
    return each(memory, "tidy", sources, lambda p: flags_of(p, flags) + [TIDY], one)


def main():
    os.chdir(ROOT)
    only = [name for name in os.environ.get("ONLY", "").split(",") if name]
    paths = tracked()
    memory = Memory(paths)
    flags = make_variables("KERNEL_CFLAGS", "NETDRV_CFLAGS", "QGM_CFLAGS", "USER_CFLAGS", "HOST_CFLAGS",
                           "AVX2", "AVX512")
    checks = [
        ("words", lambda: check_words(paths)),
        ("includes", lambda: includes.check(paths)),
        ("format", lambda: check_format(paths, memory)),
        ("headers", lambda: check_headers(paths, memory, flags)),
        ("python", lambda: check_python(paths)),
        ("cppcheck", lambda: check_cppcheck(paths, memory)),
        ("clang-tidy", lambda: check_tidy(paths, memory, flags)),
    ]
    failed = 0
    for name, fn in checks:
        if only and name not in only:
            continue
        begin = time.monotonic()
        found = fn()
        for line in found[:40]:
            print("  " + line)
        if len(found) > 40:
            print("  ... and %d more" % (len(found) - 40))
        print("lint: %-10s %s  %.1f s" % (name, "ok" if not found else "%d problems" % len(found),
                                          time.monotonic() - begin), flush=True)
        failed += bool(found)
    print("lint: %s" % ("passed" if not failed else "%d checks FAILED" % failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
