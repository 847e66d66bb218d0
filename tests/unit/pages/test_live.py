"""Live updates: how many streams may be open, whose gives way, and what a stream says."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from connectors.pages import live
from connectors.pages.live import Place, Places


@pytest.fixture
def app():
    return Flask(__name__)


def taken(places: Places, who: str) -> Place:
    place = places.take(who)
    assert place is not None
    return place


def test_a_browser_that_wants_no_stream_gets_the_number(app):
    with app.test_request_context("/"):
        assert live.answer(Places(1), "who", lambda: 7).get_json() == {"latest": 7}


def test_when_all_places_are_taken_the_page_is_told_to_poll(app):
    places = Places(1)
    assert places.take("one") is not None
    with app.test_request_context("/", headers={"Accept": "text/event-stream"}):
        assert live.answer(places, "two", lambda: 1).status_code == 503


def test_the_oldest_stream_of_a_visitor_gives_way_to_the_newest():
    places = Places(10)
    first, second, third = (places.take("who") for _ in range(3))
    assert [each.given_up for each in (first, second, third) if each] == [True, False, False]


def test_another_visitors_streams_are_left_alone():
    places = Places(10)
    other = taken(places, "other")
    for _ in range(5):
        places.take("who")
    assert not other.given_up


def test_a_place_that_was_given_back_can_be_taken():
    places = Places(1)
    place = taken(places, "one")
    places.give_back(place)
    assert places.take("two") is not None


def test_a_server_that_stops_ends_every_stream_and_takes_no_more():
    places = Places(2)
    place = taken(places, "one")
    places.close()
    assert place.given_up
    assert places.take("two") is None


def test_a_stream_says_that_something_is_new_and_ends_when_it_has_to_give_way(app):
    places = Places(2)
    with app.test_request_context("/?seen=3", headers={"Accept": "text/event-stream"}):
        answer = live.answer(places, "who", lambda: 4)
    threading.Timer(0.2, places.close).start()
    said = answer.get_data(as_text=True)
    assert "event: new\ndata: 4" in said
    assert said.endswith("event: poll\ndata: \n\n")
    answer.close()
    assert places._open == []


def test_nothing_new_is_not_announced(app):
    places = Places(2)
    with app.test_request_context("/?seen=4", headers={"Accept": "text/event-stream"}):
        answer = live.answer(places, "who", lambda: 4)
    threading.Timer(0.2, places.close).start()
    assert "event: new" not in answer.get_data(as_text=True)
    answer.close()
