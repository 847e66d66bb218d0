"""W1: nobody who talks to us can make us talk to somebody: no address is ever taken from what was received.

The coordinator opens no connection at all but to its database. A connector opens them to the addresses in its
own settings: the coordinator's, and for a portal where people sign in and where mail goes. So this looks for
whatever could open another.
"""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from flask import Flask

from tests.codebase import tree
from tests.factories import World
from tests.flow.http.kit import Party

CLIENTS = (
    "requests",
    "urllib.request",
    "urllib3",
    "http.client",
    "httpx",
    "aiohttp",
    "socket",
    "ftplib",
    "smtplib",
)
ADDRESSES = [
    "http://127.0.0.1:1/",
    "http://[::1]:1/",
    "http://169.254.169.254/latest/meta-data/",
    "https://attacker.example/keys",
    "file:///etc/passwd",
    "//attacker.example/x",
]


def _importing(*packages: str) -> dict[str, set[str]]:
    found = {}
    for path in tree.python_files(*packages):
        hits = {name for name in tree.imports(path) if any(_is(name, each) for each in CLIENTS)}
        if hits:
            found[path.as_posix()] = {name.split(".")[0] for name in hits}
    return found


def _is(name: str, library: str) -> bool:
    return name == library or name.startswith(f"{library}.")


def test_the_coordinator_and_the_schemas_have_nothing_to_connect_with():
    assert _importing("schemas") == {}
    # The server's own listening side: it reads from lines that others opened.
    listening = {"coordinator/worker.py", "coordinator/serve.py", "coordinator/http/reading.py"}
    found = _importing("coordinator")
    assert set(found) <= listening
    assert all(names == {"socket"} for names in found.values())
    assert [path for path in listening if "connect(" in (tree.text(Path(path)) or "")] == []


def test_a_connector_has_one_door_to_the_outside():
    """The client of the coordinator, and commands of its own operator that ask their own connector.

    Pages have two more, each to an address of the settings: the sign-in service and the mail server.
    """
    doors = set(_importing("connectors"))
    strangers = {
        door
        for door in doors
        if not door.startswith(("connectors/exchange/", "connectors/commands/", "connectors/evidence/"))
    }
    assert strangers == {"connectors/pages/sign_in.py", "connectors/portal/mail/send.py"}


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Count attempts to connect to anything."""
    attempts: list[object] = []

    def refuse(_socket: socket.socket, address: object) -> None:
        attempts.append(address)
        raise OSError("no way out")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    return attempts


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_in_a_request_is_never_followed(
    app: Flask, housing: Party, no_sockets: list[object], address: str
):
    client = app.test_client()
    head = {"jku": address, "x5u": address, "alg": "Ed25519", "typ": "JWT", "kid": housing.sign.kid}
    housing.ask_token(assertion=housing.assertion(head=head))
    housing.ask_token(assertion=housing.assertion(aud=address, iss=address))
    client.post("/v1/members/challenge", json={"seal": {"kty": "OKP", "crv": "X25519", "x": address}})
    client.post("/v1/messages/batch", json={"messages": [address]})
    client.get(
        "/v1/mailbox", headers={"Host": "attacker.example", "X-Forwarded-Host": address, "Origin": address}
    )
    client.get(f"/v1/agreements/{address}")
    client.get(f"/v1/members/{address}")
    assert no_sockets == []


@pytest.mark.parametrize("address", ["https://attacker.example/withdraw", "http://169.254.169.254/"])
def test_an_address_inside_a_consent_is_data(world: World, no_sockets: list[object], address: str):
    """A consent names where to withdraw and where rights are explained: for people, not for programs."""
    phone = {"en": "By phone", "fr": "Par téléphone"}
    withdrawal = {"url": address.replace("http://", "https://"), "other_channels": [phone]}
    world.must(world.grant(world.consent_document(withdrawal=withdrawal)))
    assert no_sockets == []


def test_the_host_header_names_no_address_of_ours(housing: Party):
    """A proof is for the address in the settings, whatever the caller calls us."""
    path = "/v1/mailbox"
    headers = housing.headers("GET", path) | {"Host": "attacker.example"}
    assert housing.client.get(path, headers=headers).status_code == 200
    token = housing.token()
    stolen = housing.proof("GET", path, token, htu=f"https://attacker.example{path}")
    headers = {"Authorization": f"DPoP {token}", "DPoP": stolen, "Host": "attacker.example"}
    assert housing.client.get(path, headers=headers).status_code == 401
