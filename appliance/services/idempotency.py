"""One effect for one key, however often a request comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from appliance.core.errors import Refusal
from appliance.core.ports import Books, KeptAnswer

Answer = tuple[int, dict[str, Any]]
TRY_AGAIN = 503


def answer_once(books: Books, key: str, request_sha256: str, act: Callable[[], Answer]) -> tuple[int, str]:
    """Run `act` unless this key was answered before; return its status and JSON text, kept with its effect.

    A refusal is an answer too: its changes are undone and its error is kept. Raises Refusal if the key was used
    for another request, and one that says to try again later, which is kept for nobody.
    """
    kept = books.answers.get(key)
    if kept is None:
        status, body = _run(books, act)
        kept = KeptAnswer(request_sha256, status, json.dumps(body, ensure_ascii=False))
        books.answers.keep(key, kept)
    elif kept.request_sha256 != request_sha256:
        raise Refusal("idempotency_conflict", "This Idempotency-Key was used for another request.", status=409)
    return kept.status, kept.body


def error_body(code: str, message: str) -> dict[str, Any]:
    """Return the shape in which every refusal reaches a program."""
    return {"error": {"code": code, "message": message}}


def _run(books: Books, act: Callable[[], Answer]) -> Answer:
    try:
        with books.attempt():
            return act()
    except Refusal as refusal:
        if refusal.status == TRY_AGAIN:
            raise
        return refusal.status, error_body(refusal.code, refusal.message)
