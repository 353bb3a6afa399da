"""The bench: a page and an API for what hands do and eyes see at the table with the emulated kit.

It is mounted under /bench on the box's own web application, in the simulator only. Nobody signs in here, so pages
of other sites are kept out: what changes something must be JSON, and come from this very address.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import HTTPException

from appliance.sim.bench_request import BenchError, check_origin, json_body, number, text, whole_number
from appliance.sim.escpos import drawing
from appliance.sim.escpos.paper import Sheet, text_of
from appliance.sim.kit import BATTERY_RANGES, PRESS_RANGE_S, Kit

MAX_CODE_CHARS = 4096
PAPER_FORMATS = ("text", "png", "raw", "sheets")


@dataclass(frozen=True, slots=True)
class Sample:
    """A code that the page suggests to scan."""

    code: str
    label: str
    group: str


def create_bench(kit: Kit, samples: Sequence[Sample], ready_hint: str = "") -> Blueprint:
    """Build the bench over a kit. `ready_hint` is shown beside the links to the box: the PIN for staff, for one."""
    blueprint = Blueprint(
        "bench", __name__, url_prefix="/bench", template_folder="bench_page", static_folder="bench_page/static"
    )
    blueprint.before_request(check_origin)
    blueprint.register_error_handler(BenchError, _refused)
    blueprint.register_error_handler(HTTPException, _http_error)
    groups = [(name, list(codes)) for name, codes in groupby(samples, lambda sample: sample.group)]

    @blueprint.get("", strict_slashes=False)
    def page() -> str:
        return render_template("bench.html", groups=groups, ready_hint=ready_hint, scanners=list(kit.scanners))

    _add_hands(blueprint, kit)
    _add_faults(blueprint, kit)
    _add_eyes(blueprint, kit)
    return blueprint


def _add_hands(blueprint: Blueprint, kit: Kit) -> None:
    @blueprint.post("/api/scan")
    def scan() -> Response:
        body = json_body("scanner", "code")
        scanner, code = text(body, "scanner"), text(body, "code")
        if scanner not in kit.scanners:
            known = ", ".join(kit.scanners)
            raise BenchError(404, "unknown_scanner", f"There is no scanner '{scanner[:40]}'; there are: {known}.")
        if not 1 <= len(code) <= MAX_CODE_CHARS:
            raise BenchError(422, "out_of_range", f"'code' must have 1 to {MAX_CODE_CHARS} characters.")
        _by_hand(lambda: kit.scan(scanner, code), "cannot_scan")
        return _answer({"scanner": scanner, "code": code}, 202)

    @blueprint.get("/api/battery")
    def battery() -> Response:
        return _answer(kit.battery())

    @blueprint.post("/api/battery")
    def set_battery() -> Response:
        body = json_body("charge_pct", "charging", "temperature_c")
        for name, (low, high) in BATTERY_RANGES.items():
            if name in body:
                number(body, name, low, high)
        if not isinstance(body.get("charging", False), bool):
            raise BenchError(422, "wrong_type", "'charging' must be true or false.")
        kit.set_battery(**body)
        return _answer(kit.battery())

    @blueprint.post("/api/button")
    def press() -> Response:
        seconds = number({"seconds": 0.2, **json_body("seconds")}, "seconds", *PRESS_RANGE_S)
        kit.press(seconds)
        return _answer({"seconds": seconds})


def _add_faults(blueprint: Blueprint, kit: Kit) -> None:
    def faults() -> Response:
        return _answer({"faults": kit.faults(), "current": kit.current_faults()})

    @blueprint.post("/api/fault")
    def set_fault() -> Response:
        body = json_body("device", "fault")
        device = text(body, "device")
        fault = None if body.get("fault", "") is None else text(body, "fault")
        known = kit.faults()
        if device not in known:
            names = ", ".join(known)
            raise BenchError(404, "unknown_device", f"There is no device '{device[:40]}'; there are: {names}.")
        _by_hand(lambda: kit.set_fault(device, fault), "unknown_fault")
        return faults()

    blueprint.add_url_rule("/api/fault", "faults", faults, methods=["GET"])


def _add_eyes(blueprint: Blueprint, kit: Kit) -> None:
    start = secrets.token_hex(4)  # paper of another start is other paper

    @blueprint.get("/api/panel")
    def panel() -> Response:
        lamps = kit.panel.state()
        buzzer = {"state": lamps.pop("buzzer"), "beeps_s": [round(beep_s, 2) for beep_s in kit.panel.beeps()]}
        return _answer({"lamps": lamps, "buzzer": buzzer, "lights": kit.lights.state()})

    @blueprint.get("/api/sms")
    def sms() -> Response:
        return _answer({"messages": kit.sms()})

    @blueprint.get("/api/paper")
    def paper() -> Response:
        wanted = _paper_format()
        last, only = whole_number("last"), whole_number("sheet")
        etag = f"{start}-{kit.paper_bytes}-{wanted}-{last}-{only}"
        if request.if_none_match.contains(etag):
            return _unchanged(etag)
        sheets = kit.printer.sheets()
        first = max(0, len(sheets) - last) if last else 0
        if only is not None:
            if only > len(sheets):
                raise BenchError(404, "unknown_sheet", f"There is no sheet {only}; there are {len(sheets)}.")
            sheets, first = sheets[:only], only - 1
        response = _paper(kit, wanted, sheets, first)
        response.set_etag(etag)
        response.headers["Cache-Control"] = "no-cache"
        return response


def _paper(kit: Kit, wanted: str, sheets: list[Sheet], first: int) -> Response:
    """Answer the sheets from index `first` on in the format that is wanted."""
    chosen = sheets[first:]
    if wanted == "png":
        return Response(drawing.png(chosen, kit.printer.paper.width_dots), mimetype="image/png")
    if wanted == "raw":
        return Response(b"".join(bytes(sheet.raw) for sheet in chosen), mimetype="application/octet-stream")
    if wanted == "text":
        return Response(text_of(chosen, kit.printer.paper.width_dots), mimetype="text/plain")
    listed = [
        {"number": number, "bytes": len(sheet.raw), "cut": sheet.cut} for number, sheet in enumerate(chosen, first + 1)
    ]
    return _answer({"sheets": listed, "drawer_pulses": kit.printer.drawer_pulses})


def _paper_format() -> str:
    wanted = request.args.get("format", "text")
    if wanted not in PAPER_FORMATS:
        raise BenchError(422, "unknown_choice", f"'format' must be one of {', '.join(PAPER_FORMATS)}.")
    return wanted


def _by_hand(act: Callable[[], None], code: str) -> None:
    """Do something at the table that the kit may not be able to do."""
    try:
        act()
    except UnicodeError as error:
        raise BenchError(422, "bad_text", "The code has half of a surrogate pair; send whole characters.") from error
    except ValueError as error:
        raise BenchError(422, code, f"{str(error).rstrip('.')}.") from error


def _answer(value: object, status: int = 200) -> Response:
    """Answer JSON; a GET carries an ETag, and what the asker has already is not sent again."""
    response = Response(json.dumps(value) + "\n", status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache" if request.method == "GET" else "no-store"
    if request.method == "GET":
        response.add_etag()
        response.make_conditional(request)
    return response


def _unchanged(etag: str) -> Response:
    response = Response(status=304)
    response.set_etag(etag)
    return response


def _refused(error: BenchError) -> Response:
    return _answer({"error": {"code": error.code, "message": str(error)}}, error.status)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    code = "too_large" if status == 413 else "bad_request"
    return _answer({"error": {"code": code, "message": f"The bench cannot answer this: {error.name.lower()}."}}, status)
