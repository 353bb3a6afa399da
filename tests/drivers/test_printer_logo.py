"""The logo: written into a printer's memory once, sent as a picture to printers that have none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from appliance.core.devices import PrinterNotReady
from appliance.core.document import Cut, Document, Logo, Text
from appliance.drivers.printer.job import Limits
from appliance.drivers.printer.links import SerialLink
from appliance.drivers.printer.printer import EscposPrinter
from appliance.drivers.printer.render import Renderer
from appliance.sim.escpos.paper import Picture
from appliance.sim.escpos.printer import EmulatedPrinter
from appliance.sim.wires import SerialWire

RECEIPT = Document((Logo(), Text("Stall"), Cut()))
LIMITS = Limits(write_limit_s=2, silence_limit_s=0.5, confirm_limit_s=2, settle_s=0.05, poll_s=0.02)


def draw_logo(path: Path, word: str = "A", size: tuple[int, int] = (400, 100)) -> Path:
    picture = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((0, 0, size[0] - 1, size[1] - 1), fill="black")
    draw.text((size[0] // 2, size[1] // 2), word, fill="white", font_size=40, anchor="mm")
    picture.save(path)
    return path


class Table:
    """A printer that may be changed for another, and drivers on its line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.line = folder / "printer"
        self.logo = draw_logo(folder / "logo.png")
        self._open: list[EscposPrinter | SerialWire] = []

    def plug(self, device: EmulatedPrinter) -> EmulatedPrinter:
        wire = SerialWire(device, self.line)
        device.connect(wire)
        self._open.append(wire)
        return device

    def driver(self, logo: Path | None = None, confirm: str = "process_id") -> EscposPrinter:
        renderer = Renderer(logo=str(logo or self.logo))
        link = SerialLink(str(self.line), 115200)
        driver = EscposPrinter(link, renderer, confirm, LIMITS, answer_limit_s=0.15, logo_memory=True)
        self._open.insert(0, driver)
        return driver

    def close(self) -> None:
        for thing in self._open:
            thing.close()


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Table]:
    table = Table(tmp_path)
    yield table
    table.close()


def pictures(device: EmulatedPrinter) -> list[list[Picture]]:
    return [[item for item in sheet.items if isinstance(item, Picture)] for sheet in device.sheets()]


def ink(parts: list[Picture]) -> int:
    return sum(byte.bit_count() for part in parts for byte in part.rows)


@pytest.mark.parametrize("confirm", ["process_id", "gs_r", "none"])
def test_it_is_stored_once_and_shown_on_every_receipt(table: Table, confirm: str) -> None:
    device = table.plug(EmulatedPrinter())
    driver = table.driver(confirm=confirm)
    for _ in range(3):
        driver.print(RECEIPT)
    assert device.paper.store_count == 1
    sheets = pictures(device)
    assert [len(parts) for parts in sheets] == [1, 1, 1]
    assert sheets[0][0].align == "center"
    assert ink(sheets[0]) == ink(sheets[2]) > 5000
    assert device.paper.unknown == []


def test_a_box_that_starts_again_finds_it_there(table: Table) -> None:
    device = table.plug(EmulatedPrinter())
    first = table.driver()
    first.print(RECEIPT)
    first.close()
    device.set_fault("power_lost")
    device.set_fault(None)
    table.driver().print(RECEIPT)
    assert device.paper.store_count == 1
    assert len(pictures(device)) == 2


def test_another_printer_on_the_line_is_given_it_too(table: Table) -> None:
    first = table.plug(EmulatedPrinter())
    driver = table.driver()
    driver.print(RECEIPT)
    first.set_fault("unplugged")
    with pytest.raises(PrinterNotReady):
        driver.print(RECEIPT)
    second = table.plug(EmulatedPrinter())
    driver.print(RECEIPT)
    assert (first.paper.store_count, second.paper.store_count) == (1, 1)
    assert ink(pictures(second)[0]) == ink(pictures(first)[0])


def test_another_logo_is_stored_beside_the_first(table: Table) -> None:
    device = table.plug(EmulatedPrinter())
    first = table.driver()
    first.print(RECEIPT)
    first.close()
    table.driver(draw_logo(table.folder / "other.png", "B")).print(RECEIPT)
    assert device.paper.store_count == len(device.paper.stored) == 2


def test_a_printer_without_memory_gets_the_picture_each_time(table: Table) -> None:
    device = table.plug(EmulatedPrinter(graphics_memory=False))
    driver = table.driver()
    for _ in range(2):
        driver.print(RECEIPT)
    assert device.paper.stored == {}
    first, second = pictures(device)
    assert ink(first) == ink(second) > 5000


def test_paper_that_is_missing_while_it_is_stored_leaves_the_receipt_in_the_spool(table: Table) -> None:
    device = table.plug(EmulatedPrinter())
    device.fail_after("power_lost", 500)
    driver = table.driver()
    with pytest.raises(PrinterNotReady):
        driver.print(RECEIPT)
    assert device.text() == ""
    device.set_fault(None)
    driver.print(RECEIPT)
    assert device.text().count("Stall") == 1


@pytest.mark.parametrize("content", [None, b"", b"GIF89a no picture"])
def test_a_logo_that_cannot_be_read_is_left_out(
    table: Table, content: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    broken = table.folder / "broken.png"
    if content is not None:
        broken.write_bytes(content)
    device = table.plug(EmulatedPrinter())
    driver = table.driver(broken)
    for _ in range(2):
        driver.print(RECEIPT)
    assert device.text().count("Stall") == 2
    assert [record.message.count("without the logo") for record in caplog.records] == [1]


@pytest.mark.parametrize(("columns", "size"), [(32, (2000, 300)), (48, (90, 2000)), (42, (13, 7))])
def test_any_picture_fits_the_paper(table: Table, columns: int, size: tuple[int, int]) -> None:
    logo = Renderer(columns, logo=str(draw_logo(table.folder / "odd.png", "", size))).logo
    assert logo is not None
    width, height = logo.picture.size
    assert width % 8 == 0
    assert 0 < width <= columns * 12
    assert 0 < height <= 240
    assert len(logo.store()) < 65536
