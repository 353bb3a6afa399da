"""A printed page as data: what is on the paper, without a printer's codes.

Documents are kept with their print jobs, so they turn into plain JSON and back.
"""

from __future__ import annotations

import enum
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


class Align(enum.StrEnum):
    """Where a line stands."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; the printer breaks it into lines. `scale` 2 is double width and height."""

    text: str
    bold: bool = False
    scale: int = 1
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Row:
    """A line with a left and a right part, such as a name and a price; a long left part is wrapped."""

    left: str
    right: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty lines."""

    lines: int = 1


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code, centred, with an optional line of text below it; a small one saves paper."""

    data: str
    caption: str = ""
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A QR code that opens a page of this box; `path` begins with a slash. A box without address leaves it out."""

    path: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Logo:
    """The stall's logo, on a printer that was given one."""


@dataclass(frozen=True, slots=True)
class Drawer:
    """The pulse that opens the cash drawer."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed past the knife and cut."""


Block = Text | Row | Rule | Feed | Qr | Link | Logo | Drawer | Cut
_KINDS: tuple[type[Block], ...] = (Text, Row, Rule, Feed, Qr, Link, Logo, Drawer, Cut)
_BLOCKS: dict[str, type[Block]] = {kind.__name__.lower(): kind for kind in _KINDS}


@dataclass(frozen=True, slots=True)
class Document:
    """What goes on paper, top to bottom."""

    blocks: Sequence[Block]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the blocks as plain JSON values, each with its kind under `block`."""
        return [{"block": type(block).__name__.lower(), **asdict(block)} for block in self.blocks]

    @classmethod
    def from_json(cls, rows: Sequence[Mapping[str, Any]]) -> Document:
        """Read what `to_json` wrote. Raises KeyError or TypeError for anything else."""
        return cls(tuple(_block(row) for row in rows))


def linked(document: Document, address: str) -> Document:
    """Make QR codes of a document's links, which lead to where the box is now; one without address leaves them out."""
    blocks: list[Block] = []
    for block in document.blocks:
        if not isinstance(block, Link):
            blocks.append(block)
        elif address:
            blocks.append(Qr(address + block.path, block.caption, is_small=True))
    return Document(tuple(blocks))


def _block(row: Mapping[str, Any]) -> Block:
    fields = {key: value for key, value in row.items() if key != "block"}
    if "align" in fields:
        fields["align"] = Align(fields["align"])
    return _BLOCKS[row["block"]](**fields)


def plain_text(document: Document, columns: int = 48) -> str:
    """Lay a document out as text of a fixed width, for terminals and previews."""
    return "\n".join(line for block in document.blocks for line in _text_lines(block, columns)) + "\n"


def _text_lines(block: Block, columns: int) -> list[str]:
    match block:
        case Text():
            return [_aligned(line, block.align, columns) for line in textwrap.wrap(block.text, columns) or [""]]
        case Row():
            *above, last = textwrap.wrap(block.left, columns - len(block.right) - 1, drop_whitespace=False) or [""]
            return [*above, last.ljust(columns - len(block.right)) + block.right]
        case Rule():
            return ["-" * columns]
        case Feed():
            return [""] * block.lines
        case Qr():
            return [_aligned(f"[QR {block.data}]", Align.CENTER, columns)]
        case Link() | Logo() | Drawer() | Cut():
            return []


def _aligned(line: str, align: Align, columns: int) -> str:
    if align is Align.CENTER:
        return line.center(columns).rstrip()
    return line.rjust(columns) if align is Align.RIGHT else line
