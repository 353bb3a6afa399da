"""Anything at all is scanned: no exception, and nobody is let in who is on no list."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator

from appliance.core.codes import normalise
from appliance.core.verdict import Decision, Direction, Verdict
from appliance.services import door
from appliance.services.events import load_event
from appliance.services.tickets import import_tickets, read_tickets
from tests.books import EVENT_TEXT, Box

SCANS = 100_000
BATCH = 5_000
LISTED = [f"FUZZ-{number:03}" for number in range(50)]
SEEDS = [
    *LISTED, "STREET-GOOD-1", "PRESS-50", "4006381333931", "036000291452", "]Q3FUZZ-001", "\\000026FUZZ-002",
    "RECEIPT 1", "0193a5c0-7000-7000-8000-0123456789ab", "A1B2C", "==gAAAA", '{"code": "FUZZ-003"}', "WIFI:T:WPA;;",
    "https://example.org/t/FUZZ-004", "ＦＵＺＺ-005", "FUZZ\u200b-006", "fuzz-007", "%00FUZZ-008", "' OR 1=1 --",
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


def scans(chance: random.Random, known: set[str]) -> Iterator[tuple[str | bytes, bool]]:
    """Codes, and whether each is a way to write one that is listed."""
    for _ in range(SCANS):
        code = mutated(chance)
        meant = normalise(code)
        yield code, meant is not None and bool({meant, meant.upper()} & known)


def test_a_hundred_thousand_scans_admit_only_what_is_listed_and_only_once(box: Box) -> None:
    event = EVENT_TEXT.replace('admits = ["workshop", "guest"]', "")  # every product
    box.submit(lambda books: load_event(books, event))
    box.submit(lambda books: import_tickets(books, read_tickets("code\n" + "\n".join(LISTED)), "list"))
    known = {*LISTED, "STREET-GOOD-1"}
    chance = random.Random(20261205)
    asked = list(scans(chance, known))
    admitted: list[str] = []
    for start in range(0, SCANS, BATCH):
        batch = asked[start : start + BATCH]

        def decide(books: object, batch: list[tuple[str | bytes, bool]] = batch) -> list[Verdict]:
            return [door.scan(books, code, "gate", direction=Direction.ENTRY) for code, _ in batch]  # type: ignore[arg-type]

        for (code, is_listed), verdict in zip(batch, box.submit(decide), strict=True):
            if verdict.verdict is Decision.ADMIT:
                assert is_listed, code
                admitted.append(str(normalise(code)).upper())
            else:
                assert is_listed <= (verdict.reason == "already_used"), (code, verdict)
    assert len(admitted) == len(set(admitted)) == len(known)
    assert box.verify() == []
