"""What is different from the last time the same was asked: shown beside a new request (consent rule 16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from connectors.pages.languages import day
from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from connectors.portal.deciding.question import Question
from schemas import instant, records

_Fields = Mapping[tuple[str, str], str]
"""How each field is asked for, needed or optional, by its schema and name."""
_NAMED: Final[Mapping[str, str]] = {
    "recipients": N_("Who gets it"),
    "sources": N_("Who gives it"),
    "identify_with": N_("They find your file by"),
    "data_period": N_("Only data of this time"),
    "consequence_of_refusal": N_("If you say no"),
    "on_withdrawal": N_("When you take it back"),
}
"""What is named when it is another, without how it was; by its name in the terms."""


def changes(now: Question, before: Mapping[str, Any], language: str) -> list[str]:
    """Say what is new, what is gone, and what lasts longer or shorter than in the earlier terms."""
    return [*_data(_fields(before), _fields(now.terms), language), *_rest(now, before)]


def _data(old: _Fields, new: _Fields, language: str) -> Iterator[str]:
    groups = {
        N_("New: %(what)s"): [each for each in new if each not in old],
        N_("Now needed: %(what)s"): [
            each for each in new if (old.get(each), new[each]) == ("optional", "needed")
        ],
        N_("No longer asked for: %(what)s"): [each for each in old if each not in new],
    }
    for said, fields in groups.items():
        if fields:
            yield _(said, what=", ".join(records.label_of(*each, language) for each in fields))


def _rest(now: Question, before: Mapping[str, Any]) -> Iterator[str]:
    for key, heading in _NAMED.items():
        if _unordered(before[key]) != _unordered(now.terms[key]):
            yield _("Changed: %(what)s", what=_(heading))
    then, until = day(instant.parse(before["valid_until"])), day(now.until)
    if then != until:
        yield _("Ends on %(new)s instead of %(old)s", new=until, old=then)
    if before["data_life"] != now.terms["data_life"]:
        old = before["data_life"]["days"]
        yield _("Copies are kept %(new)s days instead of %(old)s", new=now.kept_days, old=old)
    if (before["fetch"], before["frequency"]) != (now.terms["fetch"], now.terms["frequency"]):
        yield _("Changed: %(what)s", what=_("How often"))
    if before.get("preview") and not now.preview:
        yield _("You do not see each record first any more.")


def _unordered(value: Any) -> Any:
    return set(value) if isinstance(value, list) else value


def _fields(terms: Mapping[str, Any]) -> _Fields:
    return {(each["schema"], field): each["necessity"] for each in terms["data"] for field in each["fields"]}
