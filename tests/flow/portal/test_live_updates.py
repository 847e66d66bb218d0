"""An open case page learns that something is new in its case: also of what others do at the same portal."""

from __future__ import annotations

import re

import pytest

from tests.flow.exchange.world import DEBT
from tests.flow.portal.life import Life
from tests.flow.portal.verbs.kit import WRITING
from tests.flow.portal.visits import Pages, Visit, settings

_SEEN = re.compile(r'data-seen="(\d+)"')


def seen_on(visit: Visit, case: str) -> int:
    """Open the case page; gives what it says that its reader has seen."""
    found = _SEEN.search(visit.get(f"/cases/{case}").text)
    assert found is not None, "the page listens"
    return int(found[1])


def latest(visit: Visit, case: str) -> int:
    """Ask as a page without streams does."""
    number: int = visit.get(f"/cases/{case}/live").get_json()["latest"]
    return number


@pytest.fixture
def family(life: Life) -> tuple[str, Visit, Visit]:
    """A child's case, and a visit of each of the two parents."""
    child = life.ward()
    case = life.case_of(child)
    one, other = (life.visit(*parent) for parent in life.parents(child))
    return case, one, other


def test_what_one_holder_does_is_announced_to_the_other_and_not_to_themselves(
    family: tuple[str, Visit, Visit],
):
    case, one, other = family
    before = seen_on(other, case)
    assert latest(other, case) == before, "nothing is new before"
    where = one.post(f"/cases/{case}/note", **WRITING["note"]).location
    assert latest(other, case) > before
    shown = _SEEN.search(one.get(where).text)
    assert shown is not None
    assert int(shown[1]) == latest(one, case), "who did it has seen it"
    assert seen_on(other, case) == latest(other, case), "and so has who looked since"


def test_what_a_delegate_does_is_announced_to_the_person_by_every_process(
    life: Life, citizen: str, case: str, visit: Visit
):
    helper, mandate, _ = life.given(citizen)
    before = seen_on(visit, case)
    elsewhere = Pages(life.portal, settings(life.pages.folder.parent), life.pages.folder)
    helping = elsewhere.visit(helper, acting_for=mandate)
    assert helping.post(f"/cases/{case}/close").status_code == 303
    assert latest(visit, case) > before
    elsewhere.made.places.close()


def test_a_stream_says_it_to_the_other_holder(life: Life, family: tuple[str, Visit, Visit]):
    case, one, other = family
    before = seen_on(other, case)
    one.post(f"/cases/{case}/messages/new", **WRITING["messages/new"])
    asks = {"Accept": "text/event-stream"}
    stream = other.get(f"/cases/{case}/live?seen={before}", headers=asks, buffered=False)
    parts = iter(stream.response)
    said = "".join(str(next(parts)) for _ in range(2))
    stream.close()
    assert "event: new" in said


def test_sending_is_no_news_but_what_others_say_is(life: Life, case: str, visit: Visit):
    """What was said here is on its way, admitted, proven: all this changes no page."""
    visit.post(f"/cases/{case}/messages/new", **WRITING["messages/new"] | {"to": [DEBT]})
    before = seen_on(visit, case)
    life.world.settle()
    assert latest(visit, case) == before
    life.asked(case)
    assert latest(visit, case) > before
