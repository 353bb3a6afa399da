"""JSON Schemas of the answers about payments that wait; see schemas.py."""

from __future__ import annotations

from appliance.core.trade import PendingStatus, Tender
from appliance.web.qr import DRAWN
from appliance.web.schema_parts import COUNT, TEXT, TIME, Schema, list_of, object_of, one_of, or_null, ref

SCHEMAS: dict[str, Schema] = {
    "AskedPayment": object_of(
        id=COUNT,
        status=one_of(PendingStatus),
        tender=one_of(Tender),
        amount_minor=COUNT,
        currency=TEXT,
        order_id=TEXT,
        order_code={"type": "string", "description": "What people call the order."},
        reference=TEXT,
        at=TIME,
        tip_minor={**COUNT, "description": "Asked for on top of the amount."},
        code={**or_null(ref("PaymentCode")), "description": "Of a transfer: what the guest's bank's app scans."},
        age_s={**COUNT, "description": "How long the box has waited, by no wall clock."},
    ),
    "PaymentCode": DRAWN,
    "SlipPrinted": object_of(job={**COUNT, "description": "The print job."}),
    "AskedPayments": object_of(payments=list_of(ref("AskedPayment"))),
}
