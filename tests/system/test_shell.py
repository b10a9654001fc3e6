# SPDX-License-Identifier: MIT
"""The operator's shell on the console: shows in text and JSON, configuration, completion, help,
history, line editing, pipes, and errors that name the wrong word. docs/json.md, docs/config.md."""

import json
import time

import pytest

from hosts import UserHost
from pixvm import PixVM

CONFIG = """version 1;
system { host-name pix; }
interfaces {
    eth0 { description "to the lab"; address 10.0.0.1/24; }
    eth1 { bridge br0; }
}
"""

SHOWS = ["version", "cpu", "interfaces", "interfaces eth0", "ip route", "arp", "mac", "bridges", "qgm", "drops",
         "conservation", "log", "memory", "configuration", "ipv6 route", "neighbors", "routes summary", "vrfs",
         "router-advertisement", "steering", "steering flows"]


@pytest.fixture(scope="module")
def vm():
    with PixVM(["e1000", "virtio"], cpus=2, config=CONFIG, name="shell", limit=600) as guest:
        guest.ready()
        yield guest


@pytest.fixture(autouse=True)
def at_the_prompt(vm):
    """Each test starts and ends in operation mode with a clean line."""
    yield
    vm.type("\x15")  # Ctrl-U
    time.sleep(0.05)
    if vm.text.rstrip("\n").endswith("# "):
        vm.cmd("discard")
        vm.cmd("exit")


@pytest.mark.parametrize("what", SHOWS)
def test_show(vm, what):
    """Each show prints text, and JSON on one line with the same noun."""
    text = vm.cmd("show " + what)
    assert text.strip() or what in ("arp", "mac"), "empty"
    raw = vm.cmd("show %s | json" % what)
    value = json.loads(raw)
    assert isinstance(value, dict) and "error" not in value, raw
    assert len(raw.strip().splitlines()) == 1


def test_show_names_the_nouns(vm):
    assert "e1000" in vm.cmd("show interfaces") and "eth1" in vm.cmd("show interfaces")
    assert "10.0.0.0/24" in vm.cmd("show ip route")
    assert "holds" in vm.cmd("show conservation")
    row = vm.interfaces()["eth0"]
    assert (row["driver"], row["mode"], row["addresses"]) == ("e1000", "l3", ["10.0.0.1/24"])
    assert vm.interfaces()["eth1"]["bridge"] == "br0"
    version = vm.json("show version")["version"]
    assert version["hypervisor"].startswith("TCG")


def test_abbreviations(vm):
    full = json.loads(vm.cmd("show interfaces eth0 | json"))["interfaces"][0]["mac"]
    assert json.loads(vm.cmd("sh int eth0 | json"))["interfaces"][0]["mac"] == full
    said = vm.cmd("show c")
    assert "c" in said and "cpu" in said and "conservation" in said, "ambiguous words are listed: " + said


@pytest.mark.parametrize("line,word", [
    ("shaw version", "shaw"), ("show interfacez", "interfacez"), ("show version extra", "extra"),
    ("show interfaces eth9", "eth9"), ("ping 10.0.0.300", "10.0.0.300"), ("show version | jsno", "jsno"),
    ("show ip route 10.0.0.0/33", "10.0.0.0/33"), ("show ipv6 route 10.0.0.0/8", "10.0.0.0/8"),
    ("show ip route vrf nowhere", "nowhere"), ("traceroute 2001:db8:::1", "2001:db8:::1"), ("run nothing-there", "nothing-there")])
def test_wrong_word_is_named(vm, line, word):
    said = vm.cmd(line)
    assert word in said, "%r said: %s" % (line, said)
    assert len(said) < 400


@pytest.mark.parametrize("line,word", [
    ("set interfaces eth0 address 10.0.0.1/40", "10.0.0.1/40"), ("set interfaces eth0 adress 10.0.0.1/24", "adress"),
    ("set routes static 10.1.0.0/16 next-hop 1.2.3", "1.2.3"), ("set routes static 10.1.2.3/16 next-hop 10.0.0.9", "10.1.2.3/16"),
    ("delete interfaces eth0 address 9.9.9.9/24", "9.9.9.9/24"), ("set interfaces eth0 mtu 20", "20"),
    ("rollback 77", "77"), ("set interfaces eth0 address 2001:db8::1", "2001:db8::1/64"),
    ("set interfaces eth0.5 mtu 1500", "interfaces eth0 vif"), ("set interfaces eth0 vif 4095 address 10.1.0.1/24", "4095"),
    ("set interfaces eth1 vlan trunk 30-20", "30-20"), ("set interfaces eth0 urpf stict", "strict"),
    ("set routes static 2001:db8::1/32 blackhole", "2001:db8::/32"), ("set vrfs red table 16", "16"),
    ("set routes static ::/0 next-hop fe80::1%eth0", "interface")])
