# SPDX-License-Identifier: MIT
"""Two routed ports of one kind of NIC, and what is asked of every driver: the room that the tests of
single drivers share.

    S0 10.0.0.2 ── eth0 10.0.0.1/24 ┐
                                    ├ PIX
    S1 10.0.1.2 ── eth1 10.0.1.1/24 ┘"""

import struct
import time

import packet
from lab import Station
from wire import PATIENCE, hush, pump

FLOWS = 48
SIZES = list(range(1, 60)) + list(range(60, 1473, 97)) + [1471, 1472]


def config(n, more=""):
    """n routed ports, 10.0.I.1/24 each; `more` into each interface."""
    return "version 1;\ninterfaces {\n%s}\n" % "".join(
        "    eth%d { address 10.0.%d.1/24; %s }\n" % (i, i, more) for i in range(n))


CONFIG = config(2)


def until(what, seconds=2 * PATIENCE, step=0.05):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "not within %d s" % seconds
        time.sleep(step)


def agree(ours, theirs, seconds=2 * PATIENCE, step=0.05):
    """Two sides' counts of the same frames, read one after the other, are equal: both values, once they are.
    A frame that either makes between the two reads (a router asks for its neighbours when it likes) is in
    both at the next; one that is lost, or counted twice, is in no later pair and ends this with what they said."""
    end = time.monotonic() + seconds
    while True:
        late = time.monotonic() > end
        pair = ours(), theirs()
        if pair[0] == pair[1]:
            return pair
        assert not late, "after %d s still %s here, %s there" % ((seconds,) + pair)
        time.sleep(step)


def announced(vm, seconds=2 * PATIENCE):
    """The router has probed for each of its IPv4 addresses and announced it twice, two seconds apart: what it
    sends unasked from here on is a poll of a neighbour, 15 s after it heard of it at the soonest."""
    addresses = [a for row in vm.interfaces().values() for a in row["addresses"] if ":" not in a]
    until(lambda: vm.json("show arp counters")["arp_counters"]["tx_announce"] >= 3 * len(addresses), seconds)


def reaches(a, b, sport=7, dport=7, **kw):
    """A frame of a arrives at b, after as many in vain as it takes: routes, links and neighbours come back in
    their own time. None of those that came is left."""
    for left in range(30, -1, -1):
        a.send(a.udp(b.ip, sport, dport, **kw))
        try:
            b.expect_udp(sport, dport, timeout=0.7)
            break
        except AssertionError:
            if not left:
                raise
    # one more by the same way: those before it have come when it has
    a.send(a.udp(b.ip, sport, dport, b"last of these", **kw))
    b.expect(lambda f: f.ports == (sport, dport) and f.payload == b"last of these")
    b.wire.collect(lambda f: f.ports == (sport, dport), 0)


def links_up(vm, names=None, seconds=2 * PATIENCE):
    """These ports (all) run and have a link."""
    until(lambda: all(row["running"] and row["link"] for name, row in vm.interfaces().items()
                      if "running" in row and (names is None or name in names)), seconds)


def stations(vm):
    """A host on each wire; each is known to the router."""
    found = [Station(wire, i) for i, wire in enumerate(vm.ports)]
    for a, b in zip(found, found[1:] + found[:1]):
        reaches(a, b)
    return found


def greet(vm):
    """Both ways work, and the neighbours are known."""
    for a, b in (vm.s, vm.s[::-1]):
        reaches(a, b)


def calm(vm):
    """Of a machine that tests share: nothing is on its wires before one, all is explained after it."""
    hush([s.wire for s in vm.s])
    yield vm
    vm.conserved()


def detail(vm, i):
    return vm.json("show interfaces eth%d detail" % i)["interfaces"][0]


def registers(vm, i=0):
    return {row["name"]: row["value"] for row in vm.json("show interfaces eth%d registers" % i)["registers"]}


def worked(vm):
    """{QGM: packets that it parsed so far}."""
    return {q["id"]: q["stages"]["parse"]["packets"] for q in vm.qgms()}


def since(vm, before):
    return {q: n - before[q] for q, n in worked(vm).items()}


def wakes(vm):
    """{QGM: how often a device woke it}."""
    return {c["qgm"]: c["wakes_device"] for c in vm.cpus() if c["qgm"] >= 0}


def by_address(src, flow):
    """Source address of a flow, for NICs whose hash does not see UDP ports."""
    return "10.0.%d.%d" % (src, 100 + flow)


