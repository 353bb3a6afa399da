"""The journal's route: what happened, newest first, in plain words."""

from __future__ import annotations

from typing import Any

from appliance.core.errors import Refusal
from appliance.core.ports import Books
from appliance.services import telling
from appliance.web.routes import MAX_NUMBER, Call, Route
from appliance.web.tokens import Role

MOST = 100
FEW = 30


def show_journal(books: Books, call: Call) -> dict[str, Any]:
    """Tell the newest entries: of one `group`, or those `before` a number, at most `limit`, in a `language`."""
    group = call.query.get("group", "")
    if group and group not in telling.GROUPS:
        raise Refusal("unknown_choice", f"'group' must be one of {', '.join(telling.GROUPS)}.")
    before = _whole(call.query.get("before"), "before", MAX_NUMBER)
    limit = _whole(call.query.get("limit"), "limit", MOST) or FEW
    language = call.query.get("language", "en")
    return {"entries": [_shape(told) for told in telling.newest(books, group, before, limit, language)]}


def _whole(text: str | None, name: str, most: int) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise Refusal("out_of_range", f"'{name}' must be 1 to {most}.")
    return int(text)


def _shape(told: telling.Told) -> dict[str, Any]:
    entry = told.entry
    return {
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "words": told.words,
        "by": told.by,
        "weighty": told.weighty,
        "rehearsal": bool(entry.data.get("rehearsal", False)),
    }


ROUTES = (
    Route("GET", "/journal", Role.STAFF, show_journal, "Journal", "What happened, newest first, in plain words.",
          query=("group", "before", "limit", "language")),
)  # fmt: skip
