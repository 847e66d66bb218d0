"""What a consent names, what an answer may leave out, and how its bytes are made."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from schemas import instant
from schemas.agreement import load_agreement
from schemas.consent import (
    check_agreed,
    check_answers,
    check_identifying,
    consent_bytes,
    consent_challenge,
    covers,
    load_consent,
    load_stored,
    load_terms,
    seat_keys,
    terms_of,
    verify_proof,
)
from schemas.errors import ConsentDoesNotCover, Invalid
from schemas.vectors import examples
from schemas.vectors.examples import NORTH, PORTAL, SOUTH
from schemas.wire import canonical

DOCUMENT = examples.consent()
CONSENT = load_consent(DOCUMENT)
AT = instant.parse(examples.AT)


def test_a_document_is_read_into_a_consent():
    assert CONSENT.id == examples.CONSENT
    assert CONSENT.categories == ("housing", "debts")
    assert CONSENT.parties() == {NORTH, SOUTH}
    assert CONSENT.data_life == timedelta(days=180)
    assert CONSENT.frequency is not None
    assert CONSENT.frequency.count == 2
    assert CONSENT.fields_for("debts") == ("total",)
    assert CONSENT.document is DOCUMENT
    with pytest.raises(ConsentDoesNotCover):
        CONSENT.fields_for("income")


def test_what_it_covers_is_given_back_with_its_fields():
    covered = covers(
        CONSENT,
        source=NORTH,
        recipient=SOUTH,
        purpose="rent-help",
        categories=["debts", "housing"],
        agreement=examples.AGREEMENT,
        at=AT,
    )
    assert [each.category for each in covered] == ["debts", "housing"]
    assert covered[1].fields == ("living_situation", "rent", "arrears")


def test_the_challenge_is_over_the_canonical_document_without_its_proof():
    without = {name: value for name, value in DOCUMENT.items() if name != "proof"}
    assert consent_bytes(DOCUMENT) == canonical(without)
    assert consent_bytes(without) == consent_bytes(DOCUMENT)
    expected = hashlib.sha256(b"accord/consent/1\x00" + canonical(without)).digest()
    assert consent_challenge(DOCUMENT) == expected


def test_the_good_consent_is_agreed_proved_and_answers_its_request():
    agreement = load_agreement(examples.agreement())
    check_agreed(CONSENT, agreement)
    check_answers(DOCUMENT, examples.terms())
    check_identifying(CONSENT, ["birth_date"])
    verify_proof(CONSENT, seat_keys(PORTAL, examples.seat()["passkeys"]), agreement, sent_by=PORTAL, at=AT)


def test_the_portals_word_is_enough_where_no_passkey_is_demanded():
    document = copy.deepcopy(DOCUMENT)
    document["data"] = document["data"][:1]
    document["proof"] = document["proof"][:1]
    agreement = load_agreement(examples.agreement())
    verify_proof(load_consent(document), seat_keys(PORTAL, []), agreement, sent_by=PORTAL, at=AT)


def test_people_are_found_by_what_was_consented_to_and_nothing_else():
    with pytest.raises(ConsentDoesNotCover):
        check_identifying(CONSENT, ["birth_date", "national_number"])


def test_terms_are_the_consent_without_what_the_decision_adds():
    assert load_terms(examples.terms()) == examples.terms()
    assert {**terms_of(DOCUMENT), "request": None} == examples.terms()
    with pytest.raises(Invalid):
        load_terms(DOCUMENT)


def test_optional_data_may_be_left_out_and_the_end_may_be_earlier():
    narrower = {**DOCUMENT, "data": DOCUMENT["data"][:1], "valid_until": "2027-01-23T05:00:00.000Z"}
    check_answers(narrower, examples.terms())


@pytest.mark.parametrize(
    "changes",
    [
        {"data": DOCUMENT["data"][1:]},
        {"data": [{**DOCUMENT["data"][0], "fields": ["rent", "arrears_months"]}, DOCUMENT["data"][1]]},
        {"data": DOCUMENT["data"][::-1]},
        {"recipients": [SOUTH, "third-agency"]},
        {"valid_until": "2027-05-23T05:00:00.001Z"},
        {"data_life": {"days": 365}},
        {"purpose": {"code": "rent-help", "text": {"en": "Else", "fr": "Autre chose"}}},
    ],
)
def test_an_answer_gives_nothing_that_was_not_asked_for(changes: dict[str, Any]):
    with pytest.raises(Invalid):
        check_answers({**DOCUMENT, **changes}, examples.terms())


STORED: dict[str, dict[str, Any]] = {
    "as it is": {},
    "once": {"fetch": "once", "frequency": None},
    "repeated": {"fetch": "repeated", "frequency": {"count": 3, "per": "week"}},
    "a period": {"data_period": {"from": "2025-01-01", "to": "2025-12-31"}},
    "no period": {"data_period": None},
    "no review": {"review_due": None},
    "a review": {"review_due": DOCUMENT["valid_until"]},
    "seen first": {"preview": True},
    "by a mandate": {"actor": {"kind": "mandate", "id": "m-1"}},
}


@pytest.mark.parametrize("name", STORED)
def test_a_stored_consent_is_read_without_checks_as_it_was_read_with_them(name: str):
    document = {**DOCUMENT, **STORED[name]}
    assert load_stored(json.loads(json.dumps(document))) == load_consent(document)
