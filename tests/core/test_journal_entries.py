"""What may go into an entry."""

from __future__ import annotations

import pytest

from appliance.core.journal import GENESIS_HASH, seal

AT = "2026-12-05T16:00:00.000000Z"


def test_the_first_entry_follows_nothing() -> None:
    first = seal(None, "a", "box.started", AT, "guess", {"n": 1})
    assert (first.seq, first.prev) == (1, GENESIS_HASH)


def test_the_next_entry_follows_the_first() -> None:
    first = seal(None, "a", "box.started", AT, "guess", {})
    second = seal(first, "b", "box.stopped", AT, "guess", {})
    assert (second.seq, second.prev) == (2, first.hash)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="not a kind"):
        seal(None, "a", "box.exploded", AT, "guess", {})


@pytest.mark.parametrize("data", [{"n": 1.5}, {"a": {"b": [1, 2.0]}}, {"a": (1, {"b": 0.1})}])
def test_a_float_is_refused_however_deep(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no floats"):
        seal(None, "a", "box.started", AT, "guess", data)
