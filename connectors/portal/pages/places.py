"""Where things are shown: the page of a case, and others that a deployment may not have."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for


def case_page(case: str, tab: str = "show") -> str:
    """Give the address of one tab of a case's page: show (the summary), timeline, records, team …"""
    return url_for(f"case.{tab}", case_id=case)


def shown_at(endpoint: str, **values: Any) -> str | None:
    """Give the address of a page, None where there is no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
