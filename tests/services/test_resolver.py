"""What a code is: every kind that the door knows, and signed tickets through their readers."""

from __future__ import annotations

from dataclasses import replace

from appliance.core.codes import SignedFound, ticket_id
from appliance.core.pricing import Wanted
from appliance.core.trade import order_code
from appliance.core.verdict import Verdict
from appliance.services import door, till
from appliance.services.tickets import import_tickets, read_tickets
from tests.books import Box


def scan(box: Box, code: str, *found: SignedFound) -> Verdict:
    """Scan with a reader of one made-up format: `~` and a payload, with whatever spelling after a colon."""

    def read(text: str) -> SignedFound | None:
        payload = text.removeprefix("~").partition(":")[0]
        return next((one for one in found if text.startswith("~") and one.id == payload), None)

    return box.submit(lambda books: door.scan(books, code, "gate", readers_of=lambda event: (lambda text: None, read)))


def told(verdict: Verdict) -> tuple[str, str, str]:
    return (str(verdict.verdict), str(verdict.kind), verdict.title)


def test_goods_are_known_by_their_barcode(box: Box) -> None:
    verdict = scan(box, "4006381333931")
    assert (told(verdict), verdict.message) == (("info", "product", "Hand-thrown cup"), "$24.00, 40 left.")
    assert scan(box, "4006381333932").reason == "unknown"  # its check digit is wrong
    assert scan(box, "96385074").reason == "unknown"  # right, and nobody sells it


def test_an_order_slip_is_known_by_its_id_and_its_code(box: Box) -> None:
    order = box.submit(lambda books: till.open_order(books, [Wanted("cup", 1)], None))
    for code in (order.id, order.id.upper(), order_code(order.id), order_code(order.id).lower()):
        verdict = scan(box, code)
        assert told(verdict) == ("info", "order", f"Order {order_code(order.id)}")
        assert verdict.message == "$24.00 is to be paid at the till."
    box.submit(lambda books: till.cancel_order(books, order.id))
    assert scan(box, order.id).message == "This order is cancelled."
    assert scan(box, order_code(order.id)).reason == "unknown"


def test_a_receipt_is_known_by_its_number(box: Box) -> None:
    sale = box.sell(("cup", 1))
    assert told(scan(box, f"receipt {sale.number}")) == ("info", "order", f"Receipt {sale.number}")
    assert scan(box, "RECEIPT-999999999999999").reason == "unknown"


def test_a_listed_code_is_a_ticket_whatever_else_it_looks_like(box: Box) -> None:
    listed = read_tickets("code,product\n4006381333931,guest\nPRESS-50,guest\n")
    box.submit(lambda books: import_tickets(books, listed, "list.csv"))
    assert [str(scan(box, code).kind) for code in ("4006381333931", "PRESS-50")] == ["ticket", "ticket"]


def test_a_ticket_typed_in_small_letters_is_found_and_its_own_case_comes_first(box: Box) -> None:
    assert scan(box, "street-good-1").verdict == "admit"
    listed = read_tickets("code,product,status\nabC,guest,cancelled\nABC,guest,valid\n")
    box.submit(lambda books: import_tickets(books, listed, "list.csv"))
    assert [scan(box, code).reason for code in ("abC", "ABC", "abc")] == ["cancelled", "", "already_used"]


SIGNED = SignedFound("payload-1", "workshop")


def test_a_signed_ticket_is_admitted_without_a_list_and_remembered_for_ever(box: Box) -> None:
    assert scan(box, "~payload-1", SIGNED).verdict == "admit"
    box.restart()
    assert scan(box, "~payload-1", SIGNED).reason == "already_used"
    assert scan(box, "~payload-1:another spelling", SIGNED).reason == "already_used"
    with box.reading() as books:
        assert books.tickets.find("payload-1").entries_used == 1  # type: ignore[union-attr]


def test_a_refused_signed_ticket_leaves_no_trace_among_the_tickets(box: Box) -> None:
    late = replace(SIGNED, valid_from="2027-01-01T00:00:00.000000Z")
    assert scan(box, "~payload-1", late).reason == "not_yet_valid"
    assert scan(box, "~payload-1", replace(SIGNED, product="lecture")).reason == "wrong_product"
    assert scan(box, "~payload-1", replace(SIGNED, event="winter-fair")).reason == "wrong_event"
    with box.reading() as books:
        assert books.tickets.find("payload-1") is None


def test_a_bad_signature_is_told_unless_a_list_vouches_for_the_code(box: Box) -> None:
    forged = replace(SIGNED, problem="bad_signature")
    refused = scan(box, "~payload-1", forged)
    assert (refused.reason, refused.can_override) == ("bad_signature", False)
    box.submit(lambda books: import_tickets(books, read_tickets("code,product\n~payload-1,guest\n"), "list.csv"))
    assert scan(box, "~payload-1", forged).verdict == "admit"


def test_a_list_that_revokes_a_signed_ticket_is_heard_before_and_after_its_use(box: Box) -> None:
    def revoke(code: str) -> None:
        listed = read_tickets(f"code,product,status\n{code},workshop,revoked\n")
        box.submit(lambda books: import_tickets(books, listed, "revoked.csv"))

    two = replace(SIGNED, id="payload-2")
    revoke("~payload-2")
    assert scan(box, "~payload-2", two).reason == "revoked"
    assert scan(box, "~payload-1", SIGNED).verdict == "admit"
    revoke("~payload-1")
    assert scan(box, "~payload-1", SIGNED).reason == "revoked"


def test_what_is_on_a_list_and_signed_is_one_ticket(box: Box) -> None:
    box.submit(lambda books: import_tickets(books, read_tickets("code,product\n~payload-1,guest\n"), "list.csv"))
    assert scan(box, "~payload-1", SIGNED).verdict == "admit"
    with box.reading() as books:
        assert books.tickets.find(ticket_id("~payload-1")).entries_used == 1  # type: ignore[union-attr]
    assert scan(box, "~payload-1", SIGNED).reason == "already_used"
