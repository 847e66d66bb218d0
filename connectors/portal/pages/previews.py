"""Seeing a record before anybody else does, and passing it on or not; only where the permission says so."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from marshmallow import Schema
from sqlalchemy import Row
from werkzeug.wrappers import Response

from connectors.exchange.errors import AlreadyDecided
from connectors.exchange.store import consents
from connectors.exchange.store import previews as stored
from connectors.pages.case.shown import shown
from connectors.pages.forms import Choice, Form, read_form
from connectors.pages.languages import gettext as _
from connectors.pages.languages import language
from connectors.pages.languages import lazy as N_
from connectors.portal import accounts
from connectors.portal.acting import joint, together
from connectors.portal.acting.rules import NEEDED
from connectors.portal.acting.together import Together
from connectors.portal.deciding import previewing
from connectors.portal.deciding.question import category_label
from connectors.portal.errors import PowerMissing
from connectors.portal.own import names_of, own_case
from connectors.portal.portal import portal
from connectors.portal.refusals import Said, explain
from connectors.portal.visiting import check_fresh, visitor
from schemas.errors import ConsentNotInForce

blueprint: Final = Blueprint("previews", __name__, url_prefix="/previews")

explain(
    "consent_not_in_force",
    Said(
        409,
        N_("This cannot be passed on now"),
        N_("Your permission for it is paused or over. Nothing was passed on."),
        N_("You can let the permission go on under “My permissions”, or not pass the data on."),
        "consent_not_in_force",
    ),
)


_BECAME: Final = {
    "passed": N_("This was passed on. It is on its way."),
    "sent": N_("This was passed on."),
    "stopped": N_("This was not passed on."),
    "declined": N_("This was not passed on."),
    "lapsed": N_("There is nothing to decide here any more. It was not passed on."),
    "failed": N_("This could not be passed on. The organisation did not get it."),
}


class _Answer(Schema):
    decision = Choice("pass", "stop")


@blueprint.get("/<uuid:release>")
def show(release: Any) -> str:
    """Show the record as the other organisation would get it."""
    return _page(previewing.preview(portal(), visitor(), str(release), "view"), Form())


def _page(row: Row[Any], form: Form, *, late: bool = False) -> str:
    """Show the record; `late` for somebody whose word came after another one."""
    case = own_case(row.case)
    record = case.record(row.statement)
    if record is None:
        abort(404)
    may = _may(row)
    open_marks = [each for each in (*record.contested, *record.carried) if not each.settled]
    return render_template(
        "previews/preview.html",
        row=row,
        case=case,
        record=record,
        content=() if record.content is None else shown(record.schema, record.content),
        names=names_of({row.source, row.recipient}),
        category=category_label(row.category, language()),
        form=form,
        may=may,
        rests=may["pass"] and _rests(row),
        became=_(_BECAME[row.state]) if row.state in _BECAME else "",
        late=late,
        newer=_newer(row),
        purpose=_purpose(row),
        marked=bool(open_marks),
        marked_here=any(each.about == row.statement for each in open_marks),
        together=_together(row),
    )


def _may(row: Row[Any]) -> dict[str, bool]:
    """Say what to offer to somebody who acts for another."""
    acts = {"pass": "record.pass", "stop": "record.stop", "contest": "record.contest"}
    answers = {}
    with portal().connector.database.reading() as connection:
        for word, act in acts.items():
            try:
                accounts.may_act(connection, visitor(), row.case, act, portal().now())
            except PowerMissing:
                answers[word] = False
            else:
                answers[word] = True
    return answers


def _newer(row: Row[Any]) -> str | None:
    """Give the look at the same that the source has given since, and that waits for a word."""
    if row.state != "lapsed":
        return None
    same = (row.request, row.category, row.source, "waiting")
    with portal().connector.database.reading() as connection:
        rows = stored.of_case(connection, row.case)
    alike = (each for each in rows if (each.request, each.category, each.source, each.state) == same)
    return next((str(each.release) for each in alike), None)


def _purpose(row: Row[Any]) -> str:
    """Say what the permission is for by which it would go on."""
    with portal().connector.database.reading() as connection:
        found = consents.find(connection, row.consent)
    return "" if found is None else str(found.document["purpose"]["text"][language()])


def _rests(row: Row[Any]) -> bool:
    """Say whether the permission rests, so that nothing can go on by it: paused, taken back or over."""
    with portal().connector.database.reading() as connection:
        try:
            previewing.check_in_force(portal(), connection, row)
        except ConsentNotInForce:
            return True
    return False


def _together(row: Row[Any]) -> Together | None:
    """Give what the visitor and the other who decides have said; None where the visitor decides alone."""
    now = portal().now()
    with portal().connector.database.reading() as connection:
        return together.on_act(connection, visitor(), joint.passing(row), now)


@blueprint.post("/<uuid:release>")
def decide(release: Any) -> str | Response | tuple[str, int]:
    """Take the answer: pass it on, or not."""
    row = previewing.preview(portal(), visitor(), str(release), "view")
    form = read_form(_Answer())
    if not form.is_right:
        return _page(row, form), 422
    word = form.data["decision"]
    previewing.preview(portal(), visitor(), row.release, NEEDED[previewing.ACTS[word]])
    if word == "pass":
        check_fresh()
    try:
        is_said = previewing.say(portal(), visitor(), row.release, word) is not None
    except AlreadyDecided:
        row = previewing.preview(portal(), visitor(), row.release, "view")
        if row.state not in previewing.BECOMES[word]:
            return _page(row, form, late=True), 409
        is_said = True  # pressed twice, or somebody else was first: what was wanted is so
    if not is_said:
        flash(_("Your yes is kept. It counts when the other person who decides with you agrees too."))
    elif word == "pass":
        flash(_("It is passed on."), "success")
    else:
        flash(_("It is not passed on. They learn that you did not pass it on, but not why."), "success")
    return redirect(url_for("home.show"), 303)
