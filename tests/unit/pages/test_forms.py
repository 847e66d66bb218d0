"""Forms: what people type in any script is taken; what could mislead a reader is refused with words."""

from __future__ import annotations

import pytest
from flask import Flask
from marshmallow import Schema, fields

from connectors.pages import languages
from connectors.pages.forms import Choice, Form, Words, read_form


class Sample(Schema):
    text = Words(most=20, required=True)
    more = Words(most=5)
    pick = Choice("a", "b")
    several = fields.List(fields.String())


@pytest.fixture
def app():
    made = Flask(__name__)
    languages.speak(made, [])
    return made


def posted(app, **values):
    with app.test_request_context("/", method="POST", data=values):
        return read_form(Sample())


@pytest.mark.parametrize(
    "text", ["plain", "élève 東京", "שלום", "سلام", "👩‍👧 ok", "a < b & c", "two\nlines"]
)
def test_words_of_any_script_are_taken_as_they_are(app, text):
    assert posted(app, text=text, pick="a").data["text"] == text


def test_letters_that_look_the_same_are_stored_the_same(app):
    assert posted(app, text="e\u0301", pick="a").data["text"] == "é"


def test_line_ends_of_a_browser_become_plain_ones(app):
    assert posted(app, text="a\r\nb", pick="a").data["text"] == "a\nb"


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200f", "\x00", "\x1b"])
def test_signs_that_could_mislead_are_refused(app, sign):
    assert "invisible" in posted(app, text=f"a{sign}b", pick="a").errors["text"]


def test_a_text_that_is_too_long_is_refused_and_kept(app):
    form = posted(app, text="x" * 21, pick="a")
    assert "20" in form.errors["text"]
    assert form.values["text"] == "x" * 21


def test_an_empty_optional_text_is_none(app):
    assert posted(app, text="a", more="   ", pick="a").data["more"] is None


def test_a_missing_text_and_a_missing_choice_each_say_so(app):
    form = posted(app)
    assert set(form.errors) == {"text", "pick"}
    assert not form.is_right


def test_a_choice_that_was_not_offered_is_refused(app):
    assert "pick" in posted(app, text="a", pick="c").errors


def test_several_answers_are_read_as_a_list(app):
    with app.test_request_context("/", method="POST", data={"text": "a", "pick": "a", "several": ["x", "y"]}):
        assert read_form(Sample()).data["several"] == ["x", "y"]


def test_what_the_form_does_not_ask_for_is_left_alone(app):
    assert "other" not in posted(app, text="a", pick="a", other="x").data


def test_a_fault_found_later_stands_beside_the_others():
    form = Form({"text": "a"}, {"pick": "Choose one of these."}).with_error("text", "No.")
    assert form.errors == {"pick": "Choose one of these.", "text": "No."}
