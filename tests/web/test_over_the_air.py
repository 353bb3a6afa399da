"""What goes over the air: packed for whoever takes gzip, kept by browsers, and the same for everybody else."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from appliance.web import static_files
from appliance.web.static_files import StaticFile, modules_of
from tests.web.kiosk_page import event_text
from tests.web.test_rights import login
from tests.web.webbox import Box, load_example

GZIP = {"Accept-Encoding": "gzip, deflate"}
STATIC = Path(static_files.__file__).parent / "static"


def address(browser: FlaskClient, name: str) -> str:
    """Return where the kiosk's page looks for one of its files."""
    found = re.search(rf'"(/static/\w+/{name})"', browser.get("/").data.decode())
    assert found
    return found[1]


@pytest.mark.parametrize("path", ["/", "/api/v1/offers", "/api/v1/state", "/api/v1/openapi.json"])
def test_text_is_packed_for_who_takes_it_and_says_the_same(box: Box, path: str) -> None:
    browser = box.kiosk_page()
    packed, plain = browser.get(path, headers=GZIP), browser.get(path)
    assert (packed.headers["Content-Encoding"], plain.headers.get("Content-Encoding")) == ("gzip", None)
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) * 0.65
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (packed, plain))


@pytest.mark.parametrize("accepts", ["", "identity", "br", "gzip;q=0", "deflate, gzip;q=0"])
def test_who_does_not_take_gzip_gets_none(box: Box, accepts: str) -> None:
    browser = box.kiosk_page()
    for path in ("/", address(browser, "kiosk.js")):
        assert "Content-Encoding" not in browser.get(path, headers={"Accept-Encoding": accepts}).headers


def test_what_fits_into_a_packet_anyway_is_left_alone(box: Box) -> None:
    answer = box.browser().get("/healthz", headers=GZIP)
    assert (answer.data, "Content-Encoding" in answer.headers) == (b'{"status":"ok"}\n', False)


def test_an_error_is_packed_like_any_other_text(box: Box) -> None:
    answer = box.browser().get("/nothing", headers=GZIP)
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (404, "gzip")
    assert b"There is nothing at this address." in gzip.decompress(answer.data)


def test_head_says_how_long_the_packed_answer_is(box: Box) -> None:
    browser = box.browser()
    for path in ("/join", address(browser, "style.css")):
        head, get = browser.head(path, headers=GZIP), browser.get(path, headers=GZIP)
        assert head.data == b""
        same = ("Content-Length", "Content-Encoding", "ETag", "Vary")
        assert [head.headers.get(name) for name in same] == [get.headers.get(name) for name in same]


def test_an_unchanged_state_is_304_to_who_has_it_packed_or_not(box: Box) -> None:
    staff = box.client()
    tags = [staff.get("/state", **how).headers["ETag"] for how in ({"Accept_Encoding": "gzip"}, {})]
    assert tags[0] == f"W/{tags[1]}"
    for tag in tags:
        for accepts in ("gzip", ""):
            same = staff.get("/state", If_None_Match=tag, Accept_Encoding=accepts)
            assert (same.status_code, same.data, "Content-Encoding" in same.headers) == (304, b"", False)
    staff.post("/shifts", {"float_minor": 100})
    assert staff.get("/state", If_None_Match=tags[0], Accept_Encoding="gzip").status_code == 200


def test_a_backup_is_packed_already(box: Box, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    file.write_bytes(b"\x1f\x8b" + bytes(20_000))
    monkeypatch.setattr(box.context.office, "back_up", lambda: file)
    owner = login(box, box.tokens.owner_pin or "", "/setup")
    token = re.search(r'name="form_token" value="([^"]+)"', owner.get("/setup/data").data.decode())
    assert token
    with owner.post("/setup/backup", data={"form_token": token[1]}, headers=GZIP) as answer:
        assert (answer.data, answer.headers.get("Content-Encoding")) == (file.read_bytes(), None)


def test_a_part_of_a_picture_is_a_part_of_the_picture(empty_box: Box) -> None:
    load_example(empty_box, event_text(('id = "cup"', 'id = "cup"\nphoto = "cup.jpg"')))
    assert empty_box.context.media
    empty_box.context.media.mkdir()
    (empty_box.context.media / "cup.jpg").write_bytes(bytes(range(250)) * 20)
    with empty_box.browser().get("/media/cup.jpg", headers={**GZIP, "Range": "bytes=10-19"}) as answer:
        assert (answer.status_code, answer.data) == (206, bytes(range(10, 20)))


def test_a_file_is_kept_for_good_at_an_address_of_its_version(box: Box) -> None:
    browser = box.browser()
    for name in ("kiosk.js", "style.css", "icon.svg"):
        packed, plain = (browser.get(address(browser, name), headers=headers) for headers in (GZIP, {}))
        assert gzip.decompress(packed.data) == plain.data == (STATIC / name).read_bytes()
        assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert packed.headers["ETag"] != plain.headers["ETag"]
        assert packed.headers["Vary"] == "Accept-Encoding"  # by no cookie: a new session loads nothing anew
        again = browser.get(address(browser, name), headers={**GZIP, "If-None-Match": packed.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_page_from_before_an_update_gets_the_file_of_today_and_does_not_keep_it(box: Box) -> None:
    answer = box.browser().get("/static/0123456789ab/kiosk.js")
    assert (answer.data, answer.headers["Cache-Control"]) == ((STATIC / "kiosk.js").read_bytes(), "no-cache")
    assert box.browser().get("/static/0123456789ab/nothing.js").status_code == 404
    assert box.browser().get("/static/../app.py").status_code == 404


def test_another_file_is_another_version() -> None:
    files = {"a.js": StaticFile(b"1", "text/javascript"), "b.js": StaticFile(b"2", "text/javascript")}
    versions = {static_files._version(each) for each in (files, {**files, "a.js": StaticFile(b"3", "text/javascript")})}
    assert len(versions) == 2


@pytest.mark.parametrize(
    ("text", "imports"),
    [
        ('// A module.\nimport { a, b } from "./one.js";\nimport "./two.js";\n', ("one.js", "two.js")),
        ('import {\n  a,\n  b,\n} from "./one.js";\nexport { c } from "./two.js";', ("one.js", "two.js")),
        ('const words = `import x from "./no.js";`;\nexport const a = 1;\n', ()),
    ],
)
def test_the_imports_of_a_module_are_read(text: str, imports: tuple[str, ...]) -> None:
    assert StaticFile(text.encode(), "text/javascript").imports == imports


def test_a_page_names_every_module_that_it_needs(box: Box) -> None:
    """Read by a rule of this test's own: whatever stands between quotes after `from`."""
    page = box.browser().get("/").data.decode()
    named = set(re.findall(r'rel="modulepreload" href="/static/\w+/([\w.]+)"', page))
    assert {"kiosk.js", "theme.js", "i18n.js", "kiosk_pay.js"} <= named
    for name in named:
        wanted: Any = re.findall(r'from "\./([\w.]+)"', (STATIC / name).read_text())
        assert set(wanted) <= named, name


def test_modules_that_import_each_other_are_named_once() -> None:
    def module(*names: str) -> StaticFile:
        return StaticFile("".join(f'import "./{name}";\n' for name in names).encode(), "text/javascript")

    files = {"a.js": module("b.js", "c.js"), "b.js": module("c.js", "a.js"), "c.js": module()}
    assert modules_of(files, ["a.js"]) == ["a.js", "b.js", "c.js"]
    assert modules_of(files, []) == []
