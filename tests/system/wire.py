# SPDX-License-Identifier: MIT
"""The wire of a guest's port: a UNIX datagram socket pair, one end given to QEMU as
`-netdev dgram,local.type=fd`, the other read by a thread of the port. Needs no root and no paths.

A UNIX datagram socket queues 10 frames (net.unix.max_dgram_qlen) and pushes back, so nothing is
lost on the wire; with more than about 8 frames in flight both sides block and the rate collapses,
hence WINDOW."""

import socket
import threading
import time
from collections import deque

from packet import Frame, check

WINDOW = 8
PATIENCE = 10.0  # seconds for what is due at once: a host that is busy with something else may need them


class WireError(AssertionError):
    pass


class Wire:
    """What a port of the guest is plugged into.

    `tap(raw)` if set gets each frame in the reader's thread and returns True if it took it; all
    others wait in order for recv() and expect(). `sent` and `received` count every frame,
    `unicast_sent` and `unicast_received` those to one station."""

    def __init__(self, name):
        self.name = name
        self.unicast_sent = self.unicast_received = 0
        self.sock, self.guest_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        for end in (self.sock, self.guest_end):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self.sock.settimeout(None)
        self.sent = self.received = 0
        self.sent_bytes = self.received_bytes = 0
        self.verify = True
        self.faults = []
        self.tap = None
        self._frames = deque()
        self._news = threading.Condition()
        self._send_lock = threading.Lock()
        self._closed = False
        self._thread = None

    def netdev(self, ident):
        """QEMU's argument, and the descriptor to pass on."""
        return "dgram,id=%s,local.type=fd,local.str=%d" % (ident, self.guest_end.fileno()), \
            self.guest_end.fileno()

    def plugged(self):
        """QEMU has its end: close ours, start reading."""
        self.guest_end.close()
        self._thread = threading.Thread(target=self._read, name="wire-" + self.name, daemon=True)
        self._thread.start()

    def _read(self):
        while not self._closed:
            try:
                raw = self.sock.recv(65536)
            except OSError:
                return
            if not raw:
                if self._closed:
                    return
                continue
            self._take(raw)

    def _take(self, raw):
        self.received += 1
        self.received_bytes += len(raw)
        self.unicast_received += not raw[0] & 1
        if self.verify:
            wrong = check(raw)
            if wrong:
                self.faults.append("%s: %s: %s" % (self.name, wrong, raw[:80].hex()))
        tap = self.tap
        if tap and tap(raw):
            return
        with self._news:
            self._frames.append(raw)
            self._news.notify_all()

    def send(self, *frames):
        """Put frames (bytes or scapy packets) on the wire; waits while the guest's queue is full."""
        for frame in frames:
            frame = bytes(frame)
            with self._send_lock:
                self.sent += 1
                self.sent_bytes += len(frame)
                self.unicast_sent += not frame[0] & 1
                try:
                    self.sock.send(frame)
                except OSError as e:
                    raise WireError("%s: guest is gone: %s" % (self.name, e)) from e

    def flush(self):
        """Forget what has been captured and not been asked for; returns how many frames."""
        with self._news:
            n = len(self._frames)
            self._frames.clear()
            return n

    def expect(self, match=None, timeout=PATIENCE, what=None):
        """The first captured frame that `match(Frame)` accepts (None: any). Earlier frames stay.
        Raises WireError, with what came instead, if none comes in time."""
        deadline = time.monotonic() + timeout
        seen = 0
        with self._news:
            while True:
                while seen < len(self._frames):
                    frame = Frame(self._frames[seen])
                    if match is None or match(frame):
                        del self._frames[seen]
                        self._sound()
                        return frame
                    seen += 1
                left = deadline - time.monotonic()
                if left <= 0:
                    others = [repr(Frame(raw)) for raw in list(self._frames)[-8:]]
                    raise WireError("%s: no %s within %.1f s; captured instead: %s" %
                                    (self.name, what or "matching frame", timeout, others or "nothing"))
                before = len(self._frames)
                self._news.wait(left)
                if len(self._frames) < before:
                    seen = 0

    def expect_none(self, match=None, timeout=0.3, what=None):
        """Assert that no frame that `match` accepts is captured for that long."""
        try:
            frame = self.expect(match, timeout)
        except WireError:
            self._sound()
            return
        raise WireError("%s: %s was not to come: %r" % (self.name, what or "a frame", frame))

    def collect(self, match=None, timeout=0.3, count=0):
        """All captured frames that match, taken out of the queue, when that long has passed and, if so many
        are due, `count` of them have come (or will not any more: the caller sees how many there are)."""
        deadline = time.monotonic() + PATIENCE
        seen = there = 0
        while there < count and time.monotonic() < deadline:
            with self._news:
                new = list(self._frames)[seen:]
            seen += len(new)
            there += sum(1 for raw in new if match is None or match(Frame(raw)))
            time.sleep(0 if new else 0.01)
        time.sleep(timeout)
        with self._news:
            frames = [Frame(raw) for raw in self._frames]
            taken = [f for f in frames if match is None or match(f)]
            self._frames = deque(f.raw for f in frames if not (match is None or match(f)))
        self._sound()
        return taken

    def _sound(self):
        if self.faults:
            raise WireError("; ".join(self.faults[:5]))

    def close(self):
        self._closed = True
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()


def hush(wires, seconds=0.02):
    """Wait until nothing has come for a moment (the reader of a wire may lag behind it), and forget what has."""
    seen = -1
    for _ in range(100):
        now = sum(wire.received for wire in wires)
        if now == seen:
            break
        seen = now
        time.sleep(seconds)
    for wire in wires:
        wire.flush()


def pump(source, sink, frames, mine, window=WINDOW, timeout=2 * PATIENCE):
    """Send frames into `source` with at most `window` of them under way to `sink`, a closed loop.
    `mine(raw)` says whether a frame at the sink is one of them. Returns the list of what came
    (bytes, in order). Ends when as many came as were sent, or nothing came for `timeout` s."""
    came = []
    slots = threading.Semaphore(window)

    def take(raw):
        if not mine(raw):
            return False
        came.append(raw)
        slots.release()
        return True

    before = sink.tap
    sink.tap = take
    sent = 0
    try:
        for frame in frames:
            if not slots.acquire(timeout=timeout):
                raise WireError("%s -> %s: %d sent, %d came, then none for %.0f s" %
                                (source.name, sink.name, sent, len(came), timeout))
            source.send(frame)
            sent += 1
        deadline = time.monotonic() + timeout
        while len(came) < sent and time.monotonic() < deadline:
            time.sleep(0.002)
    finally:
        sink.tap = before
    return came
