"""One sample of each program's export, with its real column names, made up by hand."""

from __future__ import annotations

import pytest

from appliance.core.lists.listed import Holder, ListedStatus, ListedTicket
from appliance.core.lists.mapping import PRESETS, map_columns
from appliance.core.lists.options import Options
from appliance.core.lists.reader import open_file
from tests.core.lists import listed, problems, sample

ADA, BOB = "kfndgffgyw4tdgcacx6bb3bgemq69cxj", "8gh9vz4kpr7wnsd2qm5txc3jyb6fhae1"
CY, DI = "z2x4c6v8b1n3m5k7j9h2g4f6d8s1a3p5", "q1w3e5r7t9y2u4i6o8p1a3s5d7f9g2h4"
VALID, CANCELLED, BLOCKED, UNPAID, _ = ListedStatus
BERLIN = Options(time_zone="Europe/Berlin")
MAPPINGS = {
    "generic.csv": "generic code:Code product:Product status:Status valid_from:Valid_from valid_until:Valid_until"
    " entries:Entries note:Note",
    "pretix-checkin.csv": "pretix code:Secret product:Product paid:Paid blocked:Blocked valid_from:Valid_from"
    " valid_until:Valid_until price:Price note:Comment name:Attendee_name email:E-mail phone:Phone_number",
    "pretix-positions.csv": "pretix code:Ticket_secret product:Product variation:Variation status:Status"
    " blocked:Blocked valid_from:Valid_from valid_until:Valid_until price:Price note:Order_comment name:Attendee_name"
    " email:Attendee_email phone:Phone_number",
    "eventbrite.csv": "eventbrite code:Barcode_# product:Ticket_Type status:Attendee_Status price:Total_Paid"
    " name:First_Name surname:Last_Name email:Email",
    "ticket-tailor.csv": "ticket-tailor code:Ticket_reference product:Ticket_type price:Ticket_price date:Event_start"
    " name:Attendee_name",
}


@pytest.mark.parametrize("name", MAPPINGS)
def test_columns_are_found_and_shown(name: str) -> None:
    rows = open_file(sample(name))
    shown = [f"{field}:{column.replace(' ', '_')}" for field, column in rows.mapping.items()]
    assert " ".join([rows.preset.split(",")[0], *shown]) == MAPPINGS[name]


def test_a_generic_list() -> None:
    assert listed(sample("generic.csv"), BERLIN) == [
        ListedTicket("MARKET-0001", "workshop", line=2),
        ListedTicket("MARKET-0002", "workshop", CANCELLED, line=3),
        ListedTicket(
            "MARKET-0003",
            "season pass",
            valid_from="2026-12-05T17:00:00.000000Z",
            valid_until="2026-12-07T01:00:00.000000Z",
            entries_allowed=3,
            note="Brings a wheelchair,\nneeds the ramp",
            line=5,
        ),
        ListedTicket("MARKET-0004", "guest", BLOCKED, entries_allowed=0, line=6),
    ]


def test_a_pretix_check_in_list() -> None:
    ada, bob, cy, di = listed(sample("pretix-checkin.csv"), BERLIN)
    assert ada == ListedTicket(ADA, "Workshop – Student", holder=Holder("Ada Example", "ada@example.org"), line=2)
    assert (bob.valid_from, bob.valid_until) == ("2026-12-05T17:00:00.000000Z", "2026-12-06T01:00:00.000000Z")
    assert (bob.note, bob.status) == ("Speaks at nine", VALID)
    assert (cy.code, cy.status, cy.price_due_minor) == (CY, UNPAID, 2300)
    assert (di.status, di.price_due_minor) == (BLOCKED, None)


def test_pretix_order_positions_in_german_excel() -> None:
    ada, bob, cy, di = listed(sample("pretix-positions.csv"), BERLIN)
    assert (ada.code, ada.product, ada.status) == (ADA, "Workshop – Student", VALID)
    assert (bob.code, bob.product, bob.status) == (BOB, "Workshop", CANCELLED)
    assert (cy.status, cy.price_due_minor, cy.valid_from) == (UNPAID, 2300, "2026-12-05T17:00:00.000000Z")
    assert (di.code, di.status) == (DI, CANCELLED)


