# SPDX-License-Identifier: MIT
"""User processes against the kernel: apps/usertests in the VM (each fault kills its process alone; each
bad pointer to each system call is an error), with traffic forwarded meanwhile; restarts by init;
nothing of the memory is lost."""

import re
import threading

import pytest

import test_boot
from pixvm import PixVM

FAULTS = ["null_read", "null_write", "kernel_text_write", "kernel_map_write", "dataplane_write", "data_exec", "stack_exec",
          "own_text_write", "stack_overflow", "undefined_instruction", "privileged_cli", "noncanonical_call"]


@pytest.fixture(scope="module")
def vm():
    with PixVM(["e1000", "virtio"], cpus=2, config=test_boot.CONFIG, name="process", limit=900) as guest:
        guest.ready()
        test_boot.forwards(guest)
        yield guest


def usertests(vm, names="", timeout=360):
    said = vm.cmd("run usertests " + names, timeout=timeout)
    count = re.search(r"usertests: (\d+) passed, (\d+) failed", said)
    assert count, said
    assert count[2] == "0", "\n".join(line for line in said.splitlines() if line.startswith("FAIL"))
    return int(count[1]), said


def test_all_of_usertests(vm):
    """Twice: what the first run took must be there again for the second and after it."""
    usertests(vm)
    before = vm.json("show memory")["memory"]["mem_free"]
    passed, _ = usertests(vm)
    assert passed >= 50
    after = vm.json("show memory")["memory"]["mem_free"]
    assert before - after < 64 << 10, "%d bytes are gone" % (before - after)
    test_boot.forwards(vm)
    vm.conserved()


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_reported(vm, name):
    """A line on the console names the program and what it did."""
    mark = len(vm.text)
    usertests(vm, name)
    vm.wait_text(r"proc: usertests\[\d+\] (killed|trapped)", 15, since=mark)


def test_shell_answers_while_faults_happen(vm):
    """Forwarding does not notice a storm of dying processes."""
    done = threading.Event()
    lost = []

    def traffic():
        while not done.is_set():
            try:
                test_boot.forwards(vm)
            except AssertionError as e:
                lost.append(str(e))
                return

    worker = threading.Thread(target=traffic)
    worker.start()
    try:
        for _ in range(3):
            usertests(vm, "null kernel")
    finally:
        done.set()
        worker.join()
    assert not lost, lost[0]
    vm.conserved()


