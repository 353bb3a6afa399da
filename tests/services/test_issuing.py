"""What is issued in numbers: good once, by whichever of its two codes, and never again by the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import signed
from appliance.core.codes import ticket_id
from appliance.core.errors import Refusal
from appliance.core.lot import IssuedCode, Lot, to_csv
from appliance.core.pricing import Wanted
from appliance.core.shortcode import ALPHABET, canonical, complete, grouped
from appliance.core.trust import readers_of
from appliance.core.verdict import CodeKind, Verdict
from appliance.services import door, issuing, till
from appliance.services.events import load_event
from appliance.services.issuing import Wish
from appliance.services.tickets import identity, import_tickets, read_tickets
from appliance.store.keys import SigningKey, is_signed
from tests.books import EVENT_TEXT, Box

KEY = SigningKey(bytes(range(32)))


def issued(box: Box, count: int = 3, *, sign: bool = False, kind: CodeKind = CodeKind.TICKET, **fields: object) -> Lot:
    product = {"product": "workshop"} if kind is CodeKind.TICKET else {}
    wish = Wish(replace(Lot(kind, []), **{**product, **fields}), count, KEY if sign else None)
    lot = issuing.make(box.desk, wish)
    assert sum(issuing.keep(box.desk, lot, "new.pdf")) == count
    return lot


def scan(box: Box, code: str, trust: bool = True) -> Verdict:
    own = [KEY.public_key] if trust else []
    return box.submit(lambda books: door.scan(books, code, "door", readers_of=lambda e: readers_of(e, is_signed, own)))


def qr(one: IssuedCode) -> str:
    return one.code


def short(one: IssuedCode) -> str:
    return grouped(one.short_code).lower()


@pytest.mark.parametrize("sign", [False, True], ids=["listed", "signed"])
@pytest.mark.parametrize(("first", "second"), [(qr, short), (short, qr), (short, short), (qr, qr)])
def test_a_use_by_one_code_is_a_use_by_the_other(
    box: Box, sign: bool, first: Callable[[IssuedCode], str], second: Callable[[IssuedCode], str]
) -> None:
    one, other, _ = issued(box, sign=sign).codes
    assert scan(box, first(one)).verdict == "admit"
    assert scan(box, second(one)).reason == "already_used"
    box.restart()
    assert scan(box, second(one)).reason == "already_used"
    assert scan(box, second(other)).verdict == "admit"


@pytest.mark.parametrize("sign", [False, True], ids=["listed", "signed"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_another_gate_that_takes_the_list_knows_both_codes(box: Box, sign: bool, when: str) -> None:
    """The list may come before or after the first scan, which only a signed ticket passes without it."""
    lot = issuing.make(box.desk, Wish(Lot(CodeKind.TICKET, [], "workshop"), 1, KEY if sign else None))
    (one,) = lot.codes
    if when == "after":
        assert scan(box, one.code).verdict == ("admit" if sign else "refuse")
    box.submit(lambda books: import_tickets(books, read_tickets(to_csv(lot)), "list.csv"))
    if when == "before" or not sign:
        assert scan(box, short(one)).verdict == "admit"
    assert scan(box, one.code).reason == "already_used"
    assert scan(box, short(one)).reason == "already_used"


def test_a_list_vouches_for_a_signed_ticket_where_its_key_is_not_known_but_not_for_a_forgery(box: Box) -> None:
    one, other, _ = issued(box, sign=True).codes
    payload = signed.parse(other.code)
    assert payload is not None
    forged = signed.assemble(payload.payload, bytes(64))
    for trust in (True, False):
        assert scan(box, forged, trust).verdict == "refuse"
    assert scan(box, one.code, trust=False).verdict == "admit"
    assert scan(box, other.code).verdict == "admit"


def test_a_signed_ticket_says_its_validity_and_entries_itself(box: Box) -> None:
    until = "2026-12-05T21:00:00.000000Z"  # half an hour ago
    (late,) = issued(box, 1, sign=True, valid_until=until).codes
    assert [scan(box, code).reason for code in (late.code, short(late))] == ["expired", "expired"]
    (thrice,) = issued(box, 1, sign=True, entries=3).codes
    assert [scan(box, code).reason for code in (thrice.code, short(thrice), thrice.code, short(thrice))] == [
        "", "", "", "already_used",
    ]  # fmt: skip
    claims = signed.parse(thrice.code)
    assert claims is not None
    assert (claims.claims.entries, claims.claims.event_tag) == (3, signed.tag("street-series"))


def test_a_type_s_terms_go_into_the_signed_ticket(box: Box) -> None:
    typed = EVENT_TEXT.replace(
        '[[ticket_types]]\nproduct = "workshop"\n',
        '[[ticket_types]]\nproduct = "workshop"\nentries = 4\n'
        "valid_from = 2026-12-05T16:00:30-05:00\nvalid_until = 2026-12-05T23:00:30-05:00\n",
    )
    box.submit(lambda books: load_event(books, typed))
    (one,) = issued(box, 1, sign=True).codes
    found = signed.parse(one.code)
    assert found is not None
    assert found.claims.entries == 4
    assert found.claims.valid_from_unix_s == 1_796_504_400  # 21:00Z: whole minutes, never shorter than the type says
    assert found.claims.valid_until_unix_s == 1_796_529_660


def serials(lot: Lot) -> list[int]:
    parsed = [signed.parse(one.code) for one in lot.codes]
    return [one.claims.serial for one in parsed if one]


def test_a_key_gives_each_serial_once_even_for_a_lot_that_was_never_kept(box: Box) -> None:
    lost = issuing.make(box.desk, Wish(Lot(CodeKind.TICKET, [], "workshop"), 4, KEY))
    box.restart()
    given = serials(lost) + serials(issued(box, 3, sign=True)) + serials(issued(box, 3, sign=True, product="guest"))
    assert given == list(range(10))


def test_a_key_that_has_given_all_its_serials_gives_no_more(box: Box) -> None:
    box.submit(lambda books: books.issued.take_serials(KEY.public_key, signed.MAX_SERIAL - 1))
    assert serials(issued(box, 2, sign=True)) == [signed.MAX_SERIAL - 1, signed.MAX_SERIAL]
    with pytest.raises(Refusal, match="all its numbers"):
        issued(box, 1, sign=True)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"product": "lecture"}, "no product 'lecture'; there are 'apron-indigo-m', .*'circle'"),
        ({"entries": 256}, "entries 256 is not between"),
        ({"valid_from": "2026-12-05T21:00:00.000000Z", "valid_until": "2026-12-05T20:00:00.000000Z"}, "before it ends"),
        ({"valid_until": "2070-01-01T00:00:00.000000Z"}, "between 2026 and 2057"),
    ],
)
def test_what_cannot_be_signed_is_told_and_costs_no_serial(box: Box, fields: dict[str, object], told: str) -> None:
    with pytest.raises(Refusal, match=told):
        issued(box, 1, sign=True, **fields)
    assert serials(issued(box, 1, sign=True)) == [0]


def test_an_issued_ticket_is_for_this_event(box: Box) -> None:
    listed, own = issued(box, 1).codes[0], issued(box, 1, sign=True).codes[0]
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace('id = "street-series"', 'id = "winter"')))
    for code in (listed.code, short(listed), own.code, short(own)):
        assert scan(box, code).reason == "wrong_event"


def test_a_lot_that_broke_off_is_taken_back_but_for_what_was_used(box: Box) -> None:
    lot = issued(box, 5)
    used, *others = lot.codes
    assert scan(box, used.code).verdict == "admit"
    assert issuing.withdraw(box.desk, lot) == 4
    assert {scan(box, one.code).reason for one in others} == {"unknown"}
    assert scan(box, used.code).reason == "already_used"
    assert issuing.withdraw(box.desk, lot) == 0


@pytest.mark.parametrize("kept", [True, False])
def test_signed_tickets_that_are_taken_back_are_revoked_for_their_signature_stays_good(box: Box, kept: bool) -> None:
    lot = issuing.make(box.desk, Wish(Lot(CodeKind.TICKET, [], "workshop"), 2, KEY))
    if kept:
        assert sum(issuing.keep(box.desk, lot, "x")) == 2
    assert issuing.withdraw(box.desk, lot) == 2
    assert {scan(box, code).reason for one in lot.codes for code in (one.code, short(one))} == {"revoked"}


def test_vouchers_of_a_series_are_each_good_once(box: Box) -> None:
    one, other, third = issued(box, kind=CodeKind.VOUCHER, series="PRESS-50").codes
    sale = box.sell(("cup", 1), voucher=short(one))
    assert sale.total_minor == 1200
    with pytest.raises(Refusal, match="is used up"):
        box.sell(("cup", 1), voucher=one.code)
    told = scan(box, short(one))
    assert (str(told.kind), told.message) == ("voucher", "This voucher is used up.")
    assert scan(box, other.code).message == "A voucher: 50 % off at the till."
    order = box.submit(lambda books: till.open_order(books, [Wanted("cup", 1)], other.code))
    box.submit(lambda books: till.cancel_order(books, order.id))
    assert box.sell(("cup", 1), voucher=f" {other.code.lower()} ").total_minor == 1200  # given back, and used now
    assert box.sell(("cup", 1), voucher="PRESS-50").total_minor == 1200  # the series' own code has its own count
    with box.reading() as books:
        found = books.events.voucher(third.code)
        assert found is not None
        assert (found.uses, found.used) == (1, 0)


def test_a_voucher_s_uses_are_never_forgotten(box: Box) -> None:
    (one,) = issued(box, 1, kind=CodeKind.VOUCHER, series="WELCOME-3", uses=2).codes
    for _ in range(2):
        box.sell(("cup", 1), voucher=one.code)
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace('id = "street-series"', 'id = "winter"')))
    with pytest.raises(Refusal, match="no voucher"):
        box.sell(("cup", 1), voucher=one.code)
    box.submit(lambda books: load_event(books, EVENT_TEXT))
    with pytest.raises(Refusal, match="used up"):
        box.sell(("cup", 1), voucher=one.code)


def test_a_voucher_s_code_is_nowhere_in_the_store(box: Box) -> None:
    (one,) = issued(box, 1, kind=CodeKind.VOUCHER, series="PRESS-50").codes
    box.sell(("cup", 1), voucher=one.code)
    dump = b"".join(path.read_bytes() for path in box.path.parent.glob("stallbox.db*"))
    assert one.code.encode() not in dump
    assert ticket_id(one.code).encode() in dump


def test_a_voucher_of_no_series_is_not_made(box: Box) -> None:
    with pytest.raises(Refusal, match="no voucher 'NOPE'; there are 'PRESS-50', 'WELCOME-3'"):
        issued(box, kind=CodeKind.VOUCHER, series="NOPE")


def test_the_name_of_a_voucher_in_the_books_is_no_code(box: Box) -> None:
    (one,) = issued(box, 1, kind=CodeKind.VOUCHER, series="PRESS-50").codes
    with box.reading() as books:
        found = books.events.voucher(one.code)
        assert found is not None
        assert found.code == f"PRESS-50#{ticket_id(one.code)[:16]}"
        assert books.events.voucher(found.code) is None


def test_member_cards_are_members_however_they_are_typed(box: Box) -> None:
    lot = issued(box, 2, kind=CodeKind.MEMBER)
    card, unused = lot.codes
    assert str(scan(box, short(card)).kind) == "member"

    def buy(books: object) -> None:
        order = till.open_order(books, [Wanted("credits-10", 1)], None, short(card))  # type: ignore[arg-type]
        till.take_payment(books, order.id, "cash", order.total_minor)  # type: ignore[arg-type]

    box.submit(buy)
    assert scan(box, card.code).message == "A member, with 10 credits."
    assert issuing.withdraw(box.desk, lot) == 1  # the one with credits stays
    assert scan(box, unused.code).reason == "unknown"


def test_what_the_till_sells_has_the_same_kind_of_code(box: Box) -> None:
    granted = box.sell(("workshop-seat", 1), ("circle", 1)).granted
    ticket, card = granted["ticket-workshop-seat-1"], granted["member-circle-1"]
    assert [canonical(code) for code in (ticket, card)] == [ticket, card]
    assert scan(box, grouped(ticket).lower()).verdict == "admit"
    assert scan(box, ticket).reason == "already_used"
    assert str(scan(box, grouped(card)).kind) == "member"
    with box.reading() as books:
        newest = books.prints.get(1)
    assert newest is not None
    captions = {block["data"]: block["caption"] for block in newest.document if block["block"] == "qr"}
    assert captions == {ticket: grouped(ticket), card: grouped(card)}


def test_a_mistyped_code_is_told_as_one_and_never_admitted(box: Box) -> None:
    (one,) = issued(box, 1).codes
    for place in range(12):
        wrong = ALPHABET[(ALPHABET.index(one.code[place]) + 1) % 31]
        told = scan(box, one.code[:place] + wrong + one.code[place + 1 :])
        assert (told.verdict, told.reason, told.title) == ("refuse", "unknown", "Mistyped")
        assert "letter" in told.message
        assert told.advice.startswith("Read it again")
    assert scan(box, complete([5] * 11)).title == "Not known"  # typed right, and nobody made it
    assert scan(box, one.code).verdict == "admit"


@given(st.lists(st.integers(0, 30), min_size=11, max_size=11))
def test_an_older_list_s_codes_keep_their_names_whatever_they_look_like(values: list[int]) -> None:
    for code in (complete(values), grouped(complete(values)), complete(values).lower()):
        id, aliases = identity(code)
        assert id == ticket_id(code)
        assert set(aliases) <= {ticket_id(complete(values))}


def test_a_short_code_of_a_list_that_is_mistyped_is_named_by_its_line() -> None:
    from appliance.core.lists.listed import ListProblems

    with pytest.raises(ListProblems) as raised:
        read_tickets("code,short_code\nA,ABCD-EFGH-JKM2\nB,\n")
    assert [(problem.line, "mistyped" in problem.message) for problem in raised.value.problems] == [(2, True)]


def test_a_list_that_is_taken_away_takes_its_short_codes_along(box: Box) -> None:
    from appliance.services.tickets import remove

    lot = issued(box, 2, sign=True)
    assert remove(box.desk, "new.pdf") == (2, 0)
    assert scan(box, short(lot.codes[0])).reason == "unknown"
    assert scan(box, lot.codes[0].code).verdict == "admit"  # its signature speaks for it


def test_vouchers_taken_in_at_the_wrong_event_are_mended_by_taking_them_in_again(box: Box) -> None:
    (one,) = issued(box, 1, kind=CodeKind.VOUCHER, series="PRESS-50").codes
    lot = Lot(CodeKind.VOUCHER, [one], series="PRESS-50")
    with box.reading() as books:
        assert books.events.voucher(one.code) is not None
    box.submit(lambda books: load_event(books, EVENT_TEXT.replace('id = "street-series"', 'id = "winter"')))
    with box.reading() as books:
        assert books.events.voucher(one.code) is None
    assert sum(issuing.keep(box.desk, lot, "vouchers.csv")) == 1
    assert sum(issuing.keep(box.desk, lot, "vouchers.csv")) == 0
    box.sell(("cup", 1), voucher=one.code)
    box.submit(lambda books: load_event(books, EVENT_TEXT))
    assert sum(issuing.keep(box.desk, lot, "vouchers.csv")) == 0  # it was used there


def test_vouchers_of_a_series_that_the_event_does_not_have_are_not_taken_in(box: Box) -> None:
    (one,) = issued(box, 1, kind=CodeKind.VOUCHER, series="PRESS-50").codes
    with pytest.raises(Refusal, match="no voucher 'GIFT-25'"):
        list(issuing.keep(box.desk, Lot(CodeKind.VOUCHER, [one], series="GIFT-25"), "cards.csv"))
