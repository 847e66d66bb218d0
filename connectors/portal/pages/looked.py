"""Who looked: every release, look and emergency, on every basis; and sharing that the law decides.

The list comes from the exchange itself. What it cannot know is said beside it: who does not report, what may
still be held back, why it is empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, render_template

from connectors.cases.view import Case, Look
from connectors.exchange.parsed import agreement_of
from connectors.exchange.store import agreements as stored
from connectors.pages.forms import Form
from connectors.pages.languages import language, listed
from connectors.pages.languages import lazy as N_
from connectors.pages.paging import part
from connectors.portal.chosen_days import is_within, read_filters
from connectors.portal.deciding.question import category_label
from connectors.portal.own import names_of, own_cases
from connectors.portal.portal import portal
from connectors.portal.reasons import Reasons
from schemas.agreement import Agreement

blueprint: Final = Blueprint("looked", __name__, url_prefix="/who-looked")
_KINDS: Final[Mapping[str, str]] = {
    "release": N_("Received"),
    "view": N_("Looked at"),
    "emergency": N_("Emergency"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the look, its case, why it happened, and the law where the law is the reason."""

    look: Look
    case: Case
    why: str | None
    law: ByLaw | None
    emergency: Any


@dataclass(frozen=True, slots=True)
class ByLaw:
    """One law by which something may be shared without permission, and who may share what by it."""

    id: str
    law: str
    title: str
    url: str
    purposes: tuple[str, ...]
    sources: tuple[str, ...]
    recipients: tuple[str, ...]
    categories: tuple[str, ...]
    later: bool
    """Whether this law lets the person be told later."""


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
        filtered=len(wanted) != len(looks),
        empty=_why_empty(cases),
        coverage=coverage,
        told_later=sum(case.looked.told_later for case in cases),
        names=names_of(members),
        kinds=_KINDS,
        form=chosen,
        categories=lambda codes: listed(category_label(code, language()) for code in codes),
        several=len(cases) > 1,
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
    laws = {case: {each.id: each for each in laws_of(cases[case])} for case in cases}
    why = {case.id: Reasons(case) for case in cases.values()}
    emergencies = {each.id: each for case in cases.values() for each in case.emergencies}
    found = []
    for look, case in looks:
        basis = look.basis
        law = laws[case.id].get(basis.id or "") if basis is not None and basis.kind == "statute" else None
        found.append(Row(look, case, why[case.id].of(look), law, emergencies.get(look.id)))
    return found


def _why_empty(cases: Sequence[Case]) -> str:
    """Give the weakest reason for an empty list: if one organisation does not report, that is it."""
    reasons = {case.looked.why_empty for case in cases} - {None}
    return next((each for each in ("not_reporting", "no_reads") if each in reasons), "nothing_shared")


@blueprint.get("/by-law")
def by_law() -> str:
    """Show what the law lets organisations share without asking: no switch, the law, how to object."""
    cases = own_cases()
    laws = list({law.id: law for case in cases for law in laws_of(case)}.values())
    return render_template(
        "looked/by_law.html",
        laws=laws,
        cases=cases,
        names=names_of({member for law in laws for member in (*law.sources, *law.recipients)}),
        names_list=lambda members, names: listed(names[member] for member in members),
        categories=lambda codes: listed(category_label(code, language()) for code in codes),
    )


def laws_of(case: Case) -> list[ByLaw]:
    """Give the laws that let the organisations of a case share something, from the agreements known here."""
    here = {each.member for each in case.team if each.kind == "agency" and each.status == "active"}
    with portal().connector.database.reading() as connection:
        rows = [row for row in stored.everything(connection) if row.status == "in_force"]
    known = [agreement_of(row) for row in rows]
    return [law for agreement in known for law in _laws(agreement, here)]


def _laws(agreement: Agreement, here: set[str]) -> list[ByLaw]:
    found = []
    for clause in agreement.clauses.values():
        flows = [
            flow
            for flow in agreement.flows.values()
            if flow.clause == clause.id and {flow.source, flow.recipient} <= here
        ]
        if flows:
            found.append(
                ByLaw(
                    id=clause.id,
                    law=clause.law,
                    title=clause.title.get(language()) or clause.title["en"],
                    url=clause.url,
                    purposes=tuple(
                        dict.fromkeys(agreement.purpose(flow.purpose).text[language()] for flow in flows)
                    ),
                    sources=tuple(dict.fromkeys(flow.source for flow in flows)),
                    recipients=tuple(dict.fromkeys(flow.recipient for flow in flows)),
                    categories=tuple(dict.fromkeys(flow.category for flow in flows)),
                    later=clause.withhold,
                )
            )
    return found
