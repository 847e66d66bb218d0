"""Brings a citizen's answer: yes to all or less, no, or a counter-offer; each leaves a receipt.

Takes what the page read, checks again that the visitor may, and calls the exchange, which checks the consent
as every agency will. What was shown is what the server kept when it showed it, never what a form says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Row

from connectors.exchange import agreements
from connectors.exchange.acts import consents as acts
from connectors.exchange.store import consents as stored
from connectors.exchange.store import members, offers
from connectors.portal import accounts
from connectors.portal.acting import joint, mandates
from connectors.portal.acting.rules import NEEDED
from connectors.portal.deciding import closing, receipts
from connectors.portal.deciding.before import Before, before, replaced
from connectors.portal.deciding.question import Question, question
from connectors.portal.errors import PowerMissing
from connectors.portal.portal import Portal
from connectors.portal.store import notices
from connectors.portal.visiting import Visitor
from schemas import instant
from schemas.errors import Refusal, RequestExpired, WrongTransition

SHORTER: Final = MappingProxyType(
    {"7": timedelta(days=7), "30": timedelta(days=30), "90": timedelta(days=90), "180": timedelta(days=180)}
)
"""Earlier ends that can be chosen, by their name in the form."""
COPIES: Final = MappingProxyType({"7": 7, "30": 30, "90": 90})
"""Shorter lives of copies, in days, by their name in the form."""
_MOVES: Final = MappingProxyType({"withdraw": acts.withdraw, "suspend": acts.suspend, "resume": acts.resume})
DONE: Final = MappingProxyType({"withdraw": "withdrawn", "suspend": "suspended", "resume": "resumed"})
"""The kind of receipt that each of these leaves."""
_DEEDS: Final = MappingProxyType(
    {
        "granted": "consent.grant",
        "refused": "consent.refuse",
        "withdrawn": "consent.withdraw",
        "suspended": "consent.suspend",
        "resumed": "consent.resume",
        "passed": "record.pass",
        "stopped": "record.stop",
    }
)
"""What a delegate did, by the kind of receipt that it leaves."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What was on the page, by its digest, in which language and when."""

    sha256: str
    language: str
    version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """What the citizen would allow instead: fewer fields, an earlier end, shorter copies, once."""

    kept: Collection[str]
    shorter: str | None = None
    copies: str | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What the citizen chose: the optional fields that they add, and one of the earlier ends."""

    added: Collection[str]
    shorter: str | None = None


def asked(portal: Portal, visitor: Visitor, request: str, language: str, power: str = "view") -> Question:
    """Give a request in one of the visitor's cases; raise NotYours, MandateNotInForce or PowerMissing."""
    with portal.connector.database.reading() as connection:
        row = accounts.request(connection, visitor, request, power, portal.now())
        names = _names(connection, row)
    agreements.ensure(portal.connector, row.agreement)
    with portal.connector.database.reading() as connection:
        agreement = agreements.known(connection, row.agreement)
        found = question(row, agreement, names, language, replaced(connection, row.terms))
    # The clock is asked each time: the keeper, which writes the end down, may come by later.
    late = found.state == "open" and portal.now() >= found.answer_by
    return replace(found, state="expired") if late else found


def _names(connection: Connection, row: Row[Any]) -> dict[str, str]:
    named = {row.sender, *row.terms["sources"], *row.terms["recipients"]}
    return {member: name for member, name, _kind in members.names(connection) if member in named}


def earlier(portal: Portal, now: Question) -> Before | None:
    """Give what the same asker put for the same purpose the last time, or what would end with a yes."""
    with portal.connector.database.reading() as connection:
        row = stored.request(connection, now.id)
        return None if row is None else before(connection, row)


def suggested_at(portal: Portal, wanted: Question) -> datetime | None:
    """Say when the citizen last suggested something else for this request, None when they did not."""
    with portal.connector.database.reading() as connection:
        rows = [row for row in offers.of_case(connection, wanted.case) if row.request == wanted.id]
    return instant.from_ms(rows[-1].at) if rows else None


