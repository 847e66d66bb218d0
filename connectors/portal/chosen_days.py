"""The days by which a list is narrowed: `since` and `until`, both counted in, by the portal's clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import request

from connectors.pages.forms import Form
from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from connectors.portal.portal import portal
from connectors.portal.typed_days import read_day

_DAYS: Final[Mapping[str, str]] = {
    "since": N_("Write the first day like 23/11/2026."),
    "until": N_("Write the last day like 23/11/2026."),
}
"""The first and the last day, and what is said of one that is none; `from` is the pager's (`paging.part`)."""


def read_filters(**allowed: frozenset[str] | None) -> Form:
    """Read a list's filters from the address: those named, each one of its values (None: any), and the days.

    A day that is none filters nothing, and the form says so beside what was typed.
    """
    typed = {name: request.args.get(name, "").strip() for name in (*allowed, *_DAYS)}
    data: dict[str, Any] = {
        name: typed[name] if values is None or typed[name] in values else ""
        for name, values in allowed.items()
    }
    form = Form(typed, {}, data)
    days: dict[str, date] = {}
    for name, fault in _DAYS.items():
        if typed[name]:
            try:
                days[name] = read_day(typed[name])
            except ValueError:
                form = form.with_error(name, _(fault))
    if len(days) == len(_DAYS) and days["until"] < days["since"]:
        form = form.with_error("until", _("This day is before the first day. Choose a later one."))
        days = {}
    return Form(form.values, form.errors, {**data, **days})


def is_within(chosen: Form, at: datetime) -> bool:
    """Say whether an instant is on one of the days that were chosen."""
    day = at.astimezone(ZoneInfo(portal().settings.timezone)).date()
    found = chosen.data
    return bool(found.get("since", day) <= day <= found.get("until", day))
