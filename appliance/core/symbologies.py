"""Kinds of codes that a camera can be told to look for, by the names of the configuration. Pure."""

from __future__ import annotations

FORMATS = (
    "qr", "aztec", "datamatrix", "pdf417",
    "ean13", "ean8", "upca", "upce", "code128", "code39", "code93", "itf", "codabar",
)  # fmt: skip
LINEAR = frozenset(FORMATS[4:])
IN_USE = ("qr", "ean13", "ean8", "upca", "code128")  # tickets, slips and products of most stalls


def formats_of(text: str) -> tuple[str, ...]:
    """Return the formats that a text names, parted by spaces. Raises ValueError for none and for an unknown one."""
    names = tuple(dict.fromkeys(text.split()))
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        raise ValueError(f"names {unknown[0]}, which is no format; there are: {' '.join(FORMATS)}")
    if not names:
        raise ValueError(f"names no format; there are: {' '.join(FORMATS)}")
    return names
