"""Seals and the owner's PIN: what opens them, and what does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.errors import Refusal, StallboxError
from appliance.store.sealing import seal, seal_to, unseal, unseal_with
from appliance.store.spill import Spill
from appliance.store.vault import OWNER_PIN, Vault

KEY = b"k" * 32


@given(st.binary(max_size=200), st.text(max_size=20), st.integers(0, 10_000))
def test_a_seal_opens_as_it_was_made_and_no_other_way(text: bytes, about: str, at: int) -> None:
    sealed = seal(KEY, text, about)
    assert unseal(KEY, sealed, about) == text
    assert unseal(b"K" * 32, sealed, about) is None
    assert unseal(KEY, sealed, about + "x") is None
    bent = bytearray(sealed)
    bent[at % len(bent)] ^= 1
    assert unseal(KEY, bytes(bent), about) is None


def test_two_texts_never_share_a_nonce_and_one_is_always_sealed_alike() -> None:
    assert seal(KEY, b"one", "a") == seal(KEY, b"one", "a")
    nonces = {seal(KEY, b"%d" % number, about)[:12] for number in range(500) for about in "ab"}
    assert len(nonces) == 1000


def test_a_key_sealed_to_an_owner_opens_with_his_key_only(tmp_path: Path) -> None:
    ours, theirs = Vault(tmp_path / "ours"), Vault(tmp_path / "theirs")
    for vault in (ours, theirs):
        vault.set_pin("copper kettle")
        assert vault.unlock("copper kettle")
    key, public = os.urandom(32), ours.public_key
    assert public is not None
    sealed = seal_to(public, key)
    assert unseal_with(ours.owner_key or b"", sealed) == key
    assert unseal_with(theirs.owner_key or b"", sealed) is None
    assert seal_to(public, key) != sealed


def test_a_pin_opens_until_it_is_locked_and_is_not_in_its_file(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    assert (vault.has_pin, vault.public_key, vault.unlock("copper kettle")) == (False, None, False)
    vault.set_pin("copper kettle")
    assert vault.has_pin
    assert vault.owner_key is None
    assert (vault.is_pin("copper kettle"), vault.is_pin("copper kettl")) == (True, False)
    assert not vault.unlock("wrong")
    assert vault.unlock("copper kettle")
    assert vault.owner_key is not None
    file = tmp_path / OWNER_PIN
    assert b"copper" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    vault.lock()
    assert vault.owner_key is None


def test_a_changed_pin_keeps_the_key_and_a_forgotten_one_does_not(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.set_pin("copper kettle")
    public = vault.public_key
    vault.set_pin("silver spoon", "copper kettle")
    assert (vault.public_key, vault.is_pin("copper kettle"), vault.is_pin("silver spoon")) == (public, False, True)
    with pytest.raises(Refusal, match="not right"):
        vault.set_pin("wooden table", "copper kettle")
    assert vault.is_pin("silver spoon")
    vault.unlock("silver spoon")
    vault.set_pin("wooden table")
    assert vault.public_key != public
    assert vault.owner_key is None


@pytest.mark.parametrize(
    "pin", ["", "12345", "123456", "111111", "121212", "abcdef", " 12845 ", "x" * 65, "73\n829105"]
)
def test_a_pin_that_is_guessed_at_once_is_not_taken(tmp_path: Path, pin: str) -> None:
    vault = Vault(tmp_path)
    with pytest.raises(Refusal):
        vault.set_pin(pin)
    assert not vault.has_pin


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    (tmp_path / OWNER_PIN).write_text("{}")
    with pytest.raises(StallboxError, match=r"owner-pin\.json is damaged"):
        vault.unlock("copper kettle")


@pytest.mark.parametrize("in_memory", [0, 200, 1_000_000])
def test_records_come_back_from_memory_and_from_the_disk(monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    monkeypatch.setattr("appliance.store.spill.IN_MEMORY_BYTES", in_memory)
    spill = Spill()
    records = {f"{number:064x}": (b"r" * number, b"s" * number or None) for number in range(1, 60)}
    records["plain"] = (b"only", None)
    for id, record in records.items():
        spill[id] = record
    assert {id: spill[id] for id in reversed(records)} == records
    with pytest.raises(KeyError):
        spill["nobody"]