def keep_shown(portal: Portal, text: bytes, language: str, version: str) -> Shown:
    """Keep the words that are being shown, and give what the decision will say of them."""
    now = portal.now()
    with portal.connector.database.writing() as connection:
        digest = notices.keep(connection, text, language=language, version=version, now=now)
    return Shown(digest, language, version, now)


def draft(portal: Portal, visitor: Visitor, wanted: Question, shown: Shown, choice: Choice) -> dict[str, Any]:
    """Make the consent that a yes would be, without its proof; raise what the exchange refuses."""
    check_can_allow(portal, wanted)
    optional = {field.name for field in wanted.optional}
    decision = acts.Decision(
        shown_at=shown.at,
        leave_out=sorted(optional - set(choice.added)),
        valid_until=portal.now() + SHORTER[choice.shorter] if choice.shorter else None,
        notice={"language": shown.language, "version": shown.version, "sha256": shown.sha256},
        actor=accounts.actor(visitor),
    )
    return acts.draft(portal.connector, wanted.id, decision)


def allow(portal: Portal, visitor: Visitor, wanted: Question, shown: Shown, choice: Choice) -> str | None:
    """Bring the yes by the portal's word; gives the receipt, None where another holder must agree first."""
    check_can_allow(portal, wanted)
    now = portal.now()
    with portal.connector.database.writing() as connection:
        accounts.request(connection, visitor, wanted.id, "grant", now)
        if joint.needed(connection, visitor, wanted.case, now):
            said = {"added": sorted(choice.added), "shorter": choice.shorter}
            matter = joint.Matter(wanted.id, wanted.case, said)
            standing = joint.agree(connection, visitor, matter, now)
            mandates.did(connection, visitor, "consent.agree", now, case=wanted.case, about=wanted.id)
            if not standing.both_agree:
                return None
    with sending(portal, wanted.id):
        return bring(portal, visitor, draft(portal, visitor, wanted, shown, choice))


@contextmanager
def sending(portal: Portal, about: str) -> Iterator[None]:
    """Let what two agreed on be said again if what is done inside is refused; `about` names what it is."""
    try:
        yield
    except Refusal:
        with portal.connector.database.writing() as connection:
            joint.unsent(connection, about)
        raise


def bring(
    portal: Portal, visitor: Visitor, document: Mapping[str, Any], confirmed: Sequence[Mapping[str, Any]] = ()
) -> str:
    """Bring a yes that was drafted; `confirmed` are passkey assertions over it. Gives the receipt."""
    with portal.connector.database.reading() as connection:
        accounts.request(connection, visitor, document["request"], "grant", portal.now())
        closing.check_open(connection, document["case"])
        if confirmed and visitor.mandate is not None:
            raise PowerMissing("Who acts for another does not confirm with that person's passkey.")
    proofs = [acts.portal_proof(visitor.acr, visitor.auth_time), *confirmed]
    message = acts.grant(portal.connector, document, proofs)
    return given(portal, visitor, "granted", document, message, consent=document["id"])


def refuse(portal: Portal, visitor: Visitor, wanted: Question) -> str:
    """Bring the no; it needs no reason, no proof, and not the other holder. Gives the receipt."""
    now = portal.now()
    with portal.connector.database.writing() as connection:
        accounts.request(connection, visitor, wanted.id, "refuse", now)
        if joint.needed(connection, visitor, wanted.case, now):
            joint.disagree(connection, visitor, wanted.id, wanted.case, now)
    message = acts.refuse(portal.connector, wanted.id)
    return given(portal, visitor, "refused", {**wanted.terms, "request": wanted.id}, message)


def check_can_allow(portal: Portal, wanted: Question) -> None:
    """Raise CaseClosed or RequestExpired where no agency would take a yes any more."""
    with portal.connector.database.reading() as connection:
        closing.check_open(connection, wanted.case)
    if wanted.state == "expired" or wanted.until <= portal.now():
        raise RequestExpired(request=wanted.id)


