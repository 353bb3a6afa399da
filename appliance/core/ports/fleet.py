"""Where the box forwards its sales to, as its owner may change it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FleetWish:
    """A broker and the fleet that the box belongs to.

    `password`: None is the one that was last tried out with this broker, TLS and user name, else the one that is kept.
    """

    enabled: bool
    host: str
    port: int
    tls: bool
    username: str
    fleet: str
    password: str | None = field(default=None, repr=False)


class FleetPort(Protocol):
    """The way to the fleet's broker."""

    @property
    def now(self) -> FleetWish:
        """How it is set; the password is never told."""

    def try_out(self, wish: FleetWish) -> None:
        """Connect once, for real, and let go again. Raises DeviceLost with what failed, Refusal for what cannot be."""

    def keep(self, wish: FleetWish) -> None:
        """Keep it, and go by it from now on. Raises Refusal and StallboxError."""
