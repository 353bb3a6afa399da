"""The bench page in a real browser, over the real blueprint, kit and drivers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from appliance.core.devices import Blink, Lamp
from appliance.drivers.battery.pijuice import PiJuice
from appliance.drivers.panel.gpio import GpioPanel
from appliance.drivers.scanner.serial import SerialScanner
from appliance.sim.bench import Sample, create_bench
from appliance.sim.kit import PINS, Kit
from appliance.web.app import HEADERS
from appliance.web.server import WebServer
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

SAMPLES = (Sample("GOOD-1", "Good ticket", "Tickets"), Sample("HALF", "Voucher", "Till"))


class Bench:
    """A kit and its page on a port that stays the same when the box is off and on again."""

    def __init__(self, folder: Path) -> None:
        self.kit = Kit(folder, ("127.0.0.1", 9))
        self.kit.start()
        self.port = 0
        self.switch_on()

    def switch_on(self) -> None:
        app = Flask(__name__)
        app.register_blueprint(create_bench(self.kit, SAMPLES))
        app.after_request(with_headers)
        self._server = WebServer(app, "127.0.0.1", self.port, threads=8)
        self._server.start()
        self.port = self._server.port

    def switch_off(self) -> None:
        self._server.stop()


def with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path / "kit")
    yield bench
    bench.switch_off()
    bench.kit.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(bench: Bench, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "ERR_CONNECTION" not in message.text:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"http://127.0.0.1:{bench.port}/bench")
    yield page
    page.close()
    assert complaints == []


def test_a_sample_is_scanned_by_the_chosen_scanner(bench: Bench, page: Page) -> None:
    scanner = SerialScanner(str(bench.kit.folder / "scanner-door"))
    scanner.open()
    panel = GpioPanel(PINS, bench.kit.pin_factory)
    panel.open()
    try:
        page.get_by_role("button", name="Good ticket").click()
        assert scanner.read(5) == b"GOOD-1"
        panel.show({Lamp.STATUS: Blink.FAST})
        expect(page.locator("#scans li").first).to_contain_text("lamp blinked: refused")
        expect(page.locator(".lamp.status")).to_have_attribute("data-state", "fast")
        page.get_by_label("Code", exact=True).fill("BY-HAND")
        page.keyboard.press("Enter")
        assert scanner.read(5) == b"BY-HAND"
        panel.show({Lamp.STATUS: Blink.ON})  # until now it blinked for the scan before
        expect(page.locator("#scans li").first).to_contain_text("lamp lit: good")
    finally:
        panel.close()
        scanner.close()


def test_the_slider_and_switch_move_the_battery(bench: Bench, page: Page) -> None:
    expect(page.locator("#charge-says")).to_have_text("80 %")
    page.get_by_label("Charge in percent").fill("23")
    page.get_by_text("Charger").click()
    battery = PiJuice(bench.kit.i2c_bus)
    wait_until(lambda: (battery.read().charge_pct, battery.read().charging) == (23, True))
    expect(page.locator("#cell")).to_have_attribute("data-level", "low")


def test_a_fault_button_breaks_and_mends(bench: Bench, page: Page) -> None:
    button = page.get_by_role("button", name="Paper out")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#printer-says")).to_have_text("out of paper")
    assert bench.kit.printer.fault == "paper_out"
    button.click()
    expect(page.locator("#printer-says")).to_have_text("ready")
    assert bench.kit.printer.fault is None


def test_every_other_fault_is_in_the_menu(bench: Bench, page: Page) -> None:
    page.get_by_text("More ways to fail").click()
    page.locator("#fault-battery").select_option("silent")
    wait_until(lambda: bench.kit.current_faults()["battery"] == "silent")


def test_paper_comes_out(bench: Bench, page: Page) -> None:
    expect(page.locator("#blank")).to_be_visible()
    fd = os.open(bench.kit.folder / "printer", os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(fd, b"One cup\n\x1dV\x00Two cups\n\x1dV\x00\x1bp\x00\x19\xfa")
        slips = page.locator("#paper img")
        expect(slips).to_have_count(2)
        expect(slips.first).to_have_attribute("alt", "Sheet 2: Two cups " + "- " * 24)
        assert slips.first.evaluate("slip => slip.decode().then(() => slip.naturalWidth)") == 576 + 2 * 32
    finally:
        os.close(fd)


def test_it_says_that_the_box_is_off_and_recovers_by_itself(bench: Bench, page: Page) -> None:
    expect(page.locator("#charge-says")).to_have_text("80 %")
    bench.switch_off()
    expect(page.get_by_role("alert")).to_have_text("The box is off – it comes back by itself.", timeout=15_000)
    bench.kit.set_battery(charge_pct=7)
    bench.switch_on()
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.locator("#charge-says")).to_have_text("7 %")


def test_the_plug_is_pulled(bench: Bench, page: Page) -> None:
    cuts: list[int] = []
    bench.kit.power_cut = lambda: cuts.append(1)
    page.get_by_role("button", name="Pull the plug").click()
    wait_until(lambda: cuts == [1])


@pytest.mark.parametrize("width", [400, 900, 1280])
def test_nothing_sticks_out_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_it_works_by_keyboard_alone(bench: Bench, page: Page) -> None:
    page.get_by_role("radio", name="Door").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Till")).to_be_checked()
    page.get_by_role("button", name="Cover open").focus()
    page.keyboard.press("Space")
    wait_until(lambda: bench.kit.printer.fault == "cover_open")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    wait_until(lambda: bench.kit.battery()["charge_pct"] == 79)
