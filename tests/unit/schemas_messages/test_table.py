"""Walks the table of types: what is true of every line, so that a new line cannot forget it."""

from __future__ import annotations

import pytest

from schemas.errors import UnknownType
from schemas.messages import envelope, fields
from schemas.messages.table import TYPES, TypeRule
from schemas.records import RECORDS
from schemas.vectors import examples

every_type = pytest.mark.parametrize("rule", TYPES.values(), ids=lambda rule: rule.name)


@every_type
def test_what_an_agency_may_send_in_a_case_the_citizen_may_send_too_or_the_table_says_why_not(rule: TypeRule):
    if "citizen" in rule.by:
        assert rule.why_not_citizen is None
    else:
        assert rule.why_not_citizen is not None
        assert rule.why_not_citizen.endswith(".")


@every_type
def test_a_type_is_either_open_with_a_body_or_sealed_with_statements(rule: TypeRule):
    assert rule.sealed is (rule.body_schema is None)
    assert rule.sealed is bool(rule.statement_schemas)


@every_type
def test_a_type_has_a_name_and_version_and_belongs_to_the_family_of_its_name(rule: TypeRule):
    assert fields.TYPE.fullmatch(rule.name)
    assert rule.name.startswith(f"{rule.family}.")
    assert rule.by <= {"member", "agency", "citizen", "coordinator"}


@every_type
def test_only_membership_and_agreements_are_outside_of_cases(rule: TypeRule):
    assert rule.in_case is (rule.family not in {"member", "agreement"})


@every_type
def test_a_body_refuses_what_it_does_not_name(rule: TypeRule):
    schemas = [rule.body_schema] if rule.body_schema else list(rule.statement_schemas.values())
    assert {schema.unknown for schema in schemas} == {"raise"}


@every_type
def test_every_type_has_a_good_example(rule: TypeRule):
    assert rule.name in examples.payloads()


def test_the_coordinator_alone_tells_of_deliveries():
    assert {rule.family for rule in TYPES.values() if "coordinator" in rule.by} == {"delivery"}


def test_a_release_carries_records_and_nothing_else():
    assert TYPES["record.release/1"].statement_schemas is RECORDS


def test_a_release_of_a_citizen_is_possible_because_an_agency_may_release():
    rule = TYPES["record.release/1"]
    assert rule.by == {"agency", "citizen"}


def test_an_unknown_type_and_an_unknown_version_are_the_same_refusal():
    for name in ("record.release/2", "no.such/1", None, 7):
        with pytest.raises(UnknownType):
            envelope.rule_of(name)


def test_in_a_closed_case_nothing_is_said_but_what_protects_the_citizen_or_opens_it_again():
    assert {name for name, rule in TYPES.items() if rule.after_closing} == {
        "access.emergency.review/1",
        "access.viewed/1",
        "case.keys/1",
        "case.leave/1",
        "case.reopen/1",
        "consent.refuse/1",
        "consent.suspend/1",
        "consent.withdraw/1",
        "message.reject/1",
        "message.send/1",
        "record.contest/1",
        "record.correct/1",
        "record.erased/1",
    }
