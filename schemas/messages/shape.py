"""The envelope as values: what every later step takes instead of JSON.

Only `schemas.messages.envelope.load` makes a Message, from bytes whose signature was checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Authority:
    """By what right data moves: a consent, a statute's clause, an open emergency, or a seat in the case."""

    basis: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one recipient alone can open."""

    to: str
    jwe: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A sealed blob that was uploaded before; its key is inside the statement."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Withheld:
    """The citizen is left out: by which clause, and on which day that is looked at again."""

    ground: str
    review_on: date


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose signature and schema were checked; whether it may be is not decided yet."""

    id: str
    type: str
    sender: str
    to: tuple[str, ...]
    case: str | None
    at: datetime
    until: datetime
    re: str | None
    authority: Authority | None
    agreement: str | None
    purpose: str | None
    categories: tuple[str, ...]
    schema: str | None
    body: Mapping[str, Any] | None
    sealed: tuple[Sealed, ...]
    attachments: tuple[Attachment, ...]
    withheld: Withheld | None
    raw: bytes
    sha256: bytes
    kid: str
