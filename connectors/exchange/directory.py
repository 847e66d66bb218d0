"""Whose key is whose: members' keys, proven from the pinned first one by a chain of signed messages.

The coordinator only carries the chain. It is replayed here: the enrolment is signed by the key that it
names, each later key by an earlier one, each with the coordinator's receipt. A member whose chain begins
with another key than the pinned one raises an alarm, and nothing of theirs is accepted until an operator
has looked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.exchange.client import Coordinator
from connectors.exchange.errors import KeysSwapped, UnreadableAnswer
from connectors.exchange.store import alarms, inbox, members
from connectors.exchange.store.database import Database
from connectors.exchange.store.members import KnownKey, PinnedMember
from schemas import log, message, receipt
from schemas.errors import UnknownKey, Unverified
from schemas.keys import SealingPublicKey, VerifyingKey
from schemas.messages import envelope
from schemas.messages.envelope import Message

ENROL, KEYS, LEAVE = "member.enrol/1", "member.keys/1", "member.leave/1"
_CHAIN_LIMIT = 1000
"""Key messages of one member: one a week for twenty years."""


class Directory:
    """The members, cached in memory, kept in the store, fetched when a key is not known yet."""

    def __init__(self, database: Database, coordinator: Coordinator, clock: Callable[[], datetime]) -> None:
        """Take where members are kept and where they are fetched."""
        self._database = database
        self._coordinator = coordinator
        self._clock = clock
        self._known: dict[str, PinnedMember] = {}
        self._lock = threading.Lock()

    def member(self, member: str) -> PinnedMember:
        """Give a member, fetched and proven if it is not known yet."""
        return self._remembered(member) or self.refresh(member)

    def member_with_key(self, member: str, kid: str) -> PinnedMember:
        """Give a member that has this key; a key made since is fetched and proven."""
        known = self._remembered(member)
        if known is not None and any(key.kid == kid for key in known.keys):
            return known
        fetched = self.refresh(member)
        fetched.verifying_key(kid)
        return fetched

    def key_for(self, kid: str, payload: Mapping[str, Any]) -> VerifyingKey:
        """Find the key that a message or statement says it was signed with, by its `from` or `iss`."""
        who = payload.get("from", payload.get("iss"))
        if not isinstance(who, str):
            raise UnknownKey("It does not say who signed it.", kid=kid)
        return self.member_with_key(who, kid).verifying_key(kid)

    def refresh(self, member: str) -> PinnedMember:
        """Fetch a member's chain and prove it from its beginning; raise KeysSwapped with an alarm."""
        entry = self._coordinator.member(member)
        proven = prove(member, entry, self._coordinator.pinned.key_for)
        self._check_logged(entry, proven)
        pinned = self._remembered(member)
        if pinned is not None and not _continues(pinned, proven):
            raise self._swapped(member, pinned.first_kid)
        now = self._clock()
        with self._database.writing() as connection:
            members.keep(connection, proven, now)
        with self._lock:
            self._known[member] = proven
        return proven

    def check_first_key(self, member: str, kid: str) -> PinnedMember:
        """Raise KeysSwapped, with an alarm, unless the member's first key is the one that an agreement
        names.
        """
        pinned = self.member(member)
        if pinned.first_kid != kid:
            raise self._swapped(member, kid)
        return pinned

    def _remembered(self, member: str) -> PinnedMember | None:
        with self._lock:
            known = self._known.get(member)
        if known is not None:
            return known
        with self._database.reading() as connection:
            stored = members.find(connection, member)
        if stored is not None:
            with self._lock:
                self._known[member] = stored
        return stored

    def _swapped(self, member: str, kid: str) -> KeysSwapped:
        refusal = KeysSwapped(
            f"The keys given out for {member} do not follow from the first key {kid}.",
            remedy="Ask the member over another channel which key is theirs before anything else.",
            member=member,
            kid=kid,
        )
        with self._database.writing() as connection:
            alarms.raise_alarm(connection, KeysSwapped.code, member, refusal.detail, self._clock())
        return refusal

    def _check_logged(self, entry: Mapping[str, Any], proven: PinnedMember) -> None:
        """Check that what proves the keys is in the log that everybody sees."""
        with self._database.reading() as connection:
            seen = inbox.last_checkpoint(connection)
        if seen is None:
            return
        size, root = seen
        for item in entry["messages"]:
            index = item.get("index")
            if isinstance(index, int) and index < size:
                verified = message.verify(
                    item["message"].encode(), lambda kid, _payload: proven.verifying_key(kid)
                )
                promised = receipt.check(
                    item["receipt"].encode(),
                    self._coordinator.pinned.key_for,
                    id=verified.payload["id"],
                    sha256=verified.sha256,
                )
                proof = self._coordinator.proof(index, size)
                log.verify_inclusion(log.leaf_hash(promised.commitment), index, size, proof, root)


