"""Receipts: what was decided, with its number, to read, print and keep."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, render_template
from sqlalchemy import Connection

from connectors.exchange.store import consents
from connectors.pages.languages import language
from connectors.portal import accounts
from connectors.portal.deciding import receipt_text
from connectors.portal.portal import portal
from connectors.portal.store import receipts as stored
from connectors.portal.visiting import visitor

blueprint: Final = Blueprint("receipts", __name__, url_prefix="/receipts")


@blueprint.get("/")
def show_all() -> str:
    """List the receipts, newest first."""
    with portal().connector.database.reading() as connection:
        visible = {row.case for row in accounts.visible_cases(connection, visitor(), portal().now())}
        rows = [row for row in stored.of_account(connection, visitor().principal) if row.case in visible]
    shown = [(row, receipt_text.done(row.document, language())) for row in rows]
    return render_template("receipts/list.html", rows=shown)


@blueprint.get("/<receipt_id>")
def show(receipt_id: str) -> str:
    """Show one receipt."""
    with portal().connector.database.reading() as connection:
        row = accounts.receipt(connection, visitor(), receipt_id, portal().now())
        waiting = _next(connection, row.case)
    lines = receipt_text.lines(row.document, language(), portal().settings.timezone)
    done = receipt_text.done(row.document, language())
    return render_template("receipts/receipt.html", row=row, done=done, lines=lines, waiting=waiting)


@blueprint.get("/<receipt_id>.txt")
def download(receipt_id: str) -> Response:
    """Give a receipt as a text file."""
    with portal().connector.database.reading() as connection:
        row = accounts.receipt(connection, visitor(), receipt_id, portal().now())
    text = receipt_text.as_text(row.document, language(), portal().settings.timezone)
    return _file(text, f"receipt-{row.id}.txt", "text/plain; charset=utf-8")


def _next(connection: Connection, case: str) -> str | None:
    """Give another request of the case that waits to be decided."""
    waiting = [row.id for row in consents.requests_of(connection, case) if row.state == "open"]
    return str(waiting[0]) if waiting else None


def _file(text: str, name: str, kind: str) -> Response:
    answer = Response(text, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
