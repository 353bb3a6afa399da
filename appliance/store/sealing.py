"""Sealing: records under a key, keys to a public key, and the holders of one list on their way into the store."""

from __future__ import annotations

import hmac
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from appliance.core.holders import CodeSecret, Holder, fast_secret, is_weak, slow_secret
from appliance.store.spill import Record, Spill

KEY_BYTES = 32
_NONCE_BYTES = 12
_LABEL = b"stallbox event key 1"
_TAG_BYTES = 6


def seal(key: bytes, text: bytes, about: str) -> bytes:
    """Seal a text with ChaCha20-Poly1305 (RFC 8439); `about` has to be said again to open it.

    The nonce is a HMAC of what is sealed: one key never seals two texts under one nonce, and the same record is
    sealed to the same bytes, so that a list taken in again is seen not to have changed.
    """
    nonce = hmac.digest(key, about.encode() + b"\0" + text, "sha256")[:_NONCE_BYTES]
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, text, about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes | None:
    """Open what `seal` sealed; None if the key is another or a bit was changed."""
    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode())
    except InvalidTag:
        return None


def seal_to(public_key: bytes, key: bytes) -> bytes:
    """Seal a key to a public key (X25519, RFC 7748): a pair for this once, HKDF, and `seal`."""
    once = X25519PrivateKey.generate()
    shared = once.exchange(X25519PublicKey.from_public_bytes(public_key))
    public_once = once.public_key().public_bytes_raw()
    return public_once + seal(_derived(shared, public_once + public_key), key, "")


def unseal_with(private_key: bytes, sealed: bytes) -> bytes | None:
    """Open what was sealed to the public key of this private one; None if it was another."""
    own = X25519PrivateKey.from_private_bytes(private_key)
    public_once = sealed[:KEY_BYTES]
    shared = own.exchange(X25519PublicKey.from_public_bytes(public_once))
    return unseal(_derived(shared, public_once + own.public_key().public_bytes_raw()), sealed[KEY_BYTES:], "")


def _derived(shared: bytes, publics: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, publics, _LABEL).derive(shared)


def pack(*texts: str) -> bytes:
    """Write texts as the bytes that are sealed."""
    return json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode()


class Sealer:
    """See SealerPort in core/ports. `owner_public` None: the owner has no PIN yet, and names cannot be searched.

    `has_slow`: the store keeps tickets under slow ids already, so that any short code may be one of those.
    """

    def __init__(self, salt: bytes, has_slow: bool, owner_public: bytes | None) -> None:
        self.salt = salt
        self.has_slow = has_slow
        self._records = Spill()
        self.fast_ids: dict[str, str] = {}
        self._event_key = os.urandom(KEY_BYTES) if owner_public else None
        self.sealed_event_key = seal_to(owner_public, self._event_key) if owner_public and self._event_key else None

    def take(self, code: str, holder: Holder | None, fast_id: str) -> tuple[str, str]:
        """Seal a ticket's holder; return the ticket's id and the tag of the record."""
        if is_weak(code) and (holder is not None or self.has_slow):
            secret = slow_secret(code, self.salt)
            self.fast_ids[secret.id] = fast_id
        elif holder is None:
            return fast_id, ""
        else:
            secret = CodeSecret(fast_id, fast_secret(code).key)
        if holder is None:
            return secret.id, ""
        sealed = seal(secret.key, pack(holder.name, holder.email, holder.phone, holder.note), secret.id)
        self._records[secret.id] = sealed, self._search_copy(secret.id, holder)
        return secret.id, sealed[:_TAG_BYTES].hex()

    def record(self, id: str) -> Record:
        """Return the sealed record of a ticket and its search copy. Raises KeyError."""
        return self._records[id]

    def _search_copy(self, id: str, holder: Holder) -> bytes | None:
        if self._event_key is None or not holder.name:
            return None
        return seal(self._event_key, pack(holder.name, holder.note), id)
