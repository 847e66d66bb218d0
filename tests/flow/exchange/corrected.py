"""A case with a record that can be fetched again, contested and corrected, for tests of corrections."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.cases.gather import read_case
from connectors.cases.view import Case
from connectors.evidence.export import export
from connectors.evidence.log_source import HttpLog
from connectors.evidence.verify.flow import verify
from connectors.evidence.verify.trust import Trust
from connectors.exchange.acts import access as looking
from connectors.exchange.acts import records
from connectors.exchange.store import alarms, inbox, outbox, statements
from connectors.exchange.stored import read_payload
from connectors.policy.policy import Policy
from schemas.messages.envelope import Authority
from tests.flow.exchange.test_other_bases import CLAUSE, EVERYTHING, PURPOSES, _flow
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, URL, World

RENT = {"landlord": "Habitat Nord", "rent": {"amount": 50000, "currency": "EUR"}}
RIGHT = {**RENT, "lease_number": "L-7"}
"""The record as it should have been; nobody asks for the number."""


class Life:
    """A case with a source, and the verbs of those who sit in it."""

    def __init__(self, world: World, case: str, consent: str) -> None:
        self.world, self.case, self.consent = world, case, consent

    def copy(self, by: str = DEBT, **changed: Any) -> str:
        """Let a member ask the source for the tenancy; gives the record that it got."""
        asked: dict[str, Any] = {
            "source": HOUSING,
            "categories": {"housing": ["landlord", "rent"]},
            "identify": {"family_name": "Martin", "birth_date": "1990-04-01"},
            "why": {"en": "To check the rent."},
            "authority": Authority("consent", self.consent),
            "agreement": "winter-support@1",
            "purpose": "debt-plan",
            **changed,
        }
        request = records.request_records(self.world.members[by], self.case, **asked)
        self.world.settle()
        return self.last(by, "record.release/1", request)

    def rows(self, member: str, kind: str) -> list[Any]:
        with self.world.members[member].database.reading() as connection:
            return [row for row in statements.of_case(connection, self.case) if row.type == kind]

    def last(self, member: str, kind: str, re: str | None = None) -> str:
        return str([row.id for row in self.rows(member, kind) if re in {None, row.re}][-1])

    def contest(self, record: str, *fields: str) -> str:
        records.contest(self.world.members[PORTAL], record, "That is not so.", fields)
        self.world.settle()
        return self.last(PORTAL, "record.contest/1")

    def correct(self, record: str, settles: str | None = None, **changed: Any) -> list[str]:
        made = records.correct(self.world.members[HOUSING], record, {**RIGHT, **changed}, settles=settles)
        self.world.settle()
        return made

    def corrected(self, member: str) -> dict[str, dict[str, Any]]:
        """Give what the corrections that a member got say, by the release that each is about."""
        found = {}
        for row in self.rows(member, "record.correct/1"):
            if row.plaintext is not None:
                content = read_payload(row.plaintext)["content"]
                found[content["statement"]] = content["record"]
        return found

    def marked(self, record: str, member: str = DEBT) -> bool:
        actor, reason = looking.Actor("worker", "adviser"), looking.Reason("plan")
        return looking.view_record(self.world.members[member], record, actor, reason).contested

    def seen(self, member: str) -> Case:
        connector = self.world.members[member]
        with connector.database.reading() as connection:
            return read_case(connection, connector, self.case, self.world.clock())

    def unsettled(self, member: str) -> set[str]:
        return {
            contest.statement
            for record in self.seen(member).records
            for contest in record.contested
            if not contest.settled
        }

    def owed(self, member: str) -> list[str]:
        return [each.words for each in self.seen(member).waiting if each.words == "settle_contest"]

    def nothing_amiss(self) -> None:
        for member in self.world.members.values():
            with member.database.reading() as connection:
                assert [(row.type, row.problem) for row in outbox.failed(connection)] == []
                assert [(row.type, row.reason) for row in inbox.aside(connection)] == []
                assert alarms.open_alarms(connection) == []


def broken(life: Life, member: str) -> list[Any]:
    """Export and verify the evidence of a case; gives what does not hold."""
    world, path = life.world, life.world.folder / f"evidence-{member}"
    source = HttpLog(URL, world.session(member))
    export(world.members[member], life.case, path, source=source, with_contents=True)
    report = verify(path, Trust.of_keys(world.pinned))
    assert report.counts["message"] > 0
    return [each for each in report.findings if each.severity == "broken"]


def under_every_right(world: World, folder: Path) -> Life:
    """A case under an agreement with consent, clause and emergency; the last may be held back."""
    (folder / "all.cedar").write_text(EVERYTHING)
    agreement = {
        "purposes": PURPOSES,
        "clauses": [{**CLAUSE, "withhold": True}],
        "flows": [_flow(each["code"]) for each in PURPOSES],
        "emergency": {"categories": ["housing"], "max_hours": 12, "officers": ["officer-1"]},
    }
    return Life(world, *world.everything(agreement=agreement, policy=Policy.load(folder)))


def in_emergency(life: Life, **notice: Any) -> dict[str, Any]:
    """Open an emergency; gives the right by which `copy` asks in it."""
    opened = life.world.emergency(life.case, **notice)
    return {"authority": Authority("emergency", opened), "purpose": "danger"}
