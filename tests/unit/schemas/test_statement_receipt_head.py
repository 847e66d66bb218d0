"""Statements, receipts and heads: each is bound to what it speaks of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.exchange.stored import read_payload
from schemas import head, instant, receipt, statement
from schemas.errors import Invalid, Malformed, ReceiptMismatch, StatementMismatch, Unverified, WrongHeader
from schemas.keys import SigningKey
from schemas.signed import sign_typed

KEY = SigningKey.from_raw(bytes(32))
NOW = instant.parse("2026-11-23T04:30:35.123Z")


def made() -> bytes:
    """Attest something small."""
    return statement.attest(
        {"arrears": 2}, id="s-1", iss="housing", case="c-1", schema="housing.tenancy/1", at=NOW, key=KEY
    ).encode()


def test_a_statement_reads_back_as_it_was_attested() -> None:
    found = statement.check(made(), lambda _kid, _payload: KEY.public)
    assert (found.iss, found.case, found.at, found.content) == ("housing", "c-1", NOW, {"arrears": 2})


@pytest.mark.parametrize(
    ("member", "value"), [("sender", "benefits"), ("case", "c-2"), ("schema", "debts.bills/1")]
)
def test_a_statement_of_another_party_case_or_schema_is_refused(member: str, value: str) -> None:
    found = statement.check(made(), lambda _kid, _payload: KEY.public)
    expected = {"sender": "housing", "case": "c-1", "schema": "housing.tenancy/1"}
    statement.belongs_to(found, **expected)
    with pytest.raises(StatementMismatch):
        statement.belongs_to(found, **{**expected, member: value})


def test_a_statement_names_what_of_it_is_contested() -> None:
    told = {"id": "s-1", "iss": "housing", "case": "c-1", "schema": "housing.tenancy/1"}
    marked = statement.attest({"arrears": 2}, **told, at=NOW, key=KEY, contested=["s-0"]).encode()
    assert statement.check(marked, lambda _kid, _payload: KEY.public).contested == ("s-0",)
    assert statement.check(made(), lambda _kid, _payload: KEY.public).contested == ()


def test_a_statement_signed_again_says_all_that_it_said() -> None:
    told = {"id": "s-1", "iss": "housing", "case": "c-1", "schema": "housing.tenancy/1"}
    marked = statement.attest({"arrears": 2}, **told, at=NOW, key=KEY, contested=["s-0"]).encode()
    first, newer = statement.check(marked, lambda _kid, _payload: KEY.public), SigningKey.generate()
    again = statement.attest_again(read_payload(marked), newer).encode()
    found = statement.check(again, lambda _kid, _payload: newer.public)
    assert replace(found, kid=first.kid, raw=first.raw) == first
    assert found.kid == newer.kid


@pytest.mark.parametrize("marks", [[], "s-0", [1], ["s-0", "s-0"], [str(each) for each in range(65)], None])
def test_a_mark_of_another_shape_is_refused(marks: object) -> None:
    payload = {"id": "1", "iss": "a", "case": "c", "schema": "s", "at": instant.format(NOW), "content": {}}
    signed = sign_typed({**payload, "contested": marks}, KEY, typ=statement.TYP)
    with pytest.raises((Invalid, Malformed)):
        statement.check(signed, lambda _kid, _payload: KEY.public)


@pytest.mark.parametrize("change", [{"extra": 1}, {"at": "yesterday"}, {"iss": 5}, {"content": "text"}])
def test_a_statement_of_another_shape_is_refused(change: dict[str, object]) -> None:
    payload = {"id": "1", "iss": "a", "case": "c", "schema": "s", "at": instant.format(NOW), "content": {}}
    signed = sign_typed({**payload, **change}, KEY, typ=statement.TYP)
    with pytest.raises((Invalid, Malformed)):
        statement.check(signed, lambda _kid, _payload: KEY.public)


def test_a_receipt_speaks_of_one_message_only() -> None:
    raw = receipt.issue(id="m-1", sha256=b"h" * 32, salt=b"s" * 16, admitted_at=NOW, key=KEY)
    found = receipt.check(raw, lambda _kid, _payload: KEY.public, id="m-1", sha256=b"h" * 32)
    assert found.commitment == receipt.commitment(b"s" * 16, b"h" * 32)
    for wrong in ({"id": "m-2", "sha256": b"h" * 32}, {"id": "m-1", "sha256": b"x" * 32}):
        with pytest.raises(ReceiptMismatch):
            receipt.check(raw, lambda _kid, _payload: KEY.public, **wrong)  # type: ignore[arg-type]  # both are given


def test_a_message_cannot_pass_as_a_receipt() -> None:
    with pytest.raises(WrongHeader):
        receipt.check(made(), lambda _kid, _payload: KEY.public, id="s-1", sha256=b"h" * 32)


def test_a_head_is_for_one_member() -> None:
    made_head = head.Head("housing", NOW, 5, b"r" * 32, 4, -1)
    raw = head.issue(made_head, KEY)
    assert head.check(raw, lambda _kid, _payload: KEY.public, member="housing") == made_head
    with pytest.raises(Unverified):
        head.check(raw, lambda _kid, _payload: KEY.public, member="benefits")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T04:30:35Z",
        "2026-11-23 04:30:35.123Z",
        "2026-02-30T00:00:00.000Z",
        "2026-11-23T04:30:35.123+00:00",
        "2026-11-23T04:30:35.123Z\n",
        "٢026-11-23T04:30:35.123Z",
    ],
)
def test_an_instant_has_one_spelling(text: str) -> None:
    with pytest.raises(Malformed):
        instant.parse(text)


def test_instants_round_trip_through_milliseconds() -> None:
    later = NOW + timedelta(days=1, milliseconds=1)
    assert instant.from_ms(instant.to_ms(later)) == later
    assert instant.parse(instant.format(later)) == later
