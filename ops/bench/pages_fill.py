"""Fills a portal's database as years of use would: one long case, and thousands of others by other citizens.

Writes what a connector stores of messages that it has verified, in the same tables and of the same length;
nothing is sent. The sealed parts are of the right length and cannot be opened: no page ever looks into them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Table

from connectors.exchange.store import tables
from connectors.portal.store import accounts as account_store
from connectors.portal.store import tables as portal_tables
from ops.story.cast import AGREEMENT, PURPOSE, sample_script, terms
from schemas import instant
from schemas.instant import to_ms
from schemas.wire import b64u

ISSUER: Final = "http://localhost:9400"
CITIZEN: Final = "citizen"
CHARITY, HOUSING, BENEFITS, PORTAL = "charity", "housing", "benefits", "portal"
TENANCY: Final = {
    "arrears": {"amount": 104000, "currency": "EUR"},
    "rent": {"amount": 61240, "currency": "EUR"},
    "tenure": "social",
}
ASKED: Final = {
    "categories": [{"category": "housing", "fields": list(TENANCY)}],
    "identify": {},
    "why": {"en": "To help.", "fr": "Pour aider."},
}
PAPER: Final = {
    "title": "Letter",
    "name": "letter.pdf",
    "media_type": "application/pdf",
    "size": 1200,
    "sha256": "a" * 64,
    "key": "k" * 43,
}
WORDS: Final = "Hello, I have spoken with the landlord today. We can meet on Tuesday, if that suits you. " * 2
_SEALED: Final = 1700
"""Characters of what is sealed for one reader, of a small record."""
_SIGNATURE: Final = b64u(bytes(64))
_CONSENT_EVERY: Final = 200
_SMALL: Final = 12
"""Messages of every other case."""


@dataclass(frozen=True, slots=True)
class About:
    """What a message says of itself besides who and to whom."""

    re: str | None = None
    schema: str | None = None
    categories: Sequence[str] = ()
    by_consent: bool = False


@dataclass(slots=True)
class Filled:
    """One case that is being written: rows by table, in the order of the log."""

    case: str
    at: datetime
    index: int
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    consent: str = ""
    said: int = 0

    def add(self, table: Table, **row: Any) -> None:
        """Write a row down."""
        self.rows.setdefault(table.name, []).append(row)

    def next_id(self, kind: int = 0) -> str:
        """Give an id that was never given: of the log's index, and what it names."""
        return str(UUID(int=(self.index << 8) + kind, version=4))

    def say(
        self,
        kind: str,
        sender: str,
        to: Sequence[str],
        content: Mapping[str, Any],
        *,
        sealed: bool = True,
        about: About | None = None,
    ) -> tuple[str, str]:
        """Let somebody say something; gives the ids of the message and of its statement."""
        self.index += 1
        self.said += 1
        self.at += timedelta(minutes=7)
        message, statement = self.next_id(), self.next_id(1)
        said = about or About()
        payload = {
            "id": message,
            "type": kind,
            "from": sender,
            "to": list(to),
            "case": self.case,
            "at": instant.format(self.at),
            "until": instant.format(self.at),
            **self._rests_on(said),
        }
        if sealed:
            payload["sealed"] = [{"to": reader, "jwe": "e" * _SEALED} for reader in to]
            self._state(payload, statement, content, said)
        else:
            payload["body"] = content
        self._carry(kind, message, sender, signed(payload))
        return message, statement

    def _rests_on(self, said: About) -> dict[str, Any]:
        basis = {"basis": "consent", "consent": self.consent} if said.by_consent else {"basis": "seat"}
        named = {"agreement": AGREEMENT, "purpose": PURPOSE} if said.by_consent else {}
        return {"authority": basis, "categories": list(said.categories), "re": said.re, **named}

    def _state(
        self, payload: Mapping[str, Any], statement: str, content: Mapping[str, Any], said: About
    ) -> None:
        sender, schema = payload["from"], said.schema or payload["type"]
        stated = {
            "id": statement,
            "iss": sender,
            "case": self.case,
            "schema": schema,
            "at": payload["at"],
            "content": dict(content),
        }
        self.add(
            tables.statements,
            id=statement,
            message=payload["id"],
            sender=sender,
            type=payload["type"],
            case=self.case,
            schema=schema,
            issuer=sender,
            at=to_ms(self.at),
            log_index=self.index,
            re=said.re,
            basis=payload["authority"]["basis"],
            consent=payload["authority"].get("consent"),
            agreement=payload.get("agreement"),
            purpose=payload.get("purpose"),
            categories=payload["categories"],
            mine=sender == PORTAL,
            contested=False,
            plaintext=signed(stated),
            state="current",
            erase_at=None,
        )

    def _carry(self, kind: str, message: str, sender: str, raw: bytes) -> None:
        row = {"id": message, "type": kind, "case": self.case, "raw": raw, "log_index": self.index}
        row["sha256"] = hashlib.sha256(raw).hexdigest()
        at = to_ms(self.at)
        if sender == PORTAL:
            sent = {"state": "sent", "urgency": 1, "attempts": 1, "next_at": at, "at": at, "proven": True}
            self.add(tables.outbox, **row, **sent)
        else:
            received = {"sender": sender, "receipt": "r" * 700, "state": "stored", "received_at": at}
            self.add(tables.inbox, **row, **received)


def signed(payload: Mapping[str, Any]) -> bytes:
    """Write a payload as it is stored; the signature was checked before, and is not looked at again."""
    body = b64u(json.dumps({name: value for name, value in payload.items() if value is not None}).encode())
    return f"{b64u(b'{}')}.{body}.{_SIGNATURE}".encode()


