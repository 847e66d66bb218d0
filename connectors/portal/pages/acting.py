"""Someone acts for me, and I act for someone: mandates given, taken up, used, renewed and ended.

Every rule is `mandates`' and `accounts`'; these pages read, call and show. What delegates did is listed here,
and counted until it was seen.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from marshmallow import Schema
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from connectors.exchange.errors import AlreadyDecided
from connectors.pages.forms import Form, Words, read_form
from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from connectors.pages.paging import part
from connectors.pages.throttle import Limit
from connectors.portal import accounts, refusals, visiting
from connectors.portal.acting import cards, coming_of_age, giving, joint, mandates, waits
from connectors.portal.acting import deeds as acting_deeds
from connectors.portal.acting import rules as mandate_rules
from connectors.portal.acting import together as deciding_together
from connectors.portal.acting import words as acting_words
from connectors.portal.acting.cards import Card
from connectors.portal.acting.codes import CODE_LIFE
from connectors.portal.errors import MandateNotInForce, MandateRefused, NotYours, PowerMissing
from connectors.portal.portal import portal
from connectors.portal.refusals import Said
from connectors.portal.store import mandates as mandate_rows
from connectors.portal.visiting import check_fresh, visitor
from schemas.errors import SamePerson, WrongCode, WrongTransition

blueprint: Final = Blueprint("acting", __name__, url_prefix="/acting")
BY_ACCOUNT: Final = Limit("acting.account", 10, timedelta(minutes=15))
BY_ADDRESS: Final = Limit("acting.address", 60, timedelta(hours=1))
"""As for joining: a code has 100 bits, so that these only stop whoever makes noise."""
_KINDS: Final = {"helper": "informal_helper", "trusted": "nominee"}
"""What a citizen can give, by its name in the address."""
_USED: Final = "given"
_MOST_USED: Final = 20
_LONGEST: Final = 80
_ANSWERS: Final = {"yes": "grant", "no": "refuse"}
"""The power that each answer to a wish of the other needs."""

for _code, _said in {
    "mandate_not_in_force": Said(
        403,
        N_("You do not act for this person any more"),
        N_("It was ended, or its time is over. Nothing was changed."),
        N_("From now on you are back in your own cases."),
        "mandate_not_in_force",
    ),
    "power_missing": Said(
        403,
        N_("You may not do this for them"),
        N_("You act for this person, but not in this. Nothing was changed."),
        N_("Ask the person for whom you act to do it, or to give you the power for it."),
        "power_missing",
    ),
    "mandate_refused": Said(
        409,
        N_("This cannot be given"),
        N_("Acting for someone cannot be passed on, and lasts a year at most. Nothing was changed."),
        N_("Stop acting for the other person first, or choose a shorter time."),
        "mandate_refused",
    ),
    "not_yours_to_end": Said(
        403,
        N_("You cannot end this here"),
        N_("It rests on law or on a court, so that it does not depend on you alone. Nothing was changed."),
        N_("Call or write to us. We look at it with you, and can end it."),
        "not_yours_to_end",
    ),
}.items():
    refusals.explain(_code, _said)


class _Code(Schema):
    code = Words(most=_LONGEST, required=True)


# --- what there is ----------------------------------------------------------------------------------


@blueprint.get("/")
def show() -> str:
    """Show who acts for the visitor and for whom they act; while they act for another, only that."""
    who, now = visitor(), portal().now()
    with portal().connector.database.reading() as connection:
        held = cards.by_me(connection, who.account, now)
        if who.mandate is not None:
            now_by = next((each for each in held if each.id == who.mandate.id), None)
            names = cards.case_names(connection, who.principal)
            return render_template(
                "acting/acting.html",
                card=now_by,
                waits=[
                    (waits.said(each), each.at) for each in deciding_together.pending(connection, who, now)
                ],
                refused=[
                    (waits.declined(each), each.at)
                    for each in deciding_together.declined(connection, who, now)
                ],
                alone_in=[names.get(case, "") for case in joint.decides_alone(connection, who, now)],
                last_day=giving.last_day,
            )
        found = cards.for_me(connection, who, now)
        waiting = deciding_together.elsewhere(connection, who.account, now)
        rows = mandates.shown_deeds(connection, who, now)
        paused = coming_of_age.to_reconfirm(connection, who.account)
        shown = part(rows, "done_from")
        done = acting_deeds.lines(connection, shown.items)
    acting_deeds.see(shown.items)
    return render_template(
        "acting/overview.html",
        mine=[each for each in found if each.state != "ended"],
        ended=[each for each in found if each.state == "ended"],
        held=[each for each in held if each.state == "active"],
        held_before=[each for each in held if each.state == "ended"],
        waiting=waiting,
        paused=paused,
        done=done,
        done_part=shown,
        held_words=acting_words.HELD,
        kind_words=acting_words.KINDS,
        last_day=giving.last_day,
    )


@blueprint.get("/<uuid:mandate_id>")
def show_one(mandate_id: Any) -> str:
    """Show one mandate by which somebody acts for the visitor, and what was done by it."""
    card = _mine(str(mandate_id))
    who, now = visitor(), portal().now()
    with portal().connector.database.reading() as connection:
        rows = [row for row in mandates.shown_deeds(connection, who, now) if row.mandate == card.id]
        shown = part(rows, "done_from")
        done = acting_deeds.lines(connection, shown.items)
    acting_deeds.see(shown.items)
    return render_template(
        "acting/mandate.html",
        card=card,
        done=done,
        done_part=shown,
        kind_words=acting_words.KINDS,
        last_day=giving.last_day,
    )


def _mine(mandate: str) -> Card:
    """Give a mandate by which others act for the visitor themselves; raise NotYours for every other."""
    who = visitor()
    if who.mandate is not None:
        raise NotYours
    with portal().connector.database.reading() as connection:
        found = cards.for_me(connection, who, portal().now())
    card = next((each for each in found if each.id == mandate), None)
    if card is None:
        raise NotYours
    return card


# --- what one of two wants --------------------------------------------------------------------------


@blueprint.get("/together/<uuid:wish_id>")
def together(wish_id: Any) -> str:
    """Show an invitation, or opening a case again, that waits for the other who decides."""
    who, now = visitor(), portal().now()
    with portal().connector.database.reading() as connection:
        wish = deciding_together.wish(connection, who, str(wish_id), now)
        names = cards.case_names(connection, who.principal)
        may = {word: _may(connection, wish.case, power) for word, power in _ANSWERS.items()}
    return render_template(
        "acting/together.html",
        wish=wish,
        who=waits.name_of(wish.member),
        case_name=names.get(wish.case, ""),
        may=may,
    )


def _may(connection: Connection, case: str, power: str) -> bool:
    try:
        accounts.may(connection, visitor(), case, power, portal().now())
    except PowerMissing:
        return False
    return True


@blueprint.post("/together/<uuid:wish_id>/yes")
def agree(wish_id: Any) -> Response:
    """Say yes on the page of what is wanted; the case's own page does it, with the same form.

    Whoever has to sign in again comes back to what they were asked.
    """
    who, now = visitor(), portal().now()
    with portal().connector.database.reading() as connection:
        wish = deciding_together.wish(connection, who, str(wish_id), now)
    check_fresh()
    return redirect(url_for(f"case.{wish.act}", case_id=wish.case), 307)


@blueprint.post("/together/<uuid:wish_id>/no")
def decline(wish_id: Any) -> Response:
    """Say no, or take one's own yes back: one alone may, at once, and is asked for nothing more."""
    who, now, wish = visitor(), portal().now(), str(wish_id)
    try:
        with portal().connector.database.writing() as connection:
            row = joint.decline(connection, who, wish, now)
            act = f"case.{row.decision['act']}.refuse"
            mandates.did(connection, who, act, now, case=row.decision["case"])
    except AlreadyDecided:
        with portal().connector.database.reading() as connection:
            if not deciding_together.wish(connection, who, wish, now).mine_no:
                raise
    else:
        flash(_("It is not done. Nothing was sent."), "success")
    return redirect(url_for(".together", wish_id=wish), 303)


