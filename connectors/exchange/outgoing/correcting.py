"""A record in the place of earlier ones (GDPR art. 16 and 19): who gets it, by what right, how much of it.

Takes what the source says is right, gives one letter for each copy that somebody still holds: to each the
fields that its copy can have, by the right on which that copy moved. Sends and stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from connectors.exchange import held_back
from connectors.exchange.basis import Permitted, Question, permitted
from connectors.exchange.connector import Connector
from connectors.exchange.errors import HeadTooOld, SeatNotKnown
from connectors.exchange.outgoing.asked import check_head, citizen_is_told, read_authority, read_withheld
from connectors.exchange.outgoing.compose import CITIZEN, Letter
from connectors.exchange.outgoing.period import within
from connectors.exchange.store import consents, copies, previews, statements
from connectors.exchange.store.copies import CORRECT, Copy
from connectors.exchange.stored import read_payload
from schemas import records
from schemas.errors import ConsentNotInForce, Invalid, NotPassedOn, NotPermitted
from schemas.instant import from_ms
from schemas.messages.envelope import Authority, Withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What the source says is right, for one record that it names and every other copy of the same."""

    named: Row[Any]
    """The release that is named; where no agency holds it any more, the citizen gets it alone."""
    record: Mapping[str, Any]
    wrong: frozenset[str]
    """The fields that are put right: those that were contested, or all of them."""
    marked_since: int | None
    """When we heard of the contest (ms): copies that we have made since then have its mark."""
    settles: str | None
    contested: tuple[str, ...]
    now: datetime


@dataclass(frozen=True, slots=True)
class Right:
    """By what a copy lives now, and whether that is paused."""

    authority: Authority
    agreement: str | None
    purpose: str | None
    paused: bool = False


_SEAT = Right(Authority("seat"), None, None)


def letters(connector: Connector, connection: Connection, said: Correction) -> list[Letter]:
    """Make the letters of a correction.

    Left out is what nobody holds any more, what rests on a right that has ended, and what has none of the
    fields in question. Raises ConsentNotInForce while the consent of the copy that is named is paused, and
    Invalid where nothing of the record may go to whoever holds that one.
    """
    ours = copies.of_kind(connection, said.named.case, said.named.schema)
    # A first look is not corrected: it is shown anew.
    released = [each for each in ours if previews.find(connection, each.release.message) is None]
    made = (_Writing(connector, connection, said, each).letter() for each in released)
    return [letter for letter in made if letter is not None]


