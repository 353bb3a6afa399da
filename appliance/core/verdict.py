"""The verdict on a scan, and its card: a word, a colour, an icon, a sound and a light, never one of them alone."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from appliance.core.devices import Blink, Sound


class Decision(enum.StrEnum):
    """What the door does."""

    ADMIT = "admit"
    REFUSE = "refuse"
    INFO = "info"  # nothing to admit: the scan tells something (a voucher, a member card)


class CodeKind(enum.StrEnum):
    """What a code turned out to be."""

    TICKET = "ticket"
    VOUCHER = "voucher"
    MEMBER = "member"
    PRODUCT = "product"
    ORDER = "order"  # an order slip, or the receipt of a paid one
    UNKNOWN = "unknown"


class Direction(enum.StrEnum):
    """Which way somebody goes."""

    ENTRY = "entry"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Card:
    """How a verdict looks and sounds. `icon` is a name of the pages' icons."""

    word: str
    colour: str
    icon: str
    sound: Sound
    light: Blink


_CARDS = {
    Decision.ADMIT: Card("Admit", "green", "admit", Sound.ADMIT, Blink.ON),
    Decision.REFUSE: Card("Refuse", "red", "refuse", Sound.REFUSE, Blink.FAST),
    Decision.INFO: Card("Note", "blue", "info", Sound.ATTENTION, Blink.OFF),  # the lamp that lets people in stays dark
}
_ATTENTION = Card("Admit and look", "amber", "attention", Sound.ATTENTION, Blink.ON)
_EXIT = Card("Exit", "green", "exit", Sound.ADMIT, Blink.ON)


def card(decision: Decision, attention: bool = False, direction: Direction = Direction.ENTRY) -> Card:
    """Return how a verdict is shown."""
    if decision is not Decision.ADMIT:
        return _CARDS[decision]
    if direction is Direction.EXIT:
        return _EXIT
    return _ATTENTION if attention else _CARDS[decision]


@dataclass(frozen=True, slots=True)
class Due:
    """What is missing of an unpaid ticket, and the offer that it is paid as."""

    offer: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class GuestLine:
    """The verdict in the language of the ticket, for the one who holds it."""

    language: str
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a scan is worth, for a person (`title`, `message`, `advice`) and for a program (`verdict`, `reason`).

    `reason` is empty for an admission; `advice` says what would make a refused scan pass; `seq` is the journal
    entry, 0 before it is written. `inside` and `capacity` are people, after this scan; None: not counted, no limit.
    """

    verdict: Decision
    kind: CodeKind
    title: str
    message: str
    reason: str = ""
    first_used_at: str | None = None
    seq: int = 0
    advice: str = ""
    ticket_type: str = ""
    note: str = field(default="", repr=False)  # of the list or, without one, of the ticket's type
    type_note: str = ""
    attention: bool = False  # admitted, and staff should look: a note, or the place is nearly full
    direction: Direction = Direction.ENTRY
    can_override: bool = False  # staff may admit it all the same
    overridden: str = ""  # the reason that staff passed over
    names: str = ""  # id of the offer or order that the code names, for the till
    inside: int | None = None
    capacity: int | None = None
    due: Due | None = None  # the till can take it on the spot
    guest: GuestLine | None = None  # if the ticket's language is known
    holder: str = field(default="", repr=False)  # the name; like the note of a list it never reaches the disk
    code: str = field(default="", repr=False)  # as it was understood, for the tablet at the scanner; nor does this

    @property
    def card(self) -> Card:
        """How it is shown."""
        return card(self.verdict, self.attention, self.direction)
