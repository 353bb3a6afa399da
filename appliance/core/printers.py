"""Receipt printers by model, and which printer gets which paper."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

RECEIPTS, LABELS, PICKUP = "receipts", "labels", "pickup"
# Kinds of paper with names and addresses: never copied, and forgotten once they are printed.
MANIFEST, LABEL = "manifest", "label"
KINDS_WITH_CONTACTS = frozenset({MANIFEST, LABEL})
FURTHER_ROLES = (LABELS, PICKUP)  # those of printers beside the one for receipts
# The role that a kind of paper asks for; every other kind is a matter of the receipt printer.
_ROLE_OF_KIND: Mapping[str, str] = MappingProxyType({"label": LABELS, "ticket": LABELS, "pickup": PICKUP})


@dataclass(frozen=True, slots=True)
class Share:
    """The kinds of paper that one printer prints: those named, or with `all_but` all others."""

    kinds: frozenset[str] = frozenset()
    all_but: bool = True

    def holds(self, kind: str) -> bool:
        """Tell whether a kind of paper is this printer's."""
        return (kind in self.kinds) is not self.all_but


EVERYTHING = Share()


def share_of(role: str, present: Collection[str]) -> Share:
    """Return what the printer of a role prints; a role of which no printer is `present` falls to receipts."""
    if role != RECEIPTS:
        return Share(frozenset(kind for kind, wanted in _ROLE_OF_KIND.items() if wanted == role), all_but=False)
    return Share(frozenset(kind for kind, wanted in _ROLE_OF_KIND.items() if wanted in present))


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """What a model of printer is and can; the names are those of the settings."""

    columns: int = 48  # of font A: 48 on 80 mm at 203 dots an inch, 42 on 80 mm at 180, 32 on 58 mm
    code_page: str = "cp858"
    confirm: str = "gs_r"
    cutter: bool = True
    native_qr: bool = True
    drawer_pin: int = 2
    logo_memory: bool = False  # NV graphics, GS ( L
    kanji_off: bool = False


# Columns, knife, QR code, graphics and code page 19 (CP858) as in python-escpos 3.1's capabilities.json (MIT), which
# the printers' owners wrote; GS ( H and GS ( L by Epson's ESC/POS command reference, lists of supported models.
PROFILES: Mapping[str, PrinterProfile] = MappingProxyType(
    {
        "epson-80": PrinterProfile(confirm="process_id", logo_memory=True),  # TM-T20II, TM-T82, TM-m30
        "epson-t88": PrinterProfile(columns=42, confirm="process_id", logo_memory=True),  # TM-T88IV, V
        "citizen-80": PrinterProfile(logo_memory=True),  # CT-S651 and kin
        "generic-80": PrinterProfile(kanji_off=True),  # Xprinter, Rongta, Netum: clones that know GS r
        "generic-58": PrinterProfile(columns=32, cutter=False, native_qr=False, kanji_off=True),  # POS-5890, NT-5890K
        "sunmi-58": PrinterProfile(columns=32, confirm="none", cutter=False),  # Sunmi V2
    }
)
