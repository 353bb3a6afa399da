"""QR codes as rows of dark runs, for whatever draws them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

QUIET_MODULES = 4  # ISO/IEC 18004, 6.3.8: light on every side

Modules = Sequence[Sequence[bool]]


def modules_of(text: str) -> Modules:
    """Return the dark modules by row, without the quiet zone, at level M. Raises ValueError for too long a text."""
    import qrcode  # brings Pillow, which a box that draws no code need not carry
    from qrcode.util import QRData

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(QRData(text.encode()), optimize=0)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]


def runs(modules: Modules) -> Iterator[tuple[int, int, int]]:
    """Walk the dark runs: (column, row, length) in modules."""
    for row, cells in enumerate(modules):
        column = 0
        for dark, group in groupby(cells):
            length = len(list(group))
            if dark:
                yield column, row, length
            column += length
