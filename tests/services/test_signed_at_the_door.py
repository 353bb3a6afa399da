"""Signed tickets at the door: keys in the event's file, tickets made with plain `cryptography`."""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from appliance.core import signed
from appliance.core.event import read_event
from appliance.core.tomltext import TomlProblems
from appliance.core.trust import readers_of
from appliance.core.verdict import Verdict
from appliance.services import door, name_search
from appliance.services.events import load_event
from appliance.services.tickets import import_tickets, read_tickets
from appliance.store.vault import Vault
from tests.books import DURING, EVENT_TEXT, Box
from tests.core.codes import is_signed, pretix_text, private_key, public_bytes, varint
from tests.people import PIN, take_list

OURS, THEIRS, STRANGER = private_key(1), private_key(2), private_key(3)
WORKSHOP_ITEM = 4711
NOW_S = int(DURING.timestamp())


def pem_b64(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)).decode()


KEYS = f"""
[[ticket_keys]]
format = "stallbox"
public_key = "{public_bytes(OURS).hex()}"

[[ticket_keys]]
format = "pretix"
public_key = "{pem_b64(THEIRS)}"

[[pretix_items]]
item = {WORKSHOP_ITEM}
product = "workshop"
"""


@pytest.fixture
def gate(box: Box) -> Box:
    box.submit(lambda books: load_event(books, EVENT_TEXT + KEYS))
    return box


def scan(box: Box, code: str) -> Verdict:
    return box.submit(lambda books: door.scan(books, code, "door", readers_of=lambda e: readers_of(e, is_signed)))


def own(
    serial: int = 1,
    key: Ed25519PrivateKey = OURS,
    event: str = "street-series",
    product: str = "workshop",
    entries: int | None = 1,
    until: dt.datetime | None = None,
) -> str:
    ticket = signed.SignedTicket(
        signed.key_id(public_bytes(key)), signed.tag(event), signed.tag(product), serial, entries=entries,
        valid_until_unix_s=int(until.timestamp()) if until else None,
    )  # fmt: skip
    return signed.sign(ticket, key.sign)


def pretix(
    seed: bytes = b"one",
    item: int = WORKSHOP_ITEM,
    key: Ed25519PrivateKey = THEIRS,
    until_s: int = 0,
    more: bytes = b"",
) -> str:
    payload = b"\x0a" + varint(len(seed)) + seed + b"\x10" + varint(item) + more
    if until_s:
        payload += b"\x30" + varint(until_s)
    return pretix_text(payload, key)


@pytest.mark.parametrize("code", [own(), pretix()], ids=["stallbox", "pretix"])
def test_it_is_good_once_without_any_list_and_that_is_remembered(gate: Box, code: str) -> None:
    assert scan(gate, code).verdict == "admit"
    assert scan(gate, code).reason == "already_used"
    gate.restart()
    assert scan(gate, code).reason == "already_used"


def test_entries_are_counted_as_the_ticket_says(gate: Box) -> None:
    code = own(entries=3)
    assert [scan(gate, code).reason for _ in range(4)] == ["", "", "", "already_used"]
    anytime = own(serial=2, entries=None)
    assert {scan(gate, anytime).reason for _ in range(4)} == {""}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (own(key=STRANGER), "bad_signature"),
        (pretix(key=STRANGER), "bad_signature"),
        (own(event="winter-series"), "wrong_event"),
        (own(product="backstage"), "wrong_product"),
        (pretix(item=1), "wrong_product"),
        (own(until=DURING - dt.timedelta(minutes=1)), "expired"),
        (pretix(until_s=NOW_S - 1), "expired"),
        (own()[:-1], "unknown"),
        (pretix()[1:], "unknown"),
    ],
)
def test_what_is_wrong_with_it_is_said(gate: Box, code: str, reason: str) -> None:
    assert scan(gate, code).reason == reason


