"""Which passkeys of a citizen's seat count, wait or have ended, from what was checked and kept about them.

A pure fold over the pinned seat and what was said since, in the order of the log; nothing that the
coordinator says about the result is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row

from connectors.exchange.store import seat_keys as store
from connectors.exchange.stored import read_payload
from schemas import instant
from schemas.errors import AlreadySaid, Refusal
from schemas.messages import case_v1
from schemas.messages.envelope import Message
from schemas.seat_keys import Said, SeatPasskeys
from schemas.wire import unb64u

UNPLACED: Final = 2**62
"""The place of what was said here and is not in the log yet: after everything else."""
_DIGITS: Final = 8


def comparison_number(kid: str) -> str:
    """Give the short number by which two people compare a passkey: eight digits of its thumbprint.

    It is read aloud face to face, by the person from their own page and by the agency from its own. It is no
    proof by itself: 27 bits can be matched by trying.
    """
    number = int.from_bytes(unb64u(kid)[:8]) % 10**_DIGITS
    digits = f"{number:0{_DIGITS}d}"
    return f"{digits[:4]} {digits[4:]}"


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing that was said about a seat's passkeys."""

    type: str
    said: Said
    body: Mapping[str, Any]

    @classmethod
    def of_row(cls, row: Row[Any]) -> Saying:
        """Read what is kept."""
        place = UNPLACED if row.log_index is None else row.log_index
        payload = read_payload(row.raw)
        said = Said(row.message, row.sender, instant.parse(payload["at"]), place)
        return cls(row.type, said, payload["body"])

    @classmethod
    def of_message(cls, loaded: Message, index: int | None) -> Saying:
        """Read a message that was verified."""
        said = Said(loaded.id, loaded.sender, loaded.at, UNPLACED if index is None else index)
        return cls(loaded.type, said, loaded.body or {})

    def apply(self, keys: SeatPasskeys, seat: Row[Any]) -> SeatPasskeys:
        """Give the passkeys after this; raise the Refusal of what does not fit them."""
        if self.type == case_v1.ATTEST:
            return keys.attested(self.body, said=self.said)
        # Who came alone is vouched for by the portal from the beginning; its word is good for later keys too.
        own_word = seat.attested_by == seat.member
        return keys.changed(self.body, case=seat.case, said=self.said, own_word=own_word)


def passkeys_of(connection: Connection, seat: Row[Any]) -> SeatPasskeys:
    """Give all passkeys that a pinned seat has or had."""
    return _fold(connection, seat, before=UNPLACED + 1)


def passkeys_at(connection: Connection, seat: Row[Any], place: int | None) -> tuple[Mapping[str, Any], ...]:
    """Give the passkeys that were in force at a place of the log; now for what has no place yet."""
    return passkeys_of(connection, seat).at(place)


def take(connection: Connection, seat: Row[Any], loaded: Message, index: int | None, *, placed: bool) -> None:
    """Keep what was said by someone who may say it; raise the Refusal of what does not fit the keys so far.

    `placed` says that the log was seen to hold it at `index`. AlreadySaid: the same id with other bytes.
    """
    known = store.find(connection, seat.case, loaded.sender, loaded.id)
    if known is not None and bytes(known.raw) != loaded.raw:
        raise AlreadySaid(id=loaded.id)
    if known is not None and known.placed:
        return
    saying = Saying.of_message(loaded, index)
    before = UNPLACED + 1 if index is None else index
    saying.apply(_fold(connection, seat, before=before, but=loaded.id), seat)
    store.keep(connection, loaded, join_id=seat.join_id, index=index, placed=placed)


def _fold(connection: Connection, seat: Row[Any], *, before: int, but: str = "") -> SeatPasskeys:
    keys = SeatPasskeys.begin(seat.passkeys or (), brought_by=seat.join_id or "")
    for row in store.of_seat(connection, seat.case, seat.join_id or ""):
        saying = Saying.of_row(row)
        if saying.said.place < before and row.message != but:
            keys = _follow(keys, saying, seat)
    return keys


def _follow(keys: SeatPasskeys, saying: Saying, seat: Row[Any]) -> SeatPasskeys:
    """Apply what was accepted; if it does not fit in the order known by now, only what it ends counts."""
    try:
        return saying.apply(keys, seat)
    except Refusal:
        return keys.ended(saying.body.get("end", ()), place=saying.said.place)
