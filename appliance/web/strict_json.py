"""JSON bodies read strictly (RFC 8259, with I-JSON's rules of RFC 7493): what is in doubt is refused."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, NoReturn

from appliance.core.errors import Refusal
from appliance.core.journal import canonical_json

MAX_NUMBER_CHARS = 17  # 2**53 has 16 digits; a longer number is not one that other programs keep exactly


def parse(raw: bytes) -> object:
    """Return what a JSON body says.

    Raises Refusal: `not_json` (400); `duplicate_field`, `out_of_range` and `bad_text` (422).
    """
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_float,
            parse_constant=_constant,
        )
        canonical_json(value)
    except UnicodeEncodeError as error:
        raise Refusal("bad_text", "The body has half of a surrogate pair in a text; send whole characters.") from error
    except (ValueError, RecursionError) as error:
        raise Refusal("not_json", "The body is not JSON in UTF-8.", status=400) from error
    return value


def dumps(value: object) -> str:
    """Write an answer: compact, as UTF-8 text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        name = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise Refusal("duplicate_field", f"The field {json.dumps(name[:40])} is there twice; send it once.")
    return fields


def _whole(text: str) -> int:
    if len(text) > MAX_NUMBER_CHARS:
        raise Refusal("out_of_range", f"The number {text[:MAX_NUMBER_CHARS]}… is too large.")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise Refusal("out_of_range", f"The number {text[:MAX_NUMBER_CHARS]} is too large.")
    return value


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")
