"""Arriving, without a browser: codes in every spelling, limited tries, words that wait for a reader."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.cases.gather import read_case
from connectors.exchange.acts import cases
from connectors.exchange.store import cases as case_store
from connectors.portal import arriving
from connectors.portal.acting import mandates
from connectors.portal.acting.rules import Terms
from connectors.portal.store import accounts, deeds, first_words
from schemas.messages import joining
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.visits import Pages, Visit, settings

WRONG = "22222-33333-44444-55555"


@pytest.fixture
def pages(world: World, tmp_path: Path) -> Pages:
    world.enrol(HOUSING)
    world.enrol(DEBT, "charity")
    return Pages(world.members[PORTAL], settings(tmp_path), tmp_path)


def account(world: World, subject: str = "sample-citizen") -> str:
    with world.members[PORTAL].database.writing() as connection:
        return accounts.create(
            connection,
            kind="person",
            language="en",
            now=world.clock(),
            issuer="http://localhost:9400",
            subject=subject,
            name="Sample Citizen",
        )


@pytest.fixture
def citizen(world: World) -> str:
    return account(world)


@pytest.fixture
def visit(pages: Pages, citizen: str) -> Visit:
    return pages.visit(citizen)


def invited(world: World) -> tuple[str, str]:
    case = cases.open_case(world.members[DEBT])
    code = cases.invite_citizen(world.members[DEBT], case, PORTAL).code
    world.settle()
    return case, code


def owner(world: World, case: str) -> str | None:
    with world.members[PORTAL].database.reading() as connection:
        return accounts.owner_of(connection, case)


# --- with a code ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        str,
        str.lower,
        lambda code: code.replace("-", " "),
        lambda code: code.replace("-", ""),
        lambda code: f"  {code.replace('-', ' – ')} ",
    ],
    ids=["as given", "small letters", "spaces", "in one", "other dashes"],
)
def test_a_code_is_taken_however_it_is_typed(world, visit, citizen, typed):
    case, code = invited(world)
    answer = visit.post("/join/", code=typed(code))
    assert (answer.status_code, answer.location) == (303, f"/join/{case}")
    assert owner(world, case) == citizen


def test_the_case_is_shown_once_the_organisation_has_confirmed(world, visit):
    case, code = invited(world)
    visit.post("/join/", code=code)
    assert "Almost there" in visit.get(f"/join/{case}").text
    assert visit.get(f"/join/{case}/news").json == {"latest": 0}
    world.settle()
    assert visit.get(f"/join/{case}/news").json == {"latest": 1}
    assert visit.get(f"/join/{case}").status_code == 302


@pytest.mark.parametrize(
    ("code", "said"), [(WRONG, "does not work"), ("ABC", "This one has 3"), ("", "Fill")]
)
def test_a_wrong_code_is_refused_in_words(world, visit, code, said):
    answer = visit.post("/join/", code=code)
    assert answer.status_code == 422
    assert said in answer.text


def test_the_same_person_may_type_their_code_again(world, visit):
    case, code = invited(world)
    visit.post("/join/", code=code)
    assert visit.post("/join/", code=code).location == f"/join/{case}"


def test_nobody_joins_with_a_code_that_another_person_used(world, pages, visit, citizen):
    case, code = invited(world)
    visit.post("/join/", code=code)
    other = pages.visit(account(world, "other-citizen"))
    assert other.post("/join/", code=code).status_code == 422
    assert owner(world, case) == citizen
    assert other.get(f"/join/{case}").status_code == 404
    assert other.get(f"/join/{case}/news").status_code == 404


def test_who_is_not_signed_in_learns_nothing_about_a_code(world, pages):
    _case, code = invited(world)
    answer = pages.app.test_client().post("/join/", data={"code": code})
    assert answer.status_code in {302, 400}
    stranger = pages.visit()
    assert stranger.get("/join/").status_code == 200
    with world.members[PORTAL].database.reading() as connection:
        assert case_store.invitations_in(connection, "joined") == []


def test_an_account_cannot_try_codes_without_end(world, pages, visit):
    for _ in range(arriving.BY_ACCOUNT.times):
        assert visit.post("/join/", code=WRONG).status_code == 422
    refused = visit.post("/join/", code=WRONG)
    assert refused.status_code == 429
    assert "Please wait" in refused.text
    _case, code = invited(world)
    assert visit.post("/join/", code=code).status_code == 429, "not even the right one"
    world.clock.move(minutes=16)
    assert visit.post("/join/", code=code).status_code == 303


def test_an_address_cannot_try_codes_with_many_accounts(world, pages):
    tried = 0
    for number in range(arriving.BY_ADDRESS.times // arriving.BY_ACCOUNT.times):
        visit = pages.visit(account(world, f"citizen-{number}"))
        tried += sum(
            visit.post("/join/", code=WRONG).status_code == 422 for _ in range(arriving.BY_ACCOUNT.times)
        )
    assert tried == arriving.BY_ADDRESS.times
    last = pages.visit(account(world, "citizen-last"))
    assert last.post("/join/", code=WRONG).status_code == 429
    last.address = "203.0.113.8"
    assert last.post("/join/", code=WRONG).status_code == 422, "another house"


def test_a_web_server_on_the_same_machine_is_not_counted_as_one_visitor(world, pages):
    for number in range(arriving.BY_ADDRESS.times // arriving.BY_ACCOUNT.times + 1):
        visit = pages.visit(account(world, f"citizen-{number}"))
        visit.address = "127.0.0.1"
        answers = [visit.post("/join/", code=WRONG).status_code for _ in range(arriving.BY_ACCOUNT.times)]
        assert set(answers) == {422}


def test_the_code_is_in_no_address_and_in_no_table_of_the_portal(world, visit):
    _case, code = invited(world)
    answer = visit.post("/join/", code=code)
    assert joining.commitment(code) not in answer.location
    assert code not in answer.location
    with world.members[PORTAL].database.reading() as connection:
        (row,) = case_store.invitations_in(connection, "joined")
    assert row.code is None


def test_a_helper_who_may_only_look_joins_no_case_for_another(world, pages, citizen):
    helper = account(world, "sample-helper")
    now = world.clock()
    with world.members[PORTAL].database.writing() as connection:
        seen = Visiting(citizen)
        given = mandates.give(
            connection, seen, Terms(kind="informal_helper", valid_until=now + timedelta(days=30)), now
        )
        mandate = mandates.accept(connection, Visiting(helper), given.code, now)
    case, code = invited(world)
    visit = pages.visit(helper, acting_for=mandate)
    assert visit.post("/join/", code=code).status_code == 403
    assert owner(world, case) is None, "refused before anything happened"


class Visiting:
    """Somebody for whom the rules of mandates are asked."""

    mandate = None

    def __init__(self, account_id: str) -> None:
        self.account = self.principal = account_id


# --- alone ------------------------------------------------------------------------------------------


def begin(visit: Visit, *asked: str) -> str:
    visit.post("/begin/", words="The rent is too high.", themes=["logement-hebergement"])
    answer = visit.post("/begin/whom", asked=list(asked))
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def own_case_of(world: World, citizen: str) -> str:
    with world.members[PORTAL].database.reading() as connection:
        (row,) = accounts.cases_of(connection, citizen)
    return str(row.case)


def test_the_register_is_shown_without_portals(world, visit):
    visit.post("/begin/", words="The rent is too high.")
    page = visit.get("/begin/whom").text
    assert "Debt-Advice" in page
    assert "City-Housing" in page
    assert "My-Portal" not in page
    assert "checked" not in page, "nobody is chosen beforehand"


def test_what_an_organisation_does_is_said_from_its_agreements(world, visit):
    world.agree()
    visit.post("/begin/", words="The rent is too high.")
    assert "Charity. Takes part in: Debt plan" in visit.get("/begin/whom").text


def test_only_whom_the_citizen_asks_reads_their_words_and_each_once(world, visit, citizen):
    begin(visit, DEBT)
    portal, now = world.members[PORTAL], world.clock()
    assert arriving.tell_first_words(portal, now) == 0, "nobody has come yet"
    world.settle()
    assert arriving.tell_first_words(portal, now) == 1
    assert arriving.tell_first_words(portal, now) == 0
    world.settle()
    case, debt = own_case_of(world, citizen), world.members[DEBT]
    with debt.database.reading() as connection:
        (note,) = read_case(connection, debt, case, now).notes
    assert note.text == "I need help with: housing\n\nThe rent is too high."
    with world.members[HOUSING].database.reading() as connection:
        assert case_store.find(connection, case) is None
    with portal.database.reading() as connection:
        assert first_words.waiting(connection) == [], "they are not kept any longer"


def test_words_that_nobody_comes_to_read_are_forgotten(world, visit):
    begin(visit, DEBT)
    portal = world.members[PORTAL]
    world.clock.move(days=91)
    arriving.tell_first_words(portal, world.clock())
    with portal.database.reading() as connection:
        assert first_words.waiting(connection) == []


@pytest.mark.parametrize("asked", [[], ["nobody"] * 6, [DEBT, HOUSING, "a", "b", "c", "d"]])
def test_nobody_or_too_many_are_not_asked(world, visit, citizen, asked):
    visit.post("/begin/", words="The rent is too high.")
    assert visit.post("/begin/whom", asked=asked).status_code == 422
    with world.members[PORTAL].database.reading() as connection:
        assert accounts.cases_of(connection, citizen) == []


def test_a_member_that_does_not_help_people_cannot_be_asked(world, visit, citizen):
    visit.post("/begin/", words="The rent is too high.")
    assert visit.post("/begin/whom", asked=[PORTAL]).status_code == 409
    with world.members[PORTAL].database.reading() as connection:
        assert accounts.cases_of(connection, citizen) == []


def test_an_account_opens_no_cases_without_end(world, visit):
    for _ in range(arriving.BEGUN.times):
        begin(visit, DEBT)
    visit.post("/begin/", words="The rent is too high.")
    assert visit.post("/begin/whom", asked=[DEBT]).status_code == 429


def test_a_case_is_opened_only_soon_after_signing_in(world, pages, citizen):
    visit = pages.visit(citizen)
    visit.post("/begin/", words="The rent is too high.")
    world.clock.move(minutes=61)
    answer = visit.post("/begin/whom", asked=[DEBT])
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/begin/whom")
    assert visit.get("/begin/whom").location == answer.location  # test_signing_in_again: the words are kept


def test_a_delegate_with_the_power_joins_for_another_who_is_told(world, pages, citizen):
    nominee, now = account(world, "sample-helper"), world.clock()
    given_terms = Terms(kind="nominee", valid_until=now + timedelta(days=30), powers=["view", "contribute"])
    with world.members[PORTAL].database.writing() as connection:
        given = mandates.give(connection, Visiting(citizen), given_terms, now)
        mandate = mandates.accept(connection, Visiting(nominee), given.code, now)
    case, code = invited(world)
    assert pages.visit(nominee, acting_for=mandate).post("/join/", code=code).status_code == 303
    assert owner(world, case) == citizen
    with world.members[PORTAL].database.reading() as connection:
        assert "case.join" in {row.act for row in deeds.of_account(connection, citizen)}
    assert "joined a case for you" in pages.visit(citizen).get("/home").text


def test_a_delegate_who_opens_a_case_is_said_to_have_opened_it(world, pages, citizen):
    nominee, now = account(world, "sample-helper"), world.clock()
    given_terms = Terms(kind="nominee", valid_until=now + timedelta(days=30), powers=["view", "contribute"])
    with world.members[PORTAL].database.writing() as connection:
        given = mandates.give(connection, Visiting(citizen), given_terms, now)
        mandate = mandates.accept(connection, Visiting(nominee), given.code, now)
    begin(pages.visit(nominee, acting_for=mandate), DEBT)
    home = pages.visit(citizen).get("/home").text
    assert "opened a case for you" in home
    assert "joined a case for you" not in home


def test_the_page_shows_every_word_that_is_passed_on(world, visit):
    visit.post("/begin/", words="The rent is too high.", themes=["logement-hebergement"])
    page = visit.get("/begin/whom").text
    assert "I need help with: housing" in page
    assert "The rent is too high." in page


def test_the_start_page_leads_both_ways_in_and_each_comes_back_where_it_began(pages):
    nobody = pages.visit()
    assert {"/join/", "/begin/"} <= set(seen(nobody.get("/").text).links)
    assert nobody.get("/begin/").location == "/sign-in?next=/begin/"


def test_themes_stand_in_the_order_of_the_alphabet_with_accents_too(visit):
    visit.get("/language/fr")
    page = visit.get("/begin/").text
    assert page.index("Équipement") < page.index("Famille") < page.index("Trouver un emploi")


def test_somebody_without_words_of_their_own_says_what_it_is_about(world, visit, citizen):
    assert visit.post("/begin/", themes=["logement-hebergement"]).status_code == 303
    assert visit.post("/begin/whom", asked=[DEBT]).status_code == 303
    world.settle()
    assert arriving.tell_first_words(world.members[PORTAL], world.clock()) == 1
    world.settle()
    debt = world.members[DEBT]
    with debt.database.reading() as connection:
        (note,) = read_case(connection, debt, own_case_of(world, citizen), world.clock()).notes
    assert note.text == "I need help with: housing"


def test_somebody_who_says_nothing_at_all_is_asked_once_more(world, visit):
    answer = visit.post("/begin/", words="  ")
    assert answer.status_code == 422
    assert "Write what you need help with, or tick below what it is about." in answer.text
    assert visit.get("/begin/whom").location == "/begin/"


@pytest.mark.parametrize("powers", [["view"], ["view", "refuse"]])
def test_a_delegate_who_may_not_bring_into_a_case_is_told_before_they_type(world, pages, citizen, powers):
    helper, now = account(world, "sample-helper"), world.clock()
    terms = Terms(kind="nominee", valid_until=now + timedelta(days=30), powers=powers)
    with world.members[PORTAL].database.writing() as connection:
        given = mandates.give(connection, Visiting(citizen), terms, now)
        mandate = mandates.accept(connection, Visiting(helper), given.code, now)
    visit = pages.visit(helper, acting_for=mandate)
    for place in ("/begin/", "/join/"):
        answer = visit.get(place)
        assert answer.status_code == 403
        assert "You may not do this for them" in answer.text
