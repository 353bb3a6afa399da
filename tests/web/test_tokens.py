"""tokens.json: made once, kept safe, never weak."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.errors import StallboxError
from appliance.core.pins import is_weak_pin
from appliance.store.keys import write_durably
from appliance.web.tokens import Role, another_pin, create, load_or_create


def test_the_file_is_made_once_with_the_promised_shape_and_mode(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    tokens = load_or_create(path, write_durably)
    data = json.loads(path.read_text())
    assert data == {
        "kiosk": tokens.kiosk,
        "staff": tokens.staff,
        "owner": tokens.owner,
        "pin": {"staff": tokens.staff_pin, "owner": tokens.owner_pin},
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["tokens.json"]
    assert load_or_create(path, write_durably) == tokens


def test_a_draft_left_by_a_power_cut_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "tokens.json.new").write_text("half")
    load_or_create(tmp_path / "tokens.json", write_durably)
    assert [entry.name for entry in tmp_path.iterdir()] == ["tokens.json"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"kiosk": "a", "staff": "b", "owner": "c", "pin": "123"}',
        '{"kiosk": "a", "staff": "a", "owner": "c", "pin": {"staff": "1", "owner": "2"}}',
        '{"kiosk": "", "staff": "b", "owner": "c", "pin": {"staff": "1", "owner": "2"}}',
    ],
)
def test_a_broken_file_is_named_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(text)
    with pytest.raises(StallboxError, match=r"tokens\.json does not hold") as caught:
        load_or_create(path, write_durably)
    assert caught.value.code == "tokens_broken"
    assert path.read_text() == text


def test_a_folder_in_its_place_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StallboxError, match="cannot be read"):
        load_or_create(tmp_path, write_durably)


@pytest.mark.parametrize(
    "pin", ["000000", "123456", "654321", "111222", "121212", "123123", "890123", "246802", "123321"]
)
def test_pins_that_people_try_first_are_weak(pin: str) -> None:
    assert is_weak_pin(pin)


@given(st.lists(st.integers(0, 999_999), min_size=1, max_size=30))
def test_weak_and_equal_pins_are_drawn_again(drawn: list[int]) -> None:
    numbers = iter([*drawn, 402_917, 402_917, 739_164])
    tokens = create(lambda below: next(numbers))
    for pin in (tokens.staff_pin, tokens.owner_pin):
        assert len(pin) == 6
        assert pin.isdigit()
        assert not is_weak_pin(pin)
    assert tokens.staff_pin != tokens.owner_pin


def test_roles_by_token_and_pin() -> None:
    tokens = create()
    assert [tokens.role_of_token(token) for token in (tokens.kiosk, tokens.staff, tokens.owner)] == [
        Role.KIOSK, Role.STAFF, Role.OWNER,
    ]  # fmt: skip
    assert tokens.role_of_token("") is None
    assert tokens.role_of_token("\udcff") is None
    assert tokens.role_of_token(tokens.staff_pin) is None
    assert tokens.role_of_pin(tokens.staff_pin) is Role.STAFF
    assert tokens.role_of_pin(tokens.owner_pin) is Role.OWNER
    assert tokens.role_of_pin(tokens.staff) is None
    assert tokens.staff not in repr(tokens)


def test_a_new_owner_pin_is_none_of_those_before() -> None:
    tokens = create()
    drawn = iter([int(tokens.owner_pin), int(tokens.staff_pin), 402917, 402918, 402916])
    assert another_pin(tokens, lambda below: next(drawn)) == "402917"
