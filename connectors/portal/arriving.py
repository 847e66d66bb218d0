"""Arriving: joining a case with the code from an organisation, or coming alone and asking some for help.

Takes the visitor and what they typed; says what is wrong by raising. Who is signed in, it does not check.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import structlog
from sqlalchemy import Connection

from connectors.exchange.acts import cases, coordination
from connectors.exchange.connector import Connector
from connectors.exchange.store import cases as case_store
from connectors.pages.throttle import Limit
from connectors.portal import accounts
from connectors.portal.acting import mandates
from connectors.portal.acting import rules as mandate_rules
from connectors.portal.errors import NotYours, PowerMissing
from connectors.portal.portal import Portal
from connectors.portal.store import accounts as stored
from connectors.portal.store import first_words
from connectors.portal.visiting import Visitor
from schemas.errors import Invalid, Refusal, WrongCode
from schemas.messages import joining

BY_ACCOUNT: Final = Limit("join.account", 10, timedelta(minutes=15))
BY_ADDRESS: Final = Limit("join.address", 60, timedelta(hours=1))
"""A code has 100 bits, so that these only stop whoever makes noise; people who mistype are not held up."""
BEGUN: Final = Limit("begin.account", 10, timedelta(days=1))
"""Cases that one account may open in a day: each is an invitation to people who then look at it."""
CODE_LENGTH: Final = 20
MOST_ASKED: Final = 5
"""Organisations that are asked at once; more can be invited from the case."""
_KEPT: Final = timedelta(days=90)
_HELPS: Final = frozenset({"public", "charity", "company"})
_log = structlog.get_logger("accord.portal")


def plain_code(typed: str) -> str:
    """Give a code without spaces and dashes of any kind, in capitals, as it was handed over or not."""
    return "".join(each for each in typed if each.isalnum()).upper()


# --- with a code ------------------------------------------------------------------------------------


def join(made: Portal, visitor: Visitor, code: str) -> str:
    """Join the case that this code belongs to; gives the case, also to one who had joined by it before.

    It is written down whose case it is before the seat is taken, so that no seat is ever nobody's. Raises
    WrongCode for a code that fits nothing, or that somebody else has used.
    """
    check_may_join(visitor)
    now = made.now()
    with made.connector.database.writing() as connection:
        case, open_ = _invitation(connection, code)
        if not open_ and stored.owner_of(connection, case) == visitor.principal:
            return case
        if not open_:
            raise WrongCode("This code was used before.")
        try:
            accounts.take_case(connection, visitor, case, now)
        except NotYours as error:
            raise WrongCode("This code was used before.") from error
        passkeys = own_passkeys(connection, visitor)
        mandates.did(connection, visitor, "case.join", now, case=case)
    try:
        return cases.join_case(made.connector, code, passkeys)
    except WrongCode:
        # Where several write at once, the same button's other press may have joined since we looked.
        with made.connector.database.reading() as connection:
            _, still_open = _invitation(connection, code)
        if still_open:
            raise
        return case


def check_may_join(visitor: Visitor) -> None:
    """Raise PowerMissing before anything happens, for a delegate who may not bring a person into a case."""
    if visitor.mandate is None:
        return
    standing = accounts.standing_of(visitor.mandate)
    mandate_rules.check_power(standing, mandate_rules.NEEDED["case.join"])
    if not mandate_rules.reaches_new_ones(standing):
        raise PowerMissing("You act for this person in some cases only, so not in a new one.")


def _invitation(connection: Connection, code: str) -> tuple[str, bool]:
    """Give the case that a code belongs to, and whether the code can still be used."""
    commitment = joining.commitment(code)
    for row in case_store.invitations_in(connection, "open", "joined", "accepted"):
        if row.direction == "received" and row.invitee.get("commitment") == commitment:
            return str(row.case), row.state == "open"
    raise WrongCode("No invitation waits for this code.")


def own_passkeys(connection: Connection, visitor: Visitor) -> list[Mapping[str, Any]]:
    """Give the visitor's passkeys as a seat takes them; none for one who acts for another."""
    return [as_seat_takes_it(row) for row in accounts.signing_keys(connection, visitor)]


