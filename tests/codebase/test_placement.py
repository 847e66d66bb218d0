"""Which part of the code may use which library: one table, so that each library has one front door.

import-linter holds the direction between our own packages; this holds the libraries to their places.
"""

from __future__ import annotations

import fnmatch
from pathlib import Path

import pytest

from tests.codebase import tree

# Where the web is: each side has its own edges, and everything between them knows nothing of it.
WEB = (
    "coordinator/app.py",
    "coordinator/http/*",
    "coordinator/console/*",
    "connectors/api/*",
    "connectors/pages/*",
    "connectors/workspace/*",
    "connectors/portal/*",
)

# Where commands are.
COMMANDS = ("coordinator/cli.py", "coordinator/commands/*", "connectors/cli.py", "connectors/commands/*")

# Each library, and the only files that may import it. A pattern may name files to come.
ONLY_IN: dict[str, tuple[str, ...]] = {
    "flask": WEB,
    "werkzeug": WEB,
    "flask_smorest": WEB,
    # Signatures and seals are made and checked in one place each: the language, and signing in.
    "joserfc": (
        "schemas/signed.py",
        "schemas/seal.py",
        "coordinator/http/authlib_tokens.py",
        "connectors/exchange/access.py",
    ),
    # Untyped, and large: one module on each side knows it.
    "authlib": ("coordinator/http/authlib_tokens.py", "connectors/pages/sign_in.py"),
    # Making a passkey; confirming with one is checked by schemas, where every party does it.
    "webauthn": ("connectors/portal/registering.py",),
    # Against forged posts: on for every page where the frame is made, its refusal worded by the portal.
    "flask_wtf": ("connectors/pages/frame.py", "connectors/portal/app.py"),
    # How dates, money and lists are written in a language; the store and the acts write none.
    "babel": ("connectors/pages/*", "connectors/portal/deciding/receipt_text.py"),
    "smtplib": ("connectors/portal/mail/send.py",),
    "cryptography": ("schemas/*.py",),
    "rfc8785": ("schemas/wire.py",),
    "cedarpy": ("connectors/policy/*",),
    # Only a connector calls out, and only to its coordinator.
    "requests": ("connectors/*",),
    "gunicorn": ("coordinator/serve.py", "coordinator/worker.py"),
    "gevent": ("coordinator/serve.py", "coordinator/worker.py"),
    "waitress": ("connectors/*",),
    "prometheus_client": (
        "coordinator/http/*",
        "coordinator/serve.py",
        "connectors/api/*",
        "connectors/pages/counting.py",
        # These make the empty registry, and hand it on.
        "connectors/commands/run.py",
        "connectors/commands/serve_pages.py",
        "connectors/portal/serving.py",
    ),
    "click": COMMANDS,
    "rich": COMMANDS,
}

# Libraries that must stay out of some part, whoever else uses them.
NEVER_IN: dict[str, tuple[str, ...]] = {
    # What is said is the same whoever stores or carries it.
    "sqlalchemy": ("schemas/*",),
    "alembic": ("schemas/*", "coordinator/http/*", "coordinator/intake/*", "connectors/exchange/outgoing/*"),
    # It is unmaintained in favour of joserfc, and accepted what it must not.
    "authlib.jose": ("schemas/*", "coordinator/*", "connectors/*"),
    # Every value that arrives is data.
    "pickle": ("schemas/*", "coordinator/*", "connectors/*"),
    "yaml": ("schemas/*", "coordinator/*", "connectors/*"),
    # Keys and nonces never come from a generator that can be foretold.
    "random": ("schemas/*", "coordinator/*"),
}


def _users(library: str) -> list[Path]:
    return [
        path
        for path in tree.python_files(*tree.PACKAGES)
        if any(name == library or name.startswith(f"{library}.") for name in tree.imports(path))
    ]


def _matches(path: Path, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(path.as_posix(), pattern) for pattern in patterns)


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_used_only_in_its_place(library: str):
    misplaced = [str(path) for path in _users(library) if not _matches(path, ONLY_IN[library])]
    assert misplaced == []


@pytest.mark.parametrize("library", NEVER_IN)
def test_a_library_stays_out_of_where_it_must_not_be(library: str):
    misplaced = [str(path) for path in _users(library) if _matches(path, NEVER_IN[library])]
    assert misplaced == []


def test_the_decisions_know_no_web_and_the_web_knows_no_connector():
    """The rules of direction that hold between our own folders, beyond the contracts in pyproject.toml."""
    apart = {"coordinator/intake/": "coordinator.http", "coordinator/register/": "coordinator.http"}
    wrong = [
        f"{path} imports {other}"
        for place, other in apart.items()
        for path in tree.python_files("coordinator")
        if path.as_posix().startswith(place) and any(name.startswith(other) for name in tree.imports(path))
    ]
    assert wrong == []