def suggest(portal: Portal, visitor: Visitor, wanted: Question, offer: Offer) -> str:
    """Bring a counter-offer; gives the message. It decides nothing. Raises what the exchange refuses."""
    now = portal.now()
    with portal.connector.database.reading() as connection:
        accounts.request(connection, visitor, wanted.id, NEEDED["consent.offer"], now)
    check_can_allow(portal, wanted)
    message = acts.offer(portal.connector, wanted.id, _narrower(wanted.terms, offer, now))
    with portal.connector.database.writing() as connection:
        mandates.did(connection, visitor, "consent.offer", now, case=wanted.case, about=wanted.id)
    return message


def is_less(portal: Portal, wanted: Question, offer: Offer) -> bool:
    """Say whether an offer leaves anything out: what is the same as was asked for is no offer."""
    return _narrower(wanted.terms, offer, portal.now()) != dict(wanted.terms)


def _narrower(terms: Mapping[str, Any], offer: Offer, now: datetime) -> dict[str, Any]:
    kept = set(offer.kept)
    data = [
        {**each, "fields": [name for name in each["fields"] if f"{each['category']}.{name}" in kept]}
        for each in terms["data"]
    ]
    until = terms["valid_until"]
    if offer.shorter:
        until = min(until, instant.format(now + SHORTER[offer.shorter]))
    days = terms["data_life"]["days"]
    return {
        **terms,
        "data": [each for each in data if each["fields"]],
        "valid_until": until,
        "data_life": {"days": min(days, COPIES[offer.copies]) if offer.copies else days},
        "fetch": "once" if offer.once else terms["fetch"],
        "frequency": None if offer.once else terms["frequency"],
    }


def move(portal: Portal, visitor: Visitor, consent: str, act: str) -> str | None:
    """Withdraw, suspend or resume a permission, without a reason and without a passkey; gives the receipt.

    None where another holder must agree before it goes on: data flows again, so that it is a yes.
    """
    with portal.connector.database.reading() as connection:
        row = accounts.consent(connection, visitor, consent, NEEDED[f"consent.{act}"], portal.now())
    if act == "resume" and not _may_go_on(portal, visitor, consent):
        return None
    with sending(portal, consent):
        message = _MOVES[act](portal.connector, consent)
    return given(portal, visitor, DONE[act], row.document, message, consent=consent)


def _may_go_on(portal: Portal, visitor: Visitor, consent: str) -> bool:
    """Count the visitor's yes to letting it go on; raise CaseClosed, WrongTransition if it is not paused."""
    now = portal.now()
    with portal.connector.database.writing() as connection:
        # Read here: a yes to the end of one pause must not count for another that began since.
        row = accounts.consent(connection, visitor, consent, NEEDED["consent.resume"], now)
        closing.check_open(connection, row.case)
        if row.status != "suspended":
            raise WrongTransition(consent=row.id, status=row.status)
        if not joint.needed(connection, visitor, row.case, now):
            return True
        standing = joint.agree_on(connection, visitor, joint.going_on(row), now)
        if not standing.both_agree and standing.is_new:
            mandates.did(connection, visitor, "consent.resume.agree", now, case=row.case, about=row.id)
        return standing.both_agree


def given(
    portal: Portal,
    visitor: Visitor,
    kind: str,
    document: Mapping[str, Any],
    message: str,
    *,
    consent: str | None = None,
    about: str | None = None,
) -> str:
    """Write the receipt, and what a delegate did, in one transaction; `about` is what, if not the consent."""
    now = portal.now()
    with portal.connector.database.writing() as connection:
        about = about or consent or document.get("request")
        mandates.did(connection, visitor, _DEEDS[kind], now, case=document["case"], about=about)
        actor = accounts.actor(visitor)
        decided = receipts.decided(
            connection, kind, visitor.principal, document, actor, message=message, consent=consent
        )
        return receipts.give(connection, portal.settings, decided, now)
