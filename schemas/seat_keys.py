"""The passkeys of a citizen's seat after joining: which are in force, wait to be attested, or have ended.

A pure fold over what was said about them (`case.keys`, `case.attest`), the same for coordinator, connectors
and evidence. It takes bodies that fit their schema; whether their sender may say so, it does not check.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from schemas import instant
from schemas.consent_proof import PasskeyProof, check_passkey, proofs_of, seat_keys
from schemas.errors import KeyNotInForce, KeyTaken, NotAttested, TooManyKeys, UnknownKey
from schemas.passkey import passkey_kid
from schemas.wire import canonical

_PREFIX = b"accord/seat-keys/1\x00"
"""Keeps this challenge apart from that of a consent: what was signed for one is never good for the other."""
MOST_AT_A_TIME = 8
MOST_EVER = 64
"""A seat's history stays short enough to be proved to whoever joins later."""
BEFORE_ALL = -1
"""The place of the keys with which the citizen joined: nothing of theirs stands before it."""

State = Literal["waiting", "in_force", "ended"]


def seat_keys_challenge(
    case: str, add: Sequence[Mapping[str, Any]], end: Sequence[str], at: datetime
) -> bytes:
    """Give what an earlier passkey signs for exactly this change, in this case, at this instant."""
    change = {
        "case": case,
        "add": [dict(each) for each in add],
        "end": list(end),
        "at": instant.format(at),
    }
    return hashlib.sha256(_PREFIX + canonical(change)).digest()


@dataclass(frozen=True, slots=True)
class Said:
    """Where and when something was said about the keys; `place` is the order in which it counts."""

    message: str
    by: str
    at: datetime
    place: int


@dataclass(frozen=True, slots=True)
class SeatPasskey:
    """A passkey that was brought to a seat; it counts from `since` (a place in the order) until `until`."""

    kid: str
    passkey: Mapping[str, Any]
    brought_by: str
    since: int | None = BEFORE_ALL
    until: int | None = None
    vouched_by: str | None = None

    @property
    def state(self) -> State:
        """Whether it counts now."""
        if self.until is not None:
            return "ended"
        return "waiting" if self.since is None else "in_force"

    def counts_at(self, place: int) -> bool:
        """Whether it counted for something that stands at this place of the order."""
        return self.since is not None and self.since < place and (self.until is None or place < self.until)