def test_pretix_s_own_list_of_blocked_secrets_is_heard_and_the_lifting_too(gate: Box) -> None:
    for is_blocked, reason in ((True, "blocked"), (False, "")):
        answer = {"results": [{"id": 1, "secret": pretix(), "blocked": is_blocked, "updated": "2026-12-05T10:00:00Z"}]}
        listed = read_tickets(json.dumps(answer))
        gate.submit(lambda books, listed=listed: import_tickets(books, listed, "blockedsecrets.json"))
        assert scan(gate, pretix()).reason == reason


@pytest.mark.parametrize(
    ("about", "status", "reason"),
    [
        ({}, "p", ""),
        ({"canceled": True}, "p", "cancelled"),
        ({}, "c", "cancelled"),
        ({}, "n", "unpaid"),
        ({"valid_until": "2026-12-05T20:00:00Z"}, "p", "expired"),
    ],
)
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "plain"])
def test_a_block_that_is_lifted_leaves_what_the_orders_say(
    gate: Box, about: dict[str, object], status: str, reason: str, signed: bool
) -> None:
    secret = pretix() if signed else "zxcvbnmasdfghjklqwertyuiop12"
    position = {"secret": secret, "item": WORKSHOP_ITEM, "variation": None, "price": "23.00", "attendee_name": "Ann"}
    event = {"items": [{"id": WORKSHOP_ITEM, "name": "workshop", "admission": True, "variations": []}]}
    orders = json.dumps({"event": event, "orders": [{"code": "AB", "status": status, "positions": [position | about]}]})
    take_list(gate.desk, gate.path, orders, source="orders.json")
    for is_blocked in (True, False):
        answer = {"results": [{"id": 1, "secret": secret, "blocked": is_blocked, "updated": "2026-12-05T10:00:00Z"}]}
        take_list(gate.desk, gate.path, json.dumps(answer), source="blockedsecrets.json")
        if is_blocked and not reason:
            assert scan(gate, secret).reason == "blocked"
    verdict = scan(gate, secret)
    assert (verdict.reason, verdict.holder) == (reason, "Ann")


def test_a_lifted_block_makes_no_ticket_of_a_secret_that_nobody_knows(gate: Box) -> None:
    for is_blocked, reason in ((True, "blocked"), (False, "unknown")):
        answer = {"results": [{"id": 1, "secret": "a-secret-of-no-list", "blocked": is_blocked}]}
        take_list(gate.desk, gate.path, json.dumps(answer), source="blockedsecrets.json")
        assert scan(gate, "a-secret-of-no-list").reason == reason


def test_a_revoked_secret_stays_refused_whatever_is_lifted(gate: Box) -> None:
    revoked = {"results": [{"id": 1, "secret": pretix(), "created": "2026-12-05T10:00:00Z"}]}
    lifted = {"results": [{"id": 1, "secret": pretix(), "blocked": False}]}
    for answer in (revoked, lifted):
        take_list(gate.desk, gate.path, json.dumps(answer), source="secrets.json")
    assert scan(gate, pretix()).reason == "revoked"


@pytest.mark.parametrize("code", [own(until=DURING), pretix(until_s=NOW_S)], ids=["stallbox", "pretix"])
def test_its_last_second_still_counts(gate: Box, code: str) -> None:
    assert scan(gate, code).verdict == "admit"


@pytest.mark.parametrize("until_s", [2**62, -(2**62), 2**63 - 1])
def test_a_time_outside_of_the_calendar_is_no_obstacle(gate: Box, until_s: int) -> None:
    expected = "" if until_s <= 0 or until_s > NOW_S else "expired"  # pretix: 0 and less is no bound
    assert scan(gate, pretix(until_s=until_s)).reason == expected


@pytest.mark.parametrize(("subevent", "reason"), [(14, ""), (15, "wrong_event"), (0, "wrong_event")])
def test_a_ticket_for_another_date_of_a_pretix_series_is_refused(box: Box, subevent: int, reason: str) -> None:
    event = f"pretix_subevent = 14\n{EVENT_TEXT}{KEYS}"
    box.submit(lambda books: load_event(books, event))
    assert scan(box, pretix(more=b"\x20" + varint(subevent) if subevent else b"")).reason == reason


