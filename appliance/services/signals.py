"""What people did at the stall, without who they are."""

from __future__ import annotations

from appliance.core.errors import NotFound, Refusal
from appliance.core.ports import Books
from appliance.services import windows

SIGNALS = ("browsed", "tried", "bought")
PERSONAS = ("shopper", "lurker", "member", "press")


def note(books: Books, what: str, persona: str | None = None, offer: str | None = None) -> int:
    """Note a signal; return its journal entry's number. Raises Refusal."""
    if what not in SIGNALS:
        raise Refusal("signal_unknown", f"A signal is {', '.join(SIGNALS)}, not '{what}'.")
    if persona is not None and persona not in PERSONAS:
        raise Refusal("persona_unknown", f"A persona is {', '.join(PERSONAS)}, not '{persona}'.")
    if offer is not None and offer not in {known.id for known in books.events.offers()}:
        raise NotFound("offer_unknown", f"There is no offer '{offer}' at this event.")
    data = {"what": what, "persona": persona, "offer": offer, "window": windows.now_open(books)}
    return books.journal.append("signal.noted", data).seq
