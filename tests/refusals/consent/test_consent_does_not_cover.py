"""What a consent does not name is refused, and the refusal says which part it does not name."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import instant
from schemas.agreement import load_agreement
from schemas.consent import check_agreed, check_identifying, covers, load_consent
from schemas.errors import ConsentDoesNotCover
from schemas.vectors import examples

CONSENT = load_consent(examples.consent())
USE: dict[str, Any] = {
    "source": examples.NORTH,
    "recipient": examples.SOUTH,
    "purpose": "rent-help",
    "categories": ["housing", "debts"],
    "agreement": examples.AGREEMENT,
    "at": instant.parse(examples.AT),
}


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"source": "third-agency"}, ("source", "third-agency")),
        ({"recipient": "third-agency"}, ("recipient", "third-agency")),
        ({"purpose": "marketing"}, ("purpose", "marketing")),
        ({"agreement": "winter-support@2"}, ("agreement", "winter-support@2")),
        ({"categories": ["housing", "income"]}, ("category", "income")),
    ],
)
def test_the_refusal_names_the_consent_and_what_it_does_not_name(
    changes: dict[str, Any], fact: tuple[str, str]
):
    with pytest.raises(ConsentDoesNotCover) as refused:
        covers(CONSENT, **{**USE, **changes})
    assert refused.value.facts["consent"] == examples.CONSENT
    assert refused.value.facts[fact[0]] == fact[1]


def test_a_party_that_is_both_source_and_recipient_never_gives_to_itself():
    both = [examples.NORTH, examples.SOUTH]
    consent = load_consent({**examples.consent(), "sources": both, "recipients": both})
    covers(consent, **USE)
    with pytest.raises(ConsentDoesNotCover):
        covers(consent, **{**USE, "recipient": examples.NORTH})


def test_a_consent_beyond_its_agreement_is_refused():
    document = {**examples.consent(), "recipients": [examples.SOUTH, "third-agency"]}
    with pytest.raises(ConsentDoesNotCover):
        check_agreed(load_consent(document), load_agreement(examples.agreement()))


def test_finding_a_person_by_more_than_was_consented_to_is_refused():
    with pytest.raises(ConsentDoesNotCover):
        check_identifying(CONSENT, ["social_security_number"])
