"""Receipts: what was decided, with its number, to read, print and keep."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, render_template
from sqlalchemy import Connection, Row

from connectors.exchange.store import cases, consents
from connectors.pages.languages import language
from connectors.portal import accounts
from connectors.portal.acting import held_back
from connectors.portal.deciding import receipt_text
from connectors.portal.deciding.by_whom import mandate_of
from connectors.portal.portal import portal
from connectors.portal.store import receipts as stored
from connectors.portal.visiting import visitor
from schemas.consent_life import ANSWER_WITHIN
from schemas.instant import to_ms

blueprint: Final = Blueprint("receipts", __name__, url_prefix="/receipts")


@blueprint.get("/")
def show_all() -> str:
    """List the receipts, newest first."""
    with portal().connector.database.reading() as connection:
        visible = {row.case for row in accounts.visible_cases(connection, visitor(), portal().now())}
        rows = [row for row in stored.of_account(connection, visitor().principal) if row.case in visible]
        shown = [
            (row, receipt_text.done(said, language(), mandate_of(visitor())), said)
            for row in rows
            for said in (_said(connection, row),)
        ]
    return render_template("receipts/list.html", rows=shown)


@blueprint.get("/<receipt_id>")
def show(receipt_id: str) -> str:
    """Show one receipt."""
    with portal().connector.database.reading() as connection:
        row = accounts.receipt(connection, visitor(), receipt_id, portal().now())
        waiting, said = _next(connection, row.case, portal().now()), _said(connection, row)
    lines = receipt_text.lines(said, language(), portal().settings.timezone)
    done = receipt_text.done(said, language(), mandate_of(visitor()))
    return render_template("receipts/receipt.html", row=row, done=done, lines=lines, waiting=waiting)


@blueprint.get("/<receipt_id>.txt")
def download(receipt_id: str) -> Response:
    """Give a receipt as a text file."""
    with portal().connector.database.reading() as connection:
        row = accounts.receipt(connection, visitor(), receipt_id, portal().now())
        said = _said(connection, row)
    text = receipt_text.as_text(said, language(), portal().settings.timezone, mandate_of(visitor()))
    return _file(text, f"receipt-{row.id}.txt", "text/plain; charset=utf-8")


def _said(connection: Connection, row: Row[Any]) -> Mapping[str, Any]:
    """Give a receipt's document, as far as the visitor may know."""
    held = held_back.from_the(connection, visitor(), portal().now())
    return held_back.receipt(row.document, held)


def _next(connection: Connection, case: str, now: datetime) -> str | None:
    """Give another request of the case that can still be decided; none of a case that is closed."""
    if cases.require(connection, case).status != "open":
        return None
    since = to_ms(now - ANSWER_WITHIN)
    asked = consents.requests_of(connection, case)
    return next((str(row.id) for row in asked if row.state == "open" and row.at > since), None)


def _file(text: str, name: str, kind: str) -> Response:
    answer = Response(text, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
