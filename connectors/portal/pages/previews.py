"""Seeing a record before anybody else does, and passing it on or not; only where the permission says so."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from marshmallow import Schema
from sqlalchemy import Row
from werkzeug.wrappers import Response

from connectors.exchange.acts.previews import pass_on
from connectors.exchange.store import previews
from connectors.pages.case.shown import shown
from connectors.pages.forms import Choice, Form, read_form
from connectors.pages.languages import gettext as _
from connectors.pages.languages import language
from connectors.portal import accounts
from connectors.portal.acting import mandates
from connectors.portal.acting.rules import NEEDED
from connectors.portal.deciding.question import category_label
from connectors.portal.errors import NotYours
from connectors.portal.own import names_of, own_case
from connectors.portal.portal import portal
from connectors.portal.visiting import check_fresh, visitor

blueprint: Final = Blueprint("previews", __name__, url_prefix="/previews")
_ACTS: Final = {"pass": "record.pass", "stop": "record.stop"}


class _Answer(Schema):
    decision = Choice("pass", "stop")


@blueprint.get("/<uuid:release>")
def show(release: Any) -> str:
    """Show the record as the other organisation would get it."""
    return _page(_own(str(release), "view"), Form())


def _own(release: str, power: str) -> Row[Any]:
    """Give a preview in one of the visitor's cases; raise as `accounts.may` does."""
    now = portal().now()
    with portal().connector.database.reading() as connection:
        row = previews.find(connection, release)
        if row is None:
            raise NotYours
        accounts.may(connection, visitor(), row.case, power, now)
    return row


def _page(row: Row[Any], form: Form) -> str:
    case = own_case(row.case)
    record = case.record(row.statement)
    if record is None:
        abort(404)
    return render_template(
        "previews/preview.html",
        row=row,
        case=case,
        record=record,
        content=() if record.content is None else shown(record.schema, record.content),
        names=names_of({row.source, row.recipient}),
        category=category_label(row.category, language()),
        form=form,
    )


@blueprint.post("/<uuid:release>")
def decide(release: Any) -> str | Response:
    """Take the answer: pass it on, or not."""
    row = _own(str(release), "view")
    form = read_form(_Answer())
    if not form.is_right:
        return _page(row, form)
    word = form.data["decision"]
    act = _ACTS[word]
    _own(row.release, NEEDED[act])
    if word == "pass":
        check_fresh()
    pass_on(portal().connector, row.release, word)
    now = portal().now()
    with portal().connector.database.writing() as connection:
        mandates.did(connection, visitor(), act, now, case=row.case, about=row.statement)
    if word == "pass":
        flash(_("It is passed on."), "success")
    else:
        flash(_("It is not passed on. They learn only that they do not get it."), "success")
    return redirect(url_for("home.show"), 303)
