"""Where others on the network find this box."""

from __future__ import annotations

import socket


def http_url(host: str, port: int) -> str:
    """Write an address as browsers take it; an IPv6 one goes into brackets (RFC 3986, 3.2.2)."""
    return f"http://{f'[{host}]' if ':' in host else host}" + ("" if port == 80 else f":{port}")


def own_address() -> str:
    """Return the address by which others on the network reach this box; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1, RFC 5737: only the route is looked up
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
