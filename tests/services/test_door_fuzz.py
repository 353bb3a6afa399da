"""Anything at all is scanned: no exception, and nobody is let in who is on no list."""

from __future__ import annotations

import base64
import random

import pytest

from appliance.core.codes import normalise
from appliance.core.ports import Books
from appliance.core.trust import readers_of
from appliance.core.verdict import Decision, Direction, Verdict
from appliance.services import door
from appliance.services.events import load_event
from appliance.services.tickets import import_tickets, read_tickets
from tests.books import EVENT_TEXT, Box
from tests.core.codes import is_signed
from tests.services.test_signed_at_the_door import KEYS, OURS, STRANGER, own, pretix

BATCH = 1_000
LISTED = [f"FUZZ-{number:03}" for number in range(50)]
SEEDS = [
    *LISTED, "STREET-GOOD-1", "PRESS-50", "4006381333931", "036000291452", "]Q3FUZZ-001", "\\000026FUZZ-002",
    "RECEIPT 1", "0193a5c0-7000-7000-8000-0123456789ab", "A1B2C", "==gAAAA", '{"code": "FUZZ-003"}', "WIFI:T:WPA;;",
    "https://example.org/t/FUZZ-004", "ＦＵＺＺ-005", "FUZZ\u200b-006", "fuzz-007", "%00FUZZ-008", "' OR 1=1 --",
    own(key=STRANGER), own(key=OURS)[:-4], pretix(key=STRANGER), pretix()[4:], pretix().lower(),
]  # fmt: skip


def mutated(chance: random.Random) -> str | bytes:
    """A code out of nothing, or a known one with a slip in it."""
    kind = chance.randrange(6)
    if kind == 0:
        return chance.randbytes(chance.randrange(80))
    if kind == 1:
        return "".join(chr(chance.randrange(0x110000)) for _ in range(chance.randrange(30)))
    raw = bytearray(chance.choice(SEEDS).encode())
    if kind == 2:
        return base64.b64encode(raw + chance.randbytes(chance.randrange(9)))[::-1]
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(raw) + 1)
        raw[place : place + chance.randrange(2)] = chance.randbytes(chance.randrange(3))
    return bytes(raw) if kind == 3 else raw.decode("utf-8", "surrogateescape")


def is_way_to_write(code: str | bytes, known: set[str]) -> bool:
    """Tell whether a code means one that is listed."""
    meant = normalise(code)
    return meant is not None and bool({meant, meant.upper()} & known)


@pytest.mark.parametrize("scans", [25_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_anything_is_scanned_and_only_what_is_listed_gets_in_and_only_once(box: Box, scans: int) -> None:
    event = EVENT_TEXT.replace('admits = ["workshop", "guest"]', "") + KEYS  # every product
    box.submit(lambda books: load_event(books, event))
    box.submit(lambda books: import_tickets(books, read_tickets("code\n" + "\n".join(LISTED)), "list"))
    known = {*LISTED, "STREET-GOOD-1"}
    chance = random.Random(20261205)
    admitted: list[str] = []
    for _ in range(scans // BATCH):
        batch = [mutated(chance) for _ in range(BATCH)]

        def decide(books: Books, batch: list[str | bytes] = batch) -> list[Verdict]:
            return [
                door.scan(books, code, "gate", direction=Direction.ENTRY, readers_of=lambda e: readers_of(e, is_signed))
                for code in batch
            ]

        for code, verdict in zip(batch, box.submit(decide), strict=True):
            is_listed = is_way_to_write(code, known)
            if verdict.verdict is Decision.ADMIT:
                assert is_listed, code
                admitted.append(str(normalise(code)).upper())
            else:
                assert is_listed <= (verdict.reason == "already_used"), (code, verdict)
    assert len(admitted) == len(set(admitted)) == len(known)
    assert box.verify() == []
