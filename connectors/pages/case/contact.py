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
from connectors.pages.case.around import around
from connectors.pages.case.desk import Desk
from connectors.pages.forms import Form, Words, read_form
from connectors.pages.languages import gettext as _
from schemas.messages.coordination_v1 import SAFE_CONTACT


class ContactForm(Schema):
    """How to be reached; short, for it stands above every page of the case."""

    text = Words(most=1000, required=True)


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the form where the citizen is the reader."""
    if desk.side != "citizen":
        return

    def safe_contact(case_id: Any) -> str | Answer:
        """Say how to be reached."""
        desk.check(str(case_id), "note.add")
        case = desk.case(str(case_id))
        form = _form(case)
        taking_part = any(each.kind == "agency" and each.status == "active" for each in case.team)
        if request.method == "GET" or not form.is_right or not taking_part:
            there = around(desk, case, "show")
            return render_template("case/contact.html", **there, form=form, taking_part=taking_part)
        done = coordination.add_note(desk.connector, case.id, form.data["text"], kind=SAFE_CONTACT)
        desk.did(case.id, "note.add", done)
        flash(_("Saved. Each organisation in the case gets it, to read before it writes to you."), "success")
        return redirect(url_for(".show", case_id=case.id), 303)

    rule = "/<uuid:case_id>/safe-contact"
    blueprint.add_url_rule(rule, "safe_contact", safe_contact, methods=["GET", "POST"])


def _form(case: Case) -> Form:
    if request.method == "POST":
        return read_form(ContactForm())
    return Form({"text": case.safe_contact.text} if case.safe_contact else {})
