"""From everything that was said in a case to the case as one seat sees it.

Pure: the same entries give the same case, in whatever order they come and however often. What contradicts
is settled by the log's order and by what the statements say, never by arrival.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from connectors.cases.access import emergencies, erasures
from connectors.cases.entry import Entry
from connectors.cases.hidden import hidden
from connectors.cases.looked import looked
from connectors.cases.messages import threads
from connectors.cases.outcomes import outcomes
from connectors.cases.permissions import permissions, summed_up, uses
from connectors.cases.records import records
from connectors.cases.requests import consent_requests, requests
from connectors.cases.safe_contact import safe_contact
from connectors.cases.said import gather_said
from connectors.cases.shared import documents, notes
from connectors.cases.team import closing, opening, team
from connectors.cases.timeline import timeline
from connectors.cases.view import Case, Seat
from connectors.cases.waiting import waiting


def fold(entries: Iterable[Entry], *, seat: Seat, now: datetime) -> Case:
    """Give the case as `seat` sees it at `now`; raise ValueError unless the entries are of one case.

    `now` decides what has run out: permissions, emergencies, and what is due.
    """
    said = gather_said(entries, seat=seat, now=now)
    permitted = permissions(said)
    members = team(said, permitted)
    opened = emergencies(said)
    results = outcomes(said)
    closed = closing(said)
    opened_by, opened_at, language = opening(said)
    case = Case(
        id=said.case,
        seat=seat,
        status="open" if closed is None else "closed",
        opened_by=opened_by,
        opened_at=opened_at,
        closed=closed,
        language=language,
        last_at=max((each.at for each in said.entries), default=None),
        outcome=next((each for each in results if each.about is None), None),
        safe_contact=safe_contact(said),
        team=members,
        records=records(said),
        requests=requests(said),
        consent_requests=consent_requests(said),
        permissions=permitted,
        permitted=summed_up(permitted, now),
        uses=uses(said),
        looked=looked(said, members, opened),
        emergencies=opened,
        erasures=erasures(said, permitted, closed),
        threads=threads(said),
        notes=notes(said),
        documents=documents(said),
        outcomes=results,
        timeline=timeline(said),
        waiting=(),
        hidden=hidden(said, members, permitted),
    )
    return replace(case, waiting=waiting(said, case))