def test_a_variation_of_a_pretix_product_may_be_another_one_here(box: Box) -> None:
    stage = f'{KEYS}[[pretix_items]]\nitem = {WORKSHOP_ITEM}\nvariation = 7\nproduct = "backstage"\n'
    box.submit(lambda books: load_event(books, EVENT_TEXT + stage))
    reasons = [scan(box, pretix(more=b"\x18" + varint(number))).reason for number in (7, 8)]
    assert reasons == ["wrong_product", ""]


@pytest.mark.parametrize("code", [own(entries=3), pretix()], ids=["stallbox", "pretix"])
def test_a_list_that_says_little_of_it_leaves_the_rest_to_the_signature(gate: Box, code: str) -> None:
    for status in ("blocked", "valid"):
        listed = read_tickets(f"code,status\n{code},{status}\n")
        gate.submit(lambda books, listed=listed: import_tickets(books, listed, "blocked.csv"))
        assert scan(gate, code).reason == ("blocked" if status == "blocked" else "")
    rest = [scan(gate, code).reason for _ in range(3)]
    assert rest == (["", "", "already_used"] if code.startswith("SB1:") else ["already_used"] * 3)


def test_an_event_without_keys_trusts_nobody(box: Box) -> None:
    begin, end = EVENT_TEXT.index("[[ticket_keys]]"), EVENT_TEXT.index("# ---- vouchers")
    box.submit(lambda books: load_event(books, EVENT_TEXT[:begin] + EVENT_TEXT[end:]))
    assert scan(box, own()).reason == "unknown"
    assert scan(box, pretix()).reason == "unknown"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('[[ticket_keys]]\nformat = "stallbox"\npublic_key = "abc"\n', "64 hex digits"),
        ('[[ticket_keys]]\nformat = "pretix"\npublic_key = "abc"\n', "no Ed25519 public key of pretix"),
        ('[[ticket_keys]]\nformat = "pretx"\npublic_key = "abc"\n', "did you mean 'pretix'"),
        ('[[pretix_items]]\nitem = 1\nproduct = "a"\n[[pretix_items]]\nitem = 1\nproduct = "b"\n', "is there twice"),
        ('[[pretix_items]]\nitem = 0\nproduct = "a"\n', "outside 1 to"),
    ],
)
def test_a_slip_in_the_keys_is_named(wrong: str, told: str) -> None:
    with pytest.raises(TomlProblems, match=told):
        read_event(f"{EVENT_TEXT}\n{wrong}")


@pytest.mark.parametrize("code", [own(), pretix()], ids=["stallbox", "pretix"])
@pytest.mark.parametrize("first", ["scan", "list"])
def test_it_is_one_ticket_to_the_gate_the_list_and_the_search_by_name(
    gate: Box, tmp_path: Path, code: str, first: str
) -> None:
    vault = Vault(tmp_path / "keys")
    vault.set_pin(PIN)
    vault.unlock(PIN)
    named = f"code,product,name\n{code},workshop,Ada Lovelace\n"
    if first == "scan":
        assert scan(gate, code).verdict == "admit"
    assert take_list(gate.desk, gate.path, named, vault) == ((1, 0, 0) if first == "list" else (0, 1, 0))
    if first == "list":
        assert scan(gate, code).verdict == "admit"
    owner_key = vault.owner_key or b""
    with gate.reading() as books:
        ((found,), _) = name_search.search(books, owner_key, "lovelace")
    assert found.used_at
    assert gate.submit(lambda books: door.admit(books, found.ticket.id, "gate", owner_key)).reason == "already_used"
    again = scan(gate, code)
    assert (again.reason, again.holder) == ("already_used", "Ada Lovelace")
    assert take_list(gate.desk, gate.path, named, vault) == (0, 0, 1)
