# SPDX-License-Identifier: MIT
"""Fixtures of the system tests. Each test that uses the lab ends with the conservation law."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import pixvm  # noqa: E402
from lab import Lab  # noqa: E402


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
