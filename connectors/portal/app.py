"""Puts the portal's pages together: one table of blueprints, each with what it asks of a visitor.

Takes an open portal and gives a Flask application; `connectors.commands.run` serves it beside the connector's
own threads, and more processes may serve it from the same database.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from connectors.pages import frame, sign_in
from connectors.pages.case.live_case import PLACES
from connectors.pages.languages import language
from connectors.portal import navigation, refusals, seeing, visiting
from connectors.portal.pages import (
    account,
    acting,
    begin,
    case,
    cases,
    deciding,
    export,
    front,
    health,
    home,
    join,
    looked,
    passkeys,
    permissions,
    previews,
    receipts,
)
from connectors.portal.portal import Portal, attach
from connectors.portal.sessions import Sessions
from schemas.errors import Refusal

HERE: Final = Path(__file__).parent


class Needs(Enum):
    """What a page asks of whoever opens it."""

    NOTHING = "nothing"
    SIGNED_IN = "signed_in"


BLUEPRINTS: Final[tuple[tuple[Blueprint, Needs], ...]] = (
    (health.blueprint, Needs.NOTHING),
    (front.blueprint, Needs.NOTHING),
    (join.blueprint, Needs.NOTHING),
    (begin.blueprint, Needs.SIGNED_IN),
    (home.blueprint, Needs.SIGNED_IN),
    (cases.blueprint, Needs.SIGNED_IN),
    (case.blueprint, Needs.SIGNED_IN),
    (account.blueprint, Needs.SIGNED_IN),
    (passkeys.blueprint, Needs.SIGNED_IN),
    (deciding.blueprint, Needs.SIGNED_IN),
    (permissions.blueprint, Needs.SIGNED_IN),
    (previews.blueprint, Needs.SIGNED_IN),
    (looked.blueprint, Needs.SIGNED_IN),
    (receipts.blueprint, Needs.SIGNED_IN),
    (acting.blueprint, Needs.SIGNED_IN),
    (export.blueprint, Needs.SIGNED_IN),
)
_OPEN_TO_ALL: Final = {blueprint.name for blueprint, needs in BLUEPRINTS if needs is Needs.NOTHING} | {
    "assets"
}
"""Every page; a test compares the application's own map with it, and tries each with another's ids."""


def create_portal(made: Portal, *, secret: str) -> Flask:
    """Make the application of one portal."""
    settings = made.settings
    app = frame.make(
        "connectors.portal",
        frame.Frame(
            brand=made.brand,
            public_url=made.origin,
            secret=secret,
            sessions=Sessions(made.connector.database),
            session_life=timedelta(hours=settings.session_hours),
            clock=made.now,
            folders=[HERE],
            zone=settings.timezone,
            sign_in_origin=made.provider.origin,
        ),
    )
    attach(app, made)
    app.extensions[PLACES] = made.places
    sign_in.use(app, made.provider)
    for blueprint, _needs in BLUEPRINTS:
        app.register_blueprint(blueprint)
    seeing.watch(app)
    _guard(app)
    _explain(app)
    app.jinja_env.globals |= {
        "navigation": navigation.entries,
        "sign_in_name": lambda: made.provider.called(language()),
    }
    return app


def _guard(app: Flask) -> None:
    """Ask for signing in before anything else, also for addresses that do not exist."""

    @app.before_request
    def let_in() -> None:
        if request.blueprint == "assets":
            return
        g.visitor = visiting.known()
        if g.visitor is not None:
            g.account_language = g.visitor.language
        if g.visitor is None and not _is_open_to_all():
            raise visiting.SignInFirst
        visiting.check_mandate()

    @app.context_processor
    def show_visitor() -> dict[str, object]:
        return {"visitor": getattr(g, "visitor", None)}


def _is_open_to_all() -> bool:
    return (request.blueprint or "") in _OPEN_TO_ALL


def _explain(app: Flask) -> None:
    """Turn refusals and faults into pages that say what happened and what to do."""

    @app.errorhandler(visiting.SignInFirst)
    @app.errorhandler(visiting.SignInAgain)
    def sign_in_first(_refusal: Refusal) -> Response:
        return redirect(url_for("front.sign_in_first", next=visiting.page_here()))

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> tuple[str, int]:
        said = refusals.say(refusal)
        return render_template("frame/problem.html", **said.words()), said.status

    @app.errorhandler(CSRFError)
    def forged(_error: CSRFError) -> tuple[str, int]:
        # The form is judged before the door has looked who is there: without this, the page has no menu.
        g.visitor = visiting.known()
        try:
            visiting.check_mandate()
        except Refusal as refusal:
            return refused(refusal)
        away = g.visitor is None and not _is_open_to_all()
        said = refusals.SIGNED_OUT if away else refusals.FORGED
        return render_template("frame/problem.html", **said.words()), said.status

    @app.errorhandler(HTTPException)
    def failed(error: HTTPException) -> tuple[str, int]:
        said = refusals.by_status(error.code or 500)
        return render_template("frame/problem.html", **said.words()), said.status

    @app.errorhandler(Exception)
    def broke(error: Exception) -> tuple[str, int]:
        refusals.write_down(error)
        said = refusals.by_status(500)
        return render_template("frame/problem.html", **said.words()), said.status
