"""The keys of contacts. Sealed to the owner's key, once he has a PIN of his own; before that, to one of the box.

The box prints labels by itself, so something on it must open what it sealed. Without a PIN that is a file beside the
store, and whoever has the card can read the contacts; with one it is the key that the PIN opens, in memory only.
"""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from appliance.core.goods.contact import Contact
from appliance.store.keys import load_or_create
from appliance.store.sealing import pack, seal_to, unseal_with
from appliance.store.vault import Vault

CONTACTS_KEY = "contacts-x25519.key"  # 32 raw bytes, RFC 7748


class ContactKeys:
    """See ContactKeysPort in core/ports."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._path = folder / CONTACTS_KEY
        self._vault = vault

    def seal(self, contact: Contact) -> bytes:
        """Seal a contact."""
        own = X25519PrivateKey.from_private_bytes(load_or_create(self._path))
        public_key = self._vault.public_key or own.public_key().public_bytes_raw()
        return seal_to(public_key, pack(contact.name, contact.phone, contact.address))

    def open(self, sealed: bytes) -> Contact | None:
        """Open a contact by whichever key is at hand."""
        for key in (self._vault.owner_key, load_or_create(self._path)):
            text = unseal_with(key, sealed) if key else None
            if text is not None:
                return Contact(*json.loads(text))
        return None
