"""Reads the codes on paper as a phone does: pages are drawn by PDFium, codes read by ZXing."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import zxingcpp
from PIL import Image

DPI = 150  # a cheap office printer's draft


def pages(file: Path) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(file)
    try:
        return [document[number].render(scale=DPI / 72).to_pil() for number in range(len(document))]
    finally:
        document.close()


def text_of(file: Path) -> str:
    document = pypdfium2.PdfDocument(file)
    try:
        return "\n".join(document[number].get_textpage().get_text_range() for number in range(len(document)))
    finally:
        document.close()


def codes_on(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture.convert("L"))]
