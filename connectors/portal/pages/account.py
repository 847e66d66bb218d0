"""The citizen's account: name, language, e-mail, sessions, passkeys."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, render_template

blueprint: Final = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("/")
def show() -> str:
    """Show the account."""
    return render_template("account/account.html")
