"""Receipts: each decision leaves one with everything that the rule lists, as JSON and in two languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.portal.deciding import receipt_text, receipts
from connectors.portal.deciding.receipts import Decided
from connectors.portal.settings import OidcSettings, PortalSettings, SmtpSettings
from connectors.portal.store import mails
from connectors.portal.store import receipts as stored
from schemas import instant
from tests.flow.exchange.world import terms
from tests.unit.portal.people import START, case_of, parent, ward, with_email

KINDS = (
    "granted",
    "refused",
    "narrowed",
    "withdrawn",
    "suspended",
    "resumed",
    "expired",
    "passed",
    "stopped",
)
SETTINGS = PortalSettings(
    public_url="https://portal.example.org",
    name={"en": "My case", "fr": "Mon dossier"},
    contact={"phone": "+33 1 00 00 00 00"},
    oidc=OidcSettings("https://id.example.org", "portal", Path("secret")),
    smtp=SmtpSettings("localhost", 25, "no-reply@portal.example.org", "none"),
)


def consented(case: str, **changed: object) -> dict[str, object]:
    return {
        **terms(START, case=case),
        "id": "00000000-0000-4000-8000-000000000001",
        "valid_from": instant.format(START),
        "actor": {"kind": "citizen"},
        **changed,
    }


def give(connection, kind: str = "granted", **changed: object) -> tuple[str, dict[str, Any]]:
    citizen = with_email(connection)
    case = case_of(connection, citizen.account)
    decided = Decided(
        kind=kind,
        account=citizen.account,
        case=case,
        document=consented(case),
        actor={"kind": "citizen"},
        consent="00000000-0000-4000-8000-000000000001",
        message="m",
        **changed,  # type: ignore[arg-type]  # one of its own fields
    )
    number = receipts.give(connection, SETTINGS, decided, START)
    row = stored.find(connection, citizen.account, number)
    assert row is not None
    told = "ended" if kind == "expired" else "receipt"
    assert [each.kind for each in mails.of_account(connection, citizen.account)] == [told]
    assert [each.id for each in stored.of_account(connection, citizen.account)] == [number]
    return number, row.document


@pytest.mark.parametrize("kind", KINDS)
def test_each_decision_leaves_a_receipt_with_everything_that_the_rule_lists(connection, kind):
    number, document = give(connection, kind)
    assert document["number"] == number
    assert document["kind"] == kind
    assert [each["member"] for each in document["from"]] == ["city-housing"]
    assert document["to"] == [{"member": "debt-advice", "name": "Debt Advice"}]
    assert document["purpose"]["text"] == {"en": "Debt plan", "fr": "Plan de dettes"}
    assert document["data"][0]["fields"] == ["landlord", "rent"]
    assert document["data_life_days"] == 90
    assert document["withdraw"]["other_channels"] == [{"en": "By phone", "fr": "Par téléphone"}]
    assert document["withdraw"]["contact"] == {"phone": "+33 1 00 00 00 00"}
    assert document["complaint"]["authority"] == "CNIL"
    for language in ("en", "fr"):
        text = receipt_text.as_text(document, language)
        assert number in text
        assert "Debt Advice" in text
        assert "CNIL" in text


def test_the_text_says_in_words_what_was_decided(connection):
    _number, document = give(connection)
    english = receipt_text.as_text(document, "en", "Europe/Paris")
    assert "You allowed this." in english
    assert "Date: 10 March 2031 at 10:00" in english
    assert "Permission ends: 8 June 2031" in english
    assert "How often: at most 10 times per day" in english
    assert "When it is taken back: copies are deleted" in english
    french = receipt_text.as_text(document, "fr", "Europe/Paris")
    assert "Vous avez donné votre accord." in french
    assert "Fin de l’autorisation\u202f: 8 juin 2031" in french
    assert "Durée de conservation des copies\u202f: 90 jours" in french
    assert "logement" in french


def test_a_refusal_does_not_speak_of_an_end_or_of_taking_back(connection):
    _number, document = give(connection, "refused")
    text = receipt_text.as_text(document, "en")
    assert "You did not allow this." in text
    assert "ends" not in text
    assert "take it back" not in text


def test_what_was_left_out_is_named(connection):
    asked = terms(START)
    asked["data"] = [
        *asked["data"],
        {**asked["data"][0], "fields": ["tenure"], "necessity": "optional"},
    ]
    _number, document = give(connection, "narrowed", asked=asked)
    assert [each["fields"] for each in document["left_out"]] == [["tenure"]]
    assert "Left out: housing (" in receipt_text.as_text(document, "en")


def test_a_decision_by_a_delegate_says_so(connection):
    child = ward(connection)
    visit = parent(connection, child)
    case = case_of(connection, child)
    assert visit.mandate is not None
    decided = Decided(
        kind="granted",
        account=child,
        case=case,
        document=consented(case),
        actor={"kind": "mandate", "id": visit.mandate.id},
    )
    number = receipts.give(connection, SETTINGS, decided, START)
    row = stored.find(connection, child, number)
    assert row is not None
    for said in (receipt_text.as_text(row.document, "en"), receipt_text.done(row.document, "en")):
        assert "Somebody who acts for you allowed this." in said
        assert "You allowed" not in said
    assert "agit pour vous a donné l’accord." in receipt_text.as_text(row.document, "fr")
    assert receipt_text.done(row.document, "en", visit.mandate.id) == "You allowed this."


def test_time_that_is_over_is_nobodys_decision(connection):
    _number, document = give(connection, "expired")
    by = {"kind": "mandate", "id": "mandate-1"}  # who had given the permission that has ended
    text = receipt_text.as_text({**document, "decided_by": by}, "en")
    assert "This permission has ended." in text
    assert "acts for you" not in text


def test_numbers_can_be_read_out_and_are_never_the_same():
    numbers = {receipts.new_number() for _ in range(200)}
    assert len(numbers) == 200
    assert all(len(number) == 19 and not set(number) & set("01IO") for number in numbers)


def test_every_kind_has_words_in_both_languages():
    for kind in KINDS:
        english, french = receipt_text.done({"kind": kind}, "en"), receipt_text.done({"kind": kind}, "fr")
        assert english.startswith(("You ", "This "))
        assert french != english
