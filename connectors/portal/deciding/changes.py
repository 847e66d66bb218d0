"""What is different from the last time the same was asked: shown beside a new request (consent rule 16)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.pages.languages import day
from connectors.pages.languages import gettext as _
from connectors.portal.deciding.question import Question
from schemas import instant, records


def changes(now: Question, before: Mapping[str, Any], language: str) -> list[str]:
    """Say what is new, what is gone, and what lasts longer or shorter than in the earlier terms."""
    found = []
    old, new = _fields(before), _fields(now.terms)
    if more := [_label(each, language) for each in new if each not in old]:
        found.append(_("New: %(what)s", what=", ".join(more)))
    if less := [_label(each, language) for each in old if each not in new]:
        found.append(_("No longer asked for: %(what)s", what=", ".join(less)))
    for heading, key in ((_("Who gets it"), "recipients"), (_("Who gives it"), "sources")):
        if set(before[key]) != set(now.terms[key]):
            found.append(_("Changed: %(what)s", what=heading))
    if before["valid_until"] != now.terms["valid_until"]:
        then = day(instant.parse(before["valid_until"]))
        found.append(_("Ends on %(new)s instead of %(old)s", new=day(now.until), old=then))
    if before["data_life"] != now.terms["data_life"]:
        found.append(
            _(
                "Copies are kept %(new)s days instead of %(old)s",
                new=now.kept_days,
                old=before["data_life"]["days"],
            )
        )
    if (before["fetch"], before["frequency"]) != (now.terms["fetch"], now.terms["frequency"]):
        found.append(_("Changed: %(what)s", what=_("How often")))
    if before["purpose"]["code"] != now.terms["purpose"]["code"]:
        found.append(_("Changed: %(what)s", what=_("What for")))
    return found


def _fields(terms: Mapping[str, Any]) -> dict[tuple[str, str], None]:
    return {(each["schema"], field): None for each in terms["data"] for field in each["fields"]}


def _label(field: tuple[str, str], language: str) -> str:
    return records.label_of(*field, language)
