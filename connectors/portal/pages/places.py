"""Where things are shown: the page of a case, and others that a deployment may not have."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

_CASE = "case.show"


def case_page(case: str, tab: str | None = None) -> str:
    """Give the address of a case's page."""
    values = {"case_id": case} | ({} if tab is None else {"tab": tab})
    return shown_at(_CASE, **values) or url_for("cases.show_all")


def shown_at(endpoint: str, **values: Any) -> str | None:
    """Give the address of a page, None where there is no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
