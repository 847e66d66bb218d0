"""The language can be changed on every page, also on those that say that something went wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.conftest import MakeDatabase
from tests.flow.portal.story import Story
from tests.flow.portal.visits import Visit

_SWITCH = re.compile(r'href="(/language/fr\?next=[^"]*)"')
OK = 200


@pytest.fixture(scope="module")
def story(tmp_path_factory, make_database_for_module: MakeDatabase) -> Iterator[Story]:
    made = Story(tmp_path_factory.mktemp("switch"), make_database_for_module)
    yield made
    made.close()


def addresses(story: Story) -> list[str]:
    """Give the address of everything to which a form is sent."""
    found = []
    for rule in story.pages.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            ids = {
                **story.ids,
                "mandate_id": story.mandate,
                "kind": "helper",
                "wish_id": story.ids["case_id"],
            }
            names = re.findall(r"<(?:[^:<>]+:)?([^<>]+)>", rule.rule)
            found.append(re.sub(r"<[^<>]+>", "{}", rule.rule).format(*(ids[each] for each in names)))
    return found


def follows(visit: Visit, html: str, where: str) -> None:
    """Follow the switch as somebody does who does not read English: it leads to a page in French."""
    link = _SWITCH.search(html)
    assert link is not None, f"{where}: no switch"
    page = visit.get(link[1].replace("&amp;", "&"), follow_redirects=True)
    assert page.status_code == OK, f"{where}: the switch leads to {page.status_code}"
    assert '<html lang="fr"' in page.text, where
    visit.get("/language/en")


def test_on_whatever_a_refused_form_answers_the_switch_leads_to_a_page(story: Story):
    refused = 0
    for address in addresses(story):
        visit = story.visit(story.citizen)
        answer = visit.client.post(address, data={})  # without a token
        if "html" not in (answer.mimetype or "") or answer.status_code in {302, 303}:
            continue
        assert answer.status_code >= 400, address
        follows(visit, answer.text, address)
        refused += 1
    assert refused > 30


@pytest.mark.parametrize("method", ["get", "put", "delete"])
@pytest.mark.parametrize(
    "address", ["/no-such-page", "/sign-out", "/cases/00000000-0000-4000-8000-000000000000"]
)
def test_on_a_page_that_is_none_the_switch_leads_to_a_page_that_says_so(
    story: Story, address: str, method: str
):
    visit = story.visit(story.citizen)
    visit.get("/language/en")
    answer = getattr(visit.client, method)(address)
    assert answer.status_code in {404, 405}
    link = _SWITCH.search(answer.text)
    assert link is not None
    page = visit.get(link[1].replace("&amp;", "&"), follow_redirects=True)
    assert page.status_code in {OK, 404}, "and not another fault"
    assert '<html lang="fr"' in page.text


def test_what_is_tried_too_often_says_so_in_the_language_that_is_then_chosen(story: Story):
    visit = story.visit(story.account("often"))
    answers = [visit.post("/join/", code="2" * 20) for _ in range(12)]
    assert answers[-1].status_code == 429
    follows(visit, answers[-1].text, "/join/")


def test_on_a_form_that_was_refused_the_switch_stays_on_the_form(story: Story):
    visit, case = story.visit(story.account("slips")), story.ids["case_id"]
    own = story.visit(story.citizen)
    own.get("/language/en")
    for who, address in (
        (visit, "/join/"),
        (own, f"/cases/{case}/note"),
        (own, f"/cases/{case}/messages/new"),
    ):
        answer = who.post(address)
        assert answer.status_code == 422, address
        link = _SWITCH.search(answer.text)
        assert link is not None
        assert link[1] == f"/language/fr?next={address}"
        assert '<html lang="fr"' in who.get(link[1], follow_redirects=True).text
        who.get("/language/en")


def test_what_a_form_was_sent_is_in_no_address(story: Story):
    visit = story.visit(story.citizen)
    visit.get("/language/en")
    answer = visit.post(f"/cases/{story.ids['case_id']}/note", text="CANARY " * 3000)
    assert answer.status_code == 422
    assert not [each for each in re.findall(r'(?:href|action)="([^"]*)"', answer.text) if "CANARY" in each]
