"""The citizen's start page: what waits for them, their cases, who looked lately."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, render_template

blueprint: Final = Blueprint("home", __name__)


@blueprint.get("/home")
def show() -> str:
    """Show the start page."""
    return render_template("home/home.html")
