"""The account without a browser: language, an address that is proven, sessions, passkeys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from connectors.portal.mail import proving
from connectors.portal.store import accounts, mails, passkeys, sessions
from tests.flow.exchange.world import PORTAL, World
from tests.flow.portal.authenticator import Authenticator
from tests.flow.portal.post_office import PostOffice
from tests.flow.portal.visits import ORIGIN, Pages, Visit, settings


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
def pages(world: World, tmp_path: Path) -> Pages:
    return Pages(world.members[PORTAL], settings(tmp_path), tmp_path)


@pytest.fixture
def visit(pages: Pages, citizen: str) -> Visit:
    return pages.visit(citizen)


def row(world: World, account_id: str):
    with world.members[PORTAL].database.reading() as connection:
        return accounts.find(connection, account_id)


def test_the_account_shows_the_name_that_the_provider_gave(visit):
    assert "Sample Citizen" in visit.get("/account/").text


@pytest.mark.parametrize(
    "path", ["/account/", "/account/passkeys/", "/account/passkeys/new", "/home", "/cases/"]
)
def test_nothing_of_an_account_is_shown_before_signing_in(pages, path):
    answer = pages.visit().get(path)
    assert (answer.status_code, answer.location.split("?")[0]) == (302, "/sign-in")


def test_the_language_is_kept_wherever_it_is_chosen(world, visit, citizen):
    assert visit.post("/account/language", language="fr").status_code == 303
    assert row(world, citizen).language == "fr"
    assert '<html lang="fr"' in visit.get("/account/").text
    visit.get("/language/en")
    assert row(world, citizen).language == "en"
    assert visit.post("/account/language", language="xx").status_code == 422


# --- e-mail -----------------------------------------------------------------------------------------


@pytest.fixture
def with_mail(world: World, citizen: str, tmp_path: Path, post_office: PostOffice) -> Visit:
    post_office.start()
    smtp = post_office.settings().smtp
    return Pages(world.members[PORTAL], settings(tmp_path, smtp=smtp), tmp_path).visit(citizen)


def code_in(post_office: PostOffice) -> str:
    found = re.search(r"\b(\d{6})\b", post_office.taken[-1].get_content())
    assert found is not None
    return found[1]


def test_without_a_mail_server_nothing_is_said_of_e_mail(visit):
    assert 'name="email"' not in visit.get("/account/").text
    assert visit.post("/account/email", email="sample@example.org").status_code == 404


def test_an_address_is_used_once_somebody_has_read_the_code_there(world, with_mail, citizen, post_office):
    assert with_mail.post("/account/email", email="sample@example.org").status_code == 303
    assert row(world, citizen).email is None
    (message,) = post_office.taken
    assert message["To"] == "sample@example.org"
    assert "Sample Citizen" not in message.as_string()
    assert with_mail.post("/account/email/confirm", code=code_in(post_office)).status_code == 303
    assert (row(world, citizen).email, row(world, citizen).email_wanted) == ("sample@example.org", True)
    with_mail.post("/account/email/remove")
    assert (row(world, citizen).email, row(world, citizen).email_wanted) == (None, False)


def test_another_code_proves_no_address_and_tries_end(world, with_mail, citizen, post_office):
    with_mail.post("/account/email", email="sample@example.org")
    wrong = f"{(int(code_in(post_office)) + 1) % 1_000_000:06d}"
    for _ in range(proving.TRYING.times):
        assert with_mail.post("/account/email/confirm", code=wrong).status_code == 422
    assert with_mail.post("/account/email/confirm", code=code_in(post_office)).status_code == 429
    assert row(world, citizen).email is None


def test_an_old_code_proves_nothing(world, with_mail, citizen, post_office):
    with_mail.post("/account/email", email="sample@example.org")
    world.clock.move(minutes=20)
    assert with_mail.post("/account/email/confirm", code=code_in(post_office)).status_code == 422
    assert row(world, citizen).email is None


def test_a_code_is_asked_for_a_few_times_only(with_mail, post_office):
    for _ in range(proving.ASKING.times):
        assert with_mail.post("/account/email", email="sample@example.org").status_code == 303
    assert with_mail.post("/account/email", email="sample@example.org").status_code == 429
    assert len(post_office.taken) == proving.ASKING.times


@pytest.mark.parametrize("address", ["nobody", "a@b", "a@example.org\nBcc: c@example.org", "a b@example.org"])
def test_what_is_no_address_is_refused_in_words(with_mail, post_office, address):
    assert with_mail.post("/account/email", email=address).status_code == 422
    assert post_office.taken == []


def test_a_mail_server_that_is_away_is_said_to_be_away(with_mail, post_office):
    post_office.stop()
    assert with_mail.post("/account/email", email="sample@example.org").status_code == 503


# --- sessions ---------------------------------------------------------------------------------------


def test_signing_out_elsewhere_leaves_this_session_and_those_of_others(world, pages, visit, citizen):
    elsewhere, other = pages.visit(citizen), pages.visit(account(world, "other-citizen"))
    assert elsewhere.get("/account/").status_code == 200
    assert visit.post("/account/sessions/end").status_code == 303
    assert elsewhere.get("/account/").status_code == 302
    assert visit.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 200
    with world.members[PORTAL].database.reading() as connection:
        assert len(sessions.of_account(connection, citizen, world.clock())) == 1


# --- passkeys ---------------------------------------------------------------------------------------


def asked(visit: Visit) -> str:
    """Open the page that asks for a passkey; gives its challenge."""
    found = re.search(r"challenge&#34;: &#34;([\w-]+)&#34;", visit.get("/account/passkeys/new").text)
    assert found is not None
    return found[1]


def kept(world: World, account_id: str):
    with world.members[PORTAL].database.reading() as connection:
        return passkeys.in_use(connection, account_id)


@pytest.mark.parametrize("kind", ["ES256", "Ed25519", "RS256"])
def test_a_passkey_of_each_kind_is_taken(world, visit, citizen, kind):
    device = Authenticator(ORIGIN, kind=kind)
    answer = visit.post("/account/passkeys/new", name="My phone", answer=device.makes(asked(visit)))
    assert answer.status_code == 303, answer.text
    (made,) = kept(world, citizen)
    assert (made.name, made.rp_id, made.origins) == ("My phone", "localhost", [ORIGIN])
    assert "My phone" in visit.get(answer.location).text


REFUSED: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://elsewhere.example"},
    "another site": {"rp_id": "elsewhere.example"},
    "another challenge": {"challenge": "AAAAAAAAAAAAAAAAAAAAAA"},
    "a confirmation instead": {"type": "webauthn.get"},
    "a frame of another site": {"crossOrigin": True},
    "a frame that is named": {"topOrigin": "https://elsewhere.example"},
    "a person who was not verified": {"flags": 0x41},
    "nobody present": {"flags": 0x44},
}


@pytest.mark.parametrize("how", REFUSED)
def test_what_was_made_in_another_way_is_no_passkey(world, visit, citizen, how):
    device = Authenticator(ORIGIN)
    answer = visit.post("/account/passkeys/new", answer=device.makes(asked(visit), **REFUSED[how]))
    assert answer.status_code == 422
    assert kept(world, citizen) == []


@pytest.mark.parametrize("answer", ["", "{}", "[]", "not json", '{"id":1}', "x" * 70_000])
def test_what_is_no_answer_of_a_device_is_no_passkey(world, visit, citizen, answer):
    asked(visit)
    assert visit.post("/account/passkeys/new", answer=answer).status_code == 422
    assert kept(world, citizen) == []


def test_a_challenge_is_good_for_one_answer(world, visit, citizen):
    challenge = asked(visit)
    visit.post("/account/passkeys/new", answer=Authenticator(ORIGIN, credential=b"one").makes(challenge))
    again = Authenticator(ORIGIN, credential=b"two").makes(challenge)
    assert visit.post("/account/passkeys/new", answer=again).status_code == 422
    assert len(kept(world, citizen)) == 1


def test_a_challenge_of_another_session_is_worth_nothing(world, pages, visit, citizen):
    challenge = asked(visit)
    elsewhere = pages.visit(citizen)
    asked(elsewhere)
    answer = elsewhere.post("/account/passkeys/new", answer=Authenticator(ORIGIN).makes(challenge))
    assert answer.status_code == 422


def test_nobody_adds_a_passkey_that_somebody_has(world, pages, visit, citizen):
    device = Authenticator(ORIGIN)
    visit.post("/account/passkeys/new", answer=device.makes(asked(visit)))
    other = pages.visit(account(world, "other-citizen"))
    answer = other.post("/account/passkeys/new", answer=device.makes(asked(other)))
    assert answer.status_code == 422
    assert "added before" in answer.text


def test_a_passkey_is_nobody_elses_to_see_name_or_remove(world, pages, visit, citizen):
    device = Authenticator(ORIGIN)
    address = visit.post("/account/passkeys/new", answer=device.makes(asked(visit))).location
    other = pages.visit(account(world, "other-citizen"))
    assert other.get(address).status_code == 404
    assert other.post(f"{address}/name", name="Mine").status_code == 404
    assert other.post(f"{address}/remove").status_code == 404
    assert len(kept(world, citizen)) == 1


def test_a_passkey_is_added_only_soon_after_signing_in(world, visit):
    world.clock.move(minutes=61)
    answer = visit.get("/account/passkeys/new")
    assert (answer.status_code, answer.location.split("?")[0]) == (302, "/sign-in")


def test_the_known_address_hears_of_a_new_passkey(world, visit, citizen):
    with world.members[PORTAL].database.writing() as connection:
        accounts.change(connection, citizen, email="sample@example.org", email_wanted=True)
    visit.post("/account/passkeys/new", answer=Authenticator(ORIGIN).makes(asked(visit)))
    with world.members[PORTAL].database.reading() as connection:
        assert [each.kind for each in mails.of_account(connection, citizen)] == ["passkey_added"]


def test_a_passkey_gets_another_name(world, visit, citizen):
    address = visit.post("/account/passkeys/new", answer=Authenticator(ORIGIN).makes(asked(visit))).location
    visit.post(f"{address}/name", name="Old phone")
    visit.post(f"{address}/name", name="")
    assert [each.name for each in kept(world, citizen)] == ["Old phone"]
