"""Coming alone: "I need help with…" in one's own words, then whom to ask, then the case is open."""

from __future__ import annotations

from typing import Any, Final
from unicodedata import combining, normalize
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, session, url_for
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from connectors.pages.forms import Form, Words, read_form
from connectors.pages.languages import gettext as _
from connectors.pages.languages import language
from connectors.pages.languages import lazy as N_
from connectors.portal import arriving
from connectors.portal.pages.places import case_page
from connectors.portal.portal import portal
from connectors.portal.visiting import check_fresh, visitor
from schemas.errors import CaseExists
from schemas.records.needs_v1 import THEMES

blueprint: Final = Blueprint("begin", __name__, url_prefix="/begin")
_WISH: Final = "wish"
_MOST: Final = 4000
_SAY_SOMETHING: Final = N_("Write what you need help with, or tick below what it is about.")
KINDS: Final = {
    "public": N_("public service"),
    "charity": N_("charity"),
    "company": N_("company"),
}


class _Wish(Schema):
    words = Words(most=_MOST)
    themes = fields.List(fields.String())


class _Whom(Schema):
    asked = fields.List(fields.String())


@blueprint.get("/")
def show() -> str:
    """Ask what help is needed."""
    arriving.check_may_join(visitor())  # before anything is typed in vain
    return _page(Form(session.get(_WISH, {})))


def _page(form: Form) -> str:
    position = 1 if language() == "fr" else 0
    themes = [{"value": code, "text": _upper(names[position])} for code, names in THEMES.items()]
    themes.sort(key=lambda theme: _letters(theme["text"]))
    return render_template("arrive/words.html", form=form, themes=themes)


def _letters(text: str) -> str:
    """Give a text as a dictionary orders it: an accent makes no other letter."""
    return "".join(each for each in normalize("NFD", text) if not combining(each)).casefold()


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


@blueprint.post("/")
def say() -> tuple[str, int] | Response:
    """Keep what was said until it is clear whom to ask."""
    form = read_form(_Wish())
    themes = [each for each in form.data.get("themes", ()) if each in THEMES]
    if form.is_right and not themes and form.data["words"] is None:
        form = form.with_error("words", _(_SAY_SOMETHING))
    if not form.is_right:
        return _page(form), 422
    before = session.get(_WISH, {})
    session[_WISH] = {"case": str(uuid4()), **before, "words": form.data["words"] or "", "themes": themes}
    return redirect(url_for(".whom"), 303)


@blueprint.get("/whom")
def whom() -> str | Response:
    """Show who takes part, what each does, and what they will see."""
    wish = session.get(_WISH)
    if wish is None:
        return redirect(url_for(".show"))
    check_fresh()
    return _choose(wish, Form({"asked": wish.get("asked", [])}))


def _choose(wish: dict[str, Any], form: Form) -> str:
    found = arriving.organisations(portal())
    choices = [_choice(each) for each in found]
    return render_template("arrive/whom.html", form=form, choices=choices, words=_whole(wish))


def _choice(each: arriving.Organisation) -> dict[str, str]:
    """Say what an organisation is and does, by the register and by its agreements."""
    does = [text.get(language()) or text["en"] for text in each.does]
    kind = _(KINDS[each.kind])
    said = _("%(kind)s. Takes part in: %(does)s", kind=_upper(kind), does=", ".join(does))
    return {"value": each.id, "text": each.name, "hint": said if does else _upper(kind)}


@blueprint.post("/whom")
def ask() -> tuple[str, int] | Response:
    """Open the case and ask them."""
    wish = session.get(_WISH)
    if wish is None:
        return redirect(url_for(".show"), 303)
    form = read_form(_Whom())
    asked = form.data["asked"]
    if not asked or len(asked) > arriving.MOST_ASKED:
        text = _(
            "Choose between 1 and %(most)s organisations. You can ask more of them later.",
            most=arriving.MOST_ASKED,
        )
        return _choose(wish, form.with_error("asked", text)), 422
    session[_WISH] = {**wish, "asked": asked}  # for one who has to sign in again first
    check_fresh()
    portal().throttle.check(arriving.BEGUN, visitor().account, portal().now())
    try:
        case = arriving.begin(
            portal(), visitor(), words=_whole(wish), asked=asked, language=language(), case=wish.get("case")
        )
    except CaseExists:  # the button was pressed twice: the first press does everything
        session.pop(_WISH, None)
        return redirect(url_for("home.show"), 303)
    session.pop(_WISH, None)
    flash(_("Your case is open. Your words are passed on as soon as an organisation answers."), "success")
    return redirect(case_page(case), 303)


def _whole(wish: dict[str, Any]) -> str:
    """Put the themes before the words, as a person would say them."""
    position = 1 if language() == "fr" else 0
    themes = ", ".join(THEMES[each][position] for each in wish["themes"])
    said = str(wish["words"])
    about = _("I need help with: %(themes)s", themes=themes) if themes else ""
    return "\n\n".join(each for each in (about, said) if each)
