from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from appliance.core.devices import Scanner
from appliance.drivers.scanner.absent import AbsentScanner


def test_an_absent_scanner_waits_and_reads_nothing() -> None:
    scanner: Scanner = AbsentScanner()
    scanner.open()
    assert scanner.read(0.01) is None
    scanner.close()


def test_closing_ends_its_wait() -> None:
    scanner = AbsentScanner()
    scanner.open()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(scanner.read, 60)
        scanner.close()
        assert waiting.result(5) is None
