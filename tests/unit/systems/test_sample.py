"""The three sample agencies of the story: each one's mapping finds Camille, and gives valid records."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from connectors.policy.policy import Policy
from connectors.policy.question import Allow, AskAPerson, Deny, ReleaseQuestion
from connectors.systems.registry import open_systems
from connectors.systems.try_out import try_out
from ops.story.sample.build import AGENCIES, build_sample, drop_exports
from schemas import records
from tests.unit.systems.small import ASKED, NOW

CATEGORIES = {
    "housing": {"identity", "housing"},
    "benefits": {"benefits", "household", "identity"},
    "charity": {"debts", "income", "needs"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    build_sample(folder)
    return folder


@pytest.fixture(scope="module")
def opened(folder):
    return open_systems({agency: {"mapping": f"{agency}.toml"} for agency in AGENCIES}, folder)


@pytest.fixture(scope="module")
def arrivals(opened):
    """Look twice, so that the files have been quiet for long enough."""
    assert opened["benefits"].refresh(NOW) == []
    return opened["benefits"].refresh(NOW + timedelta(seconds=5))


@pytest.fixture(scope="module")
def systems(opened, arrivals):
    return opened


@pytest.mark.parametrize("agency", AGENCIES)
def test_camille_is_found_at_every_agency_and_is_nobody_else(systems, agency):
    (camille,) = systems[agency].find(ASKED)
    assert systems[agency].identity(camille)["birth_date"] == "1991-04-23"


@pytest.mark.parametrize(
    ("agency", "other"), [("housing", "1961-04-23"), ("benefits", "1991-04-28"), ("charity", "1971-04-23")]
)
def test_every_agency_has_another_person_of_the_same_name(systems, agency, other):
    (camille,) = systems[agency].find(ASKED)
    (double,) = systems[agency].find({**ASKED, "birth_date": other})
    assert double != camille


@pytest.mark.parametrize("agency", AGENCIES)
def test_camilles_records_are_valid_and_complete(systems, agency):
    run = try_out(systems[agency], identify=ASKED)
    assert {one.category for one in run.categories} == CATEGORIES[agency]
    assert [(one.category, one.faults) for one in run.categories if one.faults] == []
    assert all(one.record for one in run.categories)
    assert run.passed


@pytest.mark.parametrize("agency", AGENCIES)
def test_the_records_of_everyone_else_are_valid_too(systems, folder, agency):
    source = systems[agency]
    people = _keys(folder, agency, source)
    assert len(people) >= 24
    for person in people:
        for category, held in source.describe().categories.items():
            record = source.read(type(source.some_person())(person), category, held.fields)
            if record is not None:
                records.validate(held.schema, record)


def _keys(folder, agency, source):
    place = {"housing": ("housing.db", "T_LOCATAIRE", "NUM_LOC"), "charity": ("charity.db", "clients", "id")}
    file, table, key = place.get(agency, ("benefits-store.db", "allocataires", "MATRICULE"))
    with closing(sqlite3.connect(folder / file)) as connection:
        return [row[0] for row in connection.execute(f"SELECT {key} FROM {table}")]  # noqa: S608 - our own names


def test_the_three_agencies_tell_one_story(systems):
    told = {}
    for agency in AGENCIES:
        (camille,) = systems[agency].find(ASKED)
        for category, held in systems[agency].describe().categories.items():
            told[agency, category] = systems[agency].read(camille, category, held.fields)
    housing, debts, benefits = (
        told["housing", "housing"],
        told["charity", "debts"],
        told["benefits", "benefits"],
    )
    assert housing["rent"] == {"amount": 61240, "currency": "EUR"}
    assert housing["eviction_stage"] == "order_to_pay"
    rent_owed = [debt["outstanding"] for debt in debts["debts"] if debt["kind"] == "rent"]
    assert rent_owed == [housing["arrears"]]
    by_scheme = {one["scheme"]: one for one in benefits["entitlements"]}
    assert by_scheme["housing"]["amount"] == housing["housing_benefit"]
    assert by_scheme["rsa"]["suspension_reason"] == "declaration_missing"
    assert told["charity", "needs"]["needs"]


def test_the_faulty_row_of_the_benefits_agency_is_reported_and_the_rest_is_taken_in(arrivals):
    people, rights = arrivals
    assert (people.taken, people.rejected, rights.rejected) == (24, 1, 0)
    with open(people.report, encoding="utf-8") as opened:  # noqa: PTH123 - the report's place is a text
        told = json.load(opened)
    assert told["rejected"][0]["faults"] == [
        {"field": "DTNAISS", "code": "not_a_date", "expected": "AAAAMMJJ"}
    ]
    assert (told["encoding"], told["repeated"], told["blank_lines"]) == ("cp1252", 1, 1)


def test_the_exports_can_be_dropped_again(systems, folder):
    drop_exports(folder / "benefits")
    systems["benefits"].refresh(NOW + timedelta(seconds=60))
    assert len(systems["benefits"].refresh(NOW + timedelta(seconds=70))) == 2
    assert len(systems["benefits"].find(ASKED)) == 1


# --- the agencies' own rules --------------------------------------------------------------------------


def question(agency, **more):
    known = {
        "agency": agency,
        "requester": "debt-charity",
        "requester_kind": "charity",
        "purpose": "debt-advice",
        "category": "housing",
        "fields": frozenset({"rent"}),
        "basis": "consent",
        "proof": "portal",
        "acr": "",
        "match": "exact_one",
        "special": False,
        "first_time": True,
        "agreement": "town-support@1",
    }
    return ReleaseQuestion(**{**known, **more})


@pytest.mark.parametrize(
    ("agency", "asked", "decision"),
    [
        ("housing", {}, Allow("housing-and-identity-by-consent")),
        ("housing", {"match": "more_than_one"}, AskAPerson("several-tenants-need-a-person")),
        ("housing", {"basis": "emergency"}, AskAPerson("emergency-needs-a-person")),
        ("housing", {"basis": "statute"}, Deny("no_rule_permits")),
        (
            "housing",
            {"category": "identity", "requester_kind": "company", "fields": frozenset({"address"})},
            Deny("no-addresses-to-companies"),
        ),
        ("benefits", {"category": "benefits"}, Allow("benefits-by-consent")),
        (
            "benefits",
            {"category": "benefits", "special": True},
            AskAPerson("unsure-or-special-needs-a-person"),
        ),
        ("charity", {"category": "debts", "proof": "passkey"}, Allow("debts-by-consent-with-passkey")),
        ("charity", {"category": "debts"}, AskAPerson("an-adviser-looks-first")),
        ("charity", {"category": "needs", "proof": "passkey"}, AskAPerson("an-adviser-looks-first")),
        ("charity", {"match": "none"}, Deny("no_rule_permits")),
    ],
)
def test_each_agency_decides_by_its_own_rules(folder, agency, asked, decision):
    assert Policy.load(folder / f"{agency}-policy").decide(question(agency, **asked)) == decision


def test_trying_out_tells_which_fields_the_policy_would_drop(systems, folder):
    policy = Policy.load(folder / "benefits-policy")
    asked = question("benefits", requester="landlord-ltd", requester_kind="company")
    run = try_out(systems["benefits"], identify=ASKED, policy=policy, question=asked)
    (benefits,) = [one for one in run.categories if one.category == "benefits"]
    assert benefits.fields_dropped == ("overpayment",)
    assert benefits.decision == Allow("benefits-by-consent")