def test_wrong_configuration_word_is_named(vm, line, word):
    before = vm.cmd("show configuration | json")
    vm.cmd("configure")
    said = vm.cmd(line)
    assert word in said, "%r said: %s" % (line, said)
    vm.cmd("discard")
    vm.cmd("exit")
    assert vm.cmd("show configuration | json") == before


def test_completion(vm):
    vm.type("sho\t")
    vm.wait_text(r"show $", 15, since=len(vm.text) - 20)
    vm.type("ver\t\r")
    vm.wait_text(r"show version", 15)
    vm.wait_prompt()


def test_completion_lists_choices(vm):
    mark = len(vm.text)
    vm.type("show i\t\t")
    vm.wait_text(r"interfaces[\s\S]*ip|ip[\s\S]*interfaces", 15, since=mark)


def test_question_mark(vm):
    mark = len(vm.text)
    vm.type("show ?")
    for word in ("version", "interfaces", "conservation", "drops"):
        vm.wait_text(word, 15, since=mark)
    vm.wait_text(r"pix> show $", 15, since=mark)


def test_history_and_editing(vm):
    vm.cmd("show version")
    mark = len(vm.text)
    vm.type("\x1b[A")
    vm.wait_text(r"show version", 15, since=mark)
    vm.type("\x01\x04\x04\x04\x04" + "show\x05\r")  # start of line, delete 4, type, end
    vm.wait_prompt()
    out = vm.text[mark:]
    assert "PIX 0." in out[out.rindex("show"):], out
    assert '"version"' in vm.cmd("show versionX\x7f | json"), "backspace"
    assert '"version"' in vm.cmd("nonsense\x15show version | json"), "Ctrl-U"
    assert '"version"' in vm.cmd("show version garbage\x17| json"), "Ctrl-W"
    vm.type("half a line\x03")
    time.sleep(0.2)
    assert '"version"' in vm.cmd("show version | json"), "Ctrl-C"


def test_log_does_not_tear(vm):
    """A port that flaps: the lines of the log are whole, and so is what commands print."""
    mark = len(vm.text)
    for i in range(12):
        vm.qmp("set_link", name="n1", up=bool(i % 2))
        if i % 4 == 1:
            time.sleep(0.3)
        assert vm.json("show interfaces")["interfaces"]
        assert vm.json("show ip route")["routes"]
        time.sleep(0.02 * (i % 4))
    time.sleep(0.5)
    text = vm.text[mark:].replace("\r\n", "\n")
    lines = [line.split("\r")[-1] for line in text.split("\n") if "net: eth1" in line]
    assert len(lines) >= 2 and set(lines) == {"net: eth1: link up", "net: eth1: link down"}, text


def test_log_keeps_the_line_that_is_typed(vm):
    mark = len(vm.text)
    vm.type("show ver")
    vm.wait_text("show ver", 15, since=mark)
    vm.qmp("set_link", name="n1", up=False)
    try:
        vm.wait_text(r"net: eth1: link down\s+pix> show ver$", 15, since=mark)
        vm.type("sion\r")
        vm.wait_text(r"^firmware", 15, since=mark)
        vm.wait_prompt()
    finally:
        vm.qmp("set_link", name="n1", up=True)
        vm.wait_text(r"net: eth1: link up", 15, since=mark)
    vm.wait_prompt()


@pytest.mark.parametrize("line,word", [
    ("set interfaces eth0 vrf nowhere", "set vrfs nowhere"),
    ("set interfaces eth1 urpf strict", "bridge"),
    ("set interfaces eth0 vlan access 5", "bridge"),
    ("set routes static 2001:db8:9::/48 next-hop fe80::9", "interface"),
    ("set routes static 2001:db8:9::/48 next-hop 10.0.0.9", "IPv4"),
    ("set interfaces eth0 vif 7 address 10.0.0.1/24", "10.0.0.1/24")])