# --- one case ---------------------------------------------------------------------------------------


def long_case(case: str, index: int, entries: int, now: datetime) -> Filled:
    """Write a case of this many messages: what agencies and a citizen say to each other over years."""
    made = Filled(case, now - timedelta(minutes=7 * entries + 60), index)
    _open(made)
    while made.said < entries:
        if not made.consent or made.said % _CONSENT_EVERY < _SMALL:
            _permit(made)
        _one_round(made)
    return made


def _open(made: Filled) -> None:
    at = to_ms(made.at)
    made.add(
        tables.cases,
        id=made.case,
        status="open",
        opened_by=CHARITY,
        opened_at=at,
        language="en",
        acting_for_citizen=True,
        swept=False,
    )
    for kind, member in (("citizen", PORTAL), ("agency", CHARITY), ("agency", HOUSING), ("agency", BENEFITS)):
        made.add(tables.seats, case=made.case, kind=kind, member=member, status="active")
    made.say("case.open/1", CHARITY, [CITIZEN], {"language": "en"}, sealed=False)


def _permit(made: Filled) -> None:
    """The citizen is asked, and grants."""
    asked = terms(sample_script(), made.at, "0" * 64, "https://portal.example.org")
    why = {"en": "To help.", "fr": "Pour aider."}
    request, _ = made.say("consent.request/1", CHARITY, [CITIZEN], {"terms": asked, "why": why}, sealed=False)
    made.consent = made.next_id(2)
    document = {
        **asked,
        "id": made.consent,
        "case": made.case,
        "request": request,
        "actor": {"kind": "citizen"},
        "given_at": instant.format(made.at),
        "valid_from": instant.format(made.at),
    }
    grant, _ = made.say(
        "consent.grant/1",
        PORTAL,
        [CHARITY, HOUSING, BENEFITS],
        {"consent": document},
        sealed=False,
        about=About(request),
    )
    made.add(
        tables.consents,
        id=made.consent,
        case=made.case,
        status="granted",
        agreement=AGREEMENT,
        purpose=PURPOSE,
        document=document,
        portal=PORTAL,
        proven=True,
        grant_message=grant,
        granted_index=made.index,
        status_index=made.index,
        status_at=to_ms(made.at),
        valid_until=to_ms(instant.parse(document["valid_until"])),
        swept=False,
    )


def _one_round(made: Filled) -> None:
    """A record is asked for, given and looked at; people write, add a document, contest a record."""
    both = [CHARITY, HOUSING]
    by = About(categories=("housing",), by_consent=True)
    request, _ = made.say("record.request/1", CHARITY, [HOUSING, CITIZEN], ASKED, about=by)
    given = replace(by, re=request, schema="housing.tenancy/1")
    release, record = made.say("record.release/1", HOUSING, [CHARITY, CITIZEN], TENANCY, about=given)
    for worker in range(4):
        look = {
            "statement": record,
            "at": instant.format(made.at),
            "actor": {"pseudonym": f"worker-{worker}", "role": "adviser"},
            "reason": {"code": "plan", "text": "To prepare the plan with you."},
            "automatic": False,
        }
        made.say("access.viewed/1", CHARITY, [CITIZEN], look, about=About(release))
    words = About(categories=("coordination",))
    letter = {"subject": "Our appointment", "text": WORDS}
    _, message = made.say("message.send/1", CHARITY, [CITIZEN], letter, about=words)
    made.say("message.send/1", PORTAL, both, {"text": WORDS, "answers": message}, about=words)
    made.say("note.add/1", CHARITY, [CITIZEN], {"text": WORDS}, about=words)
    made.say("document.add/1", CHARITY, [CITIZEN], PAPER, about=words)
    if made.said % 50 < _SMALL:
        wrong = {"statement": record, "text": "That is not my rent any more.", "fields": ["rent"]}
        made.say("record.contest/1", PORTAL, both, wrong, about=About(release, categories=("housing",)))


# --- a whole database -------------------------------------------------------------------------------


def write(connection: Connection, made: Filled) -> None:
    """Put a case into the tables."""
    for name, rows in made.rows.items():
        connection.execute(tables.metadata.tables[name].insert(), rows)


def owned(connection: Connection, made: Sequence[str], subject: str, now: datetime) -> str:
    """Make an account at the portal whose cases these are; gives its id."""
    account = account_store.create(
        connection,
        kind="person",
        language="en",
        now=now,
        issuer=ISSUER,
        subject=subject,
        name="Sample Citizen",
    )
    rows = [{"case": case, "account": account, "joined_at": to_ms(now)} for case in made]
    connection.execute(portal_tables.account_cases.insert(), rows)
    return account


def others(count: int, index: int, now: datetime) -> Iterator[Filled]:
    """Write small cases, each another citizen's."""
    for number in range(count):
        at = index + number * 2 * _SMALL
        yield long_case(case_id(number + 2), at, _SMALL, now - timedelta(minutes=number))


def case_id(number: int) -> str:
    """Give the id of a case by its number."""
    return str(UUID(int=(1 << 100) + number, version=4))


def know_members(connection: Connection, names: Mapping[str, str], now: datetime) -> None:
    """Write down who the organisations are, as after their keys were proven."""
    rows = [
        {
            "id": id,
            "kind": "public",
            "name": name,
            "status": "active",
            "first_kid": id,
            "keys": [],
            "chain": [],
            "checked_at": to_ms(now),
        }
        for id, name in names.items()
    ]
    connection.execute(tables.members.insert(), rows)
