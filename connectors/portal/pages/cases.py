"""The list of the citizen's cases, and what they call each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from connectors.cases.view import Case
from connectors.pages.forms import Form, Words, read_form
from connectors.pages.languages import day
from connectors.pages.languages import gettext as _
from connectors.portal import accounts
from connectors.portal.acting import mandates
from connectors.portal.own import names_of, own_cases
from connectors.portal.pages.places import case_page
from connectors.portal.portal import portal
from connectors.portal.store import accounts as stored
from connectors.portal.visiting import visitor

blueprint: Final = Blueprint("cases", __name__, url_prefix="/cases")


class _Name(Schema):
    name = Words(most=80)


@dataclass(frozen=True, slots=True)
class Card:
    """One case as a list shows it."""

    id: str
    name: str
    href: str
    confirmed: bool
    waits: int
    with_: list[str]
    asked: list[str]
    last_at: datetime | None


def cards(found: Iterable[Case]) -> list[Card]:
    """Put cases into cards, in the order given."""
    now = portal().now()
    with portal().connector.database.reading() as connection:
        labels = {row.case: row.label for row in accounts.visible_cases(connection, visitor(), now)}
    return [_card(case, labels.get(case.id)) for case in found]


def _card(case: Case, label: str | None) -> Card:
    agencies = [each for each in case.team if each.kind == "agency"]
    names = names_of({each.member for each in agencies})
    own = next((each for each in case.team if each.kind == "citizen"), None)
    confirmed = own is None or own.status == "active"
    opened = _("Case of %(date)s", date=day(case.opened_at)) if case.opened_at else _("My case")
    return Card(
        id=case.id,
        name=label or opened,
        href=case_page(case.id) if confirmed else url_for("join.wait", case_id=case.id),
        confirmed=confirmed,
        waits=len(case.waits_for("citizen")),
        with_=[names[each.member] for each in agencies if each.status == "active"],
        asked=[names[each.member] for each in agencies if each.status == "invited"],
        last_at=case.last_at,
    )


@blueprint.get("/")
def show_all() -> str:
    """List the cases."""
    return _page(Form())


def _page(form: Form, naming: str | None = None) -> str:
    """Show the list; `form` is what was typed as the name of the case `naming`, if it was refused."""
    found = own_cases()
    return render_template(
        "cases/list.html",
        open=cards(case for case in found if case.status == "open"),
        closed=cards(case for case in found if case.status == "closed"),
        form=form,
        naming=naming,
    )


@blueprint.post("/<uuid:case_id>/name")
def name(case_id: Any) -> tuple[str, int] | Response:
    """Call a case something else."""
    form = read_form(_Name())
    now = portal().now()
    with portal().connector.database.writing() as connection:
        accounts.may(connection, visitor(), str(case_id), "contribute", now)
        if form.is_right:
            stored.label(connection, str(case_id), form.data["name"])
            mandates.did(connection, visitor(), "case.name", now, case=str(case_id))
    if not form.is_right:
        return _page(form, str(case_id)), 422
    flash(_("The name is kept."))
    return redirect(url_for(".show_all"), 303)
