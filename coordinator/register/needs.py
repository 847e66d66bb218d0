"""What must be known to decide on a batch of messages: ids only, collected before the transaction begins.

Takes messages, gives sets of ids. Reads bodies that were checked against their schema; looks nothing up.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from schemas.errors import WrongHeader
from schemas.keys import SealingPublicKey, VerifyingKey
from schemas.messages import case_v1
from schemas.messages.fields import CITIZEN
from schemas.messages.shape import Message
from schemas.signed import KID


@dataclass(slots=True)
class Needs:
    """Ids to look up, by what they name."""

    said: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    kids: set[str] = field(default_factory=set)
    keys_of: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    consents: set[str] = field(default_factory=set)
    consents_of: set[str] = field(default_factory=set)
    passes: set[str] = field(default_factory=set)
    """Releases to the citizen that are decided on."""
    passed: set[str] = field(default_factory=set)
    """Requests and releases to which a record answers, in case its consent wants it to be seen first."""
    answered: set[str] = field(default_factory=set)
    """Requests for consent that are answered, refused or taken further."""
    agreements: set[str] = field(default_factory=set)
    versions_of: set[str] = field(default_factory=set)
    seats_of: set[str] = field(default_factory=set)
    """Members that leave: all of their seats end, with what rests on them."""
    signatures_of: set[str] = field(default_factory=set)
    emergencies: set[str] = field(default_factory=set)
    spoken_of: set[str] = field(default_factory=set)
    """Messages of which the citizen hears, unless those are held back from them."""
    codes_for: set[str] = field(default_factory=set)
    attachments: set[str] = field(default_factory=set)
    sealed_for: dict[str, str] = field(default_factory=dict)


def needs_of(message: Message) -> Needs:
    """Collect the needs of one message; raise Malformed if something sealed does not name its key."""
    needs = Needs()
    _envelope(message, needs)
    add = BODIES.get(message.type)
    if add is not None:
        add(message, message.body, needs)
    return needs


def together(all_needs: Iterable[Needs]) -> Needs:
    """Put the needs of a batch together."""
    whole, listed = Needs(), list(all_needs)
    for name in _SETS:
        update = getattr(whole, name).update
        for found in filter(None, map(attrgetter(name), listed)):
            update(found)
    return whole


def _envelope(message: Message, needs: Needs) -> None:
    needs.said.add(message.id)
    if message.re is not None:
        needs.said.add(message.re)
    needs.members.add(message.sender)
    needs.members.update(message.to)
    needs.kids.add(message.kid)
    if message.case is not None:
        needs.cases.add(message.case)
    if message.agreement is not None:
        needs.agreements.add(message.agreement)
    for each in message.sealed:
        needs.sealed_for[each.jwe] = kid = _sealed_for(each.jwe)
        needs.kids.add(kid)
    needs.attachments.update(each.sha256 for each in message.attachments)
    authority = message.authority
    if authority is not None and authority.id is not None:
        if authority.basis == "consent":
            needs.consents.add(authority.id)
        elif authority.basis == "emergency":
            needs.emergencies.add(authority.id)


_SETS = tuple(each.name for each in fields(Needs))

Body = Any


def _enrol(_message: Message, body: Body, needs: Needs) -> None:
    needs.members.add(body["member"]["id"])
    needs.codes_for.add(body["member"]["id"])
    needs.kids.add(VerifyingKey.from_jwk(body["keys"]["sign"]).kid)
    needs.kids.add(SealingPublicKey.from_jwk(body["keys"]["seal"]).kid)


def _keys(message: Message, body: Body, needs: Needs) -> None:
    needs.keys_of.add(message.sender)
    for new in body.get("add", ()):
        key = VerifyingKey if new["use"] == "sign" else SealingPublicKey
        needs.kids.add(key.from_jwk(new["jwk"]).kid)


def _leave_register(message: Message, _body: Body, needs: Needs) -> None:
    needs.seats_of.add(message.sender)


def _propose(_message: Message, body: Body, needs: Needs) -> None:
    document = body["agreement"]
    needs.versions_of.add(document["id"])
    for party in document["parties"]:
        needs.members.add(party["member"])
        needs.kids.add(party["kid"])


def _sign(_message: Message, body: Body, needs: Needs) -> None:
    needs.agreements.add(body["agreement"])
    needs.signatures_of.add(body["agreement"])


def _invite(_message: Message, body: Body, needs: Needs) -> None:
    invitee = body["invitee"]
    needs.members.add(invitee["portal"] if invitee["kind"] == "citizen" else invitee["member"])


def _leave(message: Message, _body: Body, needs: Needs) -> None:
    if message.case is not None:
        needs.consents_of.add(message.case)


def _request(_message: Message, body: Body, needs: Needs) -> None:
    needs.agreements.add(body["terms"]["agreement"])


def _again(message: Message, _body: Body, needs: Needs) -> None:
    """What answers a request for consent, or an offer that was made to one."""
    if message.re is not None:
        needs.read.add(message.re)
        needs.answered.add(message.re)


def _refuse(message: Message, _body: Body, needs: Needs) -> None:
    if message.re is not None:
        needs.answered.add(message.re)


def _accept(message: Message, body: Body, needs: Needs) -> None:
    _request(message, body, needs)
    _again(message, body, needs)


def _grant(message: Message, body: Body, needs: Needs) -> None:
    document = body["consent"]
    _again(message, body, needs)
    needs.consents.add(document["id"])
    needs.agreements.add(document["agreement"])
    if document.get("supersedes"):
        needs.consents.add(document["supersedes"])


def _decided(_message: Message, body: Body, needs: Needs) -> None:
    needs.consents.add(body["consent"])


def _emergency(message: Message, _body: Body, needs: Needs) -> None:
    needs.emergencies.add(message.id)


def _review(_message: Message, body: Body, needs: Needs) -> None:
    needs.emergencies.add(body["emergency"])
    needs.read.add(body["emergency"])


def _reject(_message: Message, body: Body, needs: Needs) -> None:
    needs.said.add(body["message"])
    needs.read.add(body["message"])
    needs.spoken_of.add(body["message"])
    needs.emergencies.add(body["message"])


def _erased(_message: Message, body: Body, needs: Needs) -> None:
    needs.said.update(each["id"] for each in body["messages"])
    needs.spoken_of.update(each["id"] for each in body["messages"])


def _release(message: Message, _body: Body, needs: Needs) -> None:
    if message.re is None:
        return
    needs.passed.add(message.re)
    if message.to == (CITIZEN,):
        needs.read.add(message.re)


def _correct(message: Message, body: Body, needs: Needs) -> None:
    _release(message, body, needs)
    if message.re is not None and message.authority is not None and message.authority.basis == "emergency":
        needs.read.add(message.re)  # what it corrects moved by the same emergency, or it may not


def _pass(_message: Message, body: Body, needs: Needs) -> None:
    needs.said.add(body["release"])
    needs.read.add(body["release"])
    needs.passes.add(body["release"])


def _sealed_for(jwe: str) -> str:
    """Give the thumbprint of the key for which something is sealed; raise WrongHeader.

    A short way, because every message passes here: all that matters is which key is named. Whoever opens it
    checks the header strictly, and refuses one that names two.
    """
    header = jwe[: jwe.index(".")]
    try:
        kid = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WrongHeader("The header of sealed content names its key.") from error
    if not isinstance(kid, str) or not KID.fullmatch(kid):
        raise WrongHeader("The header of sealed content names its key.")
    return kid


BODIES: dict[str, Callable[[Message, Body, Needs], None]] = {
    "member.enrol/1": _enrol,
    "member.keys/1": _keys,
    "member.leave/1": _leave_register,
    "agreement.propose/1": _propose,
    "agreement.sign/1": _sign,
    "agreement.retire/1": _sign,
    case_v1.INVITE: _invite,
    case_v1.LEAVE: _leave,
    "consent.request/1": _accept,
    "consent.grant/1": _grant,
    "consent.refuse/1": _refuse,
    "consent.offer/1": _again,
    "consent.withdraw/1": _decided,
    "consent.suspend/1": _decided,
    "consent.resume/1": _decided,
    "access.emergency/1": _emergency,
    "access.emergency.review/1": _review,
    "message.reject/1": _reject,
    "record.erased/1": _erased,
    "record.release/1": _release,
    "record.correct/1": _correct,
    "record.pass/1": _pass,
}
"""Types that need more than what every envelope names."""
