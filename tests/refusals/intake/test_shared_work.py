"""Notes, messages, documents and outcomes: by the seats between citizen and agency, by a basis between
agencies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import (
    AgreementDoesNotCover,
    AttachmentMissing,
    CaseClosed,
    CitizenNotJoined,
    ConsentDoesNotCover,
    ConsentNotInForce,
    NoSeat,
    Refusal,
    WithholdingNotAllowed,
)
from schemas.messages.coordination_v1 import DOCUMENT, MESSAGE, NOTE, OUTCOME, PARTS
from schemas.vectors import examples
from tests.actors import Actor
from tests.factories import (
    AGREEMENT,
    CLAUSE,
    CONSENT_PURPOSE,
    STATUTE_PURPOSE,
    WITHHOLDING_CLAUSE,
    Attachment,
    Authority,
    Withheld,
    World,
    make_world,
)

BLOB = b"sealed bytes"
ATTACHED = Attachment(hashlib.sha256(BLOB).hexdigest(), len(BLOB))
SCHEMA = "coordination.shared/1"


@pytest.fixture
def world(tmp_path: Path, coordinator_url: str) -> Iterator[World]:
    """Give a case of housing, benefits and the citizen, who lets housing share notes and documents."""
    made = make_world(tmp_path, coordinator_url, consent=False)
    again = made.agreement_document(version=2)
    again["flows"] += [
        flow(made, CONSENT_PURPOSE, ["notes", "messages", "documents"]),
        flow(made, STATUTE_PURPOSE, ["notes"]),
    ]
    made.agree(again)
    data = {"category": "coordination", "schema": SCHEMA, "fields": ["notes", "documents"]}
    made.granted(agreement="winter-support@2", data=[{**data, "necessity": "needed", "special": False}])
    yield made
    made.stop()


def flow(world: World, purpose: str, fields: list[str]) -> dict[str, Any]:
    return {
        "source": world.housing.id,
        "recipient": world.benefits.id,
        "purpose": purpose,
        "category": "coordination",
        "schema": SCHEMA,
        "fields": fields,
    }


def say(world: World, kind: str, sender: Actor, to: list[str], **fields: Any) -> bytes:
    """Write something shared by the seats, unless a basis is given."""
    content = dict(examples.contents()[kind])
    if kind == DOCUMENT:
        world.coordinator.attachments.keep(
            hashlib.sha256(BLOB).digest(), BLOB, by=sender.id, now=world.clock()
        )
        content |= {"sha256": ATTACHED.sha256, "size": ATTACHED.size}
        fields.setdefault("attachments", [ATTACHED])
    defaults = {
        "to": to,
        "authority": Authority("seat"),
        "categories": ["coordination"],
        "schema": kind,
        "sealed": world.sealed(content, to, sender, kind),
    }
    return world.message(kind, sender, **(defaults | fields))


def by_consent(world: World) -> dict[str, Any]:
    return {
        "authority": Authority("consent", world.consent),
        "agreement": "winter-support@2",
        "purpose": CONSENT_PURPOSE,
    }


def by_clause() -> dict[str, Any]:
    return {
        "authority": Authority("statute", CLAUSE),
        "agreement": "winter-support@2",
        "purpose": STATUTE_PURPOSE,
    }


def share(world: World, kind: str = NOTE, to: list[str] | None = None, **fields: Any) -> bytes:
    """Write something from housing to benefits and the citizen."""
    return say(world, kind, world.housing, to or [world.benefits.id, "citizen"], **fields)


def refused(world: World, raw: bytes) -> type[Refusal]:
    return type(world.refused(raw))


@pytest.mark.parametrize("kind", PARTS)
def test_citizen_and_agency_write_to_each_other_on_their_seats(world: World, kind: str) -> None:
    world.must(say(world, kind, world.portal, [world.housing.id, world.benefits.id]))
    world.must(say(world, kind, world.housing, ["citizen"]))


@pytest.mark.parametrize("kind", PARTS)
def test_between_agencies_nothing_is_shared_on_a_seat_alone(world: World, kind: str) -> None:
    assert refused(world, share(world, kind)) is AgreementDoesNotCover
    assert refused(world, share(world, kind, to=[world.benefits.id])) is AgreementDoesNotCover


def test_a_basis_is_not_dressed_up_as_a_seat(world: World) -> None:
    by_seat_alone = say(world, NOTE, world.housing, ["citizen"], **by_consent(world))
    assert refused(world, by_seat_alone) is AgreementDoesNotCover


def test_a_consent_opens_the_parts_that_it_names(world: World) -> None:
    world.must(share(world, NOTE, **by_consent(world)))
    world.must(share(world, DOCUMENT, **by_consent(world)))
    assert refused(world, share(world, MESSAGE, **by_consent(world))) is ConsentDoesNotCover
    assert refused(world, share(world, OUTCOME, **by_consent(world))) is AgreementDoesNotCover


def test_a_clause_opens_the_parts_that_the_agreement_names(world: World) -> None:
    world.must(share(world, NOTE, **by_clause()))
    assert refused(world, share(world, DOCUMENT, **by_clause())) is AgreementDoesNotCover


def test_an_earlier_version_without_the_category_opens_nothing(world: World) -> None:
    raw = share(world, NOTE, **{**by_clause(), "agreement": AGREEMENT})
    assert refused(world, raw) is AgreementDoesNotCover


def test_the_other_direction_is_not_opened(world: World) -> None:
    raw = say(world, NOTE, world.benefits, [world.housing.id, "citizen"], **by_consent(world))
    assert refused(world, raw) is AgreementDoesNotCover


def test_a_withdrawn_consent_opens_nothing(world: World) -> None:
    world.must(world.decide("withdraw"))
    assert refused(world, share(world, NOTE, **by_consent(world))) is ConsentNotInForce


def test_the_citizen_is_left_out_only_where_a_clause_allows_it(world: World) -> None:
    def without(ground: str) -> bytes:
        withheld = Withheld(ground, world.clock().date())
        return share(world, NOTE, to=[world.benefits.id], withheld=withheld, **by_clause())

    assert refused(world, without(CLAUSE)) is WithholdingNotAllowed
    world.must(without(WITHHOLDING_CLAUSE))


def test_one_without_a_seat_shares_nothing_and_gets_nothing(world: World) -> None:
    assert refused(world, say(world, NOTE, world.debts, ["citizen"])) is NoSeat
    assert refused(world, say(world, NOTE, world.portal, [world.debts.id])) is NoSeat


def test_a_document_is_uploaded_before_it_is_named(world: World) -> None:
    missing = Attachment("0" * 64, 1)
    raw = say(world, DOCUMENT, world.portal, [world.housing.id], attachments=[missing])
    assert refused(world, raw) is AttachmentMissing


def test_in_a_closed_case_citizen_and_agency_still_write_messages_and_share_nothing_else(
    world: World,
) -> None:
    world.must(world.message("case.close/1", body={}))
    world.must(say(world, MESSAGE, world.portal, [world.housing.id]))
    world.must(say(world, MESSAGE, world.housing, ["citizen"]))
    for kind in (NOTE, DOCUMENT, OUTCOME):
        assert refused(world, say(world, kind, world.portal, [world.housing.id])) is CaseClosed
    assert refused(world, share(world, MESSAGE, **by_consent(world))) is CaseClosed


def test_before_the_citizen_has_joined_nobody_writes_to_them(world: World) -> None:
    joined = world.case
    world.open_case()
    world.seats[world.case] = world.seats[joined]
    assert refused(world, say(world, NOTE, world.housing, ["citizen"])) is CitizenNotJoined
