"""Receipts look as they were agreed, dot by dot; `python -m tests.golden` draws them anew."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from PIL import Image, ImageChops, features

from appliance.core.document import Document
from appliance.drivers.printer import lettering
from tests.golden import AGREED, FOLDER, WIDTHS, drawn, papers, path_of

NAMES = ("sale", "copy", "refund", "z-report", *AGREED)


@pytest.fixture(scope="module")
def made() -> Mapping[str, Document]:
    return papers()


def test_the_fonts_of_the_pictures_are_here() -> None:
    assert lettering._find("DejaVuSansMono.ttf"), "install fonts-dejavu-core"
    assert lettering._find("DroidSansFallbackFull.ttf"), "install fonts-droid-fallback"
    assert features.check("raqm"), "install libfribidi0"


def test_there_are_no_other_pictures() -> None:
    assert {path.name for path in FOLDER.glob("*.png")} == {path_of(n, w).name for n in NAMES for w in WIDTHS}


@pytest.mark.parametrize("width_mm", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_a_paper_looks_as_agreed(made: Mapping[str, Document], name: str, width_mm: int) -> None:
    with Image.open(path_of(name, width_mm)) as file:
        agreed = file.convert("1")
    picture = drawn(made[name], WIDTHS[width_mm])
    assert picture.size == agreed.size
    assert ImageChops.logical_xor(picture, agreed).getbbox() is None
