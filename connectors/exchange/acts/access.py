"""Looking at a record, and opening records in an emergency: the citizen is told in the same step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from connectors.exchange import agreements, held_back
from connectors.exchange.connector import Connector
from connectors.exchange.errors import AlreadyErased, NotHere
from connectors.exchange.outgoing.compose import CITIZEN, sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import access, cases, inbox, statements
from connectors.exchange.store.contests import CONTEST
from connectors.exchange.stored import read_payload
from schemas import instant
from schemas.messages.access_v1 import check_reviewer


@dataclass(frozen=True, slots=True)
class Actor:
    """Who looks: a pseudonym and a role; the agency alone knows the person."""

    pseudonym: str
    role: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code, and words where the code does not say it."""

    code: str
    text: str | None = None

    def as_json(self) -> dict[str, str]:
        """Give the form that the citizen gets."""
        return {"code": self.code} | ({"text": self.text} if self.text else {})


@dataclass(frozen=True, slots=True)
class Viewed:
    """A statement as it is shown."""

    id: str
    schema: str
    issuer: str
    at: datetime
    content: Mapping[str, Any]
    contested: bool


def view_record(
    connector: Connector, statement: str, actor: Actor, reason: Reason, *, automatic: bool = False
) -> Viewed:
    """Show a stored statement; that somebody looked is on its way to the citizen before anything is shown.

    The citizen's own reading is watched by nobody, and an agency's reading of its own words tells nobody
    anything.
    """
    with connector.database.reading() as connection:
        row = statements.find(connection, statement)
    if row is None:
        raise NotHere("There is no such statement here.", statement=statement)
    if row.plaintext is None:
        raise AlreadyErased(statement=statement)
    if not (connector.acts_for_citizens or row.mine):
        _tell(connector, row, actor, reason, automatic=automatic)
    return _shown(row)


def _shown(row: Row[Any]) -> Viewed:
    payload = read_payload(row.plaintext)
    contested = row.contested and row.type != CONTEST  # an open contest is marked too, nobody contests it
    return Viewed(row.id, row.schema, row.issuer, instant.from_ms(row.at), payload["content"], contested)


def _tell(connector: Connector, row: Row[Any], actor: Actor, reason: Reason, *, automatic: bool) -> None:
    now = connector.clock()
    content = {
        "statement": row.id,
        "at": instant.format(now),
        "actor": {"pseudonym": actor.pseudonym, "role": actor.role},
        "reason": reason.as_json(),
        "automatic": automatic,
    }
    tell_at = _held_back_until(connector, row)
    if tell_at is None or tell_at <= now:
        held_back.tell_of_look(connector, row, content, now)
        return
    # What is held back from the citizen by law is not betrayed by telling who looked at it.
    with connector.database.writing() as connection:
        held_back.write_look(connection, connector.id, row, content, access.view_told_later(tell_at))


def _held_back_until(connector: Connector, row: Row[Any]) -> datetime | None:
    with connector.database.reading() as connection:
        brought = inbox.find(connection, row.message)
        if brought is None or brought.raw is None:
            return None
        return held_back.told_on(connection, read_payload(brought.raw))


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """What is opened, why, until when, and how the citizen is told."""

    case: str
    agreement: str
    reason: str
    categories: Sequence[str]
    until: datetime
    opened_by: str | None = None
    second_person: str | None = None
    notice: Mapping[str, str] | None = None


def open_emergency(connector: Connector, emergency: Emergency) -> str:
    """Break the glass; gives the emergency's id, which requests then name as their authority.

    Without a second person it says who opened it; raises Invalid if it says neither, or the
    same twice.
    """
    agreements.ensure(connector, emergency.agreement)
    now = connector.clock()
    body: dict[str, Any] = {
        "reason": emergency.reason,
        "categories": list(emergency.categories),
        "until": instant.format(emergency.until),
        "notice": dict(emergency.notice or {"kind": "at_once"}),
    }
    persons = {"opened_by": emergency.opened_by, "second_person": emergency.second_person}
    body |= {role: person for role, person in persons.items() if person is not None}
    with connector.database.writing() as connection:
        cases.require(connection, emergency.case)
        to = _told(connector, cases.seats_of(connection, emergency.case))
        signed = sign_open(
            connector,
            now,
            type="access.emergency/1",
            to=to,
            case=emergency.case,
            agreement=emergency.agreement,
            body=body,
        )
        access.emergency_opened(
            connection,
            signed.id,
            case=emergency.case,
            member=connector.id,
            body=body,
            at=now,
            until=emergency.until,
        )
        return post(connection, signed, now)


def _told(connector: Connector, seats: Sequence[Row[Any]]) -> list[str]:
    """Tell the citizen, and every agency in the case: a source judges by it whether it may release."""
    agencies = [
        row.member
        for row in seats
        if row.kind == "agency" and row.status == "active" and row.member != connector.id
    ]
    return [*agencies, CITIZEN]


def review_emergency(connector: Connector, emergency: str, outcome: str, reviewer: str) -> str:
    """Say whether an emergency was justified; by someone else than who opened it, or raise SamePerson."""
    now = connector.clock()
    with connector.database.writing() as connection:
        row = access.emergency(connection, emergency)
        if row is None or row.member != connector.id:
            raise NotHere("We have opened no such emergency.", emergency=emergency)
        check_reviewer(row.body, reviewer)
        to = _told(connector, cases.seats_of(connection, row.case))
        body = {"emergency": emergency, "outcome": outcome, "reviewer": reviewer}
        signed = sign_open(
            connector, now, type="access.emergency.review/1", to=to, case=row.case, re=emergency, body=body
        )
        access.emergency_reviewed(connection, emergency, outcome)
        return post(connection, signed, now)
