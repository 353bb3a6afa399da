"""From the kernel's key codes to characters. Pure.

Key codes: linux/input-event-codes.h. A key code names a place on the keyboard, so the layout must be the one
that the scanner is set to; out of the box that is US English with nearly every maker.
"""

from __future__ import annotations

from collections.abc import Mapping

from evdev import ecodes

_SHIFT = frozenset({ecodes.KEY_LEFTSHIFT, ecodes.KEY_RIGHTSHIFT})
_END = frozenset({ecodes.KEY_ENTER, ecodes.KEY_KPENTER, ecodes.KEY_TAB})
_DOWN, _UP = 1, 0  # 2 is the kernel's own repeat, which no scanner means

END = b"\n"  # what a key that ends a code is turned into

_US_NAMED = {
    "MINUS": "-_", "EQUAL": "=+", "LEFTBRACE": "[{", "RIGHTBRACE": "]}", "BACKSLASH": "\\|", "SEMICOLON": ";:",
    "APOSTROPHE": "'\"", "GRAVE": "`~", "COMMA": ",<", "DOT": ".>", "SLASH": "/?", "SPACE": "  ",
    "KPMINUS": "--", "KPPLUS": "++", "KPDOT": "..", "KPSLASH": "//", "KPASTERISK": "**",
}  # fmt: skip


def _us_layout() -> dict[int, str]:
    """Return key code -> (plain, shifted) as a string of two characters."""
    letters = {letter: letter.lower() + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    digits = {plain: plain + shifted for plain, shifted in zip("1234567890", "!@#$%^&*()", strict=True)}
    keypad = {f"KP{digit}": digit * 2 for digit in "0123456789"}
    named = letters | digits | keypad | _US_NAMED
    return {ecodes.ecodes[f"KEY_{name}"]: characters for name, characters in named.items()}


LAYOUTS: Mapping[str, Mapping[int, str]] = {"us": _us_layout()}


class Keyboard:
    """Follows the keys of one keyboard and says what they type. Raises ValueError for an unknown layout."""

    def __init__(self, layout: str) -> None:
        if layout not in LAYOUTS:
            raise ValueError(f"keyboard layout '{layout}' is not known; there are: {', '.join(LAYOUTS)}")
        self._keys = LAYOUTS[layout]
        self._shifts: set[int] = set()

    def release_all(self) -> None:
        """Forget held keys: nothing is known about them any more."""
        self._shifts.clear()

    def key(self, code: int, value: int) -> bytes:
        """Return what one EV_KEY event types: a character, `END`, or nothing."""
        if code in _SHIFT:
            (self._shifts.discard if value == _UP else self._shifts.add)(code)
            return b""
        if value != _DOWN:
            return b""
        if code in _END:
            return END
        return self._keys[code][bool(self._shifts)].encode() if code in self._keys else b""
