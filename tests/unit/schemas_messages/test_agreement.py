"""What an agreement says about flows, proofs, clauses and its own time."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from schemas import instant
from schemas.agreement import agreement_sha256, basis_unchanged, load_agreement
from schemas.errors import (
    AgreementDoesNotCover,
    AgreementNotInForce,
    BasisSwapped,
    Invalid,
    NoStatute,
    WithholdingNotAllowed,
)
from schemas.vectors import examples
from schemas.vectors.examples import NORTH, SOUTH
from schemas.wire import canonical

AGREED = load_agreement(examples.agreement())


def test_a_flow_is_found_with_its_fields_and_basis():
    flow = AGREED.flows_for(NORTH, SOUTH, "rent-help", "housing")
    assert flow.fields == ("living_situation", "rent", "arrears", "arrears_months")
    assert (flow.basis, flow.clause, flow.schema) == ("consent", None, "housing.tenancy/1")
    assert AGREED.flows_for(NORTH, SOUTH, "prevent-eviction", "housing").clause == "ccapex"


@pytest.mark.parametrize(
    "asked",
    [
        (SOUTH, NORTH, "rent-help", "housing"),
        (NORTH, SOUTH, "rent-help", "income"),
        (NORTH, SOUTH, "danger", "housing"),
        (NORTH, "third-agency", "rent-help", "housing"),
        (NORTH, SOUTH, "marketing", "housing"),
    ],
)
def test_what_is_not_agreed_is_refused(asked: tuple[str, str, str, str]):
    with pytest.raises(AgreementDoesNotCover) as refused:
        AGREED.flows_for(*asked)
    assert refused.value.facts["agreement"] == examples.AGREEMENT


def test_a_category_needs_the_proof_that_is_agreed_and_else_the_portals_word():
    assert AGREED.required_proof("debts") == "passkey"
    assert AGREED.required_proof("housing") == "portal"


def test_clauses_and_purposes_are_found_or_refused():
    assert AGREED.clause("ccapex").withhold
    assert AGREED.purpose("danger").basis == "emergency"
    with pytest.raises(NoStatute):
        AGREED.clause("other")
    with pytest.raises(AgreementDoesNotCover):
        AGREED.purpose("other")


def test_only_a_clause_that_says_so_lets_the_citizen_be_told_later():
    AGREED.check_withholding("ccapex")
    document = examples.agreement()
    document["clauses"][0]["withhold"] = False
    for agreement, ground in ((load_agreement(document), "ccapex"), (AGREED, "other")):
        with pytest.raises(WithholdingNotAllowed):
            agreement.check_withholding(ground)


def test_it_is_in_force_from_its_start_until_just_before_its_end():
    AGREED.check_in_force(AGREED.valid_from)
    AGREED.check_in_force(AGREED.valid_until - timedelta(milliseconds=1))
    for at in (AGREED.valid_from - timedelta(milliseconds=1), AGREED.valid_until):
        with pytest.raises(AgreementNotInForce):
            AGREED.check_in_force(at)


def test_people_are_found_by_what_is_agreed_and_nothing_else():
    AGREED.check_identifying(["birth_date"])
    with pytest.raises(AgreementDoesNotCover):
        AGREED.check_identifying(["birth_date", "national_number"])


def test_what_a_party_signs_is_the_digest_of_the_canonical_document():
    document = examples.agreement()
    assert agreement_sha256(document) == hashlib.sha256(canonical(document)).hexdigest()
    assert agreement_sha256(dict(reversed(document.items()))) == agreement_sha256(document)


def test_the_head_of_consents_may_be_a_day_old_unless_less_is_agreed():
    document = examples.agreement()
    del document["consent_head_max_age_s"]
    assert load_agreement(document).consent_head_max_age_s == 86_400
    assert load_agreement({**document, "consent_head_max_age_s": 600}).consent_head_max_age_s == 600


def test_its_name_and_parties_are_those_of_the_document():
    assert AGREED.ref == examples.AGREEMENT
    assert AGREED.members() == {NORTH, SOUTH, examples.PORTAL}
    assert AGREED.emergency is not None
    assert AGREED.emergency.max_hours == 24


def next_version(**changes: object) -> dict[str, Any]:
    return {**examples.agreement(), "version": 2, **changes}


def test_a_new_version_may_add_purposes_and_drop_them():
    document = next_version()
    document["purposes"] = document["purposes"][1:]
    document["flows"] = document["flows"][2:]
    basis_unchanged(AGREED, load_agreement(document))
    basis_unchanged(load_agreement(document), AGREED)


def test_a_purpose_cannot_move_from_consent_to_statute():
    document = next_version()
    document["purposes"][0] |= {"basis": "statute", "clause": "ccapex"}
    with pytest.raises(BasisSwapped) as refused:
        basis_unchanged(AGREED, load_agreement(document))
    assert refused.value.facts["purpose"] == "rent-help"
    assert instant.parse(document["valid_from"]) == AGREED.valid_from


def test_two_different_agreements_are_not_two_versions():
    with pytest.raises(Invalid):
        basis_unchanged(AGREED, load_agreement(next_version(id="summer-support")))
