"""Who looked: every release, look and emergency, on every basis; and sharing that the law decides.

The list comes from the exchange itself. What it cannot know is said beside it: who does not report, what may
still be held back, why it is empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Blueprint, render_template

from connectors.cases.view import Basis, Case, Look
from connectors.exchange.parsed import agreement_of
from connectors.exchange.store import agreements as stored
from connectors.pages.forms import Form
from connectors.pages.languages import gettext as _
from connectors.pages.languages import language, listed
from connectors.pages.languages import lazy as N_
from connectors.pages.paging import part
from connectors.portal.by_law import laws_of_all, opened_in_emergencies, title_of
from connectors.portal.chosen_days import is_within, read_filters
from connectors.portal.deciding.question import category_label
from connectors.portal.own import names_of, own_cases
from connectors.portal.pages.cases import cards
from connectors.portal.portal import portal
from connectors.portal.reasons import Reasons

blueprint: Final = Blueprint("looked", __name__, url_prefix="/who-looked")
_KINDS: Final[Mapping[str, str]] = {
    "release": N_("Received"),
    "view": N_("Looked at"),
    "emergency": N_("Emergency"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the look, its case, why it happened, and the law's title where it is the reason."""

    look: Look
    case: Case
    why: str | None
    law: str | None
    emergency: Any
    copy: Copy | None
    """What becomes of the copy that came without a permission; for others the permission's page says it."""


@dataclass(frozen=True, slots=True)
class Copy:
    """How long an organisation may keep a copy, and since when it has confirmed that it is gone."""

    until: datetime
    gone_at: datetime | None


@blueprint.get("/")
def show() -> str:
    """Show who looked, newest first, with filters by organisation, kind and days."""
    cases = own_cases()
    looks = [(look, case) for case in cases for look in case.looked.lines]
    looks.sort(key=lambda each: each[0].at, reverse=True)
    chosen = read_filters(**{"with": None, "kind": frozenset(_KINDS)})
    wanted = [each for each in looks if _fits(each[0], chosen)]
    shown = part(wanted)
    coverage = [(case, each) for case in cases for each in case.looked.coverage]
    members = {look.member for look, _ in looks} | {each.member for _, each in coverage}
    members |= {look.source for look, _ in looks if look.source}
    return render_template(
        "looked/looked.html",
        rows=_rows(shown.items),
        part=shown,
        any=bool(looks),
        # That nobody looked is no matter of what was chosen: then it is said why.
        filtered=len(wanted) != len(looks) and not (chosen.data["kind"] == "view" and _why_no_looks(cases)),
        no_looks=_why_no_looks(cases) if chosen.data["kind"] in {"", "view"} else None,
        coverage=coverage,
        told_later=sum(case.looked.told_later for case in cases),
        names=names_of(members),
        kinds=_KINDS,
        form=chosen,
        categories=lambda codes: listed(category_label(code, language()) for code in codes),
        several=len(cases) > 1,
        now=portal().now(),
    )


def _fits(look: Look, chosen: Form) -> bool:
    """Say whether a look is one of those asked for."""
    return (
        chosen.data["with"] in {"", look.member, look.source}
        and chosen.data["kind"] in {"", look.kind}
        and is_within(chosen, look.at)
    )


def _rows(looks: Sequence[tuple[Look, Case]]) -> list[Row]:
    cases = {case.id: case for _, case in looks}
    titles: dict[Basis, str | None] = {}
    why = {case.id: Reasons(case) for case in cases.values()}
    emergencies = {each.id: each for case in cases.values() for each in case.emergencies}
    copies = _Copies()
    found = []
    for look, case in looks:
        basis = look.basis
        law = None
        if basis is not None and basis.kind == "statute":
            law = titles[basis] if basis in titles else titles.setdefault(basis, title_of(basis))
        found.append(
            Row(look, case, why[case.id].of(look), law, emergencies.get(look.id), copies.of(look, case))
        )
    return found


class _Copies:
    """What becomes of copies; the agreements by which they were got are read once for a page."""

    def __init__(self) -> None:
        self._life: dict[str | None, timedelta | None] = {}

    def of(self, look: Look, case: Case) -> Copy | None:
        """Give it for what was received by law or in an emergency: of that no permission says it."""
        if look.kind != "release" or look.basis is None or look.basis.kind not in {"statute", "emergency"}:
            return None
        life = self._life_by(look.basis.agreement)
        if life is None:
            return None
        gone = (
            each.confirmed_at
            for each in case.erasures
            if (each.statement, each.member) == (look.statement, look.member)
        )
        return Copy(look.at + life, next((at for at in gone if at is not None), None))

    def _life_by(self, agreement: str | None) -> timedelta | None:
        """Give how long an agreement lets copies be kept; None where it is not known here."""
        if agreement not in self._life:
            with portal().connector.database.reading() as connection:
                row = None if agreement is None else stored.find(connection, agreement)
            days = None if row is None else agreement_of(row).data_life_max_days
            self._life[agreement] = None if days is None else timedelta(days=days)
        return self._life[agreement]


_NO_LOOKS: Final[Mapping[str, tuple[str, str]]] = {
    "not_reporting": (
        N_("No organisation has reported that it looked."),
        N_("Something was shared. Who received it has reported nothing since. See below who that is."),
    ),
    "no_reads": (
        N_("No organisation has reported that it looked."),
        N_("Who received something was heard of since. So a report could have come."),
    ),
}


def _why_no_looks(cases: Sequence[Case]) -> tuple[str, str] | None:
    """Say why there is no look, by the weakest reason: if one organisation does not report, that is it.

    None where there are looks, or where nothing was shared that anybody could look at.
    """
    reasons = {case.looked.why_no_views for case in cases}
    if None in reasons:
        return None
    found = next((_NO_LOOKS[each] for each in _NO_LOOKS if each in reasons), None)
    return None if found is None else (_(found[0]), _(found[1]))


@blueprint.get("/by-law")
def by_law() -> str:
    """Show what the law lets organisations share without asking: no switch, the law, how to object."""
    cases = own_cases()
    laws = laws_of_all(cases)
    return render_template(
        "looked/by_law.html",
        laws=laws,
        called={each.id: each.name for each in cards(cases)} if len(cases) > 1 else {},
        emergencies=opened_in_emergencies(cases),
        names=names_of({member for law in laws for member in (*law.sources, *law.recipients)}),
        names_list=lambda members, names: listed(names[member] for member in members),
        categories=lambda codes: listed(category_label(code, language()) for code in codes),
    )