def as_seat_takes_it(row: Any) -> Mapping[str, Any]:
    """Give a passkey of an account as a seat takes it."""
    return {name: getattr(row, name) for name in ("credential", "jwk", "rp_id", "origins")}


def is_confirmed(made: Portal, case: str) -> bool:
    """Say whether the organisation that invited has confirmed the seat."""
    with made.connector.database.reading() as connection:
        return case_store.citizen_seat(connection, case) is not None


# --- alone ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Organisation:
    """Whom one can ask: as the register names it, and what it takes part in."""

    id: str
    name: str
    kind: str
    does: tuple[Mapping[str, str], ...]


def organisations(made: Portal) -> list[Organisation]:
    """List the organisations that take part, by name; raise Unavailable."""
    client = made.connector.coordinator
    does = _does(client.agreements().get("agreements", ()))
    found = [
        Organisation(each["id"], str(each["name"]), each["kind"], tuple(does.get(each["id"], {}).values()))
        for each in client.members().get("members", ())
        if each.get("status") == "active" and each.get("kind") in _HELPS
    ]
    return sorted(found, key=lambda each: each.name.casefold())


def _does(agreements: Collection[Mapping[str, Any]]) -> dict[str, dict[str, Mapping[str, str]]]:
    """Give what each organisation helps with: for what it gets data, by the agreements in force."""
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    for each in agreements:
        document = each.get("document", {})
        if each.get("status") != "in_force":
            continue
        texts = {
            purpose["code"]: purpose["text"]
            for purpose in document.get("purposes", ())
            if purpose["basis"] == "consent"  # the others are not for asking: they happen by law
        }
        for flow in document.get("flows", ()):
            text = texts.get(flow["purpose"])
            if text is not None:
                found.setdefault(flow["recipient"], {})[flow["purpose"]] = text
    return found


def begin(
    made: Portal,
    visitor: Visitor,
    *,
    words: str,
    asked: Collection[str],
    language: str,
    case: str | None = None,
) -> str:
    """Open a case for a citizen who came alone, invite those whom they ask, and keep their words for them.

    `case` is the id that it gets, made with the words: they are sent once. Raises Invalid for an organisation
    that does not take part, CaseExists for words that were sent, and what opening a case raises.
    """
    check_may_join(visitor)
    known = {each.id for each in organisations(made)}
    if not asked or len(asked) > MOST_ASKED or not set(asked) <= known:
        raise Invalid("Choose among the organisations that take part.", path="asked")
    for member in asked:
        made.connector.directory.member(member)  # its keys are proven before it hears of anybody
    with made.connector.database.reading() as connection:
        passkeys = own_passkeys(connection, visitor)
    sign_in, now = cases.SignIn(acr=visitor.acr, auth_time=visitor.auth_time), made.now()
    case = case or str(uuid4())
    with made.connector.database.writing() as connection:  # first, as in `join`: no case is ever nobody's
        accounts.take_case(connection, visitor, case, now)
        first_words.keep(connection, case, asked, words, now)
    cases.open_case_for_citizen(made.connector, sign_in, language, passkeys, case)
    with made.connector.database.writing() as connection:
        mandates.did(connection, visitor, "case.open", now, case=case)
    for member in sorted(asked):
        cases.invite_agency(made.connector, case, member, coordination.BY_SEAT)
    return case


def tell_first_words(connector: Connector, now: datetime) -> int:
    """Let organisations that have come into a case read what the citizen asked for; gives how many did.

    Sealed to them alone, by the citizen's seat. Words that nobody came to read are forgotten after 90 days.
    """
    with connector.database.reading() as connection:
        rows = first_words.waiting(connection)
        ready: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            seat = case_store.seat(connection, row.case, "agency", row.member)
            if seat is not None and seat.status == "active":
                ready.setdefault((row.case, row.text), []).append(row.member)
    told = 0
    for (case, text), members in ready.items():
        try:
            coordination.add_note(connector, case, text, to=members)
        except Refusal as refusal:
            _log.warning("first_words_wait", code=refusal.code)
            continue
        # After saying it, not before: to be told twice is better than never.
        with connector.database.writing() as connection:
            told += first_words.told(connection, case, members)
    with connector.database.writing() as connection:
        first_words.forget(connection, now - _KEPT)
    return told
