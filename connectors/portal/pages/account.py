"""The citizen's own account: name, language, e-mail, sessions. Passkeys have pages of their own.

It is always the account of who signed in, never of somebody for whom they act.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, session, url_for
from marshmallow import Schema
from sqlalchemy import Row
from werkzeug.wrappers import Response

from connectors.pages.forms import Choice, Form, Words, read_form
from connectors.pages.languages import LANGUAGES, language, ngettext, remember
from connectors.pages.languages import gettext as _
from connectors.portal import passkeys, visiting
from connectors.portal.mail import proving
from connectors.portal.portal import portal
from connectors.portal.settings import SmtpSettings
from connectors.portal.store import accounts, sessions
from connectors.portal.visiting import visitor
from schemas.errors import Invalid, WrongCode

blueprint: Final = Blueprint("account", __name__, url_prefix="/account")
_PROVING: Final = "email"
_LONGEST_ADDRESS: Final = 254


@blueprint.get("/")
def show() -> str:
    """Show the account."""
    return _page(Form())


def _page(form: Form) -> str:
    account, now = _account(), portal().now()
    with portal().connector.database.reading() as connection:
        others = sessions.of_account(connection, account.id, now)
    return render_template(
        "account/account.html",
        form=form,
        account=account,
        sessions=others,
        this_session=visiting.this_session(),
        has_mail=portal().settings.smtp is not None,
        proving=session.get(_PROVING, {}).get("email"),
        passkeys=passkeys.own(portal(), visitor()),
    )


def _account() -> Row[Any]:
    with portal().connector.database.reading() as connection:
        row = accounts.find(connection, visitor().account)
    return row if row is not None else abort(404)


def _change(**values: Any) -> None:
    with portal().connector.database.writing() as connection:
        accounts.change(connection, visitor().account, **values)


# --- language ---------------------------------------------------------------------------------------


class _Language(Schema):
    language = Choice(*LANGUAGES)


@blueprint.post("/language")
def choose_language() -> tuple[str, int] | Response:
    """Keep the language, for pages and for e-mail."""
    form = read_form(_Language())
    if not form.is_right:
        return _page(form), 422
    chosen = form.data["language"]
    visiting.keep_language(chosen)
    answer = redirect(url_for(".show"), 303)
    remember(answer, chosen, secure=portal().origin.startswith("https://"))
    return answer


# --- e-mail -----------------------------------------------------------------------------------------


class _Address(Schema):
    email = Words(most=_LONGEST_ADDRESS, required=True)


class _Code(Schema):
    code = Words(most=20, required=True)


def _smtp() -> SmtpSettings:
    """Give the server for e-mail; where there is none, there are no such pages."""
    return portal().settings.smtp or abort(404)


@blueprint.post("/email")
def give_email() -> tuple[str, int] | Response:
    """Send a code to the address; it is used once somebody has read the code there."""
    smtp, form = _smtp(), read_form(_Address())
    if form.is_right:
        portal().throttle.check(proving.ASKING, visitor().account, portal().now())
        try:
            session[_PROVING] = proving.ask(
                portal().settings, smtp, form.data["email"], language(), portal().now()
            )
        except Invalid:
            form = form.with_error("email", _("Write an e-mail address, like name@example.org."))
    return (_page(form), 422) if form.errors else redirect(url_for(".show", _anchor="email"), 303)


@blueprint.post("/email/confirm")
def confirm_email() -> tuple[str, int] | Response:
    """Use the address from now on."""
    _smtp()
    form = read_form(_Code())
    if form.is_right:
        portal().throttle.check(proving.TRYING, visitor().account, portal().now())
        try:
            email = proving.check(session.get(_PROVING), form.data["code"], portal().now())
        except WrongCode:
            text = _("This is not the code, or it is too old. Look again, or ask for a new one.")
            form = form.with_error("code", text)
        else:
            session.pop(_PROVING, None)
            _change(email=email, email_wanted=True)
            flash(_("Your address is confirmed. We write there when something is new."), "success")
    return (_page(form), 422) if form.errors else redirect(url_for(".show"), 303)


@blueprint.post("/email/remove")
def remove_email() -> Response:
    """Forget the address; nothing is sent any more."""
    session.pop(_PROVING, None)
    _change(email=None, email_wanted=False)
    flash(_("Your address is removed. We do not write to you any more."), "success")
    return redirect(url_for(".show"), 303)


# --- sessions ---------------------------------------------------------------------------------------


@blueprint.post("/sessions/end")
def end_sessions() -> Response:
    """Sign out everywhere but here."""
    ended = visiting.end_elsewhere()
    text = ngettext(
        "You are signed out on %(num)s other device.", "You are signed out on %(num)s other devices.", ended
    )
    flash(text, "success")
    return redirect(url_for(".show"), 303)
