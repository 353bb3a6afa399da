"""The owner's page and paired tablets at the real daemon: killed in between, backed up and restored."""

from __future__ import annotations

import http.cookiejar
import io
import json
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.system.daemon import Daemon

pytestmark = pytest.mark.system
LIMIT_S = 60


class Browser:
    """Keeps cookies as a browser does, through every restart of the box."""

    def __init__(self, daemon: Daemon) -> None:
        self._base = f"http://127.0.0.1:{daemon.port}"
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def get(self, path: str) -> str:
        with self._opener.open(self._base + path, timeout=LIMIT_S) as answer:
            return str(answer.read().decode())

    def api(self, path: str, body: object = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-Stallbox": "1", "Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        try:
            request = urllib.request.Request(f"{self._base}/api/v1{path}", data, headers)
            with self._opener.open(request, timeout=LIMIT_S) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def form(self, page: str, path: str, file: tuple[str, bytes] | None = None, **fields: str) -> str:
        token = re.search('name="form_token" value="([^"]+)"', self.get(page))
        assert token is not None
        return self._send(path, {"form_token": token[1], **fields}, file).decode()

    def download(self, page: str, path: str) -> bytes:
        token = re.search('name="form_token" value="([^"]+)"', self.get(page))
        assert token is not None
        return self._send(path, {"form_token": token[1]}, None)

    def _send(self, path: str, fields: dict[str, str], file: tuple[str, bytes] | None) -> bytes:
        mark = uuid.uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in fields.items()
        ]
        if file:
            head = f'--{mark}\r\nContent-Disposition: form-data; name="{file[0]}"; filename="a.jpg"\r\n\r\n'
            parts += [head.encode(), file[1], b"\r\n"]
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        with self._opener.open(urllib.request.Request(self._base + path, body, headers), timeout=LIMIT_S) as answer:
            return bytes(answer.read())


def photograph() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((2400, 1800), 90).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def test_what_the_owner_set_and_paired_outlives_a_kill_and_comes_back_out_of_a_backup(tmp_path: Path) -> None:
    with Daemon(tmp_path / "box") as daemon:
        daemon.load_event()
        daemon.start()
        owner, tablet = Browser(daemon), Browser(daemon)
        owner.form("/setup", "/setup", pin=daemon.tokens["pin"]["owner"])
        owner.form("/setup", "/setup/name", name="Corner stall")
        photo = photograph()
        assert len(photo) > 1_048_576  # more than the server takes of anybody else
        assert "on the kiosk" in owner.form("/setup", "/setup/photo", file=("photo", photo), offer="cup")
        tablet.form("/pair", "/pair")
        code = re.search(r'id="code">([\d ]+)<', tablet.get("/pair"))
        assert code is not None
        assert owner.api("/tablets", {"code": code[1], "name": "By the till", "role": "staff"})[0] == 201
        assert tablet.api("/sales")[0] == 200
        before = daemon.tokens["pin"]["staff"]
        told = re.search(r"The staff PIN is (\d{6})", owner.form("/setup", "/setup/staff-pin"))
        assert told is not None
        daemon.kill()
        daemon.start()
        assert daemon.tokens["pin"]["staff"] == told[1] != before
        assert tablet.api("/sales")[0] == 200
        assert "Corner stall" in owner.get("/setup")
        backup = tmp_path / "backup.tar.gz"
        backup.write_bytes(owner.download("/setup/data", "/setup/backup"))
    with Daemon(tmp_path / "other") as other:
        other.done("restore", str(backup))
        other.start()
        found = Browser(other)
        found.get("/")
        offers = {offer["id"]: offer["photo"] for offer in found.api("/offers")[1]["offers"]}
        with urllib.request.urlopen(f"http://127.0.0.1:{other.port}{offers['cup']}", timeout=LIMIT_S) as answer:
            assert Image.open(io.BytesIO(answer.read())).format == "JPEG"
        assert "Corner stall" in found.get("/staff")


def test_nobody_else_sends_a_long_form(tmp_path: Path) -> None:
    with Daemon(tmp_path / "box") as daemon:
        daemon.load_event()
        daemon.start()
        guest = Browser(daemon)
        guest.get("/")
        with pytest.raises((urllib.error.HTTPError, OSError)) as refused:
            guest.form("/setup", "/setup/photo", file=("photo", b"x" * 2_000_000), offer="cup")
        if isinstance(refused.value, urllib.error.HTTPError):
            assert refused.value.code in {403, 413}
            refused.value.close()
        assert daemon.running
