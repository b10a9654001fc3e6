# SPDX-License-Identifier: MIT
"""Fixtures of the system tests. Each test that uses the lab ends with the conservation law."""

import os
import sys

import pytest
from _pytest.runner import runtestprotocol

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import guest  # noqa: E402
import pixvm  # noqa: E402
from lab import Lab  # noqa: E402

RERUN = pytest.StashKey()
QEMU_MAY_DIE = 5  # times in a session; more is no accident


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    """A test whose QEMU died by its own fault while it booted (guest.py) is run once more, and the
    summary says so."""
    before = len(guest.qemu_died)
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    failed = any(report.failed for report in reports)
    if failed and before < len(guest.qemu_died) <= QEMU_MAY_DIE:
        item.config.stash[RERUN].append(item.nodeid)
        item.session._setupstate.teardown_exact(None)  # a fixture of the module may be what failed
        item._initrequest()
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_configure(config):
    config.stash[RERUN] = []


def pytest_terminal_summary(terminalreporter, config):
    for name in config.stash[RERUN]:
        terminalreporter.write_line("run twice, QEMU itself died by SIGSEGV at boot: " + name)


def pytest_sessionstart(session):
    if os.environ.get("PIX_GUEST") != "linux" and not os.path.exists(os.path.join(pixvm.BUILD, "pix.elf")):
        pytest.exit("no %s/pix.elf: run make first" % pixvm.BUILD, 2)


@pytest.fixture(scope="module")
def shared_lab():
    with Lab() as lab:
        lab.learn()
        yield lab


@pytest.fixture
def lab(shared_lab):
    """The module's lab, calm; afterwards every packet must be explained."""
    shared_lab.calm()
    yield shared_lab
    shared_lab.vm.conserved()
