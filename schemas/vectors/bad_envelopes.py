"""Envelopes and bodies that are signed well and say what may not be said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.vectors import examples
from schemas.vectors.crafting import token
from schemas.vectors.examples import CASE, CITIZEN, NORTH, PORTAL, SOUTH
from schemas.vectors.vector import Vector

_RELEASE = "record.release/1"
_ABSENT = object()


def vectors() -> Iterator[Vector]:
    """Give the bad envelopes."""
    yield from _times()
    yield from _ids()
    yield from _parties()
    yield from _content()
    yield from _rights()
    yield from _attachments()
    yield from _shared_work()
    yield from _bodies()


def _bad(name: str, attack: str, type_name: str, expect: str = "invalid", **changes: Any) -> Vector:
    """Change members of a good message; `from_` stands for `from`, _ABSENT removes."""
    payload = examples.payload(type_name)
    for member, value in changes.items():
        if value is _ABSENT:
            payload.pop(member)
        else:
            payload[member.rstrip("_")] = value
    return Vector(name, "message", token(payload), expect, attack)


def _times() -> Iterator[Vector]:
    for name, until in (
        ("waits eight days", "2026-12-01T05:00:00.000Z"),
        ("waits a millisecond too long", "2026-11-30T05:00:00.001Z"),
        ("ends as it starts", examples.AT),
        ("ends before it starts", "2026-11-22T05:00:00.000Z"),
    ):
        yield _bad(f"message {name}", "P1", "case.open/1", until=until)
    for at in (
        "2026-11-23T05:00:00Z",
        "2026-11-23T05:00:00.000+00:00",
        "2026-11-23T06:00:00.000+01:00",
        "2026-11-23t05:00:00.000z",
        "2026-11-23 05:00:00.000Z",
        "2026-11-23T05:00:60.000Z",
        "2026-11-23T24:00:00.000Z",
        "2026-02-30T05:00:00.000Z",
        "２026-11-23T05:00:00.000Z",
        "",
    ):
        yield _bad(f"instant {at!r}", "P2", "case.open/1", at=at)
    yield _bad("instant as a number", "P2", "case.open/1", at=1795410000)


def _ids() -> Iterator[Vector]:
    good = examples.message_id(1)
    for name, value in (
        ("of version 4", "9d3f2c1a-7c44-4a0e-8b7e-6f1d2e3c4b01"),
        ("in upper case", good.upper()),
        ("in braces", f"{{{good}}}"),
        ("without hyphens", good.replace("-", "")),
        ("with a line end", f"{good}\n"),
        ("of another variant", f"{good[:19]}0{good[20:]}"),
        ("as null", None),
    ):
        yield _bad(f"message id {name}", "P1", "case.open/1", id=value)
    for name, case in (("in upper case", CASE.upper()), ("that is a path", "../x"), ("as null", None)):
        yield _bad(f"case id {name}", "W8", "case.open/1", case=case)
    yield _bad("case missing", "P4", "case.close/1", case=_ABSENT)
    yield _bad("case around a membership", "P4", "member.leave/1", case=CASE)
    for name in ("record.release/2", "record.steal/1", "record.release", "RECORD.RELEASE/1", ""):
        yield _bad(f"type {name!r}", "J8", "case.open/1", "unknown_type", type=name)
    yield _bad("type missing", "J8", "case.open/1", "unknown_type", type=_ABSENT)
    yield _bad("type as a list", "J8", "case.open/1", "unknown_type", type=["case.open/1"])


def _parties() -> Iterator[Vector]:
    for name, to in (
        ("nobody", []),
        ("thirty-three", [f"agency-{number:02}" for number in range(33)]),
        ("twice the same", [SOUTH, SOUTH, CITIZEN]),
        ("themselves", [NORTH, CITIZEN]),
        ("a text", SOUTH),
        ("upper case", ["South-Agency", CITIZEN]),
        ("an address", ["south-agency@example.org"]),
        ("null", None),
        ("the coordinator", ["coordinator", CITIZEN]),
    ):
        yield _bad(f"recipients: {name}", "P4", "case.close/1", to=to)
    enrolled = examples.bodies()["member.enrol/1"]
    enrolled["member"]["id"] = SOUTH
    yield _bad("enrolling another id than one's own", "J11", "member.enrol/1", body=enrolled)
    yield _bad("enrolling at an agency", "J11", "member.enrol/1", to=[SOUTH])
    yield _bad("an agency speaks as the coordinator", "P14", "delivery.withdrawn/1", from_=NORTH)
    yield _bad("the coordinator speaks as an agency", "P14", "case.close/1", from_="coordinator")


def _content() -> Iterator[Vector]:
    sealed = examples.payload(_RELEASE)["sealed"]
    for name, changes in (
        ("body and seal together", {"body": {}}),
        ("no seal at all", {"sealed": _ABSENT}),
        ("one recipient without a seal", {"sealed": sealed[:1]}),
        ("seals in another order", {"sealed": sealed[::-1]}),
        ("a seal for a stranger", {"sealed": [sealed[0], {**sealed[1], "to": PORTAL}]}),
        ("a seal with a further member", {"sealed": [{**sealed[0], "kid": "x"}, sealed[1]]}),
        ("a seal that is none", {"sealed": [{**sealed[0], "jwe": "a.b.c"}, sealed[1]]}),
        ("a seal with an empty part", {"sealed": [{**sealed[0], "jwe": "a.b..d.e"}, sealed[1]]}),
        ("an unknown member", {"priority": "high"}),
        ("a member that is null", {"re": None}),
        ("no schema", {"schema": _ABSENT}),
        ("a schema that no release has", {"schema": "record.request/1"}),
        ("an unknown version of a schema", {"schema": "housing.tenancy/2"}),
        ("two categories", {"categories": ["housing", "debts"]}),
        ("a category that is not the schema's", {"categories": ["debts"]}),
        ("no category", {"categories": []}),
    ):
        yield _bad(f"release with {name}", "W13", _RELEASE, **changes)
    yield _bad("open type sealed", "W13", "case.close/1", body=_ABSENT, sealed=sealed)
    yield _bad("open type without body", "W13", "case.close/1", body=_ABSENT)
    yield _bad("open type with a schema", "W13", "case.close/1", schema="housing.tenancy/1")
    yield _bad("body that is a list", "W13", "case.close/1", body=[])
    yield _bad("refusal that answers nothing", "W13", "consent.refuse/1", re=_ABSENT)
    yield _bad("offer that answers nothing", "W13", "consent.offer/1", re=_ABSENT)
    yield _bad("offer to two", "W13", "consent.offer/1", to=[SOUTH, NORTH])
    yield _bad("word about nothing", "W13", "record.pass/1", re=_ABSENT)
    yield _bad("word about another release", "W13", "record.pass/1", re=examples.message_id(22))
    yield _bad("word to two", "W13", "record.pass/1", to=[NORTH, SOUTH])
    word = {"release": examples.message_id(21), "decision": "perhaps"}
    yield _bad("word that is neither yes nor no", "W13", "record.pass/1", body=word)


def _rights() -> Iterator[Vector]:
    consent = examples.CONSENT
    for name, authority in (
        ("of no basis", {"consent": consent}),
        ("of an unknown basis", {"basis": "contract", "id": consent}),
        ("of two bases", {"basis": "consent", "consent": consent, "clause": "ccapex"}),
        ("without its consent", {"basis": "consent"}),
        ("with a clause for a consent", {"basis": "consent", "clause": "ccapex"}),
        ("that is a text", "consent"),
        ("that is a list", [{"basis": "seat"}]),
        ("of a seat with more", {"basis": "seat", "consent": consent}),
        ("with the basis as a list", {"basis": ["consent"], "consent": consent}),
    ):
        yield _bad(f"authority {name}", "P7", _RELEASE, authority=authority)
    yield _bad("release without authority", "P7", _RELEASE, authority=_ABSENT)
    yield _bad("release without agreement", "P7", _RELEASE, agreement=_ABSENT)
    yield _bad("release without purpose", "P7", _RELEASE, purpose=_ABSENT)
    yield _bad("release without categories", "P7", _RELEASE, categories=_ABSENT)
    yield _bad("agreement without version", "P7", _RELEASE, agreement="winter-support")
    alone: dict[str, Any] = {"to": [SOUTH], "sealed": examples.payload(_RELEASE)["sealed"][:1]}
    yield _bad("citizen left out", "W17", _RELEASE, **alone)
    withheld = {"ground": "ccapex", "review_on": "2026-12-23"}
    yield _bad("citizen left out and told", "W17", _RELEASE, withheld=withheld)
    for name, found in (
        ("without a day", {"ground": "ccapex"}),
        ("on no day", {"ground": "ccapex", "review_on": "2026-02-30"}),
        ("without a ground", {"review_on": "2026-12-23"}),
    ):
        yield _bad(f"citizen left out {name}", "W17", _RELEASE, **alone, withheld=found)


def _attachments() -> Iterator[Vector]:
    one = {"sha256": "0" * 64, "size": 1}
    for name, found in (
        ("over 25 MiB", [{**one, "size": 25 * 1024 * 1024 + 1}]),
        ("of no size", [{**one, "size": 0}]),
        ("of size true", [{**one, "size": True}]),
        ("twice", [one, one]),
        ("seventeen", [{**one, "size": size} for size in range(1, 18)]),
        ("with a key", [{**one, "key": "AAAA"}]),
        ("with an upper-case digest", [{**one, "sha256": "A" * 64}]),
        ("none, but listed", []),
    ):
        yield _bad(f"attachments {name}", "W10", _RELEASE, attachments=found)
    yield _bad("attachment of an open type", "W10", "case.close/1", attachments=[one])


def _shared_work() -> Iterator[Vector]:
    one, other = {"sha256": "0" * 64, "size": 1}, {"sha256": "1" * 64, "size": 1}
    for name in ("note.add/1", "message.send/1", "document.add/1", "outcome.give/1"):
        yield _bad(f"{name} of another category", "W13", name, categories=["housing"])
        yield _bad(f"{name} of two categories", "W13", name, categories=["coordination", "housing"])
        yield _bad(f"{name} without a category", "W13", name, categories=_ABSENT)
        if name != "document.add/1":
            yield _bad(f"{name} with an attachment", "W10", name, attachments=[one])
    yield _bad("document without its file", "W10", "document.add/1", attachments=_ABSENT)
    yield _bad("document of two files", "W10", "document.add/1", attachments=[one, other])
    yield _bad("note under the schema of a message", "W13", "note.add/1", schema="message.send/1")


def _bodies() -> Iterator[Vector]:
    bodies = examples.bodies()
    for name, type_name, changes in (
        ("unknown member", "case.close/1", {"note": "x"}),
        ("unknown language", "case.open/1", {"language": "de"}),
        ("seat without a sign-in", "case.open/1", {"seat": examples.seat()}),
        ("keys without a code's proof", "case.join/1", {"proof": _ABSENT}),
        ("an invitee of two kinds", "case.invite/1", {"invitee": {"kind": "agency", "portal": PORTAL}}),
        ("an invitee who is not asked", "case.invite/1", {"invitee": {"kind": "agency", "member": SOUTH}}),
        ("an emergency of two days", "access.emergency/1", {"until": "2026-11-25T05:00:00.000Z"}),
        ("an emergency that nobody opened", "access.emergency/1", {"second_person": _ABSENT}),
        ("an emergency of one who is two", "access.emergency/1", {"opened_by": "worker-18"}),
        ("a delayed notice without officer", "access.emergency/1", {"notice": {"kind": "delayed"}}),
        ("an unknown reason", "record.decline/1", {"reason": "did_not_feel_like_it"}),
        ("no key to change", "member.keys/1", {"add": [], "end": []}),
        ("a key for another use", "member.keys/1", {"add": [{"use": "decrypt"}]}),
        ("a coordinator enrolling", "member.enrol/1", {"member": {"id": "coordinator"}}),
    ):
        body = {**bodies[type_name], **changes}
        body = {member: value for member, value in body.items() if value is not _ABSENT}
        yield _bad(f"body with {name}", "W13", type_name, body=body)
    other = {**examples.consent(), "case": examples.OTHER_CASE}
    yield _bad("consent of another case", "P4", "consent.grant/1", body={"consent": other})
    yield _bad("consent told to a third party", "P4", "consent.grant/1", to=[NORTH, SOUTH, "third-agency"])
    yield _bad("consent not told to its source", "P4", "consent.grant/1", to=[SOUTH])
    yield _bad("consent that answers another request", "P4", "consent.grant/1", re=examples.message_id(15))
