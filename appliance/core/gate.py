"""A ticket at a gate: the gate as it is now, the terms that hold for a ticket, and what an entry and an exit change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from appliance.core.clock import parse_timestamp, timestamp
from appliance.core.trade import EntryRule, Event, Ticket, TicketStatus, TicketType


@dataclass(frozen=True, slots=True)
class Gate:
    """What a door lets in, and how full it is behind it."""

    admits: Sequence[str] = ()  # products; empty: every one
    time_zone: str = "UTC"  # of the clock on the wall
    event: str = ""
    types: Mapping[str, TicketType] = field(default_factory=dict)  # by product
    prices_minor: Mapping[str, int] = field(default_factory=dict)  # by offer
    currency: str = ""
    inside: int = 0
    capacity: int | None = None
    warn_at: int | None = None


def gate_of(event: Event | None, inside: int) -> Gate:
    """Return the gate of an event with so many people inside; without an event, one that admits every product."""
    if event is None:
        return Gate(inside=inside)
    return Gate(
        admits=event.admits,
        time_zone=event.time_zone,
        event=event.id,
        types={known.product: known for known in event.ticket_types},
        prices_minor={offer.id: offer.price_minor for offer in event.offers},
        currency=event.currency,
        inside=inside,
        capacity=event.capacity,
        warn_at=event.capacity_warning,
    )


NOBODYS = Ticket("", "", TicketStatus.VALID)


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket at a gate at an instant. `problem` says why the code is no ticket here; empty if it is one."""

    ticket: Ticket
    gate: Gate
    at: dt.datetime
    problem: str = ""

    @property
    def type(self) -> TicketType:
        """What holds for all tickets of this product."""
        return self.gate.types.get(self.ticket.product) or TicketType(self.ticket.product)

    @property
    def entry(self) -> EntryRule:
        """How often it lets somebody in."""
        return self.ticket.entry or self.type.entry

    @property
    def entries_allowed(self) -> int:
        """How many times in all; 0: without limit."""
        for known in (self.ticket.entries_allowed, self.type.entries):
            if known is not None:
                return known
        return 1 if self.entry is EntryRule.COUNTED else 0

    @property
    def due_minor(self) -> int:
        """What an unpaid ticket costs; 0 if nobody knows."""
        return self.ticket.price_due_minor or self.gate.prices_minor.get(self.type.offer, 0)

    @property
    def newcomers(self) -> int:
        """How many more people are inside if it is admitted."""
        return entered(self, "").inside - self.ticket.inside

    def on_the_wall(self, at: str) -> dt.datetime:
        """Return an instant as the clock on the wall shows it."""
        instant = parse_timestamp(at)
        try:
            return instant.astimezone(ZoneInfo(self.gate.time_zone))
        except OverflowError:  # 9999-12-31, which stands for "for ever" on some lists
            return instant

    def when(self, at: str) -> str:
        """Write an instant for people: the hour, and the day unless it is today."""
        there = self.on_the_wall(at)
        return there.strftime("%H:%M" if self.is_today(at) else "%H:%M on %d %B")

    def is_today(self, at: str) -> bool:
        """Tell whether an instant is on the same day as now, by the clock on the wall."""
        return self.on_the_wall(at).date() == self.on_the_wall(timestamp(self.at)).date()

    @property
    def name(self) -> str:
        """What people call the type of the ticket."""
        return self.type.name or self.ticket.product


def entered(case: Case, source: str) -> Ticket:
    """Return the ticket after somebody came in with it."""
    ticket, at = case.ticket, timestamp(case.at)
    return replace(
        ticket,
        first_used_at=ticket.first_used_at or at,
        first_used_by=ticket.first_used_by if ticket.first_used_at else source,
        entries_used=max(ticket.entries_used, 1 if ticket.first_used_at else 0) + 1,
        inside=ticket.inside + 1 if case.entry is EntryRule.COUNTED else 1,
        last_entry_at=at,
    )


def left(ticket: Ticket) -> Ticket:
    """Return the ticket after somebody went out with it."""
    return replace(ticket, inside=max(0, ticket.inside - 1))