@dataclass(frozen=True, slots=True)
class _Writing:
    """One copy of what is corrected, and the letter about it."""

    connector: Connector
    connection: Connection
    said: Correction
    copy: Copy

    def letter(self) -> Letter | None:
        """Write to those who hold the copy; to the citizen alone where that is all who do."""
        letter = self._for_holders() if self.copy.holders else None
        return letter or (self._for_citizen() if self._is_named() or self._went_to_citizen_alone() else None)

    def _is_named(self) -> bool:
        return bool(self.copy.release.id == self.said.named.id)

    def _went_to_citizen_alone(self) -> bool:
        return self.copy.envelope is not None and self.copy.envelope["to"] == [CITIZEN]

    def _for_holders(self) -> Letter | None:
        """Write to the agencies that hold it, and to the citizen; None where nothing may move to them."""
        right = self._right()
        if right.paused and self._is_named():
            raise ConsentNotInForce(
                "The permission by which it is held is paused.",
                remedy="Correct it once the person lets it go on.",
                consent=str(right.authority.id),
            )
        try:
            allowed = [self._allowed(right, holder) for holder in self.copy.holders]
        except SeatNotKnown:
            raise  # that passes: nobody is left out for it
        except NotPermitted:
            return None
        category = self.copy.release.categories[0]
        fields = frozenset.intersection(*(each.categories[category].fields for each in allowed))
        period = allowed[0].consent.data_period if allowed[0].consent else None
        day = from_ms(self.copy.release.at).astimezone().date()
        part = self._part(within(self.said.record, period, day), fields)
        return None if part is None else self._write(right, part, *self._readers())

    def _right(self) -> Right:
        """Give the right on which it moved; of a chain of consents the one with which it lives now."""
        envelope = self.copy.envelope or {}
        authority = read_authority(envelope.get("authority", {"basis": "seat"}))
        by_consent = authority.basis == "consent"
        row = consents.find(self.connection, authority.id or "") if by_consent else None
        if row is None:
            return Right(authority, envelope.get("agreement"), envelope.get("purpose"))
        while row.status == "superseded" and (newer := consents.successor(self.connection, row)) is not None:
            row = newer
        return Right(Authority("consent", row.id), row.agreement, row.purpose, row.status == "suspended")

    def _allowed(self, right: Right, holder: str) -> Permitted:
        """Judge what may go to one holder now; raise NotPermitted, or HeadTooOld where nobody can tell."""
        release, now = self.copy.release, self.said.now
        question = Question(
            case=release.case,
            source=self.connector.id,
            recipient=holder,
            authority=right.authority,
            agreement=right.agreement,
            purpose=right.purpose,
            categories=tuple(release.categories),
            at=now,
            corrects=release.message,
        )
        allowed = permitted(self.connector, self.connection, question)
        try:
            check_head(self.connection, allowed, now)
        except HeadTooOld as stale:
            remedy = "Correct it once the coordinator can be reached again."
            raise HeadTooOld(stale.detail, remedy=remedy, **stale.facts) from None
        seen_first = allowed.consent is not None and allowed.consent.preview
        if seen_first and previews.sent_as(self.connection, release.message) is None:
            raise NotPassedOn(message=release.message, category=release.categories[0])
        return allowed

    def _part(self, record: Mapping[str, Any], allowed: frozenset[str]) -> Mapping[str, Any] | None:
        """Keep what it can have in it; None where that has nothing of what is put right, and no mark."""
        fields = allowed & self._asked_for()
        if not (self._is_named() or fields & self.said.wrong or self._has_mark()):
            return None
        try:
            return records.keep_only(self.copy.release.schema, dict(record), fields & frozenset(record))
        except Invalid:
            if self._is_named():
                raise
            return None

    def _asked_for(self) -> frozenset[str]:
        """Give the fields that were asked for, which is all it can have; where the request is erased, those
        of the consent on which it moved, or all.
        """
        release = self.copy.release
        request = statements.of_message(self.connection, release.re) if release.re else None
        consent = consents.find(self.connection, release.consent) if release.consent else None
        if request is not None and request.plaintext is not None:
            named = read_payload(request.plaintext)["content"]["categories"]
        elif consent is not None:
            named = consent.document["data"]
        else:
            return frozenset(records.fields_of(release.schema))
        ours = (each["fields"] for each in named if each["category"] == release.categories[0])
        return frozenset(field for fields in ours for field in fields)

    def _has_mark(self) -> bool:
        """Whether it says of itself that the citizen contests an earlier one."""
        return self.said.marked_since is not None and self.copy.release.at >= self.said.marked_since

    def _readers(self) -> tuple[tuple[str, ...], Withheld | None]:
        """Give who gets it; the citizen is left out as long as they are left out of the copy itself."""
        if self._is_held_back():
            return self.copy.holders, read_withheld((self.copy.envelope or {})["withheld"])
        told = citizen_is_told(self.connector, self.connection, self.copy.release.case)
        return (*self.copy.holders, *([CITIZEN] if told else [])), None

    def _is_held_back(self) -> bool:
        told_on = held_back.told_on(self.connection, self.copy.envelope or {})
        return told_on is not None and self.said.now < told_on

    def _for_citizen(self) -> Letter | None:
        part = None if self._is_held_back() else self._part(self.said.record, self._asked_for())
        return None if part is None else self._write(_SEAT, part, (CITIZEN,), None)

    def _write(
        self, right: Right, part: Mapping[str, Any], to: tuple[str, ...], withheld: Withheld | None
    ) -> Letter:
        release, settles = self.copy.release, self.said.settles
        content: dict[str, Any] = {"statement": release.id, "record": dict(part)}
        return Letter(
            type=CORRECT,
            schema=CORRECT,
            content=content if settles is None else {**content, "settles": settles},
            case=release.case,
            to=to,
            authority=right.authority,
            agreement=right.agreement,
            purpose=right.purpose,
            categories=tuple(release.categories),
            re=release.message,
            withheld=withheld,
            contested=self.said.contested,
        )
