"""The page on which a citizen decides: one purpose, yes and no side by side, nothing chosen before.

Closing the page decides nothing. Confirming with a passkey has a page of its own, because the browser must
compute the challenge from the very bytes that it shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from connectors.exchange.errors import AlreadyDecided
from connectors.exchange.store import consents
from connectors.pages.forms import Choice as OneOf
from connectors.pages.forms import Form, read_form
from connectors.pages.languages import gettext as _
from connectors.pages.languages import language
from connectors.pages.languages import lazy as N_
from connectors.portal import accounts
from connectors.portal.acting import together
from connectors.portal.deciding import again, closing, confirming, decide
from connectors.portal.deciding.before import NEVER
from connectors.portal.deciding.changes import changes
from connectors.portal.deciding.decide import COPIES, SHORTER, Choice, Offer, Shown
from connectors.portal.deciding.notice import VERSION, notice
from connectors.portal.deciding.question import Question
from connectors.portal.errors import PowerMissing
from connectors.portal.portal import portal
from connectors.portal.visiting import check_fresh, is_fresh, visitor
from schemas import instant
from schemas.records import label_of

blueprint: Final = Blueprint("deciding", __name__, url_prefix="/requests")
_SHOWN: Final = "shown"
_DRAFT: Final = "draft"
_CHOSEN: Final = "chosen"
_POWERS: Final = {"allow": "grant", "refuse": "refuse"}
_BECOMES: Final = {"allow": "granted", "refuse": "refused"}
_ANSWERED: Final = {
    "granted": N_("The answer to this was yes. You can still change that under “My permissions”."),
    "refused": N_("The answer to this was no. Nothing was shared because of it."),
    "expired": N_("Nobody answered this in time, so it has lapsed. Nothing was shared."),
    "replaced": N_("This request was replaced by a newer one. There is nothing to decide here."),
}
_CLOSED: Final = N_(
    "The case is closed. You cannot say yes here any more. To say yes, open the case again first."
)
_TOO_LATE: Final = N_("The time that they asked for is over. There is nothing to say yes to any more.")
_LOOK_AGAIN: Final = N_(
    "We could not tell what you had seen, so your yes does not count yet. "
    "Read this page again. Then press “Allow” once more."
)
_NEVER: Final = N_(
    "This was to take the place of a permission that is over, or that it does not fit. "
    "So you cannot say yes to it. They have to ask you anew."
)
_NOTHING_TICKED: Final = N_("Tick what you want to allow. If it is nothing, press “Don’t allow”.")
_NO_PASSKEY: Final = N_("None of your passkeys counts in this case, so you cannot confirm with one here.")
_COMPARED: Final[Mapping[tuple[str, bool], str]] = {
    ("granted", True): N_("This was allowed before. This is different now:"),
    ("granted", False): N_("This was allowed before. Nothing is different now."),
    ("refused", True): N_("The answer before was no. This is different now:"),
    ("refused", False): N_("The answer before was no. Nothing is different now."),
    ("suggested", True): N_("They took up the suggestion. This is different now:"),
    ("suggested", False): N_("They took up the suggestion."),
    ("", True): N_("They asked before. This is different now:"),
    ("", False): N_("They asked before. Nothing is different now."),
}
"""What stands above the changes, by what became of the request before and whether there are any."""
_SAME: Final = N_("This is the same as was asked: leave something out, or make the time shorter.")


class _Answer(Schema):
    decision = OneOf("allow", "refuse")
    added = fields.List(fields.String())
    shorter = OneOf(*SHORTER, required=False)
    passkey = OneOf("yes", required=False)


@blueprint.get("/<uuid:request_id>")
def show(request_id: Any) -> str:
    """Show what is asked."""
    asked = _asked(str(request_id))
    return _page(asked, Form(_chosen_before(asked.id)))


def _chosen_before(request_id: str) -> dict[str, Any]:
    """Give, once, what the visitor had chosen here when they were asked to sign in again."""
    kept = session.get(_CHOSEN)
    if kept is None or kept["request"] != request_id:
        return {}
    session.pop(_CHOSEN)
    return {name: kept[name] for name in ("added", "shorter", "passkey")}


def _asked(request_id: str, power: str = "view") -> Question:
    return decide.asked(portal(), visitor(), request_id, language(), power)


def _page(asked: Question, form: Form, *, late: bool = False) -> str:
    """Show what is asked; `late` for somebody whose answer came after another one."""
    words = notice(asked)
    shown = decide.keep_shown(portal(), words.text(asked.data), language(), VERSION)
    _remember(asked.id, shown)
    before = decide.earlier(portal(), asked)
    differs = changes(asked, before.terms, language()) if before else []
    return render_template(
        "deciding/request.html",
        asked=asked,
        words=words,
        form=form,
        shorter=_shorter(asked),
        compared=_(_COMPARED[before.answer, bool(differs)]) if before else "",
        changes=differs,
        answered=_(_ANSWERED[asked.state]) if asked.state in _ANSWERED else "",
        late=late,
        receipt=_receipt(asked),
        newer=_newer(asked),
        told=dict.fromkeys((*asked.recipients, *asked.sources)),
        passkeys=confirming.usable(asked.case),
        has_passkey=bool(confirming.own()),
        suggested_at=decide.suggested_at(portal(), asked),
        may=_may(asked),
        barred=_barred(asked),
        together=_together(asked),
        to_go_on=_to_go_on(asked),
    )


def _barred(asked: Question) -> str:
    """Say in words why nobody can say yes to this any more; nothing where they can."""
    with portal().connector.database.reading() as connection:
        if closing.is_closed(connection, asked.case):
            return _(_CLOSED)
    if asked.replaces == NEVER:
        return _(_NEVER)
    return _(_TOO_LATE) if asked.until <= portal().now() else ""


def _receipt(asked: Question) -> str | None:
    """Give the receipt of the answer, for what was answered."""
    with portal().connector.database.reading() as connection:
        return again.of_answer(connection, visitor(), asked)


def _newer(asked: Question) -> str | None:
    """Give the request that took the place of this one."""
    if asked.state != "replaced":
        return None
    with portal().connector.database.reading() as connection:
        row = consents.request(connection, asked.id)
        found = None if row is None else consents.request(connection, row.answer or "")
    return None if found is None else str(found.id)


def _may(asked: Question) -> dict[str, bool]:
    """Say which answers to offer; a representative cannot confirm with a passkey that is not theirs."""
    answers = {"grant": True, "refuse": True}
    who, now = visitor(), portal().now()
    with portal().connector.database.reading() as connection:
        for power in answers:
            try:
                accounts.may(connection, who, asked.case, power, now)
            except PowerMissing:
                answers[power] = False
    signs_for_another = asked.passkey and who.mandate is not None
    answers["grant"] = answers["grant"] and not signs_for_another and not asked.outside
    answers["grant"] = answers["grant"] and not _barred(asked)
    return answers


def _to_go_on(asked: Question) -> str | None:
    """Give the permission that came of it, if one of two who decide wants it to go on."""
    if asked.state != "granted":
        return None
    with portal().connector.database.reading() as connection:
        return together.to_go_on(connection, visitor(), asked.id, portal().now())


def _together(asked: Question) -> dict[str, Any] | None:
    """Give what the visitor and the other who decides have said; None where the visitor decides alone."""
    with portal().connector.database.reading() as connection:
        found = together.on_request(connection, visitor(), asked.id, asked.case, portal().now())
    unasked = found is not None and found.mine == found.others == "nothing" and asked.state != "open"
    if found is None or unasked:  # who answered it did so before these two decided together
        return None
    labels = {field.name: field.label for field in asked.optional}
    days = SHORTER[found.shorter].days if found.shorter is not None and found.shorter in SHORTER else None
    return {"said": found, "added": [labels[each] for each in found.added if each in labels], "days": days}


def _shorter(asked: Question) -> list[tuple[str, datetime]]:
    """Offer the earlier ends that lie before the one that was asked for."""
    now = portal().now()
    return [(code, now + span) for code, span in SHORTER.items() if now + span < asked.until]


def _remember(request_id: str, shown: Shown) -> None:
    kept = session.get(_SHOWN, {})
    kept[request_id] = [shown.sha256, shown.language, shown.version, instant.format(shown.at)]
    session[_SHOWN] = dict(list(kept.items())[-20:])


def _shown(request_id: str) -> Shown | None:
    """Give what this session was shown of the request, None when nothing was."""
    kept = session.get(_SHOWN, {}).get(request_id)
    if kept is None:
        return None
    sha256, words, version, at = kept
    return Shown(sha256, words, version, instant.parse(at))


@blueprint.post("/<uuid:request_id>")
def answer(request_id: Any) -> str | Response | tuple[str, int]:
    """Take the answer: yes, less, or no."""
    asked = _asked(str(request_id))
    form = read_form(_Answer())
    if not form.is_right:
        return _page(asked, form), 422
    word = form.data["decision"]
    asked = _asked(asked.id, _POWERS[word])
    if asked.state not in again.ANSWERS:
        try:
            return _taken(asked, form)
        except AlreadyDecided:
            asked = _asked(asked.id)
            if asked.state not in again.ANSWERS:
                raise
    return _answered_before(asked, word)


def _answered_before(asked: Question, word: str) -> Response | tuple[str, int]:
    """Lead who says the same again to its receipt; show to who says the other what was decided."""
    if asked.state != _BECOMES[word]:
        return _page(asked, Form(), late=True), 409
    receipt = again.awaited(portal(), lambda connection: again.of_answer(connection, visitor(), asked))
    return redirect(url_for(".show", request_id=asked.id), 303) if receipt is None else _done(receipt)


def _taken(asked: Question, form: Form) -> str | Response | tuple[str, int]:
    if form.data["decision"] == "refuse":
        return _done(decide.refuse(portal(), visitor(), asked))
    decide.check_can_allow(portal(), asked)
    form = _complete(asked, form)
    if not form.is_right:
        return _page(asked, form), 422
    _check_fresh(asked, form)
    shown = _shown(asked.id)
    if shown is None:  # signed in anew in another tab, say: what a yes is about has to be seen first
        return _page(asked, form.with_error("decision", _(_LOOK_AGAIN))), 422
    choice = Choice(form.data["added"], form.data["shorter"])
    if asked.confirms(choice.added) or form.data["passkey"]:
        session[_DRAFT] = decide.draft(portal(), visitor(), asked, shown, choice)
        return redirect(url_for(".confirm", request_id=asked.id), 303)
    return _done(decide.allow(portal(), visitor(), asked, shown, choice))


def _complete(asked: Question, form: Form) -> Form:
    """Give the form of a yes with what is missing: something that is allowed, a passkey to confirm with."""
    if asked.only_optional and not {each.name for each in asked.optional} & set(form.data["added"]):
        form = form.with_error("added", _(_NOTHING_TICKED))
    if (asked.confirms(form.data["added"]) or form.data["passkey"]) and not confirming.usable(asked.case):
        form = form.with_error("decision", _(_NO_PASSKEY))
    return form


def _check_fresh(asked: Question, form: Form) -> None:
    """Raise SignInAgain as `check_fresh` does, and keep what was chosen until they are back."""
    if not is_fresh(visitor()):
        added = [field.name for field in asked.optional if field.name in form.data["added"]]
        chosen = {name: form.data[name] for name in ("shorter", "passkey")}
        session[_CHOSEN] = {"request": asked.id, "added": added, **chosen}
    check_fresh()


def _done(receipt: str | None) -> Response:
    if receipt is None:
        flash(_("Your yes is kept. It counts when the other person who decides with you agrees too."))
        return redirect(url_for("home.show"), 303)
    return redirect(url_for("receipts.show", receipt_id=receipt), 303)


@blueprint.get("/<uuid:request_id>/confirm")
def confirm(request_id: Any) -> str | Response:
    """Show the very bytes that a passkey will confirm."""
    asked = _asked(str(request_id), "grant")
    document = session.get(_DRAFT)
    if document is None or document["request"] != asked.id:
        return redirect(url_for(".show", request_id=asked.id))
    told = {_("How often"), _("They keep copies for"), _("Takes the place of")}
    return render_template(
        "deciding/confirm.html",
        asked=asked,
        more=[(line.heading, " ".join(line.texts)) for line in notice(asked).first if line.heading in told],
        options=confirming.options(asked.case),
        document=confirming.shown(document),
        fields=[
            label_of(each["schema"], field, language())
            for each in document["data"]
            for field in each["fields"]
        ],
        until=instant.parse(document["valid_until"]),
    )


@blueprint.post("/<uuid:request_id>/confirm")
def confirmed(request_id: Any) -> Response | tuple[str, int]:
    """Take the passkey's assertion over what was shown."""
    asked = _asked(str(request_id), "grant")
    document = session.get(_DRAFT)
    if asked.state in again.ANSWERS:
        return _answered_before(asked, "allow")
    if document is None or document["request"] != asked.id:
        return redirect(url_for(".show", request_id=asked.id))
    assertion = confirming.read_assertion(request.form)
    try:
        receipt = decide.bring(portal(), visitor(), document, [assertion])
    except AlreadyDecided:
        return _answered_before(_asked(asked.id), "allow")
    session.pop(_DRAFT, None)
    return _done(receipt)


