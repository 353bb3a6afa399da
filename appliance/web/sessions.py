"""Sessions whose age is counted by a clock that nobody sets: a box that learns the right time signs nobody out."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer

_BEGUN_S = time.time() - time.monotonic()  # one look at the system's clock, when the daemon starts


class SteadySigner(TimestampSigner):
    """Dates signatures by seconds that only grow. One of the future is of before a restart that set the clock back."""

    def get_timestamp(self) -> int:
        """Return the seconds since 1970, as they were counted from the daemon's start."""
        return int(_BEGUN_S + time.monotonic())

    def unsign(self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        """Check a signature and its age. Raises BadSignature."""
        try:
            return super().unsign(signed_value, max_age, return_timestamp)  # type: ignore[call-overload]
        except SignatureExpired as expired:
            signed_at = expired.date_signed
            if signed_at is None or signed_at.timestamp() < self.get_timestamp():
                raise
            return (expired.payload, signed_at) if return_timestamp else expired.payload


class SteadySessions(SecureCookieSessionInterface):
    """Flask's own signed cookies, with the signer above."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what writes and reads the cookies."""
        if not app.secret_key:
            return None
        how = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
        return URLSafeTimedSerializer(
            app.secret_key, salt=self.salt, serializer=self.serializer, signer=SteadySigner, signer_kwargs=how
        )
