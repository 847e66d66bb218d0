"""What was said before, by id: so that nothing happens twice, and answers find their questions.

Looks up by the message id alone (one column, one index) and tells senders apart afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, select

from coordinator.database.one_of import Lookup, json_of, one_of
from coordinator.database.tables import messages, refusals
from schemas.wire import unb64u


class Identified(Protocol):
    """What has an id, a sender and bytes."""

    @property
    def id(self) -> str:
        """The id that its sender chose."""
        ...

    @property
    def sender(self) -> str:
        """Who signed it."""
        ...

    @property
    def sha256(self) -> bytes:
        """The digest of its bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """A message that was admitted."""

    seq: int
    id: str
    sender: str
    type: str
    case: str | None
    sha256: bytes
    receipt: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that was refused, with the answer that it got."""

    id: str
    sender: str
    sha256: bytes
    problem: Mapping[str, Any]


SAID = Lookup(
    select(
        messages.c.seq,
        messages.c.id,
        messages.c.sender,
        messages.c.type,
        messages.c.case,
        messages.c.sha256,
        messages.c.receipt,
    ).where(one_of(messages.c.id, "ids"))
)
_RAW = Lookup(select(messages.c.id, messages.c.sender, messages.c.raw).where(one_of(messages.c.id, "ids")))
REFUSED = Lookup(
    select(refusals.c.id, refusals.c.sender, refusals.c.sha256, refusals.c.problem).where(
        one_of(refusals.c.id, "ids")
    )
)


def load_said(connection: Connection, ids: Iterable[str]) -> dict[tuple[str, str], Said]:
    """Give the admitted messages of these ids: (id, sender) → message."""
    rows = SAID.all(connection, ids)
    return {(row[1], row[2]): Said(*row) for row in rows}


def load_contents(connection: Connection, ids: Iterable[str]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Give what admitted messages of these ids said: (id, sender) → payload, verified when it came."""
    rows = _RAW.all(connection, ids)
    return {(row.id, row.sender): content(bytes(row.raw)) for row in rows}


def content(raw: bytes) -> Mapping[str, Any]:
    """Give the payload of a message that was verified before."""
    payload: dict[str, Any] = json.loads(unb64u(raw.split(b".")[1].decode()))
    return payload


def load_refused(connection: Connection, ids: Iterable[str]) -> dict[tuple[str, str], Refused]:
    """Give the refused messages of these ids: (id, sender) → refusal."""
    rows = REFUSED.all(connection, ids)
    return {(row[0], row[1]): Refused(row[0], row[1], row[2], json_of(row[3])) for row in rows}
