"""What can go wrong, in words for a person and codes for a program."""

from __future__ import annotations


class StallboxError(Exception):
    """Base of every error that Stallbox raises on purpose.

    `code` is stable and for programs (`sold_out`); `message` is one sentence for a person.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Refusal(StallboxError):
    """A command that the rules do not allow. Nothing of it stays behind.

    `status` is the HTTP status that fits (404, 409, 422 …): a number only, so that core knows no web.
    """

    def __init__(self, code: str, message: str, status: int = 422) -> None:
        super().__init__(code, message)
        self.status = status


class NotFound(Refusal):
    """What the command names does not exist."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message, status=404)


class RightNeeded(Refusal):
    """The cashier may not do this alone. `right` is what is missing; a supervisor's PIN with the same request helps."""

    def __init__(self, right: str, message: str) -> None:
        super().__init__("right_needed", message, status=403)
        self.right = right


class TooManyTries(Refusal):
    """Too many wrong PINs: nobody's is tried before `retry_after_s` are over."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("too_many_pins", f"Too many wrong PINs. Try again in {retry_after_s} s.", status=429)
        self.retry_after_s = retry_after_s


class StoreUnavailable(StallboxError):
    """The store cannot take a command now (disk full, read-only, I/O error). Nothing was changed."""


class DeviceLost(StallboxError):
    """A device does not answer any more, or never did. `advice` says what a person can do about it."""

    def __init__(self, code: str, message: str, advice: str = "") -> None:
        super().__init__(code, message)
        self.advice = advice
