"""How much the pages about passkeys, deeds and the copy read, and that trouble in one case stays there."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import event

from connectors.portal import passkeys
from connectors.portal.acting import mandates
from connectors.portal.registering import Made
from connectors.portal.store import mandates as mandate_rows
from schemas.seat_keys import MOST_AT_A_TIME
from tests.conftest import MakeDatabase
from tests.flow.portal.life import Life, Themselves
from tests.passkeys import Authenticator


@pytest.fixture
def life(tmp_path: Path, make_database: MakeDatabase):
    made = Life(tmp_path, make_database)
    yield made
    made.world.close()


@contextmanager
def reads(life: Life) -> Iterator[list[str]]:
    """Collect what is asked of the portal's database."""
    found: list[str] = []

    def note(_connection, _cursor, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            found.append(statement)

    engine = life.portal.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def add(life: Life, account: str, name: str) -> None:
    """Let a person add a passkey."""
    device = Authenticator(name)
    made = Made(device.passkey["credential"], device.passkey["jwk"], 0)
    visitor = Themselves(account)
    passkeys.add(life.pages.made, visitor, made, name)  # type: ignore[arg-type]  # as far as it is looked at
    life.world.settle()


def test_a_list_of_passkeys_reads_each_case_once_however_many_there_are(life):
    citizen = life.person()
    for _ in range(2):
        life.case_of(citizen)
    add(life, citizen, "phone")
    visit = life.visit(citizen)
    with reads(life) as one:
        assert visit.get("/account/passkeys/").status_code == 200
    for name in ("tablet", "laptop", "key"):
        add(life, citizen, name)
    with reads(life) as four:
        page = visit.get("/account/passkeys/").text
    assert all(name in page for name in ("phone", "tablet", "laptop", "key"))
    assert len(four) == len(one)


def test_a_passkey_is_added_though_a_case_takes_no_more_of_them_and_its_page_says_so(life):
    citizen = life.person()
    life.case_of(citizen)
    for number in range(MOST_AT_A_TIME + 1):
        add(life, citizen, f"device-{number}")
    last = Authenticator(f"device-{MOST_AT_A_TIME}").passkey["credential"]
    places = passkeys.everywhere(life.pages.made, Themselves(citizen))  # type: ignore[arg-type]  # as above
    assert [each.state for each in places[last]] == ["not_told"]
    assert len(places) == MOST_AT_A_TIME + 1
    assert life.visit(citizen).get(f"/account/passkeys/{last}").status_code == 200


def test_who_acts_for_another_is_told_why_they_add_no_passkey_before_their_device_asks(life):
    helper, mandate, _ = life.given(life.person())
    visit = life.visit(helper, mandate)
    answer = visit.get("/account/passkeys/new")
    assert (answer.status_code, answer.location) == (302, "/account/passkeys/")
    assert "Stop acting for someone else to add one." in visit.get(answer.location).text


def test_an_old_sign_in_is_refused_before_any_case_is_read(life):
    citizen = life.person()
    life.case_of(citizen)
    visit = life.visit(citizen)
    visit.token()
    life.world.clock.move(minutes=61)
    with reads(life) as one:
        assert visit.post("/take-with-me/").status_code == 302
    for _ in range(2):
        life.case_of(citizen)
    with reads(life) as three:
        assert visit.post("/take-with-me/").status_code == 302
    assert len(three) == len(one)


def test_what_was_done_is_listed_without_asking_for_the_same_person_again_and_again(life):
    citizen = life.person()
    helper, mandate, _ = life.given(citizen)
    visit = life.visit(citizen)

    def done(times: int) -> int:
        with life.portal.database.writing() as connection:
            row = mandate_rows.find(connection, mandate)
            assert row is not None
            for _ in range(times):
                mandates.did(connection, _Acting(helper, row), "note.add", life.now())
        with reads(life) as found:
            assert visit.get(f"/acting/{mandate}").text.count("left a note for you") >= times
        return len(found)

    first = done(1)
    assert done(9) == first


class _Acting:
    """Somebody who acts by a mandate, as the rules see them."""

    def __init__(self, account: str, mandate) -> None:
        self.account, self.mandate = account, mandate
        self.principal = mandate.principal


def test_the_receipts_in_the_copy_of_a_delegate_say_who_decided_as_the_pages_do(life):
    citizen = life.person()
    case = life.case_of(citizen)
    request = life.asked(case)
    helper, mandate, _ = life.given(citizen)
    acting = life.visit(helper, mandate)
    acting.post(f"/requests/{request}", decision="refuse")
    second = life.asked(case)
    life.visit(citizen).post(f"/requests/{second}", decision="refuse")
    texts = _receipts(acting.post(f"/take-with-me/{case}").data)
    assert sum("You did not allow this." in each for each in texts) == 1
    assert sum("Somebody else did not allow this." in each for each in texts) == 1
    texts = _receipts(life.visit(citizen).post(f"/take-with-me/{case}").data)
    assert sum("Somebody who acts for you did not allow this." in each for each in texts) == 1


def _receipts(data: bytes) -> list[str]:
    with ZipFile(io.BytesIO(data)) as copy:
        names = [name for name in copy.namelist() if "/receipts/" in name]
        return [copy.read(name).decode() for name in names]
