"""The files of our pages: read once, packed once, at an address that changes with them.

The address holds a version of all files together, `/static/<version>/kiosk.js`, so that a module's `./box.js` is of the
same version without any build step, and a browser keeps them for good: a page that is opened again asks for none of
them. Where another version is asked for (a page from before an update), today's file is given and kept by nobody.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request

from appliance.web.wire import takes_gzip

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
VERSION_CHARS = 12
LEVEL = 9  # once for each file
KEEP = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
_IMPORT = re.compile(r"""^(?:import|export|\})[^;]*?from "\./([\w.]+)";|^import "\./([\w.]+)";""", re.MULTILINE)


@dataclass(frozen=True)
class StaticFile:
    """One file as it goes out."""

    body: bytes
    type: str

    @cached_property
    def packed(self) -> bytes:
        """The file packed with gzip, once somebody wants it."""
        return gzip.compress(self.body, LEVEL, mtime=0)

    @cached_property
    def tag(self) -> str:
        """The file's ETag as it is; packed it has another one."""
        return hashlib.sha256(self.body).hexdigest()[:24]

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """The modules that this one names."""
        return tuple(one or other for one, other in _IMPORT.findall(self.body.decode()))


def add(app: Flask) -> None:
    """Serve the files beside the application, and teach its templates `url_for("static", …)` and `modules_of`."""
    files = _read(Path(app.root_path) / "static")
    version = _version(files)

    @app.url_defaults
    def with_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["filename"] = f"{version}/{values['filename']}"

    @app.get("/static/<path:filename>", endpoint="static")
    def static(filename: str) -> Response:
        asked, _, name = filename.rpartition("/")
        if name not in files:
            abort(404)
        return _answer(files[name], keep=asked == version)

    app.add_template_global(lambda names: modules_of(files, names), "modules_of")


def modules_of(files: Mapping[str, StaticFile], names: Iterable[str]) -> list[str]:
    """Return the modules and all that they import, each once: a browser that is told loads them side by side."""
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting += files[name].imports
    return list(found)


def _read(folder: Path) -> dict[str, StaticFile]:
    return {
        path.name: StaticFile(path.read_bytes(), TYPES[path.suffix])
        for path in sorted(folder.iterdir())
        if path.suffix in TYPES
    }


def _version(files: Mapping[str, StaticFile]) -> str:
    whole = hashlib.sha256()
    for name, file in files.items():
        whole.update(f"{name} {file.tag}\n".encode())
    return whole.hexdigest()[:VERSION_CHARS]


def _answer(file: StaticFile, keep: bool) -> Response:
    is_packed = takes_gzip()
    response = Response(file.packed if is_packed else file.body, mimetype=file.type)
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{file.tag}-gzip" if is_packed else file.tag)
    response.headers["Cache-Control"] = KEEP if keep else ASK_AGAIN
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    return response.make_conditional(request)  # type: ignore[return-value]  # itself, as a 304 if it fits
