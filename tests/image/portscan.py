"""Scan all ports of a machine with raw packets, and say which answer; runs inside the guest, on its bare Python.

    portscan.py ADDRESS SOURCE   ->  {"tcp": {"80": "open"}, "udp": {"53": "answers"}}

Every TCP port gets a SYN, every UDP port a question for a name: a DNS server answers it, others may complain. A port is
`open` by SYN-ACK, `closed` by RST or ICMP; a firewall that drops leaves both lists empty.
"""

import contextlib
import errno
import json
import selectors
import socket
import struct
import sys

PORTS = range(1, 65536)
QUIET_S = 5.0
MINE = 61000
WINDOW = 8192
OFFSET_AND_SYN = 0x5002  # RFC 9293, 3.1: five words of header, SYN
QUESTION = struct.pack("!6H", 7, 0x100, 1, 0, 0, 0) + b"\x05stall\x03box\x00" + struct.pack("!2H", 1, 1)
UNREACHABLE = 3  # ICMP, RFC 792


class Scan:
    """One scan, from an address of ours to another."""

    def __init__(self, address: str, source: str) -> None:
        self._address = address
        self._syn = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
        self._ask = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._icmp = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._waiting = selectors.DefaultSelector()
        for wire, take in (
            (self._syn, self._take_segment),
            (self._ask, self._take_answer),
            (self._icmp, self._take_icmp),
        ):
            wire.bind((source, 0))
            wire.setblocking(False)
            self._waiting.register(wire, selectors.EVENT_READ, take)
        pseudo = struct.unpack("!4H", socket.inet_aton(source) + socket.inet_aton(address))
        # The checksum of a segment but for the port: pseudo header (protocol 6, 20 bytes), ports, sequence 1.
        self._sum = sum(pseudo) + 6 + 20 + MINE + 1 + OFFSET_AND_SYN + WINDOW
        self.found: dict[str, dict[int, str]] = {"tcp": {}, "udp": {}}

    def run(self) -> None:
        """Ask every port, and listen until nothing comes any more."""
        for port in PORTS:
            self._send(self._syn, self._segment(port), 0)
            self._send(self._ask, QUESTION, port)
            while self._take(0):
                pass
        while self._take(QUIET_S):
            pass

    def _segment(self, port: int) -> bytes:
        total = self._sum + port
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        return struct.pack("!2H2I4H", MINE, port, 1, 0, OFFSET_AND_SYN, WINDOW, ~total & 0xFFFF, 0)

    def _send(self, wire: socket.socket, packet: bytes, port: int) -> None:
        while True:
            try:
                wire.sendto(packet, (self._address, port))
            except OSError as error:
                if error.errno not in (errno.EAGAIN, errno.ENOBUFS):
                    raise
                self._take(0.01)
            else:
                return

    def _take(self, limit_s: float) -> bool:
        ready = self._waiting.select(limit_s)
        for key, _ in ready:
            with contextlib.suppress(BlockingIOError):
                key.data(*key.fileobj.recvfrom(2048))
        return bool(ready)

    def _take_answer(self, packet: bytes, sender: tuple[str, int]) -> None:
        self.found["udp"][sender[1]] = "answers"

    def _take_segment(self, packet: bytes, sender: tuple[str, int]) -> None:
        head = (packet[0] & 15) * 4
        port, mine = struct.unpack_from("!2H", packet, head)
        if sender[0] == self._address and mine == MINE:
            self.found["tcp"][port] = "open" if packet[head + 13] & 2 else "closed"

    def _take_icmp(self, packet: bytes, sender: tuple[str, int]) -> None:
        quoted = (packet[0] & 15) * 4 + 8
        if packet[quoted - 8] == UNREACHABLE:
            port = struct.unpack_from("!H", packet, quoted + (packet[quoted] & 15) * 4 + 2)[0]
            self.found["udp" if packet[quoted + 9] == socket.IPPROTO_UDP else "tcp"][port] = "closed"


if __name__ == "__main__":
    scan = Scan(*sys.argv[1:3])
    scan.run()
    print(json.dumps(scan.found))
