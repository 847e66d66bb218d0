"""P8: two cases of one person: nothing that the coordinator stores is the same in both, and nothing names
the person at all.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.exchange.acts import access as looking
from connectors.exchange.acts import consents
from connectors.exchange.store import statements
from coordinator.database.engine import reading
from coordinator.database.metadata import metadata
from coordinator.database.tables import messages
from coordinator.http.edge import edge
from schemas.wire import unb64u
from tests.conftest import stored_bytes
from tests.flow.exchange.register import CANARY, IDENTITY
from tests.flow.exchange.world import DEBT, PORTAL, World, terms

SECRETS = [*IDENTITY.values(), CANARY, "Habitat Nord", "61200", "Lilas"]
IDENTIFIER = re.compile(r"[0-9A-Za-z_-]{16,}")


def _one_case(exchange: World) -> str:
    case = exchange.case()
    consent = exchange.consent(case)
    exchange.invite_source(case, consent)
    request = exchange.request(case, consent)
    exchange.settle()
    debt = exchange.members[DEBT]
    with debt.database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
    looking.view_record(debt, record.id, looking.Actor("worker-7", "adviser"), looking.Reason("plan"))
    exchange.settle()
    return case


def _two_cases(exchange: World) -> tuple[str, str]:
    exchange.agreed()
    first = _one_case(exchange)
    exchange.clock.move(days=1)
    second = _one_case(exchange)
    consents.withdraw(exchange.members[PORTAL], _consent_of(exchange, first))
    exchange.settle()
    return first, second


def _consent_of(exchange: World, case: str) -> str:
    listed = exchange.members[PORTAL].coordinator.consents(case)["consents"]
    return str(listed[0]["id"])


def _texts(value: Any) -> Iterator[str]:
    """Give every text inside a JSON value, and what is inside of tokens in it."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value
        parts = value.split(".")
        if len(parts) == 5:
            yield unb64u(parts[0]).decode()  # a seal's header is open, the rest of it is noise


def _said(exchange: World, case: str) -> tuple[set[str], list[dict[str, Any]]]:
    """Give every identifier in what the coordinator has of one case, and the payloads."""
    with reading(edge(exchange.app).coordinator.engine) as connection:
        raws = connection.scalars(
            messages.select().with_only_columns(messages.c.raw).where(messages.c.case == case)
        ).all()
    payloads = [json.loads(unb64u(bytes(raw).split(b".")[1].decode())) for raw in raws]
    texts = [text for payload in payloads for text in _texts(payload)]
    return {found for text in texts for found in IDENTIFIER.findall(text)}, payloads


def _not_of_a_person(exchange: World) -> set[str]:
    """Give what members and agreements are called, which is the same in every case of theirs."""
    known = set()
    for member in exchange.members.values():
        known |= {member.id} | {entry.kid for entry in member.keyring.entries}
    words = [text for text in _texts(terms(exchange.clock())) for text in IDENTIFIER.findall(text)]
    names = {"authenticator_data", "consequence_of_refusal", "on_withdrawal", "withdrawn-from-mailbox"}
    return known | set(words) | names


def test_two_cases_of_one_person_share_no_identifier(exchange: World):
    first, second = _two_cases(exchange)
    one, _ = _said(exchange, first)
    two, _ = _said(exchange, second)
    assert len(one) > 40
    assert one & two - _not_of_a_person(exchange) == set()


def test_the_same_person_gets_another_key_for_each_seat(exchange: World):
    first, second = _two_cases(exchange)
    keys = {exchange.members[PORTAL].keyring.seat_key(case).kid for case in (first, second)}
    assert len(keys) == 2


def test_no_byte_that_the_coordinator_stores_names_the_person(exchange: World):
    """In the files as they are on the disk, and in everything that can be unpacked without a key."""
    _two_cases(exchange)
    stored = stored_bytes(exchange.config.database_url)
    assert DEBT.encode() in stored  # the search finds what is there
    with reading(edge(exchange.app).coordinator.engine) as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(table.select())]
    unpacked = [_open(value) for row in rows for value in row]
    for secret in SECRETS:
        for spelling in _spellings(secret):
            assert spelling not in stored, f"{secret!r} is in a file"
            assert not any(spelling in each for each in unpacked), f"{secret!r} is in a row"


def _open(value: Any) -> bytes:
    """Give a stored value with every token in it decoded."""
    raw = value if isinstance(value, bytes) else json.dumps(value, default=str).encode()
    found = [raw]
    for part in re.findall(rb"[A-Za-z0-9_-]{8,}", raw):
        try:
            found.append(unb64u(part.decode()))
        except Exception:  # noqa: BLE001, S112 - what does not decode is no token
            continue
    inner = [part for each in found[1:] for part in re.findall(rb"[A-Za-z0-9_-]{40,}", each)]
    for part in inner:
        try:
            found.append(unb64u(part.decode()))
        except Exception:  # noqa: BLE001, S112 - what does not decode is no token
            continue
    return b"|".join(found)


def _spellings(secret: str) -> list[bytes]:
    """Give a text as it is, in hexadecimal, and as it looks inside of base64 at each of three offsets."""
    raw = secret.encode()
    shifted = []
    for offset in range(3):
        text = base64.urlsafe_b64encode(bytes(offset) + raw).rstrip(b"=")
        shifted.append(text[(offset * 4 + 2) // 3 : len(text) - 2])
    return [raw, raw.hex().encode(), *(each for each in shifted if len(each) >= 6)]


def test_no_sealed_message_of_the_story_is_readable_without_a_key(exchange: World):
    first, _ = _two_cases(exchange)
    _, payloads = _said(exchange, first)
    sealed = [payload for payload in payloads if "sealed" in payload]
    assert {payload["type"] for payload in sealed} >= {
        "record.request/1",
        "record.release/1",
        "access.viewed/1",
    }
    assert all("body" not in payload for payload in sealed)


def test_the_published_log_is_noise(exchange: World):
    """What everybody may read: hashes with salt. Two entries of one person have nothing in common."""
    _two_cases(exchange)
    client = exchange.app.test_client()
    size = int(client.get("/checkpoint").text.splitlines()[1])
    tile = client.get(f"/tile/entries/000.p/{size}").data
    assert len(tile) == size * 34  # each entry is its length and 32 bytes, whatever it is about
    entries = {tile[start + 2 : start + 34] for start in range(0, len(tile), 34)}
    assert len(entries) == size
    for secret in SECRETS:
        assert secret.encode() not in tile


def test_files_beside_the_database_hold_nobody_either(exchange: World):
    _two_cases(exchange)
    beside = [path for path in Path(exchange.config.keys_dir).rglob("*") if path.is_file()]
    assert beside
    held = b"".join(path.read_bytes() for path in beside)
    assert all(secret.encode() not in held for secret in SECRETS)
