"""E-mail over a real server: sent once, later when the server was away, and never with what it is about."""

from __future__ import annotations

import itertools
import threading
from datetime import timedelta
from email.message import EmailMessage

import pytest

from connectors.exchange.connector import Connector
from connectors.portal.mail import queue, words
from connectors.portal.mail.send import GIVE_UP_AFTER, send_due
from connectors.portal.store import accounts, mails
from schemas.instant import from_ms
from tests.flow.exchange.world import World
from tests.flow.portal.post_office import PostOffice
from tests.unit.portal.people import Visit, with_email

ADDRESS = "sample@example.org"


def citizen(portal: Connector, language: str = "en") -> Visit:
    with portal.database.writing() as connection:
        return with_email(connection, ADDRESS, language)


def tell(portal: Connector, account: str, kind: str = "waits", **facts: int) -> str | None:
    with portal.database.writing() as connection:
        return queue.tell(connection, account, kind, portal.clock(), facts)


def states(portal: Connector, account: str) -> list[tuple[str, int]]:
    with portal.database.reading() as connection:
        return [(row.state, row.attempts) for row in mails.of_account(connection, account)]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_kind_arrives_once_and_says_nothing_of_what_it_is_about(
    portal: Connector, post_office: PostOffice, language: str
):
    post_office.start()
    account = citizen(portal, language).account
    queued = {tell(portal, account, kind, count=3) for kind in queue.KINDS}
    assert send_due(portal, post_office.settings(), portal.clock()) == len(queue.KINDS)
    assert send_due(portal, post_office.settings(), portal.clock()) == 0
    assert {each["Message-ID"] for each in post_office.taken} == {
        f"<{mail}@portal.example.org>" for mail in queued
    }
    for message in post_office.taken:
        _check_words(message, account, language)
    assert states(portal, account) == [("sent", 1)] * len(queue.KINDS)


def _check_words(message: EmailMessage, account: str, language: str) -> None:
    assert message["To"] == ADDRESS
    assert message["From"] == "Accord <no-reply@portal.example.org>"
    assert message["Subject"] == words.SUBJECTS[language].format(name="Accord")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    text = str(message.get_content())
    assert "https://portal.example.org" in text.splitlines()
    for private in (account, "Sample", "debt", "dette", "housing", "logement"):
        assert private not in f"{message['Subject']} {text}"


def test_a_server_that_is_away_gets_it_later_and_once(
    world: World, portal: Connector, post_office: PostOffice
):
    account = citizen(portal).account
    tell(portal, account)
    settings = post_office.settings()
    assert send_due(portal, settings, portal.clock()) == 0
    assert states(portal, account) == [("queued", 1)]
    post_office.start()
    assert send_due(portal, settings, portal.clock()) == 0, "it is not tried again at once"
    world.clock.move(minutes=2)
    assert send_due(portal, settings, portal.clock()) == 1
    world.clock.move(days=1)
    assert send_due(portal, settings, portal.clock()) == 0
    assert len(post_office.taken) == 1


def test_pauses_grow_and_after_days_it_is_given_up(world: World, portal: Connector, post_office: PostOffice):
    account = citizen(portal).account
    tell(portal, account)
    settings, begun, tries = post_office.settings(), portal.clock(), []
    while states(portal, account)[0][0] == "queued":
        send_due(portal, settings, portal.clock())
        tries.append(portal.clock())
        with portal.database.reading() as connection:
            (row,) = mails.of_account(connection, account)
        world.clock.at = max(from_ms(row.next_at), portal.clock())
    pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert pauses[:4] == [timedelta(minutes=each) for each in (1, 5, 15, 60)]
    assert pauses == sorted(pauses)
    assert states(portal, account)[0][0] == "failed"
    assert tries[-1] - begun >= GIVE_UP_AFTER