# --- a counter-offer --------------------------------------------------------------------------------


class _Suggestion(Schema):
    kept = fields.List(fields.String())
    shorter = OneOf(*SHORTER, required=False)
    copies = OneOf(*COPIES, required=False)
    once = OneOf("yes", required=False)


@blueprint.get("/<uuid:request_id>/suggest")
def suggest(request_id: Any) -> str | Response:
    """Let the citizen say what they would allow instead."""
    asked = _asked(str(request_id), "grant")
    decide.check_can_allow(portal(), asked)
    if asked.state != "open":  # its own page says what became of it
        return redirect(url_for(".show", request_id=asked.id))
    return _suggestion_page(asked, Form())


@blueprint.post("/<uuid:request_id>/suggest")
def suggested(request_id: Any) -> str | Response | tuple[str, int]:
    """Send the suggestion; the request stays open until it is answered or replaced."""
    asked = _asked(str(request_id), "grant")
    decide.check_can_allow(portal(), asked)
    form = read_form(_Suggestion())
    if not form.is_right:
        return _suggestion_page(asked, form), 422
    known = {field.name for each in asked.data for field in (*each.needed, *each.optional)}
    if not known & set(form.data["kept"]):
        form = form.with_error("kept", _("Tick at least one thing that you would allow."))
        return _suggestion_page(asked, form), 422
    offer = Offer(
        form.data["kept"], form.data["shorter"], form.data["copies"], once=form.data["once"] == "yes"
    )
    if asked.state == "open" and not decide.is_less(portal(), asked, offer):
        return _suggestion_page(asked, form.with_error("kept", _(_SAME))), 422
    decide.suggest(portal(), visitor(), asked, offer)
    flash(
        _("Your suggestion is sent. They can ask again with it. Until you decide, nothing is shared."),
        "success",
    )
    return redirect(url_for("home.show"), 303)


def _suggestion_page(asked: Question, form: Form) -> str:
    return render_template(
        "deciding/suggest.html",
        asked=asked,
        form=form,
        shorter=_shorter(asked),
        copies=[(code, days) for code, days in COPIES.items() if days < asked.kept_days],
    )
