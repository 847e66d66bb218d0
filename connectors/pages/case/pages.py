"""The pages of a case: summary, timeline, records, team and sharing, documents, messages.

`case_pages(desk)` gives a blueprint for one kind of reader; what they do there is in `doing.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, abort, render_template, request

from connectors.cases import timeline
from connectors.cases.view import Case, Contest, Record
from connectors.pages.case import contact, doing, live_case, words
from connectors.pages.case.around import around
from connectors.pages.case.desk import Desk
from connectors.pages.case.shown import shown
from connectors.pages.paging import part


def case_pages(desk: Desk) -> Blueprint:
    """Give the pages of cases for one kind of reader; every address is below /cases."""
    blueprint = Blueprint("case", __name__, url_prefix="/cases")
    pages = _Pages(desk)
    routes: dict[str, tuple[str, Callable[..., str]]] = {
        "/<uuid:case_id>": ("show", pages.summary),
        "/<uuid:case_id>/timeline": ("timeline", pages.timeline),
        "/<uuid:case_id>/records": ("records", pages.records),
        "/<uuid:case_id>/records/<uuid:statement>": ("record", pages.record),
        "/<uuid:case_id>/team": ("team", pages.team),
        "/<uuid:case_id>/documents": ("documents", pages.documents),
        "/<uuid:case_id>/messages": ("messages", pages.messages),
        "/<uuid:case_id>/messages/<uuid:thread>": ("thread", pages.thread),
    }
    for rule, (endpoint, view) in routes.items():
        blueprint.add_url_rule(rule, endpoint, view)
    doing.add(blueprint, desk)
    contact.add(blueprint, desk)
    live_case.add(blueprint, desk)
    return blueprint


def _newer(case: Case, record: Record) -> Record | None:
    """Give what the same source has said of the same since, in a copy that is no version of this one."""
    kind = (record.issuer, record.schema)
    newest = next((each for each in case.records if each.latest and (each.issuer, each.schema) == kind), None)
    return newest if newest is not None and newest.statement not in record.chain else None


def _unchanged(case: Case, contest: Contest) -> bool:
    """Say whether the answer to a contest says the same again in every field that was said to be wrong."""
    before, after = case.record(contest.about), case.record(contest.settled_by or "")
    if before is None or after is None or before.content is None or after.content is None:
        return False
    return all(before.content.get(each) == after.content.get(each) for each in contest.fields)


class _Pages:
    """The pages that only show; each reads the case once and renders one template."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def summary(self, case_id: Any) -> str:
        """Show what matters now: what waits, who takes part, what help has arrived."""
        return self._render("show", self._desk.case(str(case_id)), template="summary")

    def timeline(self, case_id: Any) -> str:
        """Show everything that happened, newest first, some at a time."""
        case = self._desk.case(str(case_id))
        kind = request.args.get("kind")
        kinds = frozenset({kind}) if kind is not None and kind in words.KINDS else None
        found = timeline.page(case.timeline, after=request.args.get("after"), kinds=kinds)
        return self._render("timeline", case, found=found, kind=kind, kinds=words.KINDS)

    def records(self, case_id: Any) -> str:
        """List the records as they were shared."""
        case = self._desk.case(str(case_id))
        latest = [each for each in case.records if each.latest]
        return self._render("records", case, records=part(latest))

    def record(self, case_id: Any, statement: Any) -> str:
        """Show one record as it was shared, with what is said to be wrong in it."""
        case = self._desk.case(str(case_id))
        record = case.record(str(statement))
        if record is None:
            abort(404)
        self._desk.open_record(case, record.statement)
        content = () if record.content is None else shown(record.schema, record.content)
        looks = [each for each in case.views if each.statement in record.chain]
        more = {
            "content": content,
            "looks": looks,
            "newer": _newer(case, record),
            "unchanged": partial(_unchanged, case),
        }
        return self._render("records", case, template="record", record=record, **more)

    def team(self, case_id: Any) -> str:
        """Show who takes part, by what right, and who may give what to whom."""
        return self._render("team", self._desk.case(str(case_id)))

    def documents(self, case_id: Any) -> str:
        """List the documents."""
        case = self._desk.case(str(case_id))
        return self._render("documents", case, documents=part(case.documents))

    def messages(self, case_id: Any) -> str:
        """List notes and threads."""
        case = self._desk.case(str(case_id))
        notes = part(case.notes, "notes_from")
        return self._render("messages", case, threads=part(case.threads), notes=notes)

    def thread(self, case_id: Any, thread: Any) -> str:
        """Show one thread."""
        case = self._desk.case(str(case_id))
        found = next((each for each in case.threads if each.id == str(thread)), None)
        if found is None:
            abort(404)
        more = doing.around_thread(self._desk, case, found)
        return self._render("messages", case, template="thread", form=doing.EMPTY, **more)

    def _render(self, tab: str, case: Case, *, template: str | None = None, **more: Any) -> str:
        return render_template(f"case/{template or tab}.html", **around(self._desk, case, tab), **more)