@dataclass(frozen=True, slots=True)
class SeatPasskeys:
    """All passkeys that a seat has or had."""

    keys: tuple[SeatPasskey, ...] = ()

    @classmethod
    def begin(cls, passkeys: Iterable[Mapping[str, Any]], *, brought_by: str) -> SeatPasskeys:
        """Begin with the passkeys with which the citizen joined, once somebody has vouched for them."""
        return cls(tuple(SeatPasskey(_kid(each), dict(each), brought_by) for each in passkeys))

    def in_state(self, state: State) -> tuple[SeatPasskey, ...]:
        """Give those that are in this state now."""
        return tuple(each for each in self.keys if each.state == state)

    def now(self) -> tuple[Mapping[str, Any], ...]:
        """Give the passkeys in force now, as the seat's messages brought them."""
        return tuple(each.passkey for each in self.in_state("in_force"))

    def at(self, place: int | None) -> tuple[Mapping[str, Any], ...]:
        """Give those that were in force at a place of the order; now for what has no place yet."""
        if place is None:
            return self.now()
        return tuple(each.passkey for each in self.keys if each.counts_at(place))

    def changed(self, body: Mapping[str, Any], *, case: str, said: Said, own_word: bool) -> SeatPasskeys:
        """Follow a `case.keys`; `own_word` says that the portal alone vouches for this seat.

        1. what it ends is there and has not ended              (UnknownKey, KeyNotInForce)
        2. what it adds is new; what has ended never comes back  (KeyTaken, TooManyKeys)
        3. its proof is by a passkey in force, over this change  (ProofRefused)
        Without proof what it adds waits to be attested. Ending needs no proof, ever: whoever lost a device is
        in a hurry, and an end gives nobody anything.
        """
        for kid in body["end"]:
            self._check_ends(kid)
        after = self.ended(body["end"], place=said.place)
        _check_new(after.keys, body["add"])
        by = self._proven_by(body, case=case, at=said.at)
        vouched = by or (said.by if own_word else None)
        since = said.place if vouched else None
        brought = tuple(
            SeatPasskey(_kid(each), dict(each), said.message, since, None, vouched) for each in body["add"]
        )
        again = {each.kid for each in brought}
        return SeatPasskeys(tuple(each for each in after.keys if each.kid not in again) + brought)

    def ended(self, kids: Iterable[str], *, place: int) -> SeatPasskeys:
        """End those of these keys that are there; what rested on them before stays as it is."""
        named = set(kids)
        return SeatPasskeys(
            tuple(
                replace(each, until=place) if each.kid in named and each.until is None else each
                for each in self.keys
            )
        )

    def attested(self, body: Mapping[str, Any], *, said: Said) -> SeatPasskeys:
        """Follow a `case.attest` of waiting keys; raise NotAttested unless exactly such keys wait."""
        waiting = {each.kid for each in self.in_state("waiting") if each.brought_by == body["keys"]}
        named = set(body["passkeys"])
        if not named or not named <= waiting:
            raise NotAttested("These keys do not wait to be attested.", keys=body["keys"])
        return SeatPasskeys(
            tuple(
                replace(each, since=said.place, vouched_by=said.by) if each.kid in named else each
                for each in self.keys
            )
        )

    def to_json(self) -> list[dict[str, Any]]:
        """Give the keys as a store keeps them: each passkey's members, its kid and validity beside them."""
        return [_flat(each) for each in self.keys]

    @classmethod
    def from_json(cls, kept: Iterable[Mapping[str, Any]]) -> SeatPasskeys:
        """Read what `to_json` gave; a passkey without validity is one with which the citizen joined."""
        return cls(tuple(_read(each) for each in kept))

    def _check_ends(self, kid: str) -> None:
        for each in self.keys:
            if each.kid == kid:
                if each.state == "ended":
                    raise KeyNotInForce("The passkey has ended before.", kid=kid)
                return
        raise UnknownKey("The passkey is not one of this seat.", kid=kid)

    def _proven_by(self, body: Mapping[str, Any], *, case: str, at: datetime) -> str | None:
        """Check the proof, if there is one, with the keys in force before this change; give the key's kid."""
        if "proof" not in body:
            return None
        (proof,) = proofs_of([body["proof"]])
        challenge = seat_keys_challenge(case, body["add"], body["end"], at)
        assert isinstance(proof, PasskeyProof)  # noqa: S101 - the body's schema knows no other kind
        return check_passkey(proof, seat_keys("", self.now()).passkeys, challenge).key.kid


def _check_new(keys: Sequence[SeatPasskey], add: Sequence[Mapping[str, Any]]) -> None:
    known = {each.kid: each for each in keys}
    live = {each.passkey["credential"]: each.kid for each in keys if each.state != "ended"}
    for each in add:
        kid = _kid(each)
        if kid in known and known[kid].state != "waiting":
            raise KeyTaken("The passkey is or was one of this seat.", kid=kid)
        if live.get(each["credential"], kid) != kid:
            raise KeyTaken("Another passkey of this seat has this name.", kid=kid)
    more = sum(_kid(each) not in known for each in add)
    if add and (len(live) + more > MOST_AT_A_TIME or len(known) + more > MOST_EVER):
        raise TooManyKeys("A seat has a few passkeys.", most=MOST_AT_A_TIME)


_PASSKEY = ("credential", "jwk", "rp_id", "origins")


def _flat(key: SeatPasskey) -> dict[str, Any]:
    members = asdict(key)
    return {**members.pop("passkey"), **members}


def _read(kept: Mapping[str, Any]) -> SeatPasskey:
    passkey = {name: kept[name] for name in _PASSKEY}
    return SeatPasskey(
        kid=kept.get("kid") or _kid(passkey),
        passkey=passkey,
        brought_by=kept.get("brought_by", ""),
        since=kept.get("since", BEFORE_ALL),
        until=kept.get("until"),
        vouched_by=kept.get("vouched_by"),
    )


def _kid(passkey: Mapping[str, Any]) -> str:
    return passkey_kid(passkey["jwk"])
