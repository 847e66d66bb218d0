"""Gathers what proves a case: the messages of this connector, the members' keys, the agreements, the seats.

Takes the connector, gives pieces by their place in the log and the few signed messages without one. Members,
agreements and seats are fetched from the coordinator; nothing is believed here, the file's check does that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from connectors.evidence.held import Piece, agreement_messages, messages_of, payload_of
from connectors.exchange.connector import Connector
from connectors.exchange.store import cases
from schemas.errors import NotFound, NotPermitted
from schemas.messages.fields import RESERVED

_T = TypeVar("_T")


@dataclass(slots=True)
class Gathered:
    """The pieces of one case by their place in the log."""

    pieces: dict[int, Piece] = field(default_factory=dict)
    signed: list[str] = field(default_factory=list)

    def add(self, pieces: Iterable[Piece]) -> None:
        """Take pieces; one that still has its bytes stands before one that was erased."""
        for piece in pieces:
            if piece.index not in self.pieces or self.pieces[piece.index].erased:
                self.pieces[piece.index] = piece

    def payloads(self) -> list[dict[str, Any]]:
        """Read what the messages gathered so far say, unverified."""
        held = [piece.message for piece in self.pieces.values() if piece.message is not None]
        return [payload_of(message) for message in [*held, *self.signed]]


def collect(connector: Connector, case: str) -> Gathered:
    """Gather everything that this connector can show about a case; raise NotHere for a strange one."""
    gathered = Gathered()
    with connector.database.reading() as connection:
        cases.require(connection, case)
        gathered.add(messages_of(connection, case))
        agreed = agreement_messages(connection)
    gathered.add(_seats(connector, case))
    _add_agreements(connector, gathered, agreed)
    for member in sorted(_members(gathered.payloads()) | {connector.id}):
        gathered.add(_logged(connector.coordinator.member(member)["messages"]))
    return gathered


def _seats(connector: Connector, case: str) -> list[Piece]:
    """Ask who sits in the case; whoever has left it is not told any more, and shows what it has."""
    answer = _if_any(lambda: connector.coordinator.case(case)) or {}
    found = [*answer.get("messages", ())]
    for seat in answer.get("seats", ()):
        found += seat.get("messages", ())
    return _logged(found)


def _add_agreements(connector: Connector, gathered: Gathered, agreed: list[Piece]) -> None:
    """Add the agreements that the case's messages name; a portal is often no party and has to ask."""
    named = {str(payload["agreement"]) for payload in gathered.payloads() if "agreement" in payload}
    named |= {
        str(payload["body"]["consent"]["agreement"])
        for payload in gathered.payloads()
        if payload.get("type") == "consent.grant/1"
    }
    own = [piece for piece in agreed if piece.message and _agreement_of(payload_of(piece.message)) in named]
    gathered.add(own)
    held = {_agreement_of(payload_of(piece.message)) for piece in own if piece.message}
    for ref in sorted(named - held):
        answer = _if_any(lambda ref=ref: connector.coordinator.agreement(ref)) or {}  # type: ignore[misc]  # the loop's own value
        for entry in answer.get("messages", ()):
            if isinstance(entry, Mapping) and {"index", "message", "receipt"} <= set(entry):
                gathered.add(_logged([entry]))
            else:
                gathered.signed.append(str(entry["message"] if isinstance(entry, Mapping) else entry))


def _agreement_of(payload: Mapping[str, Any]) -> str | None:
    """Say which agreement a message of the family speaks of."""
    about = (payload.get("body") or {}).get("agreement")
    if isinstance(about, Mapping):
        return f"{about.get('id')}@{about.get('version')}"
    return about if isinstance(about, str) else None


def _members(payloads: Iterable[Mapping[str, Any]]) -> set[str]:
    named: set[str] = set()
    for payload in payloads:
        named |= {str(payload["from"]), *map(str, payload["to"])}
    return named - RESERVED


def _logged(entries: Iterable[Mapping[str, Any]]) -> list[Piece]:
    return [
        Piece(int(entry["index"]), str(entry["message"]), str(entry["receipt"]))
        for entry in entries
        if entry.get("index") is not None
    ]


def _if_any(ask: Callable[[], _T]) -> _T | None:
    try:
        return ask()
    except (NotFound, NotPermitted):
        return None
