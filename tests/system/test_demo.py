# SPDX-License-Identifier: MIT
"""`make demo` with both kinds of hosts, and with each planted fault, which it must notice."""

import os
import subprocess
import sys
import time

import pytest

import netns
from pixvm import ROOT


def demo(**env):
    begin = time.monotonic()
    done = subprocess.run([sys.executable, os.path.join(ROOT, "tools", "demo.py")], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, env=dict(os.environ, **env), timeout=150)
    print(done.stdout[-6000:] + done.stderr[-2000:])
    assert time.monotonic() - begin < 120
    assert "Traceback" not in done.stderr
    return done


def passes(**env):
    done = demo(**env)
    assert done.returncode == 0
    assert "demo passed" in done.stdout and "FAIL" not in done.stdout
    for line in ("ping A -> B", "traceroute A -> B", "conservation law", "show qgm"):
        assert line in done.stdout


def test_user_space_hosts():
    passes(DEMO_HOSTS="userspace")


def test_namespaces():
    reason = netns.available()
    if reason:
        pytest.skip("no namespaces here: " + reason)
    passes(DEMO_HOSTS="")


@pytest.mark.parametrize("fault", ["arp", "checksum", "ttl"])
def test_planted_fault_fails(fault):
    done = demo(BREAK=fault)
    assert done.returncode == 1
    assert "demo FAILED" in done.stdout


def test_unknown_fault_is_refused():
    assert demo(BREAK="nonsense").returncode == 1
