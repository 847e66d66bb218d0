"""Accounts, sessions, passkeys, attempts: what is kept is what was said, and only its holder gets it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from connectors.portal import accounts
from connectors.portal.errors import NotYours
from connectors.portal.store import accounts as stored
from connectors.portal.store import attempts, mails, notices, passkeys, seen, sessions
from schemas.errors import KeyTaken
from tests.unit.portal.people import (
    ISSUER,
    START,
    Visit,
    acting,
    case_of,
    helper,
    mandate_of,
    ms,
    parent,
    person,
    ward,
    with_email,
)

KEY: dict[str, Any] = {
    "jwk": {"kty": "EC"},
    "name": "Phone",
    "rp_id": "portal.example.org",
    "origins": ["https://portal.example.org"],
    "sign_count": 0,
}


def test_signing_in_twice_finds_the_same_account_with_the_newest_name(connection):
    facts: dict[str, Any] = {"issuer": ISSUER, "subject": "one", "language": "fr", "now": START}
    first = accounts.sign_in(connection, name="Sample Citizen", **facts)
    again = accounts.sign_in(connection, name="Exemple", **facts)
    assert first == again
    row = stored.find(connection, first)
    assert row is not None
    assert (row.name, row.language, row.email_wanted) == ("Exemple", "fr", False)


def test_the_same_subject_of_another_issuer_is_somebody_else(connection):
    facts: dict[str, Any] = {"subject": "one", "language": "fr", "now": START, "name": None}
    here = accounts.sign_in(connection, issuer=ISSUER, **facts)
    assert accounts.sign_in(connection, issuer="https://other.example.org", **facts) != here


def test_a_citizen_sees_their_own_cases_and_may_do_everything_in_them(connection):
    citizen = person(connection)
    case = case_of(connection, citizen.account)
    case_of(connection, person(connection).account)
    assert [row.case for row in accounts.visible_cases(connection, citizen, START)] == [case]
    for act in ("consent.grant", "consent.withdraw", "note.add"):
        accounts.may_act(connection, citizen, case, act, START)


def test_a_helper_for_one_case_sees_that_one(connection):
    citizen = person(connection)
    shown, hidden = case_of(connection, citizen.account), case_of(connection, citizen.account)
    visit = helper(connection, citizen, cases=[shown])
    assert [row.case for row in accounts.visible_cases(connection, visit, START)] == [shown]
    accounts.may(connection, visit, shown, "view", START)
    with pytest.raises(NotYours):
        accounts.may(connection, visit, hidden, "view", START)


def test_the_actor_of_a_delegates_decision_is_the_mandate(connection):
    citizen = person(connection)
    visit = helper(connection, citizen)
    assert accounts.actor(citizen) == {"kind": "citizen"}
    assert accounts.actor(visit) == {"kind": "mandate", "id": mandate_of(visit)}


def test_a_case_that_a_parent_joins_is_the_childs(connection):
    child = ward(connection)
    visit = parent(connection, child)
    accounts.take_case(connection, visit, "case-1", START)
    assert stored.owner_of(connection, "case-1") == child


def test_a_case_stays_with_whoever_joined_it_first(connection):
    first, second = person(connection), person(connection)
    accounts.take_case(connection, first, "case-1", START)
    with pytest.raises(NotYours):
        accounts.take_case(connection, second, "case-1", START)
    assert stored.owner_of(connection, "case-1") == first.account


def test_what_the_citizen_calls_a_case_is_kept(connection):
    citizen = person(connection)
    case = case_of(connection, citizen.account)
    stored.label(connection, case, "The flat")
    assert [row.label for row in stored.cases_of(connection, citizen.account)] == ["The flat"]


# --- passkeys ---------------------------------------------------------------------------------------


def test_a_new_passkey_is_the_visitors_and_their_address_hears_of_it(connection):
    citizen = with_email(connection)
    accounts.add_passkey(connection, citizen, "key-1", now=START, **KEY)
    assert [row.credential for row in accounts.signing_keys(connection, citizen)] == ["key-1"]
    assert [row.kind for row in mails.of_account(connection, citizen.account)] == ["passkey_added"]


def test_a_delegate_signs_with_no_key_of_the_principal_and_adds_none(connection):
    citizen = person(connection)
    accounts.add_passkey(connection, citizen, "key-1", now=START, **KEY)
    visit = helper(connection, citizen)
    assert accounts.signing_keys(connection, visit) == []
    with pytest.raises(NotYours):
        accounts.add_passkey(connection, visit, "key-2", now=START, **KEY)


def test_a_passkey_is_added_once_and_to_one_account(connection):
    first, second = person(connection), person(connection)
    accounts.add_passkey(connection, first, "key-1", now=START, **KEY)
    for visit in (first, second):
        with pytest.raises(KeyTaken):
            accounts.add_passkey(connection, visit, "key-1", now=START, **KEY)
    assert accounts.signing_keys(connection, second) == []


def test_only_its_holder_finds_renames_and_removes_a_passkey(connection):
    mine, other = person(connection), person(connection)
    accounts.add_passkey(connection, mine, "key-1", now=START, **KEY)
    assert passkeys.find(connection, other.account, "key-1") is None
    assert not passkeys.rename(connection, other.account, "key-1", "Theirs")
    assert not passkeys.remove(connection, other.account, "key-1", START)
    assert passkeys.rename(connection, mine.account, "key-1", "Laptop")
    passkeys.used(connection, "key-1", 7, START)
    (row,) = passkeys.in_use(connection, mine.account)
    assert (row.name, row.sign_count, row.used_at) == ("Laptop", 7, ms(START))
    assert passkeys.remove(connection, mine.account, "key-1", START)
    assert not passkeys.remove(connection, mine.account, "key-1", START)
    assert passkeys.find(connection, mine.account, "key-1") is None


# --- sessions, attempts, what was seen --------------------------------------------------------------


def test_a_session_is_given_until_it_expires(connection):
    data = {"account": "a", "acr": "high", "auth_time": ms(START), "basket": [1]}
    until = START + timedelta(hours=1)
    sessions.save(connection, "name", data, until, START)
    row = sessions.find(connection, "name", until - timedelta(seconds=1))
    assert row is not None
    assert (row.data, row.account, row.acr, row.auth_time) == (data, "a", "high", ms(START))
    assert sessions.find(connection, "name", until) is None
    assert sessions.forget_expired(connection, until) == 1


def test_saving_a_session_again_keeps_when_it_began(connection):
    later = START + timedelta(minutes=5)
    sessions.save(connection, "name", {"account": "a"}, START + timedelta(hours=1), START)
    sessions.save(connection, "name", {}, START + timedelta(hours=2), later)
    row = sessions.find(connection, "name", later)
    assert row is not None
    assert (row.created_at, row.used_at, row.account) == (ms(START), ms(later), None)


def test_all_other_sessions_of_an_account_can_be_ended(connection):
    until = START + timedelta(hours=1)
    for name, account in (("one", "a"), ("two", "a"), ("three", "b")):
        sessions.save(connection, name, {"account": account}, until, START)
    assert sessions.end_others(connection, "a", "one") == 1
    assert [row.id_hash for row in sessions.of_account(connection, "a", START)] == ["one"]
    assert sessions.find(connection, "three", START) is not None


def test_attempts_are_counted_by_window_and_forgotten(connection):
    until = START + timedelta(minutes=1)
    assert [attempts.count(connection, "bucket", 1, until) for _ in range(3)] == [1, 2, 3]
    assert attempts.count(connection, "bucket", 2, until + timedelta(hours=1)) == 1
    assert attempts.forget_expired(connection, until) == 1
    assert attempts.count(connection, "bucket", 1, until) == 1


def test_attempts_at_the_same_time_are_all_counted(database):
    until = START + timedelta(minutes=1)
    found: list[int] = []

    def try_it() -> None:
        for _ in range(10):
            with database.writing() as opened:
                found.append(attempts.count(opened, "bucket", 1, until))

    threads = [threading.Thread(target=try_it) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(found) == list(range(1, 31))


def test_what_was_seen_never_goes_back(connection):
    assert seen.up_to(connection, "a", "c") == {}
    seen.note(connection, "a", "c", "t", 7)
    seen.note(connection, "a", "c", "t", 3)
    assert seen.up_to(connection, "a", "c") == {"t": 7}


def test_a_notice_is_kept_by_its_digest_as_it_was(connection):
    digest = notices.keep(connection, b"What was shown", language="en", version="1", now=START)
    assert notices.keep(connection, b"What was shown", language="fr", version="2", now=START) == digest
    row = notices.find(connection, digest)
    assert row is not None
    assert (row.text, row.language) == (b"What was shown", "en")


def test_a_visitor_of_a_mandate_is_its_delegate(connection):
    visit = helper(connection, person(connection))
    assert acting(connection, mandate_of(visit)) == visit
    assert Visit("x").principal == "x"
