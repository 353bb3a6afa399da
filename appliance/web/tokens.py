"""Who may do what: the bearer tokens and PINs of a box, and the file that keeps them."""

from __future__ import annotations

import enum
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.core.errors import StallboxError
from appliance.core.pins import draw_pin

TOKENS = "tokens.json"  # in the data folder
TOKEN_BYTES = 16  # 128 bits: out of reach for guessing, so tokens need no delay


class Role(enum.IntEnum):
    """What a caller may do; each role includes the ones below it."""

    KIOSK = 1  # attendees: see offers, order, scan
    DOOR = 2  # of a paired tablet only: verdicts with names, head count, search by name
    STAFF = 3  # takes money, sees takings, prints again
    OWNER = 4  # sets the box up


@dataclass(frozen=True, slots=True)
class Tokens:
    """The secrets of one box. `str` of this object shows none of them."""

    kiosk: str
    staff: str
    owner: str
    staff_pin: str
    owner_pin: str | None  # None: the owner chose one of his own, which is not in this file

    def __repr__(self) -> str:
        return "Tokens(…)"

    def role_of_token(self, token: str) -> Role | None:
        """Return the role of a bearer token; takes as long for a wrong one as for a right one."""
        return _match(token, {self.kiosk: Role.KIOSK, self.staff: Role.STAFF, self.owner: Role.OWNER})

    def role_of_pin(self, pin: str) -> Role | None:
        """Return the role of a PIN; takes as long for a wrong one as for a right one."""
        own = {} if self.owner_pin is None else {self.owner_pin: Role.OWNER}
        return _match(pin, {self.staff_pin: Role.STAFF, **own})

    @property
    def pins(self) -> tuple[str, ...]:
        """The PINs that are known; nobody else may have one of them."""
        return tuple(pin for pin in (self.staff_pin, self.owner_pin) if pin)

    def to_json(self) -> dict[str, object]:
        """Return the content of tokens.json."""
        return {
            "kiosk": self.kiosk,
            "staff": self.staff,
            "owner": self.owner,
            "pin": {"staff": self.staff_pin, "owner": self.owner_pin},
        }


def load_or_create(path: Path, write: Callable[[Path, bytes], None]) -> Tokens:
    """Read tokens.json, or make it with fresh secrets if there is none; `write` makes a private file that lasts.

    Raises StallboxError if the file is there but is not what this module writes.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        tokens = create()
        save(path, tokens, write)
        return tokens
    except (OSError, UnicodeDecodeError) as error:
        raise StallboxError("tokens_unreadable", f"{path} cannot be read: {error}.") from error
    return _parse(text, path)


def forget_owner_pin(path: Path, write: Callable[[Path, bytes], None]) -> None:
    """Take the owner's first PIN out of tokens.json, since he chose one of his own. Raises StallboxError."""
    tokens = load_or_create(path, write)
    if tokens.owner_pin is not None:
        save(path, replace(tokens, owner_pin=None), write)


def create(digits: Callable[[int], int] = secrets.randbelow) -> Tokens:
    """Draw fresh tokens and two different PINs; `digits(n)` draws a number below n."""
    kiosk, staff, owner = (secrets.token_urlsafe(TOKEN_BYTES) for _ in range(3))
    staff_pin = owner_pin = draw_pin(digits)
    while owner_pin == staff_pin:
        owner_pin = draw_pin(digits)
    return Tokens(kiosk, staff, owner, staff_pin, owner_pin)


def save(path: Path, tokens: Tokens, write: Callable[[Path, bytes], None]) -> None:
    """Write tokens.json; `write` makes a private file that lasts."""
    write(path, json.dumps(tokens.to_json(), indent=2).encode() + b"\n")


def another_pin(tokens: Tokens, digits: Callable[[int], int] = secrets.randbelow) -> str:
    """Draw a PIN that is no PIN of these tokens; `digits(n)` draws a number below n."""
    pin = draw_pin(digits)
    while pin in tokens.pins:
        pin = draw_pin(digits)
    return pin


def _match(given: str, secrets_by_role: dict[str, Role]) -> Role | None:
    found = None
    for secret, role in secrets_by_role.items():
        # Compared with every secret, and never with an early end, so that time tells nothing.
        if hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
            found = role
    return found


def _parse(text: str, path: Path) -> Tokens:
    try:
        data = json.loads(text)
        values = [data["kiosk"], data["staff"], data["owner"], data["pin"]["staff"], data["pin"]["owner"]]
        known = values if values[-1] is not None else values[:-1]
    except (ValueError, KeyError, TypeError) as error:
        raise _broken(path) from error
    if not all(isinstance(value, str) and value for value in known) or len(set(values)) < len(values):
        raise _broken(path)
    return Tokens(*values)


def _broken(path: Path) -> StallboxError:
    return StallboxError(
        "tokens_broken", f"{path} does not hold five different tokens and PINs; remove it to get new ones."
    )
