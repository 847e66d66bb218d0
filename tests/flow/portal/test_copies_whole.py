"""A copy of everything holds everything: each value that the tables have of a person is looked for in it.

What is not in it is in one table here, with the reason: names that only this database uses, and what
the evidence beside the data proves.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from zipfile import ZipFile

import pytest
from sqlalchemy import Connection, RowMapping, select

from connectors.exchange.acts import coordination, records
from connectors.exchange.acts.coordination import Result
from connectors.exchange.store import statements
from connectors.exchange.store import tables as exchange
from connectors.exchange.stored import read_payload
from connectors.portal.store import accounts, first_words
from connectors.portal.store import tables as portal
from schemas import instant
from tests.conftest import MakeDatabase
from tests.flow.exchange.register import tenancy
from tests.flow.exchange.world import DEBT, HOUSING
from tests.flow.portal.story import Story

NOT_IN_IT = {
    "accounts.id": "an account's name within this database",
    "account_cases.account": "the same",
    "deeds.account": "the same",
    "deeds.by_account": "the same, of somebody else; their name is in it",
    "deeds.id": "a row's name within this database",
    "joint_decisions.account": "an account's name within this database",
    "mails.account": "the same",
    "mails.id": "a row's name within this database",
    "mails.next_at": "when sending was tried, no fact about the person",
    "mandates.created_by": "an account's name within this database",
    "mandates.delegate": "the same; the name of the person is in it",
    "mandates.principal": "the same",
    "passkeys.account": "the same",
    "passkeys.origins": "the address of this portal",
    "passkeys.rp_id": "the address of this portal",
    "receipts.account": "an account's name within this database",
    "seen.account": "the same",
    "sessions.account": "the same",
    "sessions.data": "what a form keeps until it is sent; it ends with the sign-in",
    "sessions.expires_at": "ends by itself",
    "sessions.id_hash": "whoever has the name of a session could take it over",
    "told.account": "an account's name within this database",
    "inbox.receipt": "in the evidence",
    "inbox.sha256": "in the evidence",
    "inbox.state": "how far a message was processed",
    "inbox.type": "in the evidence, and as words on the timeline",
    "outbox.receipt": "in the evidence",
    "outbox.sha256": "in the evidence",
    "outbox.state": "how far a message was processed",
    "outbox.type": "in the evidence, and as words on the timeline",
    "invitations.invitee": "the digest of a code that was used",
    "invitations.state": "the state of a member says the same",
    "seats.sealing": "public keys of seats, in the evidence",
    "seats.join_id": "in the evidence",
    "seat_keys.join_id": "in the evidence",
    "seat_keys.type": "in the evidence",
    "statements.schema": "the kind of a note, message or document goes by the list in which it stands",
    "statements.type": "the same",
    "statements.state": "`held` says the same",
    "erasures.sha256": "in the evidence",
    "requests.state": "how far a request was processed",
    "previews.reason": "how far a message was processed",
    "previews.next_at": "when sending was tried, no fact about the person",
}


@pytest.fixture(scope="module")
def lived(tmp_path_factory, make_database_for_module: MakeDatabase) -> Iterator[Story]:
    """The story goes on: something of every kind has happened to the citizen."""
    story = Story(tmp_path_factory.mktemp("whole"), make_database_for_module)
    visit, case = story.visit(story.citizen), story.ids["case_id"]
    with story.portal.database.writing() as connection:
        accounts.change(connection, story.citizen, email="sample@example.org", email_wanted=True)
        first_words.keep(connection, story.hidden, [HOUSING], "CANARY first words", story.world.clock())
    debt, housing = story.world.members[DEBT], story.world.members[HOUSING]
    coordination.give_outcome(debt, case, Result(outcome="got_help", text="CANARY outcome of theirs"))
    story.world.settle()
    visit.post(f"/cases/{case}/outcome", answers="", outcome="no_help", text="CANARY outcome of mine")
    visit.post(f"/cases/{case}/safe-contact", text="CANARY by letter only")
    record = story.ids["statement"]
    visit.post(f"/cases/{case}/records/{record}/contest", text="CANARY it is wrong", wrong=["landlord"])
    story.world.settle()
    with housing.database.reading() as connection:
        first = next(each for each in statements.of_case(connection, case) if each.type == "record.release/1")
    records.correct(housing, first.id, {**tenancy(), "landlord": "CANARY corrected"})
    story.world.settle()
    visit.post(f"/requests/{story.ids['request_id']}/suggest", kept=["housing.landlord"], shorter="30")
    visit.post(f"/requests/{story.ask(case)}", decision="refuse")
    given = story.consent_of(story.allow(visit, story.ask(case)))
    visit.post(f"/permissions/{given}/suspend")
    visit.post(f"/permissions/{given}/resume")
    visit.post(f"/permissions/{given}/withdraw")
    visit.post(f"/previews/{story.ids['release']}", decision="stop")
    visit.post(f"/account/passkeys/{story.ids['credential']}/remove")
    story.helping().post(f"/permissions/{story.ids['consent_id']}/suspend")
    story.world.settle()
    yield story
    story.close()


@pytest.fixture(scope="module")
def copy(lived: Story) -> ZipFile:
    answer = lived.visit(lived.citizen).post("/take-with-me/")
    assert answer.status_code == 200
    return ZipFile(io.BytesIO(answer.data))


@pytest.fixture(scope="module")
def whole(copy: ZipFile) -> str:
    """All the data of the copy, as one text."""
    names = [name for name in copy.namelist() if name.endswith("data.json")]
    return "\n".join(json.dumps(json.loads(copy.read(name)), ensure_ascii=False) for name in names)


def values(found: object) -> Iterator[str]:
    """Give every text and instant in a value of a table."""
    if isinstance(found, dict):
        for each in found.values():
            yield from values(each)
    elif isinstance(found, list):
        for each in found:
            yield from values(each)
    elif isinstance(found, str):
        yield found
    elif isinstance(found, int) and not isinstance(found, bool) and found > 10**12:  # milliseconds since 1970
        yield instant.format(instant.from_ms(found))


def rows(story: Story, connection: Connection) -> Iterator[tuple[str, RowMapping]]:
    """Give every row of every table that is about the citizen or one of their cases."""
    me = story.citizen
    cases = {row.case for row in accounts.cases_of(connection, me)}
    for tables in (portal.metadata, exchange.metadata):
        for table in tables.tables.values():
            for row in connection.execute(select(table)).mappings():
                mine = {row.get(each) for each in ("account", "principal", "delegate")}
                own = table.name == "accounts" and row["id"] == me
                if own or me in mine or row.get("case") in cases:
                    yield table.name, row


def is_in(value: str, whole: str) -> bool:
    return json.dumps(value, ensure_ascii=False)[1:-1] in whole


def test_each_value_that_is_kept_of_a_person_is_in_their_copy(lived, whole):
    with lived.portal.database.reading() as connection:
        found = list(rows(lived, connection))
    lost = {
        f"{table}.{column}": value
        for table, row in found
        for column, kept in row.items()
        for value in values(kept)
        if value and f"{table}.{column}" not in NOT_IN_IT and not is_in(value, whole)
    }
    assert lost == {}
    assert {table for table, _ in found} >= {
        *("accounts", "account_cases", "passkeys", "mandates", "deeds", "receipts", "mails", "first_words"),
        *("statements", "consents", "consent_requests", "offers", "previews", "views"),
    }


def test_each_word_that_was_sealed_for_a_person_is_in_their_copy(lived, whole):
    with lived.portal.database.reading() as connection:
        cases = [row.case for row in accounts.cases_of(connection, lived.citizen)]
        held = [row for case in cases for row in statements.of_case(connection, case) if row.plaintext]
    kinds = {row.type for row in held}
    assert kinds >= {
        *("note.add/1", "message.send/1", "document.add/1", "outcome.give/1", "record.contest/1"),
        *("record.release/1", "record.correct/1", "access.viewed/1"),
    }
    lost = {
        (row.type, name): value
        for row in held
        for name, kept in read_payload(row.plaintext)["content"].items()
        for value in values(kept)
        if (row.type, name) != ("document.add/1", "key") and not is_in(value, whole)
    }
    assert lost == {}


def test_what_people_read_is_on_the_pages_too(copy):
    pages = {name: copy.read(name).decode() for name in copy.namelist() if name.endswith(".html")}
    read = "\n".join(pages.values())
    for words in (
        *(
            "CANARY first words",
            "CANARY outcome of theirs",
            "CANARY outcome of mine",
            "CANARY by letter only",
        ),
        *(
            "CANARY it is wrong",
            "CANARY corrected",
            "CANARY words of a note",
            "CANARY letter from the landlord",
        ),
        *(
            "CANARY phone",
            "sample@example.org",
            "Sample Helper",
            "You suggested something else to Debt-Advice.",
        ),
        *(
            "By a person",
            "Allowed by you",
            "What you were shown before you decided",
            "paused a permission for you",
        ),
        "removed on",
    ):
        assert words in read, words
    assert set(pages) == {"index.html", "case-1/case.html", "case-2/case.html"}
    for folder in ("case-1", "case-2"):
        assert f'href="{folder}/case.html"' in pages["index.html"]


def test_the_very_words_that_were_shown_are_files_whose_digest_the_consent_names(lived, copy):
    folders = {each["case"]: each["folder"] for each in json.loads(copy.read("data.json"))["cases"]}
    folder = folders[lived.ids["case_id"]]
    data = json.loads(copy.read(f"{folder}/data.json"))
    shown = [name for name in copy.namelist() if name.startswith(f"{folder}/shown/")]
    digests = {hashlib.sha256(copy.read(name)).hexdigest() for name in shown}
    assert digests
    assert digests >= {each["document"]["notice"]["sha256"] for each in data["case"]["permissions"]}


def test_a_delegate_gets_no_account_no_first_page_of_it_and_no_other_case(lived):
    helping = lived.helping().post("/take-with-me/")
    with ZipFile(io.BytesIO(helping.data)) as packed:
        everything = "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
        index = packed.read("index.html").decode()
    for private in ("sample@example.org", "CANARY phone", "CANARY first words", lived.hidden):
        assert private not in everything, private
    assert "My account" not in index
    assert "Passkeys" not in index
