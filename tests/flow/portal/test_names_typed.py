"""A name for a case or a passkey that cannot be taken is shown again, with what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeDatabase
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.story import Story

LONG = "My name for it, <b>which is too long</b>. " * 4


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, make_database_for_module: MakeDatabase):
    made = Story(Path(tmp_path_factory.mktemp("story")), make_database_for_module)
    yield made
    made.close()


def test_a_cases_name_that_is_refused_is_not_lost(story):
    case = story.hidden
    answer = story.visit(story.citizen).post(f"/cases/{case}/name", name=LONG)
    page = seen(answer.text)
    assert answer.status_code == 422
    assert page.form(f"/cases/{case}/name").fields["name"].text == LONG
    other = page.form(f"/cases/{story.ids['case_id']}/name").fields["name"]
    assert other.text == ""
    assert "at most 80 characters" in page.main
    assert ("a", {"href": "#name"}) in page.elements
    assert [at for tag, at in page.elements if at.get("id") == "name" and tag == "input"] != []


def test_a_passkeys_name_that_is_refused_is_not_lost(story):
    address = f"/account/passkeys/{story.ids['credential']}"
    answer = story.visit(story.citizen).post(f"{address}/name", name=LONG)
    page = seen(answer.text)
    assert answer.status_code == 422
    assert page.form("/name").fields["name"].text == LONG
    assert "at most 60 characters" in page.main
    assert seen(story.visit(story.citizen).get(address).text).form("/name").fields["name"].text != LONG


def test_a_foreign_case_or_passkey_is_refused_before_what_was_typed_is_read(story):
    visit = story.visit(story.stranger)
    for address in (f"/cases/{story.hidden}/name", f"/account/passkeys/{story.ids['credential']}/name"):
        answer = visit.post(address, name=LONG)
        assert answer.status_code == 404
        assert "too long" not in answer.text
