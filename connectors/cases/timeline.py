"""The timeline: one line for everything that was said, newest first, and a page of it at a time.

A line has a key for a sentence and codes to fill it in; what was said inside is not repeated here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from connectors.cases.entry import Entry, place
from connectors.cases.lines import MadeLater
from connectors.cases.permissions import recipients
from connectors.cases.said import Said
from connectors.cases.view import Line
from schemas.messages.delivery_v1 import DELAYED
from schemas.messages.fields import CITIZEN

PAGE: Final = 50
"""Lines that a page shows at once."""

Facts = Callable[[Said, Entry], Mapping[str, Any]]


def timeline(said: Said) -> Sequence[Line]:
    """Give every line, newest first; what is still on its way, or was refused, is among them."""
    said_now = (entry for entry in said.entries if entry.type != DELAYED or _is_news(said, entry))
    entries = sorted((*said_now, *said.failed), key=place, reverse=True)
    return MadeLater(entries, partial(_line, said))


def _is_news(said: Said, told: Entry) -> bool:
    """Say whether what was held back is worth a line on the day on which it was told.

    It has one of its own at its own date; what belongs to it (the question, the review) adds nothing here.
    """
    held = said.message(told.re)
    return held is None or held.name not in _BELONGS


_BELONGS: Final = frozenset(
    {"record.request", "record.erased", "access.emergency.review", "message.reject"},
)


def _line(said: Said, entry: Entry) -> Line:
    kind, words, facts = _KNOWN.get(entry.name, _NEUTRAL)
    return Line(
        kind=kind,
        at=entry.at,
        log_index=entry.log_index,
        actor=said.actor(entry),
        words=words or _message_words(entry),
        facts=facts(said, entry),
        message=entry.message,
        statement=entry.id if entry.statement else None,
        consent=_consent(entry),
        trouble=entry.trouble,
        on_its_way=entry.on_its_way,
    )


def _message_words(entry: Entry) -> str:
    return f"message.{entry.body.get('kind', 'message')}"


def _consent(entry: Entry) -> str | None:
    if entry.basis is not None and entry.basis.kind == "consent":
        return entry.basis.id
    consent = entry.body.get("consent") if entry.name.startswith("consent.") else None
    return consent.get("id") if isinstance(consent, dict) else consent


# --- the facts of each type: codes, ids and counts only ---------------------------------------------


def _fields(*names: str) -> Facts:
    def facts(_said: Said, entry: Entry) -> Mapping[str, Any]:
        return {name: entry.body[name] for name in names if entry.body.get(name) is not None}

    return facts


def _to(said: Said, entry: Entry) -> Mapping[str, Any]:
    return {"to": tuple(said.party(to) for to in entry.to or ())}


def _moved(said: Said, entry: Entry) -> Mapping[str, Any]:
    basis = entry.basis
    return {
        "categories": entry.categories,
        "to": _went_to(said, entry) if entry.name != "record.request" else said.readers(entry),
        "basis": basis.kind if basis else "seat",
        "purpose": basis.purpose if basis else None,
    }


def _went_to(said: Said, entry: Entry) -> tuple[str, ...]:
    """To whom data went: the citizen where they alone got it, as at a first look."""
    alone = entry.to is not None and said.to_citizen(entry) and not said.is_citizen(entry.sender)
    return recipients(said, entry) or ((CITIZEN,) if alone else ())


def _invited(_said: Said, entry: Entry) -> Mapping[str, Any]:
    invitee = entry.body.get("invitee", {})
    return {"invited": "citizen" if invitee.get("kind") == "citizen" else invitee.get("member")}


def _left(said: Said, entry: Entry) -> Mapping[str, Any]:
    member = entry.body.get("member")
    return {"member": said.party(member or entry.sender), "by_another": member not in {None, entry.sender}}


def _terms(_said: Said, entry: Entry) -> Mapping[str, Any]:
    terms = entry.body.get("terms") or entry.body.get("consent") or {}
    return {
        "purpose": terms.get("purpose", {}).get("code"),
        "sources": tuple(terms.get("sources", ())),
        "recipients": tuple(terms.get("recipients", ())),
        "categories": tuple(dict.fromkeys(each["category"] for each in terms.get("data", ()))),
    }


def _contested(said: Said, entry: Entry) -> Mapping[str, Any]:
    about = said.statement(entry.body.get("statement")) or said.message(entry.re)
    return {
        "categories": entry.categories,
        "fields": tuple(entry.body.get("fields", ())),
        "issuer": None if about is None else about.sender,
        "statement": entry.body.get("statement"),
    }


def _erased(_said: Said, entry: Entry) -> Mapping[str, Any]:
    return {"count": len(entry.body.get("messages", ())), "why": entry.body.get("why")}


def _viewed(_said: Said, entry: Entry) -> Mapping[str, Any]:
    return {
        "role": entry.body.get("actor", {}).get("role"),
        "reason": entry.body.get("reason", {}).get("code"),
        "automatic": entry.body.get("automatic"),
        "statement": entry.body.get("statement"),
    }


def _type(_said: Said, entry: Entry) -> Mapping[str, Any]:
    return {"type": entry.type}


_NEUTRAL: Final[tuple[str, str, Facts]] = ("other", "other.message", _type)
_KNOWN: Final[Mapping[str, tuple[str, str, Facts]]] = {
    "case.open": ("case", "case.open", _fields("language")),
    "case.invite": ("case", "case.invite", _invited),
    "case.join": ("case", "case.join", _fields()),
    "case.attest": ("case", "case.attest", _fields("method")),
    "case.leave": ("case", "case.leave", _left),
    "case.close": ("case", "case.close", _fields("outcome")),
    "case.reopen": ("case", "case.reopen", _fields()),
    "consent.request": ("permission", "consent.request", _terms),
    "consent.grant": ("permission", "consent.grant", _terms),
    "consent.refuse": ("permission", "consent.refuse", _fields()),
    "consent.withdraw": ("permission", "consent.withdraw", _fields()),
    "consent.suspend": ("permission", "consent.suspend", _fields()),
    "consent.resume": ("permission", "consent.resume", _fields()),
    "record.request": ("record", "record.request", _moved),
    "record.release": ("record", "record.release", _moved),
    "record.decline": ("record", "record.decline", _fields("reason", "categories")),
    "record.contest": ("record", "record.contest", _contested),
    "record.correct": ("record", "record.correct", _moved),
    "record.erased": ("record", "record.erased", _erased),
    "access.viewed": ("access", "access.viewed", _viewed),
    "access.emergency": ("access", "access.emergency", _fields("reason", "categories", "until")),
    "access.emergency.review": ("access", "access.emergency.review", _fields("outcome", "emergency")),
    "note.add": ("coordination", "note.add", _to),
    "message.send": ("coordination", "", _to),
    "document.add": ("coordination", "document.add", _to),
    "outcome.give": ("coordination", "outcome.give", _fields("outcome", "agrees")),
    "message.reject": ("other", "message.reject", _fields("reason", "message")),
    "delivery.withdrawn": ("other", "delivery.withdrawn", _fields("why", "message")),
    "delivery.delayed": ("other", "delivery.delayed", _fields()),
}


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Some lines, and the message after which the next page begins (None when these were the last)."""

    lines: tuple[Line, ...]
    after: str | None


def page(
    lines: Sequence[Line], *, after: str | None = None, kinds: frozenset[str] | None = None, size: int = PAGE
) -> TimelinePage:
    """Give the lines that follow the one of message `after`; a cursor stays right when new lines come first.

    An `after` that is not among the lines begins at the top.
    """
    wanted = lines if kinds is None else [line for line in lines if line.kind in kinds]
    start = 0 if after is None else _behind(wanted, after)
    shown = tuple(wanted[start : start + size])
    return TimelinePage(shown, shown[-1].message if start + size < len(wanted) else None)


def _behind(lines: Sequence[Line], message: str) -> int:
    return next((at + 1 for at, line in enumerate(lines) if line.message == message), 0)
