"""A consent in the place of another: what it may leave out, and what becomes of what was got by the old one.

Takes documents, as everybody has them who takes part. Whether the new one counts at all (its proof, its place
in the log) is decided before this; here is what follows from it, alike for holders, pages and evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from schemas.consent_life import Status
from schemas.errors import ConsentDoesNotCover
from schemas.messages.coordination_v1 import PARTS

Document = Mapping[str, Any]
REQUEST: Final = "record.request/1"
_TAKEN_BACK: Final = frozenset({Status.WITHDRAWN, Status.INVALIDATED})


def check_succeeds(new: Document, old: Document) -> None:
    """Raise ConsentDoesNotCover unless the new consent (or terms of one) may take the old one's place.

    1. it is for the same purpose, by some version of the same agreement
    2. it names every source and every recipient that the old one names    (an end that nobody tells them)

    A consent is told to those whom it names. Who is left out would never hear that the old one has ended, and
    would neither stop nor erase. Data, time, uses and everything else may be less.
    """
    if _for(new) != _for(old):
        raise ConsentDoesNotCover("It supersedes a consent for another purpose.", consent=old["id"])
    for role in ("sources", "recipients"):
        left_out = sorted(set(old[role]) - set(new[role]))
        if left_out:
            raise ConsentDoesNotCover(
                f"It leaves out {role} of the consent that it supersedes, and they would not hear of it.",
                remedy="Withdraw the old consent and decide anew, or name them all, with less data or time.",
                consent=old["id"],
                left_out=", ".join(left_out),
            )


def _for(document: Document) -> tuple[str, str]:
    return document["agreement"].partition("@")[0], document["purpose"]["code"]


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody got, or said of a person, by a consent: its type of message and its categories."""

    type: str
    categories: Collection[str]


@dataclass(frozen=True, slots=True)
class Link:
    """One consent of a chain, in which each is superseded by the next, and the state in which it is."""

    document: Document
    status: str

    @property
    def id(self) -> str:
        """The consent's id."""
        return str(self.document["id"])

    @property
    def life(self) -> timedelta:
        """How long what is got by it may be kept."""
        return timedelta(days=self.document["data_life"]["days"])

    @property
    def erases(self) -> bool:
        """Whether what was got by it goes when it is taken back."""
        return bool(self.document["on_withdrawal"]["erased"])


@dataclass(frozen=True, slots=True)
class Fate:
    """By which consents something lived, first to last, and why it has to go; None: it stays for its time."""

    lived_by: tuple[Link, ...]
    why: str | None

    @property
    def last(self) -> Link:
        """The consent with which it lives or has ended."""
        return self.lived_by[-1]

    @property
    def life(self) -> timedelta:
        """How long it may be kept: a new decision makes that shorter, never longer than it was given for."""
        return min(link.life for link in self.lived_by)


def chain(first: Link, successor: Callable[[Link], Link | None]) -> tuple[Link, ...]:
    """Follow a consent to those that took its place; `successor` gives the one by which a consent ended."""
    links, seen = [first], {first.id}
    while links[-1].status == Status.SUPERSEDED:
        following = successor(links[-1])
        if following is None or following.id in seen:
            break
        links.append(following)
        seen.add(following.id)
    return tuple(links)


def fate(held: Held, links: Sequence[Link]) -> Fate:
    """Say what becomes of what was got by the first consent of a chain.

    It is carried over as long as each further consent covers all that it may contain, and lives and dies then
    with the last that does. Where one covers less, it goes as if the consent before had been taken back.
    """
    first = links[0].document
    lived_by = [links[0]]
    for link in links[1:]:
        if not _covers(link.document, first, held):
            return Fate(tuple(lived_by), _goes(lived_by[-1], Status.SUPERSEDED))
        lived_by.append(link)
    return Fate(tuple(lived_by), _goes(lived_by[-1], Status(lived_by[-1].status)))


def _goes(last: Link, status: Status) -> str | None:
    if not last.erases:
        return None
    if status == Status.SUPERSEDED:  # and nothing took its place for this
        return "superseded"
    return "withdrawn" if status in _TAKEN_BACK else None


def _covers(new: Document, first: Document, held: Held) -> bool:
    """Whether a consent names all that may be in something that was got by another one."""
    if not all(set(first[role]) <= set(new[role]) for role in ("sources", "recipients")):
        return False
    part = PARTS.get(held.type)
    if held.type == REQUEST:  # inside is by what the person is found
        inside = set(first["identify_with"]) <= set(new["identify_with"])
    else:
        inside = part is not None or _within(first["data_period"], new["data_period"])
    return inside and all(
        ({(_schema(first, category), part)} if part else _fields(first, category)) <= _fields(new, category)
        for category in held.categories
    )


def _within(first: Document | None, new: Document | None) -> bool:
    """Whether one period of data lies in another; None is all time. Days compare as they are written."""
    if new is None:
        return True
    return first is not None and bool(new["from"] <= first["from"] and first["to"] <= new["to"])


def _fields(document: Document, category: str) -> set[tuple[str, str]]:
    """Give the fields of a category, needed and optional; a field of another schema is another field."""
    named = [each for each in document["data"] if each["category"] == category]
    return {(each["schema"], field) for each in named for field in each["fields"]}


def _schema(document: Document, category: str) -> str:
    return next((str(each["schema"]) for each in document["data"] if each["category"] == category), "")
