# SPDX-License-Identifier: MIT
"""Who works on a packet: run to completion, spread by flow (RPS), pipelines, rules for single flows;
changed while traffic runs, with order kept in each flow. Three QGMs, two ports:

    S0 10.0.0.2 ── eth0 (QGM 0) 10.0.0.1/24 ┐
                                            ├ PIX, QGM 2 has no port
    S1 10.0.1.2 ── eth1 (QGM 1) 10.0.1.1/24 ┘"""

import threading

import pytest
from pixvm import PixVM
from twoports import CONFIG, calm, since, stations, traffic, worked


@pytest.fixture(scope="module")
def shared():
    with PixVM(["e1000", "virtio"], cpus=4, config=CONFIG, name="steering", limit=300) as vm:
        vm.ready()
        vm.s = stations(vm)
        yield vm


@pytest.fixture
def vm(shared):
    yield from calm(shared)


def test_rps_spreads_over_all(vm):
    vm.configure("set steering mode rps")
    shown = {p["port"]: p for p in vm.json("show steering")["steering"]}
    assert shown["eth0"]["mode"] == "rps"
    assert shown["eth0"]["workers"] == [0, 1, 2]
    assert sum(b["count"] for b in shown["eth0"]["buckets"]) == 128
    before = worked(vm)
    traffic(vm, 2000)
    part = since(vm, before)
    assert all(part[q] > 200 for q in (0, 1, 2)), part
    assert sum(q["steered"] for q in vm.qgms()) > 1000


def test_pipeline(vm):
    """rx core 0 -> worker 2 -> tx core 1, and back."""
    vm.configure("set steering mode pipeline", "set steering workers 2")
    before = worked(vm)
    traffic(vm, 1000)
    traffic(vm, 1000, src=1)
    part = since(vm, before)
    assert part[2] >= 2000 and part[0] < 50 and part[1] < 50, part


def test_rule_pins_a_flow(vm):
    vm.configure("set steering flow one qgm 2", "delete steering", "set steering flow one source 10.0.0.2",
                 "set steering flow one protocol udp", "set steering flow one source-port 3000",
                 "set steering flow one qgm 2")
    before = worked(vm)
    traffic(vm, 960)
    part = since(vm, before)
    assert 20 <= part[2] < 60 and part[0] >= 900, part
    assert vm.json("show steering flows")["flows"][0]["hits"] == 20
    assert vm.cmd("show steering flows").splitlines()[-1].split()[-1] == "20"
    vm.configure("delete steering flow one")
    before = worked(vm)
    traffic(vm, 480)
    assert since(vm, before)[2] == 0


def test_changes_keep_order(vm):
    """Modes and workers change while packets flow: none is lost, none overtakes its flow."""
    moves = sum(q["moves"] for q in vm.qgms())
    failed = []

    def change():
        try:
            for lines in (["set steering mode rps"], ["set steering workers 1"],
                          ["set steering workers 0,2"],
                          ["set steering mode pipeline", "set steering workers 1-2"],
                          ["delete steering"], ["set steering mode rps"], ["delete steering"]):
                vm.configure(*lines)
        except Exception as e:  # told by the test's own thread
            failed.append(e)

    for _ in range(2):
        t = threading.Thread(target=change)
        t.start()
        while t.is_alive():
            traffic(vm, 2000)
        t.join()
        assert not failed, failed[0]
    assert sum(q["moves"] for q in vm.qgms()) >= moves + 14


def test_refused(vm):
    """A worker that is not there; a pipeline whose only worker receives itself. Nothing changes."""
    for lines in (["set steering mode rps", "set steering workers 7"],
                  ["set steering interface eth0 mode pipeline",
                   "set steering interface eth0 workers 0"]):
        vm.cmd("configure")
        for line in lines:
            vm.cmd(line)
        said = vm.cmd("commit")
        assert "steering" in said, said
        vm.cmd("rollback 0")
        vm.cmd("exit")
    assert {p["mode"] for p in vm.json("show steering")["steering"]} == {"run-to-completion"}
    traffic(vm, 100)
