"""openapi.json put to the test: whatever its schemas allow or forbid is answered as it says, and never with a 5xx.

The short form is the same at every run; `make soak` asks anew each time, and more, as long as its time allows.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from appliance.core.sms.message import SmsRules
from appliance.web.app import ROUTES
from tests.web.webbox import Box, open_names, order_later

SHORT, LONG = 4, 150  # examples of each kind for each operation
LONG_S = 10.0  # at most so long for each kind of each operation: some take a second to think of one example
AT_ONCE = 10  # examples between two looks at the clock
HELD = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")


@pytest.fixture
def busy(box: Box) -> Box:
    """A box on which every path leads to something: an order, a sale, a shift, a parcel, a tablet."""
    staff = box.client("staff")
    staff.post("/shifts", {"float_minor": 0})
    staff.post(
        "/orders", {"lines": [{"offer": "cup", "quantity": 2}], "payment": {"tender": "cash", "amount_minor": 4800}}
    )
    order_later(box)
    staff.post("/handoffs")
    code, _ = box.context.waiting.ask("10.0.0.9")
    staff.post("/tablets", {"code": code, "name": "One", "role": "door"})
    box.vault.unlock(open_names(box))
    box.board.set("lights", {"on": False, "saved": False})
    box.context.sms = SmsRules(True)
    return box


def ask_everything(box: Box, rounds: Callable[[Callable[..., None], Any], None]) -> int:
    """Ask every operation as owner, as kiosk and as nobody, well and badly; return how many answers were checked.

    `rounds(check, strategy)` draws from the strategy as often as it likes.
    """
    load_all_checks()
    held = CHECKS.get_by_names(list(HELD))
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", box.app)
    tokens, asked, wrong = (box.tokens.owner, box.tokens.kiosk, "nobody"), [], []

    def check(case: Any) -> None:
        token = tokens[len(asked) % 7 % 3]
        # In-process Schemathesis asks for gzip by itself, and unpacks nothing; tests/web/test_over_the_air.py does.
        answer = case.call(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
        asked.append(answer.status_code)
        try:
            case.validate_response(answer, checks=held)
        except schemathesis.core.failures.FailureGroup as failures:
            wrong.append(str(failures))

    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            with contextlib.suppress(Unsatisfiable):  # what takes nothing cannot be asked badly
                rounds(check, operation.as_strategy(generation_mode=mode))
    assert not wrong, "\n\n".join(wrong)
    return len(asked)


def draw(check: Callable[..., None], strategy: Any, examples: int, *, is_same: bool) -> None:
    chosen = settings(
        max_examples=examples, derandomize=is_same, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    chosen(given(case=strategy)(check))()


def briefly(check: Callable[..., None], strategy: Any) -> None:
    draw(check, strategy, SHORT, is_same=True)


def at_length(check: Callable[..., None], strategy: Any) -> None:
    until_s = time.monotonic() + LONG_S
    for _ in range(LONG // AT_ONCE):
        if time.monotonic() < until_s:
            draw(check, strategy, AT_ONCE, is_same=False)


def test_no_answer_is_a_5xx_or_undocumented(busy: Box) -> None:
    assert ask_everything(busy, briefly) > len(ROUTES) * SHORT


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_answer_is_a_5xx_or_undocumented_for_long(busy: Box) -> None:
    assert ask_everything(busy, at_length) > len(ROUTES) * AT_ONCE
