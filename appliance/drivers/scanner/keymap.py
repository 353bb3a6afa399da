"""From the kernel's key events to characters. Pure.

A key means what the layout says, which must be the one that the scanner is set to; out of the box that is US English
with nearly every maker. Scanners also type what no key has: control characters as Ctrl and a key (GS, which parts the
fields of a GS1 code, is Ctrl-]), and any character as Alt and its number on the keypad ("ALT mode").
"""

from __future__ import annotations

import unicodedata

from evdev import ecodes

from appliance.drivers.scanner.layouts import KEYPAD, LAYOUTS

_SHIFT = frozenset({ecodes.KEY_LEFTSHIFT, ecodes.KEY_RIGHTSHIFT})
_CTRL = frozenset({ecodes.KEY_LEFTCTRL, ecodes.KEY_RIGHTCTRL})
_ALT, _ALTGR = ecodes.KEY_LEFTALT, ecodes.KEY_RIGHTALT
_HELD = _SHIFT | _CTRL | {_ALT, _ALTGR}
_END = frozenset({ecodes.KEY_ENTER, ecodes.KEY_KPENTER, ecodes.KEY_TAB})
_DOWN, _UP = 1, 0  # 2 is the kernel's own repeat, which no scanner means
_ENDS = "\r\n\t"

END = b"\n"  # what a key that ends a code is turned into

_COMBINING = {"^": "\u0302", "´": "\u0301", "`": "\u0300", "¨": "\u0308", "~": "\u0303"}


class Keyboard:
    """Follows the keys of one keyboard and says what they type. Raises ValueError for an unknown layout."""

    def __init__(self, layout: str) -> None:
        if layout not in LAYOUTS:
            raise ValueError(f"keyboard layout '{layout}' is not known; there are: {', '.join(LAYOUTS)}")
        self._layout = LAYOUTS[layout]
        self.release_all()

    def release_all(self) -> None:
        """Forget held keys, a waiting accent and Caps Lock: nothing is known about them any more."""
        self._held: set[int] = set()
        self._caps = False
        self._accent = ""
        self._number = ""  # typed on the keypad while Alt is held

    def key(self, code: int, value: int) -> bytes:
        """Return what one EV_KEY event types: a character, `END`, or nothing."""
        if code in _HELD:
            return self._hold(code, value)
        if value != _DOWN:
            return b""
        if code == ecodes.KEY_CAPSLOCK:
            self._caps = not self._caps
            return b""
        if code in _END:
            return self._accent_alone() + END
        return self._typed(code)

    def _hold(self, code: int, value: int) -> bytes:
        (self._held.discard if value == _UP else self._held.add)(code)
        if code != _ALT or value != _UP or not self._number:
            return b""
        number, self._number = self._number, ""
        return _numbered(number)

    def _typed(self, code: int) -> bytes:
        if code in KEYPAD:
            return self._keypad(KEYPAD[code])
        level, char = self._char(code)
        if not char:
            return b""
        if self._held & _CTRL and level != "t":
            return _control(char)
        if self._accent:
            accent, self._accent = self._accent, ""
            return _with_accent(accent, char).encode()
        if (level, code) in self._layout.dead:
            self._accent = char
            return b""
        return char.encode()

    def _char(self, code: int) -> tuple[str, str]:
        """Return the level (p, s, t) and the character of a key, empty if it types none."""
        if _ALTGR in self._held or (_ALT in self._held and self._held & _CTRL):  # Ctrl-Alt is AltGr on Windows
            return "t", self._layout.third.get(code, "")
        plain, shifted = self._layout.plain.get(code, ""), self._layout.shifted.get(code, "")
        is_letter = len(plain) == 1 and shifted == plain.upper() != plain
        if bool(self._held & _SHIFT) != (self._caps and is_letter):
            return "s", shifted
        return "p", plain

    def _keypad(self, typed: str) -> bytes:
        if _ALT in self._held and typed.isdigit():
            self._number += typed
            return b""
        return self._accent_alone() + typed.encode()

    def _accent_alone(self) -> bytes:
        accent, self._accent = self._accent, ""
        return accent.encode()


def _control(char: str) -> bytes:
    """Return the control character of Ctrl and a key: the low five bits of its ASCII code (ECMA-48)."""
    if not "@" <= char.upper() <= "_":
        return b""
    control = chr(ord(char.upper()) & 0x1F)
    return END if control in _ENDS else control.encode()


def _with_accent(accent: str, char: str) -> str:
    if char in (" ", accent):
        return accent
    joined = unicodedata.normalize("NFC", char + _COMBINING[accent])
    return joined if len(joined) == 1 else accent + char


def _numbered(digits: str) -> bytes:
    """Return the character of Alt and a number: Windows-1252 with a zero in front, else code page 437."""
    number = int(digits[-4:]) & 0xFF
    char = bytes([number]).decode("cp1252" if digits.startswith("0") else "cp437", errors="replace")
    return END if char in _ENDS else char.encode()
