"""Keyboards of several countries, by the keys' kernel names: written down from the keyboards, not from the code."""

from __future__ import annotations

import string

import pytest
from evdev import ecodes
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.drivers.scanner.keymap import END, Keyboard
from appliance.drivers.scanner.layouts import LAYOUTS

SHIFT, ALTGR, CTRL, ALT = "LEFTSHIFT", "RIGHTALT", "LEFTCTRL", "LEFTALT"
ASCII = string.ascii_letters + string.digits + string.punctuation + " "


def typed(layout: str, keys: str) -> str:
    """Type keys parted by spaces; `S+7` holds Shift, `A+` AltGr, `C+` Ctrl, `M+` Alt around one key."""
    keyboard, out = Keyboard(layout), b""
    held = {"S": SHIFT, "A": ALTGR, "C": CTRL, "M": ALT}
    for chord in keys.split():
        *modifiers, key = chord.split("+")
        names = [held[name] for name in modifiers]
        strokes = [(name, 1) for name in names] + [(key, 1), (key, 0)] + [(name, 0) for name in reversed(names)]
        out += b"".join(keyboard.key(ecodes.ecodes[f"KEY_{name}"], value) for name, value in strokes)
    return out.decode()


@pytest.mark.parametrize(
    ("layout", "keys", "expected"),
    [
        ("us", "S+2 S+3 S+APOSTROPHE GRAVE S+GRAVE BACKSLASH S+BACKSLASH", '@#"`~\\|'),
        ("uk", "S+2 S+3 S+APOSTROPHE BACKSLASH S+BACKSLASH 102ND S+102ND S+GRAVE A+4", '"£@#~\\|¬€'),
        ("de", "Y Z S+Y MINUS SEMICOLON S+APOSTROPHE LEFTBRACE", "zyZßöÄü"),
        ("de", "S+7 S+2 S+0 S+DOT S+COMMA SLASH S+SLASH S+MINUS RIGHTBRACE S+RIGHTBRACE", '/"=:;-_?+*'),
        ("de", "A+Q A+E A+7 A+8 A+9 A+0 A+MINUS A+102ND A+RIGHTBRACE BACKSLASH S+BACKSLASH", "@€{[]}\\|~#'"),
        ("fr", "Q A W Z SEMICOLON S+SEMICOLON M COMMA S+COMMA DOT S+DOT SLASH", "aqzwmM,;.:/!"),
        ("fr", "1 2 3 S+1 S+2 S+0 0 S+MINUS EQUAL S+EQUAL", '&é"120à°=+'),
        ("fr", "A+0 A+3 A+4 A+5 A+6 A+8 A+MINUS A+EQUAL A+E", "@#{[|\\]}€"),
    ],
)
def test_keys_of_each_country(layout: str, keys: str, expected: str) -> None:
    assert typed(layout, keys) == expected


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_every_layout_types_all_of_ascii_in_one_way_only(layout: str) -> None:
    levels = LAYOUTS[layout]
    everything = [*levels.plain.values(), *levels.shifted.values(), *levels.third.values()]
    assert set(ASCII) <= set(everything)
    twice = {char for char in everything if everything.count(char) > 1}
    allowed = {" ", "<", ">"} if layout == "us" else {" ", "é", "²", "°", "`", "$"}
    assert twice <= allowed | ({"^"} if layout == "fr" else set())


@pytest.mark.parametrize("layout", ["us", "uk", "de", "fr"])
def test_the_keypad_is_the_same_everywhere(layout: str) -> None:
    assert typed(layout, "KP4 KP0 KP0 KP6 KPMINUS KPDOT KPSLASH KPASTERISK KPPLUS") == "4006-./*+"


@pytest.mark.parametrize(
    ("layout", "keys", "expected"),
    [
        ("de", "GRAVE SPACE S+EQUAL SPACE EQUAL SPACE", "^`´"),  # as scanners type an accent alone
        ("de", "GRAVE A EQUAL E S+EQUAL S+A", "âéÀ"),
        ("de", "GRAVE Q", "^q"),  # no such letter
        ("de", "GRAVE GRAVE 1", "^1"),
        ("de", "GRAVE KP7", "^7"),
        ("fr", "LEFTBRACE E S+LEFTBRACE I", "êï"),
        ("fr", "A+2 SPACE A+7 SPACE", "~`"),
    ],
)
def test_dead_keys_wait_for_their_letter(layout: str, keys: str, expected: str) -> None:
    assert typed(layout, keys) == expected


def test_an_accent_before_the_end_is_not_lost_and_not_kept() -> None:
    assert typed("de", "A GRAVE ENTER A") == "a^" + END.decode() + "a"
    keyboard = Keyboard("de")
    keyboard.key(ecodes.KEY_GRAVE, 1)
    keyboard.release_all()
    assert keyboard.key(ecodes.KEY_A, 1) == b"a"


@pytest.mark.parametrize(
    ("layout", "keys", "expected"),
    [
        ("us", "CAPSLOCK A S+A 1 S+1 CAPSLOCK A", "Aa1!a"),
        ("de", "CAPSLOCK SEMICOLON 7 MINUS", "Ö7ß"),
        ("fr", "CAPSLOCK Q 1 2", "A&É" if "é".upper() == "2" else "A&é"),
    ],
)
def test_caps_lock_turns_letters_alone(layout: str, keys: str, expected: str) -> None:
    assert typed(layout, keys) == expected


def test_control_characters_come_as_ctrl_and_a_key() -> None:
    assert typed("us", "C+RIGHTBRACE") == "\x1d"  # GS, which parts the fields of a GS1 code
    assert typed("us", "1 C+M") == "1" + END.decode()
    assert typed("us", "1 C+I") == "1" + END.decode()
    assert typed("us", "C+1 C+SPACE A") == "a"


def test_alt_and_a_number_type_any_character() -> None:
    keyboard = Keyboard("de")

    def alt(digits: str) -> bytes:
        names = [("LEFTALT", 1), *((f"KP{digit}", value) for digit in digits for value in (1, 0)), ("LEFTALT", 0)]
        return b"".join(keyboard.key(ecodes.ecodes[f"KEY_{name}"], value) for name, value in names)

    assert b"".join(map(alt, ["065", "0122", "64", "0228", "132"])).decode() == "Az@ää"
    assert alt("013") == END


def test_ctrl_alt_is_altgr() -> None:
    assert typed("de", "C+M+Q") == "@"


@settings(max_examples=200)
@given(st.sampled_from(sorted(LAYOUTS)), st.lists(st.tuples(st.integers(0, 255), st.integers(0, 2)), max_size=40))
def test_whatever_is_pressed_is_whole_characters(layout: str, strokes: list[tuple[int, int]]) -> None:
    keyboard = Keyboard(layout)
    b"".join(keyboard.key(code, value) for code, value in strokes).decode()
    keyboard.release_all()
    assert keyboard.key(ecodes.KEY_1, 1) == (b"&" if layout == "fr" else b"1")
