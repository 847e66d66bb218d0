"""Brand, own addresses, and the words of a language: what the frame of every page rests on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from connectors.errors import ConfigRefused
from connectors.pages import languages
from connectors.pages.brand import Brand, contrast_with_white
from connectors.pages.frame import own_path
from connectors.pages.throttle import Limit, Throttle, TriedTooOften
from schemas import instant


@pytest.mark.parametrize("path", ["/", "/cases/1?x=1", "/a#b"])
def test_an_address_of_ours_is_gone_on_to(path):
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\nb",
        "a",
    ],
)
def test_an_address_elsewhere_leads_to_the_start(path):
    assert own_path(path) == "/"


def test_the_contrast_is_that_of_wcag():
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#ffffff") == pytest.approx(1)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)


def test_a_colour_on_which_white_cannot_be_read_is_refused():
    with pytest.raises(ConfigRefused, match="darker"):
        raise_with_remedy("#7fb2e5")


def raise_with_remedy(colour):
    try:
        Brand(colour=colour)
    except ConfigRefused as refusal:
        raise ConfigRefused(refusal.remedy) from refusal


def test_something_that_is_no_colour_is_refused():
    with pytest.raises(ConfigRefused):
        Brand(colour="blue")


def test_a_deployment_is_called_by_its_name_in_each_language():
    brand = Brand(name={"en": "Help", "fr": "Aide"})
    assert [brand.called(which) for which in ("en", "fr", "de")] == ["Help", "Aide", "Help"]


@pytest.fixture
def app():
    made = Flask(__name__)
    languages.speak(made, [], "Europe/Paris")
    return made


@pytest.mark.parametrize(("which", "said"), [("en", "1 May 2026 at 14:05"), ("fr", "1 mai 2026 à 14:05")])
def test_a_moment_is_said_in_the_language_and_the_local_time(app, which, said):
    with app.test_request_context("/", headers={"Accept-Language": which}):
        assert languages.moment(datetime(2026, 5, 1, 12, 5, tzinfo=UTC)) == said
        assert languages.moment(int(datetime(2026, 5, 1, 12, 5, tzinfo=UTC).timestamp() * 1000)) == said


def test_a_date_is_said_in_full(app):
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        assert languages.day(date(2026, 11, 23)) == "23 novembre 2026"


def test_the_seconds_of_the_first_minute_are_not_counted(app):
    now = datetime(2026, 5, 1, 12, 5, tzinfo=UTC)
    with app.test_request_context("/"):
        assert languages.since(now, now) == "less than a minute"
        assert languages.since(now - timedelta(seconds=59), now) == "less than a minute"
        assert languages.since(now - timedelta(seconds=61), now) == "1 minute"


def test_names_are_joined_as_one_says_them(app):
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        assert languages.listed(["A", "B", "C"]) == "A, B et C"


def test_the_language_chosen_on_a_page_stands_above_that_of_the_browser(app):
    headers = {"Accept-Language": "en", "Cookie": f"{languages.COOKIE}=fr"}
    with app.test_request_context("/", headers=headers):
        assert languages.language() == "fr"


def test_a_language_that_is_not_spoken_here_is_answered_in_english(app):
    with app.test_request_context("/", headers={"Accept-Language": "de"}):
        assert languages.language() == "en"


class Counted(dict[Any, Any]):
    """A counter in memory, as Throttle asks for."""

    def count(self, bucket, window, expires_at):
        self[bucket, window] = self.get((bucket, window), 0) + 1
        return self[bucket, window]


def test_what_is_tried_too_often_is_refused_until_the_window_has_passed():
    throttle = Throttle(Counted(), b"key")
    limit = Limit("code", 2, timedelta(minutes=1))
    now = instant.parse("2026-05-01T12:00:00.000Z")
    throttle.check(limit, "192.0.2.1", now)
    throttle.check(limit, "192.0.2.1", now)
    with pytest.raises(TriedTooOften) as refused:
        throttle.check(limit, "192.0.2.1", now)
    assert int(refused.value.facts["retry_after_s"]) <= 60
    throttle.check(limit, "192.0.2.2", now)
    throttle.check(limit, "192.0.2.1", now + timedelta(minutes=1))


def test_what_is_counted_does_not_show_whose_it_is():
    counted = Counted()
    Throttle(counted, b"key").check(Limit("code", 2, timedelta(minutes=1)), "192.0.2.1", instant.now())
    assert "192.0.2.1" not in str(counted)
