"""A small HTTP client for a box: one connection kept open, plain answers, lost connections as OSError."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and the body as JSON."""

    status: int
    body: Any

    @property
    def error(self) -> str:
        """The code of a refusal, empty for none."""
        return str(self.body["error"]["code"]) if "error" in self.body else ""


class Http:
    """One caller, by a token or by headers such as a cookie.

    A connection that is lost raises OSError, and the next call makes a new one.
    """

    def __init__(
        self, address: tuple[str, int], token: str = "", timeout_s: float = 15, headers: Mapping[str, str] | None = None
    ) -> None:
        self._connection = http.client.HTTPConnection(*address, timeout=timeout_s)
        self._headers = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, self._headers)

    def post(self, path: str, body: object, key: str = "") -> Answer:
        headers = {**self._headers, "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        return self._ask("POST", path, json.dumps(body), headers)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            return Answer(response.status, json.loads(response.read()))
        except http.client.HTTPException as error:
            self._connection.close()
            raise ConnectionError(f"the answer broke off: {error!r}") from error
        except OSError:
            self._connection.close()
            raise
