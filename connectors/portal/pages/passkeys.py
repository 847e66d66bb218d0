"""Passkeys: what they are good for, adding one, bringing it into cases joined before, naming and removing.

Nothing here is needed to say yes, no, or to take a permission back.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from marshmallow import Schema
from werkzeug.wrappers import Response

from connectors.pages.forms import Form, Words, read_form
from connectors.pages.languages import gettext as _
from connectors.pages.languages import language
from connectors.pages.languages import lazy as N_
from connectors.portal import passkeys, registering
from connectors.portal.deciding import confirming
from connectors.portal.own import own_case
from connectors.portal.pages.cases import cards
from connectors.portal.portal import portal
from connectors.portal.refusals import Said, explain
from connectors.portal.visiting import check_fresh, visitor
from schemas import instant
from schemas.errors import KeyTaken, ProofRefused
from schemas.wire import b64u

blueprint: Final = Blueprint("passkeys", __name__, url_prefix="/account/passkeys")
_CHALLENGE: Final = "new_passkey"
_DRAFT: Final = "seat_keys"
_LONGEST_NAME: Final = 60

explain(
    "proof_refused",
    Said(
        400,
        N_("The passkey did not confirm this"),
        N_("The device did not recognise you, or the page was open for a long time. Nothing was changed."),
        N_("Go back and try again. If it does not work, everything can also be done without a passkey."),
        "proof_refused",
    ),
)


@blueprint.get("/")
def show_all() -> str:
    """List the passkeys, and say what they are good for."""
    mine = passkeys.own(portal(), visitor())
    own = visitor().mandate is None
    found = passkeys.everywhere(portal(), visitor()) if own else {}
    waits = {
        credential: any(each.state != "counts" for each in places) for credential, places in found.items()
    }
    return render_template("account/passkeys.html", passkeys=mine, waits=waits, own=own)


# --- making one -------------------------------------------------------------------------------------


class _New(Schema):
    name = Words(most=_LONGEST_NAME)
    answer = Words(most=64 * 1024)


@blueprint.get("/new")
def prepare() -> str | Response:
    """Ask the device to make a passkey; the challenge is good for one answer of this session."""
    if visitor().mandate is not None:  # the list says why not, before a device is asked in vain
        return redirect(url_for(".show_all"))
    check_fresh()
    return _new(Form())


def _new(form: Form) -> str:
    mine = passkeys.own(portal(), visitor())
    asked = registering.ask(
        passkeys.site(portal(), language()),
        account=visitor().account,
        name=visitor().name or visitor().account,
        known=[row.credential for row in mine],
    )
    session[_CHALLENGE] = asked.challenge
    return render_template("account/new_passkey.html", form=form, options=asked.options)


@blueprint.post("/new")
def make() -> tuple[str, int] | Response:
    """Take what the device made."""
    check_fresh()
    challenge = session.pop(_CHALLENGE, None)
    form = read_form(_New())
    if challenge is None or not form.is_right or not form.data["answer"]:
        text = _("No passkey was made. Try again; your device then asks you.")
        return _new(form.with_error("name", text)), 422
    try:
        key = registering.read(passkeys.site(portal(), language()), form.data["answer"], challenge)
        passkeys.add(portal(), visitor(), key, form.data["name"] or _("My passkey"))
    except ProofRefused:
        return _new(form.with_error("name", _("The passkey was not made as it has to be. Try again."))), 422
    except KeyTaken:
        return _new(form.with_error("name", _("This passkey was added before. Use another device."))), 422
    flash(_("Your passkey is added."), "success")
    return redirect(url_for(".show", credential=key.credential), 303)


# --- one of them ------------------------------------------------------------------------------------


@blueprint.get("/<credential>")
def show(credential: str) -> str:
    """Show one passkey: in which cases it counts, and what is missing in the others."""
    return _one(credential)


def _one(credential: str, form: Form | None = None) -> str:
    """Show it; `form` is a name that was refused."""
    row = passkeys.one(portal(), visitor(), credential)
    found = passkeys.in_cases(portal(), visitor(), credential)
    named = {card.id: card for card in cards([own_case(each.case) for each in found])}
    places = [(each, named[each.case]) for each in found]
    form = form or Form({"name": row.name})
    return render_template("account/passkey.html", passkey=row, places=places, form=form)


@blueprint.get("/<credential>/cases/<uuid:case_id>")
def vouch(credential: str, case_id: Any) -> str | Response:
    """Ask to confirm with an earlier passkey that this one is theirs too."""
    case = str(case_id)
    here = [each for each in passkeys.in_cases(portal(), visitor(), credential) if each.case == case]
    if not here:
        abort(404)
    if here[0].state == "counts" or not here[0].earlier:
        return redirect(url_for(".show", credential=credential))
    draft = passkeys.draft(portal(), visitor(), credential, case)
    session[_DRAFT] = {"case": case, "credential": credential, "at": instant.format(draft.at)}
    (card,) = cards([own_case(case)])
    return render_template(
        "account/vouch.html",
        passkey=passkeys.one(portal(), visitor(), credential),
        case=card,
        challenge=b64u(draft.challenge),
        credentials=list(here[0].earlier),
        rp_id=portal().settings.domain,
    )


@blueprint.post("/<credential>/cases/<uuid:case_id>")
def bring(credential: str, case_id: Any) -> Response:
    """Bring it into the case: confirmed by an earlier passkey, or to be compared face to face."""
    case, draft = str(case_id), session.pop(_DRAFT, None)
    if request.form.get("way") == "compare":
        passkeys.bring(portal(), visitor(), credential, case)
        flash(_("The organisation now has to compare the number with you."), "success")
        return redirect(url_for(".show", credential=credential), 303)
    if draft is None or (draft["case"], draft["credential"]) != (case, credential):
        raise ProofRefused("The page was open for too long.", reason="draft")
    proof = confirming.read_assertion(request.form)
    passkeys.bring(portal(), visitor(), credential, case, proof=proof, at=instant.parse(draft["at"]))
    flash(_("Your passkey now counts in this case."), "success")
    return redirect(url_for(".show", credential=credential), 303)


class _Name(Schema):
    name = Words(most=_LONGEST_NAME, required=True)


@blueprint.post("/<credential>/name")
def rename(credential: str) -> tuple[str, int] | Response:
    """Call it something else."""
    form = read_form(_Name())
    if not form.is_right:
        return _one(credential, form), 422
    passkeys.rename(portal(), visitor(), credential, form.data["name"])
    flash(_("The name is changed."), "success")
    return redirect(url_for(".show", credential=credential), 303)


@blueprint.post("/<credential>/remove")
def remove(credential: str) -> Response:
    """Take it out of use, here and in every case."""
    passkeys.remove(portal(), visitor(), credential)
    flash(_("The passkey is removed. What it confirmed before stays as it is."), "success")
    return redirect(url_for(".show_all"), 303)