def test_an_eventbrite_attendee_report() -> None:
    one, two, three, four = listed(sample("eventbrite.csv"))
    assert one == ListedTicket(
        "168936570123602098330001", "General Admission", holder=Holder("Ada Example", "ada@example.org"), line=2
    )
    assert (two.status, three.status, four.status) == (CANCELLED, VALID, UNPAID)
    assert three.note == "checked in elsewhere before"
    assert four.price_due_minor == 4000


def test_a_ticket_tailor_door_list_of_two_dates_needs_one_chosen() -> None:
    saturday = "Sat 5 Dec 2026 18:00"
    assert problems(sample("ticket-tailor.csv")) == [
        (4, f"this ticket is for 'Sun 6 Dec 2026 18:00', the first one for '{saturday}': choose one with --date")
    ]
    one, two = listed(sample("ticket-tailor.csv"), Options(date=saturday))
    assert (one.code, one.product, one.status) == ("a7Kd2P", "Admission - General", VALID)
    assert (two.code, two.product) == ("b8Le3Q", "Admission - Student")


def test_what_is_left_out_is_counted() -> None:
    rows = open_file(sample("ticket-tailor.csv"), Options(date="Sun 6 Dec 2026 18:00"))
    assert len(list(rows.rows())) == 1
    assert rows.skipped == {"for another date": 2}


def test_the_pretix_export_in_json() -> None:
    rows = open_file(sample("pretix-export.json"))
    assert list(rows.rows()) == [
        ListedTicket(ADA, "Workshop – Student", holder=Holder("Ada Example", "ada@example.org")),
        ListedTicket(CY, "Workshop", UNPAID, price_due_minor=2300, holder=Holder("Cy Example")),
    ]
    assert rows.skipped == {"of products that admit nobody": 1, "of orders in test mode": 1}


def test_answers_of_the_pretix_api_one_after_the_other() -> None:
    ada, bob, di, cy, expired = listed(sample("pretix-api.json"))
    assert (ada.code, ada.product, ada.status) == (ADA, "item 1", VALID)
    assert (ada.valid_from, ada.valid_until) == ("2026-12-05T17:00:00.000000Z", "2026-12-06T01:00:00.000000Z")
    assert (bob.code, bob.status) == (BOB, CANCELLED)
    assert (di.product, di.status) == ("item 1 – variation 11", BLOCKED)
    assert (cy.code, cy.status) == (CY, VALID)  # pending, but the organiser lets it in
    assert (expired.status, expired.note) == (CANCELLED, "the order expired unpaid")


@pytest.mark.parametrize(
    ("name", "column", "sentence"),
    [
        ("pretix-checkin.csv", b'"Secret"', "comes without the tickets' secrets"),
        ("eventbrite.csv", b"Barcode #", "comes without barcodes"),
        ("ticket-tailor.csv", b"Ticket reference", "comes without ticket codes"),
    ],
)
def test_an_export_without_codes_says_how_to_get_them(name: str, column: bytes, sentence: str) -> None:
    ((line, message),) = problems(sample(name).replace(column, b"Something"))
    assert line == 1
    assert sentence in message


def test_no_preset_reads_one_column_as_two_fields() -> None:
    for preset in PRESETS.values():
        names = [name for field, wanted in preset.columns.items() if field != "date" for name in wanted]
        assert len(names) == len(set(names)), preset.name


def test_the_guess_does_not_depend_on_the_order_of_the_columns() -> None:
    header = sample("eventbrite.csv").decode().splitlines()[0].split(",")
    forth, back = map_columns(header), map_columns(header[::-1])
    assert forth.preset == back.preset == "eventbrite"
    assert {field: header[column] for field, column in forth.columns.items()} == {
        field: header[::-1][column] for field, column in back.columns.items()
    }
