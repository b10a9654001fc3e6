# SPDX-License-Identifier: MIT
"""As test_planted.py, for the generic partition: with one planted bug in the image the test named beside it must fail."""

import re

import pytest

import test_sched
from pixvm import PixVM

CASES = [
    ("page-leak", "pages-come-back"),  # what a process held is not given back whole
    ("efault", "badptr"),              # a copy from a bad pointer counts as done
]


@pytest.mark.parametrize("plant,test", CASES, ids=lambda v: v)
def test_planted_bug_is_caught(plant, test):
    with PixVM(cpus=1, mem=128, plant=plant, name="planted", limit=400) as vm:
        vm.ready()
        said = vm.cmd("run usertests " + test, timeout=300)
        count = re.search(r"usertests: (\d+) passed, (\d+) failed", said)
        assert count and count[2] == "1", said
        assert "FAIL " + test in said


def test_engine_that_waits_in_line_is_caught():
    with pytest.raises(AssertionError, match="the engine waited"):
        test_sched.engine_runs_beside("preemption", plant="turn")
