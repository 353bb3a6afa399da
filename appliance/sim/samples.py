"""Signed tickets to scan at the bench, made once and kept as texts.

The private keys that signed them were thrown away, so nobody can make more of them. Their public keys are in the
example event, config/events/street-series.toml. Valid without end; the first is good, the others are refused.
"""

from __future__ import annotations

GOOD = (
    "SB1:P$C2X:VT*G982LB..W5ZC469QEO1139OB.CX*FX9NMTO7H*LT930PHOX"
    "L7KMZZQ:SM62AEA+FQ-NXH0-ROHXH83PT9A6O82SGP.1GXF8.M6HRMYVL+Z2"
    "/."
)
FOREIGN = (
    "SB1:P$CYNJB:ZGLU.AQKKWK834N*ZF4G1*USW0RJFA$B6ZYOB1Z.:5NP4V8A"
    "LJ$7$B-O3U8KZ1:-BSFS7UP//-6XQ9DW4Q5HCT+95FU97YFPXVOEOCIA$JZP"
    "Y7"
)
FORGED = (
    "SB1:P$C2X:VT*G9833UJ94F:IZ:SWPALMOM0:/-0H04VC.GO4NI5AXB/235B"
    "Q63$-KI156DFX2YIS0RPM./:2FA4V2$YRKINJR$$D9MXRNC3C7Q7WGBDA2P$"
    "G9"
)
PRETIX = (
    "OAFx/ceU/zelowafC6Z9oYmarvtWyZUzgJnEGMQVVl7Wk9tzu+XXXRkjrqPm7WH5E9MI2WV8Q4lmLa54gDYbFxjtxCRMwMFdlVmc0NVCKAEAPAQA"
)

# What they are, in the order of the page: label, text.
SIGNED = (
    ("Signed by Stallbox", GOOD),
    ("Signed by pretix", PRETIX),
    ("For another event", FOREIGN),
    ("Forged", FORGED),
)
MEMBER_CARD = "MSTREETCARD"
MEMBER_CREDITS = 3
USED_TICKET = "STREET-USED"
