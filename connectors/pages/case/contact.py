"""How the citizen may safely be reached: the form in which they say so, for this one case.

The desk checks the visitor first. What they said before stands in the form; sent again, it reaches those who
joined later too. Only the citizen's pages have it.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response as Answer

from connectors.cases.view import Case
from connectors.exchange.acts import coordination
from connectors.pages.case.around import around, called
from connectors.pages.case.desk import Desk
from connectors.pages.case.readers import why_nobody
from connectors.pages.case.unsent import kept, typed
from connectors.pages.forms import Form, Words, read_form
from connectors.pages.languages import gettext as _
from schemas.errors import CaseClosed
from schemas.messages.coordination_v1 import SAFE_CONTACT


class ContactForm(Schema):
    """How to be reached; short, for it stands above every page of the case."""

    text = Words(most=1000, required=True)


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the form where the citizen is the reader."""
    if desk.side != "citizen":
        return

    def safe_contact(case_id: Any) -> str | tuple[str, int] | Answer:
        """Show the form, or send what it says to every organisation of the case."""
        try:
            desk.check(str(case_id), "contact.say")
        except CaseClosed:
            return _page(desk, desk.case(str(case_id)), "closed", typed=typed()), 409
        case = desk.case(str(case_id))
        if request.method != "POST":  # a HEAD does nothing either, and carries no protection
            said = {"text": case.safe_contact.text} if case.safe_contact else {}
            return _page(desk, case, "contact", form=Form(said))
        form = read_form(ContactForm())
        nobody = why_nobody(case, desk.side, called(desk, case))
        form = form if nobody is None else form.with_error("text", nobody)
        if not form.is_right:
            return _page(desk, case, "contact", form=form), 422
        with kept(form, lambda shown: _page(desk, case, "contact", form=shown)):
            done = coordination.add_note(desk.connector, case.id, form.data["text"], kind=SAFE_CONTACT)
        desk.did(case.id, "contact.say", done)
        flash(_("Saved. Each organisation in the case gets it, to read before it writes to you."), "success")
        return redirect(url_for(".show", case_id=case.id), 303)

    rule = "/<uuid:case_id>/safe-contact"
    blueprint.add_url_rule(rule, "safe_contact", safe_contact, methods=["GET", "POST"])


def _page(desk: Desk, case: Case, template: str, **more: Any) -> str:
    return render_template(f"case/{template}.html", **around(desk, case, "show"), **more)
