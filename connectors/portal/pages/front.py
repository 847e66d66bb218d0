"""The pages that ask for nothing: the start page, how it works, rights, languages, signing in and out."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, abort, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from connectors.pages import languages, sign_in
from connectors.pages.frame import own_path
from connectors.portal import visiting
from connectors.portal.portal import portal
from connectors.portal.visiting import Visitor

blueprint: Final = Blueprint("front", __name__)
_NEXT: Final = "next"


def _signed_in() -> Visitor | None:
    """Give who is signed in, as the door has found them; these pages ask nobody to be."""
    found: Visitor | None = g.visitor
    return found


@blueprint.get("/")
def show() -> str | Response:
    """Show what this is, and the ways in; whoever is signed in goes on to their own start page."""
    if _signed_in() is not None:
        return redirect(url_for("home.show"))
    return render_template("front/start.html")


@blueprint.get("/language/<code>")
def choose_language(code: str) -> Response:
    """Show everything in this language from now on, and come back to the same page."""
    if code not in languages.LANGUAGES:
        abort(404)
    answer = redirect(own_path(request.args.get(_NEXT)))
    languages.remember(answer, code, secure=portal().origin.startswith("https://"))
    if _signed_in() is not None:
        visiting.keep_language(code)
    return answer


@blueprint.get("/sign-in")
def sign_in_first() -> str:
    """Say that another site comes next, before it does (consent rule 18); and why, to who is signed in."""
    who = _signed_in()
    again = who is not None and not visiting.is_fresh(who)
    return render_template("front/sign_in.html", next=own_path(request.args.get(_NEXT)), again=again)


@blueprint.post("/sign-in")
def begin() -> Response:
    """Go to the identity provider."""
    session[_NEXT] = own_path(request.form.get(_NEXT))
    again = _signed_in() is not None
    callback = portal().origin + url_for("front.come_back")
    return sign_in.begin(callback, language=languages.language(), again=again)


@blueprint.get("/sign-in/done")
def come_back() -> Response:
    """Come back from the identity provider, signed in."""
    on = own_path(session.get(_NEXT))
    visiting.enter(sign_in.complete())
    return redirect(on)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session here; the identity provider's own session is its own affair, and the page says so."""
    visiting.leave()
    return redirect(url_for("front.signed_out"))


@blueprint.get("/signed-out")
def signed_out() -> str:
    """Say that the session has ended."""
    return render_template("front/signed_out.html")


@blueprint.get("/about")
def about() -> str:
    """Say how it works, in one page."""
    return render_template("front/about.html")


@blueprint.get("/rights")
def privacy() -> str:
    """Say what happens with data, and which rights there are."""
    return render_template("front/privacy.html")


@blueprint.get("/accessibility")
def accessibility() -> str:
    """Say for whom the pages work, and whom to tell when they do not."""
    return render_template("front/accessibility.html")


@blueprint.get("/licences")
def licences() -> str:
    """Name what the pages are made with."""
    return render_template("front/licences.html")
