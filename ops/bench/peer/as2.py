"""AS2 as `django-pyas2` does it: signed messages, signed receipts (MDN), stored through Django in SQLite.

Run by the Python of the peer's environment, from the checkout's root: `as2.py patch` mends oscrypto, `as2.py
prepare FOLDER COUNT` makes the database and ready requests; gunicorn serves `application`. The keys are those
that the package brings for its own tests.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from ops.bench.client import request, write_requests

RECORD = b"<record>" + os.urandom(996).hex().encode() + b"</record>"
"""About two kilobytes, as the sealed record of a release before it is sealed."""
_OPENSSL = re.compile(r"\\\\d\\\\\.\\\\d\\\\\.\\\\d\[a-z\]\*")


def patch() -> None:
    """Let oscrypto 1.3.0 read the version of an OpenSSL that has two digits in its last part."""
    spec = importlib.util.find_spec("oscrypto")
    for folder in spec.submodule_search_locations or () if spec else ():
        for name in ("_libcrypto_cffi.py", "_libcrypto_ctypes.py"):
            file = Path(folder) / "_openssl" / name
            file.write_text(_OPENSSL.sub(r"\\\\d+\\\\.\\\\d+\\\\.\\\\d+[a-z]*", file.read_text()))


def configure(folder: Path) -> Any:
    """Set Django up on a database in this folder."""
    import django  # type: ignore[import-not-found]  # in the peer's own environment  # noqa: PLC0415 - only there
    from django.conf import settings  # type: ignore[import-not-found]  # in the peer's own  # noqa: PLC0415 - as above

    # The settings that Django's own documentation gives for SQLite with several writers.
    options = {"timeout": 30, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"}
    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(folder / "as2.sqlite"),
        "OPTIONS": options,
    }
    settings.configure(
        SECRET_KEY="bench",  # noqa: S106 - signs nothing here
        ALLOWED_HOSTS=["*"],
        DATABASES={"default": database},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "pyas2"],
        ROOT_URLCONF="pyas2.urls",
        MEDIA_ROOT=str(folder),
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        LOGGING_CONFIG=None,
    )
    django.setup()
    return django


def prepare(folder: Path, count: int) -> None:
    """Make tables, two parties that know each other, and `count` signed messages, each different."""
    configure(folder)
    from django.core.management import call_command  # type: ignore[import-not-found]  # peer's  # noqa: PLC0415 - as above

    call_command("migrate", verbosity=0)
    fixtures = Path(str(importlib.util.find_spec("pyas2").origin)).parent / "tests" / "fixtures"  # type: ignore[union-attr]  # it is installed here
    _know_each_other(fixtures)
    write_requests(folder / "requests.ready", (_message(fixtures, number) for number in range(count)))


def _know_each_other(fixtures: Path) -> None:
    from pyas2.models import (  # type: ignore[import-not-found]  # peer's  # noqa: PLC0415 - needs Django set up
        Organization,
        Partner,
        PrivateKey,
        PublicCertificate,
    )

    ours = PrivateKey.objects.create(
        name="server",
        key=(fixtures / "server_private.pem").read_bytes(),
        key_pass="test",  # noqa: S106 - the package's own test key
    )
    theirs = PublicCertificate.objects.create(
        name="client", certificate=(fixtures / "client_public.pem").read_bytes(), verify_cert=False
    )
    Organization.objects.create(name="Server", as2_name="as2server", encryption_key=ours, signature_key=ours)
    Partner.objects.create(
        name="Client",
        as2_name="as2client",
        target_url="http://127.0.0.1/",
        compress=False,
        mdn=False,
        signature_cert=theirs,
        encryption_cert=theirs,
    )


def _message(fixtures: Path, number: int) -> bytes:
    from pyas2lib import Message, Organization, Partner  # type: ignore[import-not-found]  # peer's  # noqa: PLC0415 - as above

    sender = Organization(
        as2_name="as2client",
        sign_key=(fixtures / "client_private.pem").read_bytes(),
        sign_key_pass="test",  # noqa: S106 - the package's own test key
    )
    receiver = Partner(
        as2_name="as2server",
        verify_cert=(fixtures / "server_public.pem").read_bytes(),
        validate_certs=False,
        sign=True,
        digest_alg="sha256",
        mdn_mode="SYNC",
        mdn_digest_alg="sha256",
    )
    message = Message(sender=sender, receiver=receiver)
    message.build(RECORD, filename=f"{number}.xml", subject="record", content_type="application/xml")
    headers = {name: " ".join(value.split()) for name, value in message.headers.items()}
    kind = next(value for name, value in headers.items() if name.lower() == "content-type")
    others = [(name, value) for name, value in headers.items() if name.lower() != "content-type"]
    return request("/as2receive", message.content, kind, others)


def application() -> Any:
    """Make the WSGI application; gunicorn calls this in each worker."""
    configure(Path(os.environ["PEER_FOLDER"]))
    from django.core.wsgi import get_wsgi_application  # type: ignore[import-not-found]  # peer's  # noqa: PLC0415 - as above

    return get_wsgi_application()


if __name__ == "__main__":
    if sys.argv[1] == "patch":
        patch()
    else:
        prepare(Path(sys.argv[2]), int(sys.argv[3]))
