"""mqtts:// against a real broker with a certificate of its own authority."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.brokers import Mosquitto
from tests.uplink.conftest import Box
from tests.waiting import wait_until


def certificate(name: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey) -> bytes:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
    )
    if name == issuer:  # Python 3.13 checks authorities strictly
        builder = builder.add_extension(key_usage_of_an_authority(), critical=True)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def key_usage_of_an_authority() -> x509.KeyUsage:
    return x509.KeyUsage(False, False, False, False, False, True, True, False, False)


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """Write an authority and a broker's certificate by it; return the authority's."""
    root, leaf = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "ca.pem").write_bytes(certificate("test authority", root, "test authority", root))
    (tmp_path / "broker.pem").write_bytes(certificate("127.0.0.1", leaf, "test authority", root))
    (tmp_path / "broker.key").write_bytes(
        leaf.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return tmp_path / "ca.pem"


@pytest.fixture
def secure(tmp_path: Path, authority: Path) -> Iterator[Mosquitto]:
    config = f"certfile {tmp_path / 'broker.pem'}\nkeyfile {tmp_path / 'broker.key'}\n"
    broker = Mosquitto(tmp_path / "secure", config).start()
    yield broker
    broker.stop()


def test_a_trusted_broker(box: Box, secure: Mosquitto, authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))  # the system's store of authorities
    box.add(300)
    box.start(secure.port, url=f"mqtts://127.0.0.1:{secure.port}")
    wait_until(lambda: box.cursor("mqtt.published") == 300, 15)
    assert box.wait_state("ready")


def test_an_untrusted_broker_gets_nothing(box: Box, secure: Mosquitto) -> None:
    box.start(secure.port, url=f"mqtts://127.0.0.1:{secure.port}")
    state = box.wait_state("offline")
    assert "not trusted" in state.reason
    assert "clock" in state.advice


def test_tls_to_a_broker_without(box: Box, mosquitto: Mosquitto) -> None:
    box.start(mosquitto.port, url=f"mqtts://127.0.0.1:{mosquitto.port}")
    assert box.wait_state("offline").reason