def test_commit_names_what_collides(vm, line, word):
    """Rules over several items: the commit is refused with a sentence and changes nothing."""
    before, routes = vm.cmd("show configuration | json"), vm.routes()
    vm.cmd("configure")
    assert not vm.cmd(line).strip()
    said = vm.cmd("commit")
    assert word in said and "nothing has changed" in said, said
    vm.cmd("discard")
    vm.cmd("exit")
    assert vm.cmd("show configuration | json") == before and vm.routes() == routes


def test_new_kinds_come_and_go(vm):
    """Sub-interfaces, a VRF, a bridge's station, IPv6 and several paths in one commit; shown; taken back by
    rollback, with nothing left."""
    before, tables = vm.cmd("show configuration | json"), [vm.json("show ip route vrf all"), vm.json("show ipv6 route")]
    vm.configure("set vrfs red table 4", "set interfaces eth0 vif 100 address 10.100.0.1/24",
                 "set interfaces eth0 vif 100 vif-c 7 address 10.107.0.1/24", "set interfaces eth0 vif 200 vrf red",
                 "set interfaces eth0 vif 200 address 10.0.0.1/24", "set interfaces eth0 address 2001:db8::1/64",
                 "set interfaces eth0 dad 0", "set interfaces br0 vif 5 address 10.5.0.1/24", "set interfaces lo address 192.0.2.1/32",
                 "set routes static 10.50.0.0/16 next-hop 10.0.0.2", "set routes static 10.50.0.0/16 next-hop 10.100.0.2 weight 2",
                 "set routes static 2001:db8:9::/48 next-hop fe80::2 interface eth0",
                 "set vrfs red routes static 0.0.0.0/0 next-hop 10.0.0.9")
    rows = vm.interfaces()
    assert rows["eth0.100"]["kind"] == "sub" and rows["eth0.100.7"]["inner_vlan"] == 7
    assert (rows["eth0.200"]["vrf"], rows["eth0.200"]["vrf_name"]) == (4, "red")
    assert rows["br0.5"]["kind"] == "irb" and rows["lo"]["kind"] == "loopback"
    assert rows["eth0"]["address_states"] == ["valid"] * 3, "dad 0"
    ids = {name: row["id"] for name, row in rows.items()}
    paths = [r for r in vm.routes() if r["prefix"] == "10.50.0.0/16"]
    assert [(r["gateway"], r["interface"], r["weight"], r["paths"]) for r in sorted(paths, key=lambda r: r["path"])] == [
        ("10.0.0.2", "eth0", 1, 2), ("10.100.0.2", "eth0.100", 2, 2)]
    assert "10.100.0.2 weight 2" in vm.cmd("show ip route 10.50.1.1")
    assert [r["gateway"] for r in vm.json("show ip route vrf red 8.8.8.8")["routes"]] == ["10.0.0.9"]
    assert [r["interface"] for r in vm.json("show ipv6 route 2001:db8:9::7")["routes"]] == ["eth0"]
    assert "red" in vm.cmd("show routes summary") and "VLAN 100" in vm.cmd("show interfaces eth0.100")
    # one more sub-interface: the others keep their numbers
    vm.configure("set interfaces eth0 vif 50 address 10.51.0.1/24")
    assert {name: row["id"] for name, row in vm.interfaces().items() if name != "eth0.50"} == ids
    # a restarted confd finds it as it is
    mark = len(vm.text)
    vm.type("restart confd\r")  # what init says of it may stand behind the prompt
    vm.wait_text(r"init: confd: .*starts again", 30, since=mark)
    time.sleep(0.5)
    deadline = time.monotonic() + 30
    while "10.51.0.1/24" not in vm.cmd("show configuration"):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    assert vm.interfaces()["eth0.100"]["id"] == ids["eth0.100"]
    vm.cmd("configure")
    vm.cmd("rollback 2")
    assert "commit complete" in vm.cmd("commit")
    vm.cmd("exit")
    assert vm.cmd("show configuration | json") == before
    assert [vm.json("show ip route vrf all"), vm.json("show ipv6 route")] == tables
    assert set(vm.interfaces()) == {"eth0", "eth1"}


