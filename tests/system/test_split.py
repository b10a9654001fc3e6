# SPDX-License-Identifier: MIT
"""The memory split, proved by the kernel's own walk over every leaf of its page tables
(`pix.selftest`), which four planted mappings show to be able to fail; and how a kernel ends: reason,
registers, core, partition and a backtrace by name (`pix.crash=`)."""

import re

import pytest

from pixvm import PixVM


def verdict(append, **options):
    with PixVM(["e1000"], append=append, fatal=False, name="split", **options) as vm:
        return vm.wait_text(r"^selftest: split (ok|\d+ violations)", 60).group(1), vm.text


@pytest.mark.parametrize("options", [dict(cpus=1), dict(cpus=4), dict(cpus=1, mem=64), dict(cpus=2, cpu=None),
                                     dict(cpus=4, mem=512, numa=2, machine="q35")], ids=str)
def test_split_holds(options):
    """Text read-only, data no-execute, guard pages, and of the data plane's memory the generic side
    sees only what it may."""
    said, text = verdict("pix.selftest", **options)
    assert said == "ok", text


@pytest.mark.parametrize("plant,about", [("split_private", "generic root"), ("split_wx", "generic root"),
                                         ("split_guard", "generic root"), ("split_data", "qgm root")])
def test_planted_mapping_is_found(plant, about):
    said, text = verdict("pix.selftest pix.plant=" + plant, cpus=2)
    assert said != "ok"
    assert "selftest: %s" % about in text


@pytest.mark.parametrize("how,reason", [("panic", "asked for by pix.crash=panic"), ("null", "page fault"),
                                        ("ud", "invalid opcode"), ("stack", "stack|double fault|guard"),
                                        ("write", "page fault")])
def test_panic_report(how, reason):
    with PixVM([], cpus=2, append="pix.crash=" + how, fatal=False, name="crash") as vm:
        vm.wait_text(r"panic: the generic partition has stopped", 60)
        report = vm.text[vm.text.index("panic: "):]
    assert re.search(reason, report.split("\n")[0], re.I), report
    assert re.search(r"core 0 .*partition generic", report), report
    assert re.search(r"rip [0-9a-f]{16}", report) and "cr3" in report
    names = {"panic": "crash_now", "null": "crash_null", "ud": "crash_now", "stack": "crash_stack",
             "write": "crash_write"}
    assert names[how] in report, "the backtrace names %s: %s" % (names[how], report)
    if how != "stack":
        assert "kernel_main" in report, report


def test_panic_switches_off_when_asked():
    with PixVM([], append="pix.crash=panic pix.panic_off", fatal=False, name="crash") as vm:
        assert vm.wait_exit(20) == 0