def prove(
    member: str, entry: Mapping[str, Any], coordinator_key: Callable[..., VerifyingKey]
) -> PinnedMember:
    """Replay a member's chain; raise Unverified at the first link that does not hold.

    1. the enrolment is signed by the key that it names, and speaks of this member
    2. every later message is signed by a key of the chain in force at its time
    3. every message has the coordinator's receipt, whose time decides whether a key had ended
    """
    try:
        items = list(entry["messages"])
        raws = [(item["message"].encode("ascii"), item["receipt"].encode("ascii")) for item in items]
    except (KeyError, TypeError, AttributeError, UnicodeEncodeError) as error:
        raise UnreadableAnswer("The member's entry is not as agreed.") from error
    if not raws or len(raws) > _CHAIN_LIMIT:
        raise Unverified("The keys of the member are not proven by any message.", member=member)
    known = _enrolled(member, *raws[0], coordinator_key)
    for raw, promise in raws[1:]:
        known = _continued(known, raw, promise, coordinator_key)
    status = entry.get("status")
    return replace(
        known,
        status=status if isinstance(status, str) else known.status,
        chain=tuple(i["message"] for i in items),
    )


def _enrolled(
    member: str, raw: bytes, promise: bytes, coordinator_key: Callable[..., VerifyingKey]
) -> PinnedMember:
    first = envelope.load(message.verify(raw, _own_key))
    receipt.check(promise, coordinator_key, id=first.id, sha256=first.sha256)
    body = first.body or {}
    if first.type != ENROL or first.sender != member or body["member"]["id"] != member:
        raise Unverified("The enrolment is another member's.", member=member)
    validity = {"valid_from": body["keys"]["valid_from"], "valid_until": body["keys"]["valid_until"]}
    sealing_kid = _sealing_kid(body["keys"]["seal"])
    keys = (
        KnownKey(first.kid, "sign", body["keys"]["sign"], **validity),
        KnownKey(sealing_kid, "seal", body["keys"]["seal"], **validity),
    )
    about = body["member"]
    return PinnedMember(member, about["kind"], about["name"], "active", first.kid, keys, ())


def _continued(
    known: PinnedMember, raw: bytes, promise: bytes, coordinator_key: Callable[..., VerifyingKey]
) -> PinnedMember:
    link = envelope.load(message.verify(raw, lambda kid, _payload: known.verifying_key(kid)))
    promised = receipt.check(promise, coordinator_key, id=link.id, sha256=link.sha256)
    if link.sender != known.id:
        raise Unverified("A link of the chain is another member's.", member=known.id)
    known.check_in_force(link.kid, link.at, promised.admitted_at)
    if link.type == LEAVE:
        return replace(known, status="left")
    if link.type != KEYS:
        raise Unverified("A link of the chain says nothing about keys.", member=known.id)
    return replace(known, keys=_changed(known.keys, link))


def _changed(keys: tuple[KnownKey, ...], link: Message) -> tuple[KnownKey, ...]:
    body = link.body or {}
    ends = {end["kid"]: end["at"] for end in body.get("end", ())}
    kept = tuple(replace(key, ended_at=ends.get(key.kid, key.ended_at)) for key in keys)
    added = tuple(
        KnownKey(_kid(new["use"], new["jwk"]), new["use"], new["jwk"], new["valid_from"], new["valid_until"])
        for new in body.get("add", ())
    )
    return kept + added


def _kid(use: str, jwk: Mapping[str, Any]) -> str:
    return VerifyingKey.from_jwk(jwk).kid if use == "sign" else _sealing_kid(jwk)


def _sealing_kid(jwk: Mapping[str, Any]) -> str:
    return SealingPublicKey.from_jwk(jwk).kid


def _own_key(_kid_named: str, payload: Mapping[str, Any]) -> VerifyingKey:
    """Take the key out of an enrolment: it proves nothing but that its holder made the message."""
    try:
        return VerifyingKey.from_jwk(payload["body"]["keys"]["sign"])
    except (KeyError, TypeError) as error:
        raise Unverified("The enrolment names no signing key.") from error


def _continues(pinned: PinnedMember, proven: PinnedMember) -> bool:
    """Say whether the new chain has the pinned one as its beginning (a hidden link is a swap too)."""
    return proven.chain[: len(pinned.chain)] == pinned.chain
