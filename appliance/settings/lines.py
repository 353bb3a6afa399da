"""Where in a TOML text a key stands; tomllib does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w\-.\s]|"[^"]*"|'[^']*')+?)\s*=""")


class Lines:
    """The lines of a TOML text, found by what they set.

    A plain scan of headers and keys: an inline table is found by its first line, and a line inside a text of
    several lines may be taken for a key.
    """

    def __init__(self, text: str) -> None:
        self._places = tuple(_places(text))

    def find(self, place: tuple[str, ...]) -> int | None:
        """Return the line, from 1, that sets `place`, such as ("printer", "columns"); else the nearest one."""
        nearest, most = None, 0
        for number, stands in self._places:
            if stands == place:
                return number
            shared = min(len(stands), len(place))
            if shared > most and stands[:shared] == place[:shared]:
                nearest, most = number, shared
        return nearest


def _places(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            yield number, table
        elif key := _KEY.match(line):
            yield number, (*table, *_parts(key[1]))


def _parts(dotted: str) -> tuple[str, ...]:
    """Split a key into its parts with the rules of TOML itself; no parts if it is no key."""
    try:
        node: object = tomllib.loads(f"{dotted} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    parts = []
    while isinstance(node, dict):
        name, node = next(iter(node.items()))
        parts.append(name)
    return tuple(parts)
