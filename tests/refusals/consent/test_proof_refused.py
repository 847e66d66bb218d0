"""A proof that does not show the citizen's decision on exactly this consent is refused, by its part."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import instant
from schemas.agreement import load_agreement
from schemas.consent import consent_challenge, load_consent, seat_keys, verify_proof
from schemas.errors import ProofRefused
from schemas.vectors import examples
from schemas.vectors.assertion import assertion, signs_rs256
from schemas.vectors.examples import ORIGIN, PORTAL, RP_ID

AGREEMENT = load_agreement(examples.agreement())
SEAT = seat_keys(PORTAL, examples.seat()["passkeys"])
AT = instant.parse(examples.AT)


def verify(document: dict[str, Any], seat=SEAT, sent_by: str = PORTAL) -> None:
    verify_proof(load_consent(document), seat, AGREEMENT, sent_by=sent_by, at=AT)


def document_with(**settings) -> dict[str, Any]:
    document = examples.consent()
    signed = assertion(consent_challenge(document), **{"rp_id": RP_ID, "origin": ORIGIN, **settings})
    return {**document, "proof": [signed]}


def reason(document: dict[str, Any], **context) -> object:
    with pytest.raises(ProofRefused) as refused:
        verify(document, **context)
    return refused.value.facts["reason"]


def test_a_good_proof_is_taken_twice_because_copies_are_checked_again_elsewhere():
    document = document_with()
    verify(document)
    verify(document)


def test_a_page_in_a_frame_is_refused_even_if_the_frame_around_it_is_the_portals():
    assert reason(document_with(crossOrigin=True, topOrigin=ORIGIN)) == "cross_origin"


def test_the_portals_own_page_above_is_no_foreign_one():
    verify(document_with(topOrigin=ORIGIN))


def test_client_data_may_lack_cross_origin_as_older_browsers_do():
    document = examples.consent()
    signed = assertion(consent_challenge(document), rp_id=RP_ID, origin=ORIGIN, crossOrigin=False)
    verify({**document, "proof": [signed]})


def test_the_counter_is_ignored():
    for counter in (0, 1, 2**32 - 1):
        verify(document_with(counter=counter))


def test_extensions_of_the_authenticator_are_let_through():
    verify(document_with(flags=0x85, extra=b"\xa0"))


def test_a_passkey_that_is_pinned_in_no_seat_is_refused():
    assert reason(document_with(), seat=seat_keys(PORTAL, [])) == "unknown_passkey"


def test_a_signature_of_another_algorithm_is_refused():
    assert reason(document_with(sign=signs_rs256)) == "signature"


def test_an_assertion_for_another_consent_is_refused():
    other = {**examples.consent(), "nonce": "AAAAAAAAAAAAAAAAAAAAAA"}
    assert reason({**other, "proof": document_with()["proof"]}) == "challenge"


def test_the_portals_word_of_another_portal_is_refused():
    assert reason(examples.consent(), sent_by="other-portal") == "foreign_portal"


def test_the_refusal_says_what_the_citizen_can_do_about_a_missing_passkey():
    document = examples.consent()
    with pytest.raises(ProofRefused) as refused:
        verify({**document, "proof": document["proof"][:1]})
    assert refused.value.remedy
    assert refused.value.facts["category"] == "debts"
