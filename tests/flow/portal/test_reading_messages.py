"""What counts as read: one conversation, by opening it; the others stay new, and a list reads nothing."""

from __future__ import annotations

from connectors.exchange.acts import coordination
from connectors.exchange.acts.coordination import Words
from connectors.portal.store import tables
from tests.flow.exchange.world import DEBT, PORTAL
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.life import Life
from tests.flow.portal.visits import Visit


def news(visit: Visit) -> set[str]:
    """Give the conversations that the start page names as new, by their addresses."""
    return {link for link in seen(visit.get("/home").text).links if "/messages/" in link}


def write(life: Life, case: str, subject: str) -> None:
    life.world.clock.move(seconds=1)
    words = Words(text=f"About {subject}.", subject=subject)
    coordination.send_message(life.world.members[DEBT], case, words)
    life.world.settle()


def test_opening_one_conversation_leaves_the_others_new(life):
    citizen = life.person()
    case, visit = life.case_of(citizen), life.visit(citizen)
    write(life, case, "Hours")
    (first,) = news(visit)
    write(life, case, "Papers")
    (second,) = news(visit) - {first}
    visit.get(second)
    assert news(visit) == {first}
    visit.get(first)
    assert news(visit) == set()


def test_the_list_of_conversations_marks_nothing_as_read(life):
    citizen = life.person()
    case, visit = life.case_of(citizen), life.visit(citizen)
    write(life, case, "Hours")
    new = news(visit)
    assert visit.get(f"/cases/{case}/messages").status_code == 200
    assert news(visit) == new != set()


def test_what_was_read_before_conversations_were_told_apart_stays_read(life):
    citizen = life.person()
    case, visit = life.case_of(citizen), life.visit(citizen)
    write(life, case, "Hours")
    with life.world.members[PORTAL].database.writing() as connection:
        connection.execute(tables.seen.insert().values(account=citizen, case=case, up_to=10**9))
    assert news(visit) == set()


def test_what_one_reader_has_opened_is_new_to_another(life):
    citizen = life.person()
    case = life.case_of(citizen)
    delegate, mandate, _code = life.given(citizen)
    write(life, case, "Hours")
    (place,) = news(life.visit(citizen))
    assert life.visit(delegate, by=mandate).get(place).status_code == 200
    assert news(life.visit(citizen)) == {place}
