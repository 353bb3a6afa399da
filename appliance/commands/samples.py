"""What the bench offers to scan: one code of each kind that the loaded event decides about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from appliance.commands.loading import EventFile, for_event
from appliance.core.codes import ticket_id
from appliance.core.lists.listed import ListedStatus, ListedTicket
from appliance.core.lists.options import Options
from appliance.core.lists.reader import open_file
from appliance.core.ports import Books, DeskPort
from appliance.core.trade import Member, OfferKind
from appliance.core.trust import readers_of
from appliance.services import door
from appliance.sim import samples
from appliance.sim.bench import Sample
from appliance.store import keys

GOOD = 3  # how many of them, to be used up one after the other
NO_TICKET = "NOT-A-TICKET-OF-OURS"


def samples_of(found: EventFile, folder: Path) -> list[Sample]:
    """Pick codes that are worth scanning from an event's own list, and add those of other kinds."""
    tickets = [
        *_listed(found, folder),
        Sample(NO_TICKET, "Unknown", "Tickets"),
        *_signed(found),
    ]
    vouchers = [Sample(voucher.code, voucher.code, "Vouchers") for voucher in found.event.vouchers]
    offers = [offer for offer in found.event.offers if offer.barcode]
    barcodes = [Sample(offer.barcode, f"Barcode: {offer.name}", "At the till") for offer in offers[:1]]
    return [*tickets, *vouchers, Sample(samples.MEMBER_CARD, "Member card", "At the till"), *barcodes]


def lay_out(desk: DeskPort) -> None:
    """Do what makes two samples what their labels say: use the used ticket, hand out the member card."""

    def act(books: Books) -> None:
        if books.tickets.find(ticket_id(samples.USED_TICKET)):
            door.scan(books, samples.USED_TICKET, "gate A")
        books.tickets.add_member(Member(samples.MEMBER_CARD, samples.MEMBER_CREDITS, books.moment.text()))
        circle = next((offer.id for offer in books.events.offers() if offer.kind is OfferKind.MEMBERSHIP), "")
        books.journal.append("member.joined", {"member_sha256": ticket_id(samples.MEMBER_CARD), "offer": circle})

    desk.submit(act)


def _listed(found: EventFile, folder: Path) -> Iterator[Sample]:
    if not found.event.tickets_file:
        return
    data = (folder / found.event.tickets_file).read_bytes()
    rows = open_file(data, for_event(Options(), found.event)).rows()
    tickets = [row for row in rows if isinstance(row, ListedTicket)]
    admits = found.event.admits
    kinds: tuple[tuple[str, int, Callable[[ListedTicket], bool]], ...] = (
        ("Used", 1, lambda one: one.code == samples.USED_TICKET),
        ("Cancelled", 1, lambda one: one.status is ListedStatus.CANCELLED),
        ("Blocked", 1, lambda one: one.status is ListedStatus.BLOCKED),
        ("Replaced", 1, lambda one: one.status is ListedStatus.REVOKED),
        ("Not paid", 1, lambda one: one.status is ListedStatus.UNPAID),
        ("Expired", 1, lambda one: one.valid_until is not None),
        ("For another door", 1, lambda one: bool(admits) and one.product not in admits),
        ("Good", GOOD, lambda one: one.valid_from is None),
    )
    picked: dict[str, list[Sample]] = {label: [] for label, _, _ in kinds}
    for ticket in tickets:
        label, wanted, _ = next((kind for kind in kinds if kind[2](ticket)), ("", 0, None))
        if len(picked.get(label, ())) < wanted:
            name = f"{label} {len(picked[label]) + 1}" if wanted > 1 else label
            picked[label].append(Sample(ticket.code, name, "Tickets"))
    for label in ("Good", *(label for label, _, _ in kinds[:-1])):
        yield from picked[label]


def _signed(found: EventFile) -> Iterator[Sample]:
    """Offer the signed samples if the event trusts their keys: elsewhere they would all be forged."""
    readers = readers_of(found.event, keys.is_signed)
    read = [reader(samples.GOOD) or reader(samples.PRETIX) for reader in readers]
    if sum(ticket is not None and not ticket.problem for ticket in read) == 2:
        yield from (Sample(code, label, "Signed tickets") for label, code in samples.SIGNED)
