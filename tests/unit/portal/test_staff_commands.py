"""What the portal's staff enter on the command line, and what the people concerned see of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connectors.cli import main
from connectors.exchange.store.database import Database, open_database
from connectors.portal import accounts
from connectors.portal.acting import coming_of_age, mandates
from connectors.portal.errors import NotYours
from connectors.portal.store import accounts as stored
from connectors.portal.store import mandates as mandate_rows
from schemas import instant
from tests.conftest import MakeDatabase
from tests.unit.portal.conftest import prepare
from tests.unit.portal.people import acting, case_of, helper, mandate_of, parent, person

SETTINGS = """
[member]
id = "my-portal"
kind = "{kind}"
name = "My portal"
[coordinator]
url = "https://accord.example.org"
[storage]
url = "{url}"
"""


@pytest.fixture
def url(make_database: MakeDatabase) -> str:
    return make_database(prepared_by=prepare)


@pytest.fixture
def folder(tmp_path: Path, url: str) -> Path:
    (tmp_path / "connector.toml").write_text(SETTINGS.format(kind="portal", url=url))
    return tmp_path


@pytest.fixture
def opened(url: str) -> Iterator[Database]:
    """Look into the database that the commands open too."""
    database = open_database(url)
    yield database
    database.close()


def run(folder: Path, *words: str, typed: str | None = None, in_json: bool = True) -> Result:
    arguments = ["portal", "--config", str(folder / "connector.toml"), *words, *["--json"] * in_json]
    return CliRunner().invoke(main, arguments, input=typed)


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def add(folder: Path, principal: str, *words: str) -> Result:
    today = instant.now().date()
    usual = ["--until", str(today + timedelta(days=300)), "--register", "Civil register"]
    return run(
        folder,
        *("mandate", "add", principal, *usual, "--checked-by-role", "front desk", *words),
        typed="2031-17\n",
    )


def test_a_child_is_added_a_parent_acts_and_the_child_takes_over(folder: Path, opened: Database):
    child = told(run(folder, "ward", "add", "--language", "fr", typed="Sample Child\n"))["account"]
    of_age = str(instant.now().date() + timedelta(days=400))
    made = told(add(folder, child, "--kind", "parental", "--of-age-on", of_age, "--joint"))
    now = instant.now()
    with opened.writing() as connection:
        row = stored.find(connection, child)
        assert row is not None
        assert (row.name, row.language, row.kind) == ("Sample Child", "fr", "ward")
        case = case_of(connection, child)
        assert mandates.accept(connection, person(connection), made["code"], now) == made["mandate"]
        visit = acting(connection, made["mandate"])
        accounts.may(connection, visit, case, "grant", now)
        assert visit.mandate is not None
        assert visit.mandate.evidence["reference"] == "2031-17"
        assert visit.mandate.joint
    code = told(run(folder, "ward", "link", child))["code"]
    with opened.writing() as connection:
        grown = person(connection)
        coming_of_age.take_over(connection, grown, code, now)
        accounts.may(connection, grown, case, "grant", now)


def test_mandates_are_listed_without_names_and_ended(folder: Path, opened: Database):
    with opened.writing() as connection:
        citizen = person(connection)
        other = mandate_of(helper(connection, person(connection), instant.now()))
    made = told(add(folder, citizen.account, "--kind", "court_deputy", "--power", "view"))
    (line,) = told(run(folder, "mandate", "list", "--principal", citizen.account))
    assert (line["id"], line["status"], line["powers"]) == (made["mandate"], "invited", ["view"])
    assert {each["id"] for each in told(run(folder, "mandate", "list"))} == {made["mandate"], other}
    assert "Sample" not in run(folder, "mandate", "list").output
    told(run(folder, "mandate", "end", made["mandate"], "--reason", "court order"))
    (line,) = told(run(folder, "mandate", "list", "--principal", citizen.account))
    assert line["status"] == "ended"


def test_what_is_done_by_a_mandate_can_be_held_back(folder: Path, opened: Database):
    with opened.writing() as connection:
        citizen = person(connection)
        visit = helper(connection, citizen, instant.now())
    review = str(instant.now().date() + timedelta(days=30))
    words = ["--ground", "protection order", "--review-on", review, "--by-role", "lead"]
    told(run(folder, "mandate", "hold-back", mandate_of(visit), *words))
    with opened.writing() as connection:
        mandates.did(connection, visit, "note.add", instant.now())
        assert mandates.shown_deeds(connection, citizen, instant.now()) == []


def test_a_case_is_kept_from_whoever_holds_a_mandate_until_staff_end_it(folder: Path, opened: Database):
    with opened.writing() as connection:
        child = stored.create(connection, kind="ward", language="en", now=instant.now())
        visit = parent(connection, child, instant.now(), joint=True)
        case, other = case_of(connection, child), case_of(connection, child)
    review = str(instant.now().date() + timedelta(days=30))
    words = ["--ground", "protection order", "--review-on", review, "--by-role", "lead"]
    told(run(folder, "mandate", "shield", mandate_of(visit), "--case", case, *words))
    with opened.reading() as connection:
        accounts.may(connection, visit, other, "view", instant.now())
        with pytest.raises(NotYours):
            accounts.may(connection, visit, case, "view", instant.now())
    (line,) = told(run(folder, "mandate", "list", "--principal", child))
    assert (line["shielded"]["cases"], line["shielded"]["overdue"]) == ([case], False)
    assert "review by" in run(folder, "mandate", "list", in_json=False).output
    with opened.writing() as connection:
        overdue = {"cases": [case], "ground": "x", "by_role": "x", "review_at": 1}
        mandate_rows.change(connection, mandate_of(visit), since=("active",), shielded=overdue)
    (line,) = told(run(folder, "mandate", "list"))
    assert line["shielded"]["overdue"]
    told(run(folder, "mandate", "unshield", mandate_of(visit)))
    with opened.reading() as connection:
        accounts.may(connection, visit, case, "view", instant.now())
    assert told(run(folder, "mandate", "list"))[0]["shielded"] is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("mandate", "unshield", "none"), "not_yours"),
        (("mandate", "end", "none", "--reason", "x"), "not_yours"),
        (("ward", "link", "none"), "not_yours"),
    ],
)
def test_what_there_is_not_is_refused(folder: Path, opened: Database, words: tuple[str, ...], code: str):
    result = run(folder, *words)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["code"] == code


def test_a_mandate_against_the_rules_is_refused(folder: Path, opened: Database):
    with opened.writing() as connection:
        citizen = person(connection)
    result = add(folder, citizen.account, "--kind", "parental")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["code"] == "mandate_refused"


def test_an_agency_has_none_of_this(tmp_path: Path, connector_url: str):
    (tmp_path / "connector.toml").write_text(SETTINGS.format(kind="public", url=connector_url))
    result = run(tmp_path, "mandate", "list")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["code"] == "not_a_portal"
