"""A coordinator that enrols members of its own, admits whatever they say, and delivers it: what they say
about cases in which they have no place changes nothing at anybody's connector.
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import Letter, seal_and_sign, sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import outbox, statements, tables
from schemas.messages.envelope import Authority, Withheld
from tests.flow.exchange.world import AGREEMENT, DEBT, HOUSING, World
from tests.refusals.exchange.hostile import admit_anything, aside


def test_a_stranger_does_not_close_a_case(exchange: World, monkeypatch: pytest.MonkeyPatch):
    """A coordinator can enrol a member of its own and admit what it likes; closing makes others erase."""
    case, consent = exchange.everything()
    request = exchange.request(case, consent)
    exchange.settle()
    stranger = exchange.enrol("food-bank", "charity")
    admit_anything(monkeypatch, "case.close/1")
    _say(exchange, stranger, "case.close/1", to=[DEBT, "citizen"], case=case, body={"reason": "none"})
    with exchange.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        assert record.state == "current"


def test_a_stranger_does_not_withdraw_a_consent(exchange: World, monkeypatch: pytest.MonkeyPatch):
    case, consent = exchange.everything()
    stranger = exchange.enrol("food-bank", "portal")
    admit_anything(monkeypatch, "consent.withdraw/1")
    body = {"consent": consent}
    _say(exchange, stranger, "consent.withdraw/1", to=[DEBT, HOUSING], case=case, body=body)
    assert ("consent.withdraw/1", "rejected", "not_your_turn") in aside(exchange, HOUSING)


def test_a_stranger_does_not_get_a_record_by_the_consent_of_others(
    exchange: World, monkeypatch: pytest.MonkeyPatch
):
    case, consent = exchange.everything()
    stranger = exchange.enrol("food-bank", "charity")
    admit_anything(monkeypatch, "record.request/1")
    letter = Letter(
        type="record.request/1",
        schema="record.request/1",
        content={
            "categories": [{"category": "housing", "fields": ["landlord", "rent"]}],
            "identify": {"family_name": "Martin", "birth_date": "1990-04-01"},
            "why": {"en": "To know."},
        },
        case=case,
        to=(HOUSING,),
        authority=Authority("consent", consent),
        agreement=AGREEMENT,
        purpose="debt-plan",
        categories=("housing",),
        withheld=Withheld("none", exchange.clock().date()),
    )
    signed, _ = seal_and_sign(stranger, letter, exchange.clock())
    _put(exchange, stranger, signed)
    assert aside(exchange, HOUSING) == [("record.request/1", "rejected", "agreement_does_not_cover")]
    assert _releases(exchange) == []


def _say(exchange: World, member: Connector, kind: str, **fields: Any) -> None:
    _put(exchange, member, sign_open(member, exchange.clock(), type=kind, **fields))


def _put(exchange: World, member: Connector, signed: outbox.Signed) -> None:
    with member.database.writing() as connection:
        post(connection, signed, exchange.clock())
    exchange.settle()


def _releases(exchange: World) -> list[str]:
    with exchange.members[HOUSING].database.reading() as connection:
        rows = connection.execute(tables.outbox.select()).all()
    return [row.id for row in rows if row.type == "record.release/1"]
