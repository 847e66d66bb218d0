"""Reads the forms with which somebody lets another act for them: which powers, which cases, until when.

Gives terms, or the form with what is wrong. `mandates.give` decides whether such a mandate can be given.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from marshmallow import Schema, fields

from connectors.pages.forms import Choice, Form, Words, read_form
from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from connectors.portal.acting.rules import KINDS, LONGEST_GIVEN, POWERS, Terms
from connectors.portal.typed_days import read_day

LASTING: Final = {"30": 30, "90": 90, "180": 180, "365": 365}
"""Days, by their name in the form."""
OTHER_DAY: Final = "date"
TO_CHOOSE: Final = tuple(power for power in POWERS if power != "view")
"""Whoever acts can look; everything else is chosen."""
_DAY: Final = timedelta(days=1)
_LAST_MOMENT: Final = timedelta(milliseconds=1)
_ID_BYTES: Final = 12
_TOO_LATE: Final = N_("Choose a day within a year. You can make it longer later.")


class _Lasting(Schema):
    until = Choice(*LASTING, OTHER_DAY)
    last_day = Words(most=40)


class _Giving(_Lasting):
    powers = fields.List(fields.String())
    scope = Choice("all", "some")
    cases = fields.List(fields.String())
    once = Words(most=40, required=True)


def new_form() -> Form:
    """Give an empty form with a name of its own, by which it is known when it comes a second time."""
    return Form({"once": secrets.token_urlsafe(_ID_BYTES)})


def read_giving(kind: str, own: Collection[str], now: datetime, zone: str) -> tuple[Form, Terms | None]:
    """Read what somebody gives; `own` are their cases. The terms are None when something is wrong."""
    form = _with_end(read_form(_Giving()), now, zone)
    if form.data.get("scope") == "some" and not set(form.data["cases"]) & set(own):
        form = form.with_error("cases", _("Choose at least one case."))
    if not form.is_right:
        return form, None
    some = form.data["scope"] == "some"
    chosen = {"view", *(each for each in form.data["powers"] if each in TO_CHOOSE)}
    return form, Terms(
        kind=kind,
        valid_until=form.data["end"],
        powers=None if len(KINDS[kind].most) < len(POWERS) else chosen,
        cases=[each for each in form.data["cases"] if each in own] if some else None,
    )


def read_renewal(now: datetime, zone: str) -> tuple[Form, datetime | None]:
    """Read until when a mandate is to last; None when something is wrong."""
    form = _with_end(read_form(_Lasting()), now, zone)
    return form, form.data["end"] if form.is_right else None


def last_day(until: datetime) -> datetime:
    """Give an instant on the last day on which a mandate holds; one that ends at midnight holds before it."""
    return until - _LAST_MOMENT


def _with_end(form: Form, now: datetime, zone: str) -> Form:
    """Add the instant of the end to what was read, or what is wrong with it."""
    if not form.is_right:
        return form
    if form.data["until"] != OTHER_DAY:
        return _ends(form, now + timedelta(days=LASTING[form.data["until"]]))
    try:
        last = read_day(form.data["last_day"] or "")
        end = datetime.combine(last + _DAY, time(), ZoneInfo(zone))
    except ValueError:
        like = f"{now + timedelta(days=LASTING['365']):%d/%m/%Y}"
        return form.with_error("last_day", _("Write the last day like %(day)s.", day=like))
    except OverflowError:  # the calendar ends with the year 9999
        return form.with_error("last_day", _(_TOO_LATE))
    if end <= now:
        return form.with_error("last_day", _("This day is over. Choose a later one."))
    return _ends(form, end) if end <= now + LONGEST_GIVEN else form.with_error("last_day", _(_TOO_LATE))


def _ends(form: Form, end: datetime) -> Form:
    data: dict[str, Any] = {**form.data, "end": end}
    return Form(form.values, form.errors, data)
