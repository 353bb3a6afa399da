"""Keyboard layouts: what each key types plain, with Shift and with AltGr. Pure.

Key codes: linux/input-event-codes.h. A key code names a place on the keyboard. The layouts are those of ISO keyboards
as PCs have them (xkeyboard-config: us, gb, de, fr); where Windows has a dead key, so have we, since that is what
makers of scanners go by: such a scanner presses the dead key and the space bar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evdev import ecodes

_PLACES = tuple(
    ecodes.ecodes[f"KEY_{name}"]
    for row in (
        "GRAVE 1 2 3 4 5 6 7 8 9 0 MINUS EQUAL",
        "Q W E R T Y U I O P LEFTBRACE RIGHTBRACE",
        "A S D F G H J K L SEMICOLON APOSTROPHE BACKSLASH",
        "102ND Z X C V B N M COMMA DOT SLASH SPACE",
    )
    for name in row.split()
)
_KEYPAD = {f"KP{digit}": str(digit) for digit in range(10)} | {
    "KPMINUS": "-", "KPPLUS": "+", "KPDOT": ".", "KPSLASH": "/", "KPASTERISK": "*", "KPCOMMA": ",", "KPEQUAL": "=",
}  # fmt: skip
KEYPAD: Mapping[int, str] = {ecodes.ecodes[f"KEY_{name}"]: typed for name, typed in _KEYPAD.items()}


@dataclass(frozen=True, slots=True)
class Layout:
    """Key code -> character on each level. `dead` are (level, key code) of accents that wait for their letter."""

    plain: Mapping[int, str]
    shifted: Mapping[int, str]
    third: Mapping[int, str]
    dead: frozenset[tuple[str, int]] = frozenset()


def _layout(plain: str, shifted: str, third: str = "", dead: str = "") -> Layout:
    """Read a layout row by row, in the order of _PLACES; `third` names `key=character` by the plain character.

    `dead` lists the level (p, s, t) and the character of each dead key.
    """
    levels = {"p": _level(plain), "s": _level(shifted)}
    key_of = {char: code for code, char in levels["p"].items()}
    levels["t"] = {key_of[pair[0]]: pair[1] for pair in third.split()}
    deads = frozenset(
        (pair[0], code) for pair in dead.split() for code, char in levels[pair[0]].items() if char == pair[1]
    )
    return Layout(levels["p"], levels["s"], levels["t"], deads)


def _level(rows: str) -> dict[int, str]:
    return dict(zip(_PLACES, [*"".join(rows.split("\n")), " "], strict=True))


LAYOUTS: Mapping[str, Layout] = {
    "us": _layout(
        "`1234567890-=\nqwertyuiop[]\nasdfghjkl;'\\\n<zxcvbnm,./",
        '~!@#$%^&*()_+\nQWERTYUIOP{}\nASDFGHJKL:"|\n>ZXCVBNM<>?',
    ),
    "uk": _layout(
        "`1234567890-=\nqwertyuiop[]\nasdfghjkl;'#\n\\zxcvbnm,./",
        '¬!"£$%^&*()_+\nQWERTYUIOP{}\nASDFGHJKL:@~\n|ZXCVBNM<>?',
        "`¦ 4€ eé uú ií oó aá",
    ),
    "de": _layout(
        "^1234567890ß´\nqwertzuiopü+\nasdfghjklöä#\n<yxcvbnm,.-",
        '°!"§$%&/()=?`\nQWERTZUIOPÜ*\nASDFGHJKLÖÄ\'\n>YXCVBNM;:_',
        "2² 3³ 7{ 8[ 9] 0} ß\\ q@ e€ +~ <| mµ",
        "p^ p´ s`",
    ),
    "fr": _layout(
        "²&é\"'(-è_çà)=\nazertyuiop^$\nqsdfghjklmù*\n<wxcvbn,;:!",
        "²1234567890°+\nAZERTYUIOP¨£\nQSDFGHJKLM%µ\n>WXCVBN?./§",
        "é~ \"# '{ ([ -| è` _\\ ç^ à@ )] =} e€ $¤",
        "p^ s¨ t~ t`",
    ),
}  # fmt: skip
