"""The box's own network, as its owner may change it."""

from __future__ import annotations

from typing import Protocol


class NetworkPort(Protocol):
    """Has root change the network; there is one only on a box from the card's image."""

    @property
    def is_shared(self) -> bool:
        """Whether the stall's tablets may use the uplink."""

    def share(self, on: bool) -> None:
        """Let the stall's tablets use the uplink, or not. Raises StallboxError."""

    def set_hotspot(self, name: str, password: str, country: str) -> None:
        """Have the radio go by another name and password a few seconds from now; an empty country stays as it is.

        Raises StallboxError.
        """
