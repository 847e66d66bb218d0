"""Joining with the code from an organisation: typed, or in a link behind `#`, which no server ever sees.

Whoever has not signed in is sent to do so first; their browser keeps the code for this window meanwhile.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Final

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as Answer

from connectors.exchange.seat_keys import comparison_number
from connectors.exchange.store import cases
from connectors.pages import live
from connectors.pages.forms import Form, Words, read_form
from connectors.pages.languages import gettext as _
from connectors.portal import arriving, visiting
from connectors.portal.own import names_of, own_case
from connectors.portal.pages.places import case_page
from connectors.portal.portal import portal
from connectors.portal.visiting import visitor
from schemas.errors import WrongCode
from schemas.keys import SealingPublicKey

blueprint: Final = Blueprint("join", __name__, url_prefix="/join")
_LONGEST: Final = 80


class _Code(Schema):
    code = Words(most=_LONGEST, required=True)


@blueprint.get("/")
def show() -> str:
    """Show where to type the code, or that one signs in first."""
    who = visiting.known()
    if who is None:
        return render_template("arrive/sign_in_first.html")
    arriving.check_may_join(who)
    return _page(Form())


def _page(form: Form) -> str:
    return render_template("arrive/join.html", form=form)


@blueprint.post("/")
def join() -> str | tuple[str, int] | Answer:
    """Join with the code."""
    who = visitor()
    form = _read()
    if form.is_right:
        _count(who.account)
        try:
            case = arriving.join(portal(), who, form.data["code"])
        except WrongCode:
            text = _("This code does not work. Check it, or ask for a new one. Each code works once.")
            form = form.with_error("code", text)
        else:
            return redirect(url_for(".wait", case_id=case), 303)
    return _page(form), 422


def _read() -> Form:
    """Read the code; how many signs are missing is said without looking whether it is right."""
    form = read_form(_Code())
    if not form.is_right:
        return form
    code = arriving.plain_code(form.data["code"])
    if len(code) != arriving.CODE_LENGTH:
        text = _(
            "A code has %(wanted)s letters and digits. This one has %(typed)s.",
            wanted=arriving.CODE_LENGTH,
            typed=len(code),
        )
        return form.with_error("code", text)
    return Form(form.values, {}, {"code": code})


def _count(account: str) -> None:
    """Count the attempt, before it is known whether the code is right; raise TriedTooOften."""
    now = portal().now()
    portal().throttle.check(arriving.BY_ACCOUNT, account, now)
    address = request.remote_addr
    # Behind a web server of the house that we are not told of, everybody comes from this machine.
    if address and not ip_address(address).is_loopback:
        portal().throttle.check(arriving.BY_ADDRESS, address, now)


@blueprint.get("/<uuid:case_id>")
def wait(case_id: Any) -> str | Answer:
    """Say that the organisation still has to confirm; go on to the case once it has."""
    case = own_case(str(case_id))
    if arriving.is_confirmed(portal(), case.id):
        flash(_("You have joined the case."), "success")
        return redirect(case_page(case.id))
    return render_template(
        "arrive/wait.html", case=case, number=_number(case.id), asker=_asker(case.opened_by)
    )


def _asker(actor: Any) -> str | None:
    member = None if actor is None else actor.name
    return None if member is None else names_of([member])[member]


def _number(case: str) -> str | None:
    """Give the number by which the seat is compared face to face, where the code did not do."""
    with portal().connector.database.reading() as connection:
        seat = cases.seat(connection, case, "citizen", portal().connector.id)
    if seat is None or not seat.sealing:
        return None
    return comparison_number(SealingPublicKey.from_jwk(seat.sealing).kid)


@blueprint.get("/<uuid:case_id>/news")
def news(case_id: Any) -> Response:
    """Tell the page at once when the organisation has confirmed."""
    case = own_case(str(case_id)).id
    made = portal()
    return live.answer(made.places, visitor().account, lambda: int(arriving.is_confirmed(made, case)))
