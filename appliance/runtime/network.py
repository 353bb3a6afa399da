"""The box's own network: changed by root, who grants it from a fixed list (appliance/rootly.py)."""

from __future__ import annotations

from pathlib import Path

from appliance.runtime.root import Root

SHARED = Path("/etc/stallbox/firewall.d/share.nft")


class Network:
    """See NetworkPort in core/ports."""

    def __init__(self, root: Root, shared: Path = SHARED) -> None:
        self._root = root
        self._shared = shared

    @property
    def is_shared(self) -> bool:
        """Whether the firewall lets the stall's tablets through."""
        try:
            return "accept" in self._shared.read_text(encoding="ascii")
        except OSError:
            return False

    def share(self, on: bool) -> None:
        """Let the stall's tablets use the uplink, or not."""
        self._root.do(
            f"network share {'on' if on else 'off'}", "root_refused", "The firewall was not changed: see the log."
        )

    def set_hotspot(self, name: str, password: str, country: str) -> None:
        """Have the radio go by another name and password; in hex, so that no letter breaks out of the wish."""
        words = name.encode().hex(), password.encode().hex(), country or "-"
        self._root.do(f"wifi {' '.join(words)}", "root_refused", "The Wi-Fi was not changed: see the log.")
