"""AS4 as the library `as4` does it (Peppol profile), with a bare receiver that stores each message in SQLite.

Run by the Python of the peer's environment, from the checkout's root: `as4.py prepare FOLDER COUNT` makes two
parties and ready requests; gunicorn serves `application`. Messages are signed, compressed and encrypted; the
answer is the signed receipt. The library has no server and looks for no duplicates, so neither does this.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

# This file has the library's name: its own folder must not be searched before the environment's.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from ops.bench.client import request, write_requests  # noqa: E402 - the path had to be set first

RECORD = b"<Record xmlns='urn:bench'>" + os.urandom(990).hex().encode() + b"</Record>"
_DOCUMENT = "urn:bench::Record##bench::1"
Start = Callable[[str, list[tuple[str, str]]], Any]


def prepare(folder: Path, count: int) -> None:
    """Make keys, certificates, a table, and `count` messages, each different."""
    for name in ("sender", "receiver"):
        _make_party(folder, name)
    with sqlite3.connect(folder / "as4.sqlite") as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE records (id INTEGER PRIMARY KEY, record BLOB NOT NULL)")
    write_requests(folder / "requests.ready", (_message(folder) for _ in range(count)))


def _make_party(folder: Path, name: str) -> None:
    from cryptography import x509  # noqa: PLC0415 - in the peer's own environment
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - as above

    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name.upper())])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _certificate(folder: Path, name: str) -> Any:
    from cryptography import x509  # noqa: PLC0415 - in the peer's own environment

    return x509.load_pem_x509_certificate((folder / f"{name}.crt").read_bytes())


def _party(folder: Path, name: str) -> Any:
    import as4  # type: ignore[import-not-found]  # in the peer's own environment  # noqa: PLC0415 - only there
    from as4.peppol import create_peppol_internal_party  # type: ignore[import-not-found]  # peer's  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - as above

    key = load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    return create_peppol_internal_party(
        party_id=name.upper(), certificate=_certificate(folder, name), private_key=as4.AS4LocalPrivateKey(key)
    )


def _message(folder: Path) -> bytes:
    from as4.peppol import build_peppol_message, create_peppol_external_party  # noqa: PLC0415 - in the peer's environment

    message = build_peppol_message(
        payload=RECORD,
        local_party=_party(folder, "sender"),
        remote_party=create_peppol_external_party(
            party_id="RECEIVER", certificate=_certificate(folder, "receiver")
        ),
        sender="9932:9999999999",
        recipient="9932:1111111111",
        sender_country_id="FR",
        document_type_identifier_scheme="busdox-docid-qns",
        document_type_identifier_value=_DOCUMENT,
        process_identifier="urn:bench",
    )
    body, boundary = message.get_request_data()
    headers = dict(message.get_http_headers(boundary))
    kind = headers.pop("Content-Type")
    return request("/as4", body, kind, headers.items())


def application() -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    """Make the WSGI application; gunicorn calls this in each worker."""
    import as4  # noqa: PLC0415 - in the peer's own environment
    from as4.peppol import parse_peppol_message  # noqa: PLC0415 - as above

    folder = Path(os.environ["PEER_FOLDER"])
    receiver = _party(folder, "receiver")
    policy = as4.SecurityPolicy(signer_resolver=as4.pinned_certificates(_certificate(folder, "sender")))
    local = threading.local()

    def store(record: bytes) -> None:
        if not hasattr(local, "database"):
            local.database = sqlite3.connect(folder / "as4.sqlite", timeout=30)
            local.database.execute("PRAGMA synchronous=FULL")
        with local.database:
            local.database.execute("INSERT INTO records (record) VALUES (?)", (record,))

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST":
            start("405 Method Not Allowed", [("Content-Length", "0")])
            return []
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        headers = {"Content-Type": environ["CONTENT_TYPE"]}
        received = parse_peppol_message(headers, body, receiver, security_policy=policy)
        if received.successful:
            store(next(iter(received.message.decrypted_data.values())))
        kinds, signal = received.build_signal()
        start("200 OK", [*kinds.items(), ("Content-Length", str(len(signal)))])
        return [signal]

    return answer


if __name__ == "__main__":
    prepare(Path(sys.argv[2]), int(sys.argv[3]))
