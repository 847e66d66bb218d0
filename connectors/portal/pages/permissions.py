"""My permissions: in force, paused, ended and why, every use of each, and who has confirmed the deletion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from connectors.cases.view import Case, Permission
from connectors.pages.languages import gettext as _
from connectors.pages.languages import language, listed
from connectors.portal import accounts
from connectors.portal.acting import joint, together
from connectors.portal.acting.together import Together
from connectors.portal.chosen_days import is_within, read_filters
from connectors.portal.deciding import again, decide
from connectors.portal.deciding.by_whom import Deciders, deciders
from connectors.portal.deciding.question import attribute_label, category_label
from connectors.portal.errors import PowerMissing
from connectors.portal.own import names_of, own_case, own_cases
from connectors.portal.portal import portal
from connectors.portal.visiting import check_fresh, visitor
from schemas.errors import WrongTransition
from schemas.records import label_of

blueprint: Final = Blueprint("permissions", __name__, url_prefix="/permissions")
_STATES: Final = ("granted", "suspended", "ended")
_LEADS_TO: Final = {"withdraw": "withdrawn", "suspend": "suspended", "resume": "granted"}


@blueprint.get("/")
def show_all() -> str:
    """List the permissions of all cases, newest first, with filters by state, organisation and days."""
    chosen = read_filters(**{"state": frozenset(_STATES), "with": None})
    wanted, who = chosen.data["state"], chosen.data["with"]
    cases = own_cases()
    found = [each for case in cases for each in case.permissions]
    names = names_of({member for each in found for member in (*each.sources, *each.recipients)})
    shown = [
        each
        for each in found
        if wanted in {"", _state(each)}
        and (not who or who in (*each.sources, *each.recipients))
        and is_within(chosen, each.granted_at)
    ]
    return render_template(
        "permissions/list.html",
        groups=[(state, [each for each in shown if _state(each) == state]) for state in _STATES],
        any=bool(found),
        names=names,
        form=chosen,
        filtered=len(shown) != len(found),
        names_list=_names_list,
        who=_deciders().last,
        may={
            each.id: may["withdraw"]
            for case in cases
            for may in (_may(case.id),)
            for each in case.permissions
        },
        categories_list=lambda categories: listed(_category(each) for each in categories),
    )


def _state(permission: Permission) -> str:
    return permission.status if permission.status in _STATES else "ended"


def _category(category: str) -> str:
    return category_label(category, language())


@blueprint.get("/<uuid:consent_id>")
def show(consent_id: Any) -> str:
    """Show one permission: what it allows, how it was used, how to end it, and what became of the copies."""
    case, permission = _own(str(consent_id))
    members = {*permission.sources, *permission.recipients}
    document = permission.document
    return render_template(
        "permissions/permission.html",
        case=case,
        permission=permission,
        document=document,
        names=names_of(members),
        fields=[
            (category_label(each["category"], language()), [_label(each, field) for field in each["fields"]])
            for each in document["data"]
        ],
        found_by=[attribute_label(each, language()) for each in document["identify_with"]],
        erasures=[each for each in case.erasures if permission.id in {each.consent, each.lived_by}],
        now=portal().now(),
        may=_may(case.id),
        together=_together(permission.id),
        category_label=_category,
        names_list=_names_list,
        deciders=_deciders(),
    )


def _deciders() -> Deciders:
    with portal().connector.database.reading() as connection:
        return deciders(connection, visitor(), portal().now())


def _may(case: str) -> dict[str, bool]:
    """Say what to offer to somebody who acts for another."""
    answers = {}
    with portal().connector.database.reading() as connection:
        for act in ("withdraw", "resume"):
            try:
                accounts.may_act(connection, visitor(), case, f"consent.{act}", portal().now())
            except PowerMissing:
                answers[act] = False
            else:
                answers[act] = True
    return answers


def _together(consent: str) -> Together | None:
    """Give what was said of letting it go on by the two who decide; None where the visitor decides alone."""
    who, now = visitor(), portal().now()
    with portal().connector.database.reading() as connection:
        row = accounts.consent(connection, who, consent, "view", now)
        return together.on_act(connection, who, joint.going_on(row), now)


def _names_list(members: Iterable[str], names: Mapping[str, str]) -> str:
    return listed(names[member] for member in members)


def _label(data: dict[str, Any], field: str) -> str:
    return label_of(data["schema"], field, language())


def _own(consent_id: str) -> tuple[Case, Permission]:
    with portal().connector.database.reading() as connection:
        row = accounts.consent(connection, visitor(), consent_id, "view", portal().now())
    case = own_case(row.case)
    permission = case.permission(consent_id)
    if permission is None:
        abort(404)
    return case, permission


@blueprint.post("/<uuid:consent_id>/withdraw")
def withdraw(consent_id: Any) -> Response:
    """Take it back: no reason, no passkey, no second page."""
    return _move(str(consent_id), "withdraw")


@blueprint.post("/<uuid:consent_id>/suspend")
def suspend(consent_id: Any) -> Response:
    """Pause it."""
    return _move(str(consent_id), "suspend")


@blueprint.post("/<uuid:consent_id>/resume")
def resume(consent_id: Any) -> Response:
    """Let it go on: data flows again, so it asks for as much as saying yes."""
    check_fresh()
    return _move(str(consent_id), "resume")


def _move(consent_id: str, act: str) -> Response:
    try:
        receipt = decide.move(portal(), visitor(), consent_id, act)
    except WrongTransition:
        # Pressed twice, or somebody else was first: what was wanted is so, and that is no fault.
        if _own(consent_id)[1].status != _LEADS_TO[act]:
            raise
        receipt = again.awaited(portal(), lambda connection: _receipt(connection, consent_id, act))
        if receipt is None:  # the clock has paused it, or staff did on somebody's word just now
            flash(_("That was done already. Nothing was changed."))
            return redirect(url_for(".show", consent_id=consent_id), 303)
    if receipt is None:
        flash(_("Your yes is kept. It counts when the other person who decides with you agrees too."))
        return redirect(url_for(".show", consent_id=consent_id), 303)
    return redirect(url_for("receipts.show", receipt_id=receipt), 303)


def _receipt(connection: Connection, consent_id: str, act: str) -> str | None:
    row = accounts.consent(connection, visitor(), consent_id, "view", portal().now())
    return again.of_move(connection, visitor(), row, decide.DONE[act])
