"""What the door goes by: types of tickets, keys of signed ones, pretix's numbers."""

from __future__ import annotations

import re

from appliance.core.clock import timestamp
from appliance.core.errors import StallboxError
from appliance.core.eventfile import checks
from appliance.core.eventfile.offers import Names
from appliance.core.pretix import public_key_from_pem_b64
from appliance.core.tomltable import Table
from appliance.core.trade import EntryRule, KeyFormat, PretixItem, TicketKey, TicketType

MAX_ENTRIES = 10_000


def read_ticket_type(table: Table, names: Names) -> TicketType:
    """Read what holds for all tickets of a product."""
    entry = table.choice("entry", [rule.value for rule in EntryRule], EntryRule.COUNTED.value)
    has_from, has_until = table.has("valid_from"), table.has("valid_until")
    found = TicketType(
        product=table.text("product", check=checks.short),
        name=table.text("name", ""),
        entry=EntryRule(entry) if entry in set(EntryRule) else EntryRule.COUNTED,
        entries=table.integer("entries", 0, MAX_ENTRIES, 0) if table.has("entries") else None,
        offer=table.choice("offer", names.offers, ""),
        note=table.text("note", ""),
        valid_from=timestamp(table.moment("valid_from")) if has_from else None,
        valid_until=timestamp(table.moment("valid_until")) if has_until else None,
    )
    if found.valid_from and found.valid_until and found.valid_from >= found.valid_until:
        table.problem("valid_until: must be later than valid_from", "valid_until")
    table.finish()
    return found


def read_ticket_key(table: Table) -> TicketKey | None:
    """Read a key; None if something was wrong with it, which is noted."""
    word = table.choice("format", [known.value for known in KeyFormat])
    text = table.text("public_key")
    table.finish()
    if word not in set(KeyFormat) or not text:
        return None
    try:
        return TicketKey(KeyFormat(word), public_key_from_pem_b64(text) if word == KeyFormat.PRETIX else _raw_key(text))
    except StallboxError as error:
        table.problem(f"public_key: {error.message}", "public_key")
        return None


def read_pretix_item(table: Table) -> PretixItem:
    """Read what one of pretix's numbers means."""
    found = PretixItem(
        item=table.integer("item", 1, 2**62),
        product=table.text("product", check=checks.short),
        variation=table.integer("variation", 1, 2**62, 0),
    )
    table.finish()
    return found


def _raw_key(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{64}", text.lower()):
        raise StallboxError("key_unreadable", "It must be the 64 hex digits of an Ed25519 public key.")
    return bytes.fromhex(text)
