"""P7: getting data of others by going through a party that is trusted with it: another case, another
consent, another purpose, another recipient. Each is refused by the coordinator, and by the source itself.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.exchange import runner
from connectors.exchange.acts import consents
from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import Letter, seal_and_sign
from connectors.exchange.spool import post
from connectors.exchange.store import consents as store
from connectors.exchange.store import statements, tables
from coordinator.register.said import content
from schemas.errors import Refusal
from schemas.messages.envelope import Authority
from tests import factories
from tests.flow.exchange.world import AGREEMENT, DEBT, HOUSING, PORTAL, World
from tests.refusals.exchange.hostile import admit_anything, aside


def _asked(exchange: World, case: str, consent: str, **changed: object) -> None:
    """Let debt advice ask housing, without the checks that its own connector would make."""
    letter = {
        "type": "record.request/1",
        "schema": "record.request/1",
        "content": {
            "categories": [{"category": "housing", "fields": ["landlord", "rent"]}],
            "identify": {"family_name": "Martin", "birth_date": "1990-04-01"},
            "why": {"en": "To check."},
        },
        "case": case,
        "to": (HOUSING, "citizen"),
        "authority": Authority("consent", consent),
        "agreement": AGREEMENT,
        "purpose": "debt-plan",
        "categories": ("housing",),
        **changed,
    }
    debt = exchange.members[DEBT]
    signed, _ = seal_and_sign(debt, Letter(**letter), exchange.clock())  # type: ignore[arg-type]  # a letter's fields
    with debt.database.writing() as connection:
        post(connection, signed, exchange.clock())
    exchange.settle()


def _releases(connector: Connector) -> list[str]:
    with connector.database.reading() as connection:
        rows = connection.execute(tables.outbox.select()).all()
    return [row.id for row in rows if row.type == "record.release/1"]


def _refused_at_housing(exchange: World) -> set[str | None]:
    return {reason for kind, _, reason in aside(exchange, HOUSING) if kind == "record.request/1"}


@pytest.mark.parametrize("lenient", [False, True], ids=["strict coordinator", "lenient coordinator"])
def test_the_consent_of_one_case_opens_nothing_in_another(
    exchange: World, monkeypatch: pytest.MonkeyPatch, lenient: bool
):
    """Debt advice uses the consent of one citizen in a case of its own with another."""
    _, consent = exchange.everything()
    other = exchange.case()
    second = exchange.consent(other)
    exchange.invite_source(other, second)
    if lenient:
        admit_anything(monkeypatch, "record.request/1")
    _asked(exchange, other, consent)
    assert _releases(exchange.members[HOUSING]) == []
    assert _refused_at_housing(exchange) == ({"unknown_consent"} if lenient else set())


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"purpose": "marketing"}, "agreement_does_not_cover"),
        ({"categories": ("income",)}, "agreement_does_not_cover"),
        ({"agreement": "summer-support@1"}, "unknown_agreement"),
        ({"authority": Authority("statute", "l123-4")}, "agreement_does_not_cover"),
        ({"authority": Authority("seat")}, "no_seat"),
        ({"authority": Authority("consent", "11111111-1111-4111-8111-111111111111")}, "unknown_consent"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_a_source_answers_for_what_was_agreed_and_consented_to_only(
    exchange: World, monkeypatch: pytest.MonkeyPatch, changed: dict[str, object], code: str
):
    case, consent = exchange.everything()
    admit_anything(monkeypatch, "record.request/1")
    if "categories" in changed:
        changed = {
            **changed,
            "content": {
                "categories": [{"category": "income", "fields": ["sources"]}],
                "identify": {"family_name": "Martin", "birth_date": "1990-04-01"},
                "why": {"en": "To check."},
            },
        }
    _asked(exchange, case, consent, **changed)
    assert _releases(exchange.members[HOUSING]) == []
    assert _refused_at_housing(exchange) == {code}


def test_more_of_a_person_than_the_consent_names_is_not_searched_for(
    exchange: World, monkeypatch: pytest.MonkeyPatch
):
    case, consent = exchange.everything()
    admit_anything(monkeypatch, "record.request/1")
    shown = {
        "categories": [{"category": "housing", "fields": ["landlord", "rent"]}],
        "identify": {"family_name": "Martin", "given_name": "Camille", "birth_date": "1990-04-01"},
        "why": {"en": "To check."},
    }
    _asked(exchange, case, consent, content=shown)
    assert _releases(exchange.members[HOUSING]) == []
    assert len(_refused_at_housing(exchange)) == 1


def test_who_is_asked_about_is_always_shown_to_the_citizen_of_the_case(exchange: World):
    """A source cannot know whether the attributes are those of the case's citizen. So whoever asks for
    another person under the consent of an accomplice leaves a signed request, and a copy, with a citizen.
    """
    case, consent = exchange.everything()
    request = exchange.request(case, consent)
    exchange.settle()
    with exchange.members[PORTAL].database.reading() as connection:
        held = {row.type for row in statements.of_case(connection, case) if row.re in {None, request}}
    assert {"record.request/1", "record.release/1"} <= held


def test_a_source_does_not_release_to_a_third_because_a_party_asks_for_it(
    exchange: World, monkeypatch: pytest.MonkeyPatch
):
    """The answer goes to who signed the request and to the citizen; nobody can name another reader."""
    case, consent = exchange.everything()
    exchange.request(case, consent)
    exchange.settle()
    with exchange.members[HOUSING].database.reading() as connection:
        (release,) = [
            row for row in connection.execute(tables.outbox.select()) if row.type == "record.release/1"
        ]
    assert content(release.raw)["to"] == [DEBT, "citizen"]


# --- at the coordinator, where none of the connectors' checks stand before it -------------------------

Change = Callable[[factories.World], bytes]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda world: world.release(world.debts, to=[world.benefits.id, "citizen"]), "no_seat"),
        (lambda world: world.release(purpose="arrears"), "agreement_does_not_cover"),
        (lambda world: world.release(world.benefits, to=[world.housing.id, "citizen"]), "agreement_does"),
        (lambda world: world.release(authority=Authority("consent", world.case)), "unknown_consent"),
    ],
    ids=["a party without a seat", "another purpose", "the wrong way round", "a case's id as a consent"],
)
def test_a_release_beside_agreement_and_consent_is_refused(world: factories.World, change: Change, code: str):
    assert world.refused(change(world)).code.startswith(code)


def test_a_consent_is_withdrawn_by_its_own_portal_only(world: factories.World):
    told = [world.housing.id, "citizen"]
    raw = world.message("consent.withdraw/1", world.benefits, to=told, body={"consent": world.consent})
    assert isinstance(world.refused(raw), Refusal)
    world.must(world.release())


def test_a_withdrawal_reaches_the_source_though_the_asker_says_nothing(exchange: World):
    """The one who would profit from not knowing cannot keep the source from knowing."""
    case, consent = exchange.everything()
    consents.withdraw(exchange.members[PORTAL], consent)
    runner.sync_once(exchange.members[PORTAL])
    runner.sync_once(exchange.members[HOUSING])
    with exchange.members[HOUSING].database.reading() as connection:
        row = store.find(connection, consent)
    assert row is not None
    assert row.status == "withdrawn"
    assert case