def traffic(vm, count, flows=FLOWS, src=0, source=None):
    """`count` numbered packets of interleaved flows, of one address or of source(src, flow); all arrive,
    each flow in order."""
    a, b = vm.s[src], vm.s[1 - src]
    heads = [a.udp(b.ip, 3000 + flow, 4001, b"\0" * 18, src=source(src, flow) if source else None)
             for flow in range(flows)]
    frames = (heads[n % flows][:40] + b"\0\0" + struct.pack("!Q", n) + heads[n % flows][50:]
              for n in range(count))
    came = pump(a.wire, b.wire, frames, lambda raw: raw[36:38] == b"\x0f\xa1")
    last = {}
    for raw in came:
        flow, number = struct.unpack("!H", raw[34:36])[0] - 3000, struct.unpack("!Q", raw[42:50])[0]
        assert number % flows == flow
        assert number > last.get(flow, -1), "flow %d: %d after %d" % (flow, number, last[flow])
        last[flow] = number
    assert len(came) == count


# --- what every driver is asked


def nothing_odd(row, *more):
    """No descriptor, reset or frame went wrong."""
    for name in ("bad_descriptor", "resets", "tx_aborted") + more:
        assert row[name] == 0, (name, row)


def spread_evenly(vm, count, least, qgms=range(3), source=None):
    """Both ways; each of these QGMs receives so many at least. `qgms`: or by the direction."""
    for src in (0, 1):
        before = worked(vm)
        traffic(vm, count, src=src, source=source)
        part = since(vm, before)
        assert all(part[q] > least for q in (qgms(src) if callable(qgms) else qgms)), part


def each_wakes(vm, count=90, least=10, most=3, qgms=range(3), source=None):
    """A frame now and then, of a flow each: the device wakes the core of its flow by a message of its
    own, and hardly ever for nothing."""
    a, b = vm.s

    def measure(gap):
        before = wakes(vm)
        for n in range(count):
            time.sleep(gap)
            a.send(a.udp(b.ip, 5000 + n, 9, src=source(0, n) if source else None))
            b.expect_udp(5000 + n, 9)
        grown = {qgm: after - before[qgm] for qgm, after in wakes(vm).items()}
        good = all(grown[q] >= least for q in qgms if q in grown)
        return good and count * 0.8 <= sum(grown.values()) <= count * most, grown
    asleep(measure)


def asleep(measure):
    """measure(gap), whose frames are each for a core that has gone to sleep in the gap before it: (good, what).
    On a busy host it may not have got there yet; then with longer gaps."""
    for gap in (0.012, 0.05, 0.2):
        good, what = measure(gap)
        if good:
            return
    assert good, what


def all_sizes(vm, sizes=SIZES):
    """Frames of these payloads; short ones are filled up with zeroes."""
    a, b = vm.s
    for size in sizes:
        data = struct.pack("!H", size) * (size // 2 + 1)
        a.send(a.udp(b.ip, 1 + size, 9, data[:size]))
        raw = b.expect_udp(1 + size, 9).raw
        assert raw[42:42 + size] == data[:size] and not raw[42 + size:].strip(b"\0")


def link_follows_the_wire(vm):
    """QEMU takes the wire of eth0 away and gives it back."""
    for up in (False, True):
        mark = len(vm.text)
        vm.qmp("set_link", name="n0", up=up)
        vm.wait_text(r"eth0: link %s" % ("up" if up else "down"), 30, since=mark)
    greet(vm)
    traffic(vm, 200)


def restarts(vm, ports, *lines):
    """A commit that stops these ports and starts them again: it is done and they have."""
    before = {port: row["link_changes"] for port, row in vm.interfaces().items() if port in ports}
    vm.configure(*lines)

    def done():
        rows = vm.interfaces()
        return all(rows[p]["link"] and rows[p]["running"] and rows[p]["link_changes"] > n for p, n in before.items())
    until(done)


def change_mtu(vm, mtu, ports=("eth0", "eth1")):
    """It restarts these ports: stop, each QGM drains its queues, start with other buffers."""
    restarts(vm, ports, *["set interfaces %s mtu %d" % (port, mtu) for port in ports])
    greet(vm)


def jumbo_and_back(vm, mtus=(9000, 1500)):
    """Under traffic of short and of the longest frames."""
    a, b = vm.s
    for mtu in mtus:
        change_mtu(vm, mtu)
        for size in (100, mtu // 2, mtu - 1000, mtu - 28):
            a.send(a.udp(b.ip, size, 9, b"j" * size))
            assert len(packet.Frame(b.expect_udp(size, 9).raw).raw) == size + 42
        traffic(vm, 500)


def a_qgm_leaves(vm, source=None):
    """QGM 1 stops at its 64th frame (plant qgm-fault); what it held is gone, nothing that comes later is.
    What each QGM did with 2000 frames then."""
    a, b = vm.s
    for n in range(400):
        a.send(a.udp(b.ip, 6000 + n % 48, 10, src=source(0, n % 48) if source else None))
    vm.wait_text(r"qgm1: DOWN", 30)
    for flow in range(FLOWS):  # the others have taken over its flows
        reaches(a, b, 3000 + flow, 4001, src=source(0, flow) if source else None)
    b.wire.flush()
    before = worked(vm)
    traffic(vm, 2000, source=source)
    part = since(vm, before)
    assert part[1] == 0, part
    return part
