"""Anything at all is scanned: no exception, and nobody is let in who has no ticket.

`make soak` scans a million; `make test` does the same with fewer.
"""

from __future__ import annotations

import base64
import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.core.codes import normalise
from appliance.core.lot import IssuedCode, Lot
from appliance.core.ports import Books
from appliance.core.shortcode import canonical, complete, grouped
from appliance.core.trust import readers_of
from appliance.core.verdict import CodeKind, Decision, Direction, Verdict
from appliance.drivers.scanner.serial import SerialScanner
from appliance.services import door, issuing, tickets
from appliance.services.events import load_event
from appliance.services.stations import ScanStation
from appliance.services.tickets import import_tickets, read_tickets
from appliance.sim.scanner import Deaf
from appliance.sim.wires import SerialWire
from tests.books import EVENT_TEXT, Box
from tests.core.codes import is_signed, spoilt
from tests.services.test_signed_at_the_door import KEYS, OURS, STRANGER, own, pretix

BATCH = 200
LIMIT_S = 120  # for a batch, on a machine that does other things as well
LISTED = ["STREET-GOOD-1", *(f"FUZZ-{number:03}" for number in range(50))]
SHORT = complete([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5])
SIGNED = (own(serial=77), pretix(b"fuzz"))  # genuine, and on no list
SEEDS = [
    *LISTED, *SIGNED * 8, *[grouped(SHORT)] * 8, "PRESS-50", "4006381333931", "036000291452",
    "]Q3FUZZ-001", "\\000026FUZZ-002", "RECEIPT 1", "0193a5c0-7000-7000-8000-0123456789ab", "A1B2C", "==gAAAA",
    '{"code": "FUZZ-003"}', "WIFI:T:WPA;;", "https://example.org/t/FUZZ-004", "ＦＵＺＺ-005", "FUZZ\u200b-006",
    "fuzz-007", "%00FUZZ-008", "' OR 1=1 --", own(key=STRANGER), own(key=OURS)[:-4], pretix(key=STRANGER),
    pretix()[4:], pretix().lower(),
]  # fmt: skip


def mutated(chance: random.Random) -> str | bytes:
    """A code out of nothing, or a known one with a slip in it."""
    kind = chance.randrange(7)
    if kind == 0:
        return chance.randbytes(chance.randrange(80))
    if kind == 1:
        return "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(30)))
    seed = chance.choice(SEEDS)
    if kind == 2:
        return base64.b64encode(seed.encode() + chance.randbytes(chance.randrange(9)))[::-1]
    if kind == 3:
        return spoilt(seed, chance)
    raw = bytearray(seed.encode())
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(raw) + 1)
        raw[place : place + chance.randrange(2)] = chance.randbytes(chance.randrange(3))
    return bytes(raw) if kind == 4 else raw.decode("utf-8", "surrogateescape")


def ticket_meant(code: str | bytes) -> str:
    """Name the ticket that a code is a way to write; empty if none. Of a signed one there is a single way."""
    meant = normalise(code)
    if meant is None:
        return ""
    if meant in SIGNED:
        return meant
    return next((way for way in (meant, meant.upper(), canonical(meant) or "") if way in {*LISTED, SHORT}), "")


@pytest.fixture
def gate(box: Box) -> Box:
    event = EVENT_TEXT.replace('admits = ["workshop", "guest"]', "") + KEYS  # every product
    box.submit(lambda books: load_event(books, event))
    tickets.remove(box.desk, "street-series-tickets.csv")  # a slip can make one of its codes out of another
    box.submit(lambda books: import_tickets(books, read_tickets("code\n" + "\n".join(LISTED)), "list"))
    lot = Lot(CodeKind.TICKET, [IssuedCode(SHORT, SHORT)], product="guest", event="street-series")
    assert sum(issuing.keep(box.desk, lot, "issued")) == 1
    return box


@pytest.mark.parametrize("scans", [25_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_anything_is_scanned_and_only_a_ticket_gets_in_and_only_once(gate: Box, scans: int) -> None:
    chance = random.Random(20261205)
    admitted: list[str] = []
    for _ in range(scans // BATCH):
        batch = [mutated(chance) for _ in range(BATCH)]

        def decide(books: Books, batch: list[str | bytes] = batch) -> list[Verdict]:
            return [
                door.scan(books, code, "gate", direction=Direction.ENTRY, readers_of=lambda e: readers_of(e, is_signed))
                for code in batch
            ]

        for code, verdict in zip(batch, gate.desk.submit(decide, LIMIT_S), strict=True):
            meant = ticket_meant(code)
            if verdict.verdict is Decision.ADMIT:
                assert meant, code
                admitted.append(meant)
            else:
                assert bool(meant) == (verdict.reason == "already_used"), (code, verdict)
    assert sorted(admitted) == sorted({*LISTED, SHORT, *SIGNED})
    assert gate.verify() == []


class Heard:
    """A scanner, and what it has read."""

    model = "heard"

    def __init__(self, scanner: SerialScanner) -> None:
        self._scanner = scanner
        self.codes: list[bytes] = []

    def open(self) -> None: ...
    def close(self) -> None: ...
    def read(self, timeout_s: float) -> bytes | None:
        code = self._scanner.read(timeout_s)
        if code is not None:
            self.codes.append(code)
        return code


@pytest.fixture
def line(tmp_path: Path) -> Iterator[SerialWire]:
    wire = SerialWire(Deaf(), tmp_path / "line")
    yield wire
    wire.close()


@pytest.mark.parametrize("scans", [2_000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_anything_comes_down_the_wire_and_only_a_ticket_gets_in(gate: Box, line: SerialWire, scans: int) -> None:
    """Through the real driver: a code may come in pieces, hold its own terminators, and run into the next one."""
    chance, part = random.Random(20261206), 40
    told: list[Verdict] = []
    scanner = SerialScanner(str(line.path))
    scanner.open()
    heard, hours = Heard(scanner), itertools.count()  # an hour between any two scans: nothing here is a double read
    station = ScanStation(
        "door", gate.desk, lambda verdict, source: told.append(verdict), lambda e: readers_of(e, is_signed),
        clock=lambda: next(hours) * 3600.0,
    )  # fmt: skip
    for number in range(scans // part):
        last = f"LAST-{number}".encode()
        some = (mutated(chance) for _ in range(part))
        noise = b"\r".join(one if isinstance(one, bytes) else one.encode("utf-8", "surrogatepass") for one in some)
        line.send(noise + b"\r" + last + b"\r")
        while heard.codes[-1:] != [last]:
            station.step(heard)
    scanner.close()
    assert len(told) == len(heard.codes) >= scans * 0.9
    let_in = [ticket_meant(code) for code, said in zip(heard.codes, told, strict=True) if said.verdict == "admit"]
    meant = {name for code in heard.codes if (name := ticket_meant(code))}
    assert sorted(let_in) == sorted(meant)
    assert set(SIGNED) <= meant
    assert gate.verify() == []