# --- given ------------------------------------------------------------------------------------------


@blueprint.get("/give/<kind>")
def give(kind: str) -> str:
    """Ask what somebody may do, in which cases, until when."""
    _check_gives(kind)
    check_fresh()
    return _giving(kind, giving.new_form())


def _check_gives(kind: str) -> None:
    if kind not in _KINDS:
        abort(404)
    if visitor().mandate is not None:
        raise MandateRefused("A mandate cannot be passed on.")


def _giving(kind: str, form: Form) -> str:
    with portal().connector.database.reading() as connection:
        names = cards.case_names(connection, visitor().account)
    return render_template(
        "acting/give.html",
        form=form,
        kind=kind,
        cases=[{"value": case, "text": name} for case, name in names.items()],
        powers=[{"value": power, "text": _(acting_words.DOES[power])} for power in giving.TO_CHOOSE],
        helper_powers=acting_words.powers(mandate_rules.KINDS["informal_helper"].usual),
        lasting=_lasting(),
    )


def _lasting() -> list[tuple[str, datetime]]:
    now = portal().now()
    return [(code, now + timedelta(days=days)) for code, days in giving.LASTING.items()]


@blueprint.post("/give/<kind>")
def given(kind: str) -> str | tuple[str, int] | Response:
    """Give it, and show the code this one time; the same form sent again gives nothing more."""
    _check_gives(kind)
    check_fresh()
    now = portal().now()
    with portal().connector.database.reading() as connection:
        own = cards.case_names(connection, visitor().account)
    form, terms = giving.read_giving(_KINDS[kind], own, now, portal().settings.timezone)
    if terms is None:
        return _giving(kind, form), 422
    if form.data["once"] in session.get(_USED, []):
        flash(
            _("You gave this before, and the code was shown once. If it is lost, end it and give it again.")
        )
        return redirect(url_for(".show"), 303)
    with portal().connector.database.writing() as connection:
        invited = mandates.give(connection, visitor(), terms, now)
    session[_USED] = [*session.get(_USED, []), form.data["once"]][-_MOST_USED:]
    return render_template("acting/code.html", code=invited.code, mandate=invited.id, until=now + CODE_LIFE)