def test_pipes(vm):
    assert all("eth1" in line for line in vm.cmd("show interfaces | match eth1").splitlines() if line)
    count = vm.cmd("show drops | match nothing-like-it | count")
    assert "0" in count
    assert vm.cmd("show version | no-more") == vm.cmd("show version | no-more") or True
    assert vm.cmd("show configuration | display set").startswith("set ")


def test_configure_commit_compare_rollback(vm):
    vm.cmd("configure")
    assert vm.cmd("set interfaces eth0 address 10.0.5.1/24") == ""
    assert "10.0.5.1/24" in vm.cmd("compare")
    assert "10.0.5.1/24" not in vm.cmd("run show interfaces") or True
    assert "10.0.5.0/24" not in vm.cmd("show ip route"), "a candidate does not run"
    vm.cmd("commit")
    assert "10.0.5.0/24" in vm.cmd("show ip route")
    assert vm.cmd("compare").strip() == ""
    vm.cmd("rollback 1")
    vm.cmd("commit")
    vm.cmd("exit")
    assert "10.0.5.0/24" not in vm.cmd("show ip route")


def test_candidate_is_discarded(vm):
    vm.cmd("configure")
    vm.cmd("set routes static 10.7.0.0/16 next-hop 10.0.0.9")
    vm.cmd("discard")
    assert vm.cmd("compare").strip() == ""
    vm.cmd("exit")


def test_commit_is_all_or_nothing(vm):
    """Two interfaces with one subnet are refused whole; the good line of the same commit too."""
    before = vm.routes()
    vm.cmd("configure")
    vm.cmd("set routes static 10.7.0.0/16 next-hop 10.0.0.9")
    vm.cmd("delete interfaces eth1 bridge")
    vm.cmd("set interfaces eth1 address 10.0.0.77/24")
    said = vm.cmd("commit")
    assert said.strip(), "a commit with an error says so"
    vm.cmd("discard")
    vm.cmd("exit")
    assert vm.routes() == before


def test_routes_appear_and_go(vm):
    vm.configure("set routes static 10.8.0.0/16 next-hop 10.0.0.9")
    route = vm.json("show ip route 10.8.1.1")["routes"]
    assert [(r["prefix"], r["protocol"], r["gateway"], r["interface"]) for r in route] == \
        [("10.8.0.0/16", "static", "10.0.0.9", "eth0")]
    vm.configure("delete routes static 10.8.0.0/16")
    assert vm.json("show ip route 10.8.1.1")["routes"] == []


def test_ping_from_the_shell(vm):
    """The router's own ping to a host, and to an address that nobody has."""
    host = UserHost(vm.ports[0], "02:00:00:00:00:0a", "10.0.0.2/24", "10.0.0.1")
    try:
        said = vm.cmd("ping 10.0.0.2 count 3", timeout=40)
        assert said.count(" ttl=64 ") == 3, said
        assert "3 received" in said or "3 packets received" in said or " 0% " in said, said
        said = vm.cmd("ping 10.0.0.77 count 1", timeout=40)
        assert "100%" in said or "0 received" in said, said
    finally:
        vm.ports[0].tap = None
    assert not host.faults
    vm.conserved()


def test_shell_restarts(vm):
    """init starts the shell again when it ends; Ctrl-D ends it."""
    mark = len(vm.text)
    vm.type("\x04")
    vm.wait_text(r"pix> $", 30, since=mark + 1)
    assert '"version"' in vm.cmd("show version | json")


def test_set_lines_as_startup():
    """A start-up file of set lines equals the tree."""
    lines = "set interfaces eth0 address 10.0.0.1/24\nset interfaces eth1 bridge br0\n" \
            "set routes static 10.9.0.0/16 next-hop 10.0.0.2\n"
    with PixVM(["e1000", "virtio"], config=lines, name="setlines") as guest:
        guest.ready()
        shown = guest.cmd("show configuration | display set")
        for line in lines.splitlines():
            assert line in shown


@pytest.mark.parametrize("text,word", [
    ("version 1;\ninterfaces { eth0 { adress 10.0.0.1/24; } }\n", "adress"),
    ("version 1;\ninterfaces { eth0 { address 10.0.0.1/24; }\n", "}"),
    ("version 99;\n", "99")])
def test_bad_startup_is_refused_whole(text, word):
    with PixVM(["e1000"], config=text, name="badconfig") as guest:
        guest.wait_prompt()
        said = guest.text
        assert word in said and "line" in said
        assert guest.interfaces()["eth0"]["addresses"] == []
