"""What the bench is asked, read strictly: what is in doubt is refused with a code and a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import request

MAX_BODY_BYTES = 65_536


class BenchError(Exception):
    """A request that the bench does not follow: HTTP status, a code for a program, a sentence for a person."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Keep what is answered."""
        super().__init__(message)
        self.status = status
        self.code = code


def check_origin() -> None:
    """Refuse what changes something and comes from a page of another site (RFC 6454, section 7). Raises BenchError."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        raise BenchError(403, "foreign_page", "This call came from another site's page; open the bench itself.")
    if request.mimetype != "application/json":
        raise BenchError(415, "wrong_content_type", "Send JSON, with Content-Type: application/json.")
    request.max_content_length = MAX_BODY_BYTES


def json_body(*names: str) -> Mapping[str, Any]:
    """Return the object that was sent; it has no other fields than those named. Raises BenchError."""
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise BenchError(400, "not_json", "The body is not JSON in UTF-8.") from error
    if not isinstance(body, dict):
        raise BenchError(422, "not_an_object", "The body must be a JSON object.")
    for name in body:
        if name not in names:
            known = ", ".join(names)
            raise BenchError(422, "unknown_field", f"There is no field '{name[:40]}'; known are {known}.")
    return body


def _field(body: Mapping[str, Any], name: str) -> Any:
    if name not in body:
        raise BenchError(422, "missing_field", f"The field '{name}' is missing.")
    return body[name]


def text(body: Mapping[str, Any], name: str) -> str:
    """Return a field that must be there and be a text. Raises BenchError."""
    value = _field(body, name)
    if not isinstance(value, str):
        raise BenchError(422, "wrong_type", f"'{name}' must be a text.")
    return value


def number(body: Mapping[str, Any], name: str, low: float, high: float) -> float:
    """Return a field that must be there and be a number from `low` to `high`. Raises BenchError."""
    value = _field(body, name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BenchError(422, "wrong_type", f"'{name}' must be a number.")
    if not low <= value <= high:
        raise BenchError(422, "out_of_range", f"'{name}' must be {low} to {high}.")
    return value


def whole_number(name: str) -> int | None:
    """Read a parameter of the address, a number from 1; None if it is not there. Raises BenchError."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text) >= 1):
        raise BenchError(422, "out_of_range", f"'{name}' must be a whole number from 1.")
    return int(text)