@blueprint.post("/<uuid:mandate_id>/end")
def end(mandate_id: Any) -> Response:
    """End it at once, as whoever gave it or has it; no reason is asked for."""
    mandate, who = str(mandate_id), visitor()
    # Pressed twice, or the other side was first: what was wanted is so.
    with suppress(WrongTransition), portal().connector.database.writing() as connection:
        mandates.end(connection, who, mandate, portal().now())
    if session.get("acting_for") == mandate:
        visiting.act_by(None)
    flash(_("It has ended. Nothing can be done by it any more."), "success")
    return redirect(url_for(".show"), 303)


@blueprint.get("/<uuid:mandate_id>/renew")
def renew(mandate_id: Any) -> str:
    """Ask until when it is to last."""
    card = _mine(str(mandate_id))
    check_fresh()
    return _renewing(card, Form())


def _renewing(card: Card, form: Form) -> str:
    return render_template(
        "acting/renew.html", card=card, form=form, lasting=_lasting(), last_day=giving.last_day
    )


@blueprint.post("/<uuid:mandate_id>/renew")
def renewed(mandate_id: Any) -> tuple[str, int] | Response:
    """Let it last until another day."""
    card = _mine(str(mandate_id))
    check_fresh()
    form, until = giving.read_renewal(portal().now(), portal().settings.timezone)
    if until is None:
        return _renewing(card, form), 422
    with portal().connector.database.writing() as connection:
        mandates.renew(connection, visitor(), card.id, until, portal().now())
    flash(_("The new end is kept."), "success")
    return redirect(url_for(".show"), 303)


# --- taken up ---------------------------------------------------------------------------------------


@blueprint.get("/code")
def code() -> str:
    """Ask for the code: to act for somebody, or to take over what is one's own."""
    return render_template("acting/accept.html", form=Form())


@blueprint.post("/code")
def accept() -> tuple[str, int] | Response:
    """Take up what the code is for."""
    if visitor().mandate is not None:  # the page says to stop acting for the other person first
        return code(), 409
    form = read_form(_Code())
    if form.is_right:
        _count(visitor().account)
        try:
            return _taken(form.data["code"])
        except WrongCode:
            said = _("This code does not work. Check it, or ask for a new one. Each code works once.")
        except SamePerson:
            said = _("Nobody acts for themselves. The code is for another person, or for another account.")
        except MandateRefused:
            said = _("You act for this person already. Another person has to use this code.")
        form = form.with_error("code", said)
    return render_template("acting/accept.html", form=form), 422


def _count(account: str) -> None:
    """Count the attempt, before it is known whether the code is right; raise TriedTooOften."""
    now, address = portal().now(), request.remote_addr
    portal().throttle.check(BY_ACCOUNT, account, now)
    # Behind a web server of the house that we are not told of, everybody comes from this machine.
    if address and not ip_address(address).is_loopback:
        portal().throttle.check(BY_ADDRESS, address, now)


def _taken(typed: str) -> Response:
    """Take up a mandate, or what was a ward's; raise WrongCode when the code is neither's."""
    who, now = visitor(), portal().now()
    with portal().connector.database.writing() as connection:
        try:
            mandates.accept(connection, who, typed, now)
        except WrongCode:
            coming_of_age.take_over(connection, who, typed, now)
            flash(_("Everything is yours now. You decide yourself from here on."), "success")
            return redirect(url_for("home.show"), 303)
    flash(_("You can act for them now. Read below what you may do."), "success")
    return redirect(url_for(".show"), 303)


@blueprint.post("/<uuid:mandate_id>/begin")
def begin(mandate_id: Any) -> Response:
    """Act for somebody from now on, in this session."""
    with portal().connector.database.reading() as connection:
        row = mandate_rows.find(connection, str(mandate_id))
        if row is None or row.delegate != visitor().account:
            raise NotYours
        if not mandate_rules.in_force(accounts.standing_of(row), portal().now()):
            raise MandateNotInForce
    visiting.act_by(row.id)
    return redirect(url_for("home.show"), 303)


@blueprint.post("/stop")
def stop() -> Response:
    """Act for oneself again."""
    visiting.act_by(None)
    return redirect(url_for(".show"), 303)