@pytest.mark.parametrize(
    ("recipient", "data", "after"),
    [
        ("550 No such mailbox", None, "failed"),
        (None, "554 Not taken", "failed"),
        ("450 Try later", None, "queued"),
        (None, "452 Disk full", "queued"),
    ],
)
def test_what_is_refused_for_ever_is_given_up_and_what_may_be_taken_later_waits(
    portal: Connector, post_office: PostOffice, recipient: str | None, data: str | None, after: str
):
    post_office.start()
    post_office.recipient_answer, post_office.data_answer = recipient, data
    account = citizen(portal).account
    tell(portal, account)
    assert send_due(portal, post_office.settings(), portal.clock()) == 0
    assert states(portal, account) == [(after, 1)]
    assert post_office.taken == []


def test_two_processes_do_not_both_send_it(portal: Connector, post_office: PostOffice):
    post_office.start()
    account = citizen(portal).account
    for kind in queue.KINDS:
        tell(portal, account, kind)
    settings = post_office.settings()
    threads = [threading.Thread(target=send_due, args=(portal, settings, portal.clock())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    ids = [message["Message-ID"] for message in post_office.taken]
    assert len(ids) == len(set(ids)) == len(queue.KINDS)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_login_goes_over_a_line_that_nobody_reads(
    portal: Connector, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch, security
):
    post_office.start(security, wants_login=True)
    account = citizen(portal).account
    tell(portal, account)
    # A certificate that this machine does not trust: nothing is sent, not even the login.
    assert send_due(portal, post_office.settings(), portal.clock()) == 0
    assert post_office.logins == []
    monkeypatch.setenv("SSL_CERT_FILE", str(post_office.trusted))
    later = portal.clock() + timedelta(minutes=2)
    assert send_due(portal, post_office.settings(), later) == 1
    assert post_office.logins == [b"portal"]


def test_a_wrong_password_keeps_it_waiting(
    portal: Connector, post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
):
    post_office.start("starttls", wants_login=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(post_office.trusted))
    account = citizen(portal).account
    tell(portal, account)
    settings = post_office.settings()
    assert settings.smtp is not None
    assert settings.smtp.password_file is not None
    settings.smtp.password_file.write_text("another")
    assert send_due(portal, settings, portal.clock()) == 0
    assert states(portal, account) == [("queued", 1)]


# --- who wants it -----------------------------------------------------------------------------------


def test_nothing_is_sent_to_those_who_want_no_e_mail_or_have_turned_it_off_since(
    portal: Connector, post_office: PostOffice
):
    post_office.start()
    account = citizen(portal).account
    tell(portal, account)
    with portal.database.writing() as connection:
        accounts.change(connection, account, email_wanted=False)
    assert send_due(portal, post_office.settings(), portal.clock()) == 0
    assert states(portal, account) == [("failed", 1)]
    assert tell(portal, account) is None
    assert post_office.taken == []


def test_the_same_is_not_said_twice_while_it_waits(portal: Connector, post_office: PostOffice):
    account = citizen(portal).account
    assert tell(portal, account) is not None
    assert tell(portal, account) is None
    assert tell(portal, account, "receipt") is not None
    assert len(states(portal, account)) == 2


def test_without_a_server_in_the_settings_nothing_is_tried(portal: Connector, post_office: PostOffice):
    account = citizen(portal).account
    tell(portal, account)
    settings = post_office.settings()
    object.__setattr__(settings, "smtp", None)
    assert send_due(portal, settings, portal.clock()) == 0
    assert states(portal, account) == [("queued", 0)]


@pytest.mark.parametrize(
    "address",
    [
        "sample@example.org\nBcc: other@example.org",
        "sample@example.org\r\n\r\nAnother body",
        "sample@example.org, other@example.org",
        '"a\nb"@example.org',
        "sample@example.org\x00",
    ],
)
def test_an_address_that_would_break_out_of_its_header_is_never_used(
    portal: Connector, post_office: PostOffice, address: str
):
    post_office.start()
    with portal.database.writing() as connection:
        account = with_email(connection, "sample@example.org").account
        accounts.change(connection, account, email=address.replace("\x00", "\x7f"))
    tell(portal, account)
    assert send_due(portal, post_office.settings(), portal.clock()) == 0
    assert post_office.taken == []
    assert states(portal, account) == [("failed", 1)]
