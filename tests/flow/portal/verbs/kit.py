"""What the tests of a case's verbs do and look for."""

from __future__ import annotations

import io
from typing import Any, Final

from connectors.cases.gather import read_case
from connectors.cases.view import Case
from connectors.exchange.acts import access, cases
from connectors.exchange.store import cases as stored_cases
from tests.flow.exchange.world import DEBT, HOUSING
from tests.flow.portal.forms_on_pages import Field, seen
from tests.flow.portal.life import Life
from tests.flow.portal.visits import Visit

TYPED: Final = "What I typed & want to keep"
KEPT: Final = "What I typed &amp; want to keep"
TABS: Final = ("", "/timeline", "/records", "/team", "/documents", "/messages")
WRITING: Final[dict[str, dict[str, Any]]] = {
    "note": {"text": TYPED},
    "messages/new": {"text": TYPED, "kind": "message", "to": [DEBT]},
    "documents/new": {"text": TYPED, "title": "Sample letter"},
    "outcome": {"text": TYPED, "outcome": "got_help"},
}


def send(visit: Visit, case: str, verb: str, **more: Any):
    fields = {**WRITING[verb], **more}
    if verb == "documents/new":
        fields["file"] = (io.BytesIO(b"Dear sample citizen"), "letter.txt", "text/plain")
    return visit.post(f"/cases/{case}/{verb}", **fields)


def asks(html: str, name: str) -> Field:
    """Give a field of the one form on a page that has it."""
    (found,) = [form.fields[name] for form in seen(html).forms if name in form.fields]
    return found


def folded(life: Life, case: str, member: str | None = None) -> Case:
    life.world.settle()
    connector = life.portal if member is None else life.world.members[member]
    with connector.database.reading() as connection:
        return read_case(connection, connector, case, life.now())


def undelivered(life: Life, case: str) -> list[str]:
    return [each.about for each in folded(life, case).waiting if each.words == "not_delivered"]


def offers(visit: Visit, case: str) -> set[str]:
    """Give the addresses below a case that its tabs lead to or post to, without what follows a `?`."""
    found = set()
    for tab in TABS:
        page = seen(visit.get(f"/cases/{case}{tab}").text)
        found |= {each.partition("?")[0] for each in (*page.links, *(form.action for form in page.forms))}
    return {each.removeprefix(f"/cases/{case}/") for each in found if each.startswith(f"/cases/{case}/")}


def join(life: Life, case: str, member: str = HOUSING) -> None:
    """Let an organisation accept the invitation into a case."""
    connector = life.world.members[member]
    with connector.database.reading() as connection:
        (waiting,) = [
            row
            for row in stored_cases.invitations_in(connection, "open")
            if row.case == case and row.direction == "received"
        ]
    cases.accept_invitation(connector, waiting.id)
    life.world.settle()


def both(life: Life, citizen: str, case: str) -> str:
    """Bring housing into a case; gives the consent by which it sits there."""
    consent = life.world.consent(case)
    life.world.invite_source(case, consent)
    return consent


def record_of(life: Life, case: str, consent: str) -> str:
    """Let debt advice get the tenancy; gives the statement."""
    life.world.request(case, consent)
    (record,) = folded(life, case).records
    return record.statement


def looked(life: Life, case: str) -> None:
    """Let somebody at debt advice open the one record of a case."""
    (record,) = folded(life, case, DEBT).records
    actor, reason = access.Actor("worker-7", "adviser"), access.Reason("plan")
    access.view_record(life.world.members[DEBT], record.statement, actor, reason)
    life.world.settle()
