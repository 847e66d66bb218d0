"""What the law lets the organisations of a case share without asking, from the agreements known here.

Takes folded cases, gives laws in the visitor's language. It says nothing about whether anything was shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.cases.view import Basis, Case
from connectors.exchange.parsed import agreement_of
from connectors.exchange.store import agreements as stored
from connectors.pages.languages import language
from connectors.portal.portal import portal
from schemas.agreement import Agreement


@dataclass(frozen=True, slots=True)
class ByLaw:
    """One law by which something may be shared without permission, and who may share what by it."""

    id: str
    agreement: str
    law: str
    title: str
    url: str
    purposes: tuple[str, ...]
    sources: tuple[str, ...]
    recipients: tuple[str, ...]
    categories: tuple[str, ...]
    later: bool
    """Whether this law lets the person be told later."""
    cases: tuple[str, ...] = ()
    """In which cases it lets them share."""


def laws_of(case: Case) -> list[ByLaw]:
    """Give the laws that let the organisations that sit in a case share something."""
    return list(_of_case(case, _in_force()))


def laws_of_all(cases: Iterable[Case]) -> list[ByLaw]:
    """Give the laws of all open cases, each law once, with everybody who may share by it in any of them."""
    found: dict[tuple[str, str], ByLaw] = {}
    agreements = _in_force()
    for case in cases:
        for law in _of_case(case, agreements) if case.status == "open" else ():
            known = found.get((law.agreement, law.id))
            found[law.agreement, law.id] = law if known is None else _both(known, law)
    return list(found.values())


def _of_case(case: Case, agreements: Iterable[Agreement]) -> Iterator[ByLaw]:
    here = _sitting(case)
    return (replace(law, cases=(case.id,)) for agreement in agreements for law in _laws(agreement, here))


def _both(one: ByLaw, other: ByLaw) -> ByLaw:
    return replace(
        one,
        purposes=_once(one.purposes, other.purposes),
        sources=_once(one.sources, other.sources),
        recipients=_once(one.recipients, other.recipients),
        categories=_once(one.categories, other.categories),
        cases=_once(one.cases, other.cases),
    )


def _once(*parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for part in parts for each in part))


def opened_in_emergencies(cases: Iterable[Case]) -> bool:
    """Say whether organisations that sit in one open case may open data in an emergency."""
    here = [_sitting(case) for case in cases if case.status == "open"]
    pairs = {
        (flow.source, flow.recipient)
        for agreement in _in_force()
        if agreement.emergency is not None
        for flow in agreement.flows.values()
        if flow.basis == "emergency"
    }
    return any({*pair} <= members for members in here for pair in pairs)


def title_of(basis: Basis) -> str | None:
    """Give the title of the law on which something rests, also where it is not in force any more."""
    with portal().connector.database.reading() as connection:
        row = None if basis.agreement is None else stored.find(connection, basis.agreement)
    clause = None if row is None else agreement_of(row).clauses.get(basis.id or "")
    return None if clause is None else clause.title.get(language()) or clause.title["en"]


def _sitting(case: Case) -> set[str]:
    return {each.member for each in case.team if each.kind == "agency" and each.status == "active"}


def _in_force() -> list[Agreement]:
    with portal().connector.database.reading() as connection:
        rows = [row for row in stored.everything(connection) if row.status == "in_force"]
    now = portal().now()
    return [found for row in rows if (found := agreement_of(row)).valid_from <= now < found.valid_until]


def _laws(agreement: Agreement, here: set[str]) -> Iterator[ByLaw]:
    for clause in agreement.clauses.values():
        flows = [
            flow
            for flow in agreement.flows.values()
            if flow.clause == clause.id and {flow.source, flow.recipient} <= here
        ]
        if flows:
            yield ByLaw(
                id=clause.id,
                agreement=agreement.ref,
                law=clause.law,
                title=clause.title.get(language()) or clause.title["en"],
                url=clause.url,
                purposes=_once([agreement.purpose(flow.purpose).text[language()] for flow in flows]),
                sources=_once([flow.source for flow in flows]),
                recipients=_once([flow.recipient for flow in flows]),
                categories=_once([flow.category for flow in flows]),
                later=clause.withhold,
            )
