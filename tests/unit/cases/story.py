"""A made-up case, told one entry after the other as its connectors would have stored it; every id is counted.

Each verb says one thing and gives its entry; the citizen's portal hears everything that it is told here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.cases.entry import Entry
from connectors.cases.fold import fold
from connectors.cases.view import Basis, Case, Seat
from schemas import instant

START = datetime(2031, 3, 10, 9, 0, tzinfo=UTC)
CASE = "c0000000-0000-4000-8000-000000000000"
HOUSING, DEBT, HEALTH, PORTAL = "city-housing", "debt-advice", "health-centre", "my-portal"
CITIZEN = "citizen"
BY_CITIZEN = Seat("citizen", PORTAL)
BY_DEBT = Seat("agency", DEBT)
BY_HOUSING = Seat("agency", HOUSING)
TENANCY = {"landlord": "Habitat Nord", "rent": {"amount": 61200, "currency": "EUR"}}
SEAT = Basis("seat")


@dataclass
class Story:
    """What was said so far; the clock moves by a minute with every word."""

    entries: list[Entry] = field(default_factory=list)
    counted: int = 0
    before: list[Entry] = field(default_factory=list)
    """What was known of things before they were known otherwise."""

    @property
    def now(self) -> datetime:
        return START + timedelta(minutes=self.counted)

    def seen_by(self, seat: Seat = BY_CITIZEN, **later: float) -> Case:
        return fold(self.entries, seat=seat, now=self.now + timedelta(**later))

    def say(
        self,
        kind: str,
        sender: str,
        to: Sequence[str],
        content: Mapping[str, Any],
        *,
        sealed: bool = True,
        **more: Any,
    ) -> Entry:
        self.counted += 1
        message = f"m{self.counted:04}"
        entry = Entry(
            case=CASE,
            id=f"s{self.counted:04}" if sealed else message,
            message=message,
            type=f"{kind}/1",
            sender=sender,
            at=self.now,
            log_index=100 + self.counted,
            content=content,
            to=tuple(to),
            statement=sealed,
            **more,
        )
        self.entries.append(entry)
        return entry

    def change(self, entry: Entry, **changed: Any) -> Entry:
        """Let an entry be known otherwise: erased, on its way, refused."""
        changed_entry = replace(entry, **changed)
        self.entries[self.entries.index(entry)] = changed_entry
        self.before.append(entry)
        return changed_entry

    def erase(self, entry: Entry, why: str = "withdrawn") -> Entry:
        gone = {"content": None, "held": "erased", "erased_why": why, "erased_at": self.now, "to": None}
        return self.change(entry, **gone)

    def here(self, fact: str, id: str, **content: Any) -> Entry:
        """What the connector's own tables say."""
        entry = Entry(
            case=CASE,
            id=id,
            message=id,
            type=f"here.{fact}",
            sender=PORTAL,
            at=self.now,
            log_index=None,
            content=content,
        )
        self.entries.append(entry)
        return entry

    # --- the usual story ----------------------------------------------------------------------------

    def begin(self) -> None:
        """Debt advice opens the case, invites the citizen, who joins and is attested."""
        self.say("case.open", DEBT, [CITIZEN], {"language": "en"}, sealed=False)
        invitee = {"kind": "citizen", "portal": PORTAL, "commitment": "0" * 64}
        self.say("case.invite", DEBT, [PORTAL], {"invitee": invitee}, sealed=False)
        seat: dict[str, Any] = {"sealing": {}, "passkeys": []}
        join = self.say("case.join", PORTAL, [DEBT], {"invitation": "m0002", "seat": seat}, sealed=False)
        body = {"join": join.id, "sealing": "k", "passkeys": [], "method": "code"}
        self.say("case.attest", DEBT, [CITIZEN], body, sealed=False)

    def invite(self, member: str, consent: str | None = None) -> Entry:
        basis = Basis("consent", consent) if consent else SEAT
        invitee = {"kind": "agency", "member": member}
        return self.say(
            "case.invite", DEBT, [member, CITIZEN], {"invitee": invitee}, sealed=False, basis=basis
        )

    def join(self, member: str) -> Entry:
        return self.say("case.join", member, [DEBT, CITIZEN], {"invitation": "m"}, sealed=False)

    def leave(self, member: str, by: str | None = None) -> Entry:
        body = {"member": member} if by else {}
        return self.say("case.leave", by or member, [DEBT, HOUSING, CITIZEN], body, sealed=False)

    def ask_consent(self, re: str | None = None) -> Entry:
        body = {"terms": self.terms(), "why": {"en": "For your plan.", "fr": "Pour le plan."}}
        return self.say("consent.request", DEBT, [CITIZEN], body, sealed=False, re=re)

    def offer(self, request: Entry) -> Entry:
        body = {"terms": self.terms()}
        return self.say("consent.offer", PORTAL, [DEBT], body, sealed=False, re=request.message)

    def terms(self) -> dict[str, Any]:
        return {
            "agreement": "winter-support@1",
            "purpose": {"code": "debt-plan", "text": {"en": "Debt plan", "fr": "Plan de dettes"}},
            "sources": [HOUSING],
            "recipients": [DEBT],
            "data": [{"category": "housing", "schema": "housing.tenancy/1", "fields": ["landlord", "rent"]}],
            "on_withdrawal": {"erased": True, "kept": [], "why": None},
            "data_life": {"days": 180},
            "data_period": None,
            "identify_with": ["family_name"],
        }

    def grant(
        self, request: Entry | None = None, *, days: int = 90, supersedes: str | None = None, **changed: Any
    ) -> Entry:
        document = {
            **self.terms(),
            "id": f"consent-{self.counted + 1:04}",
            "case": CASE,
            "request": request.message if request else None,
            "supersedes": supersedes,
            "actor": {"kind": "citizen"},
            "valid_until": instant.format(self.now + timedelta(days=days)),
            **changed,
        }
        re = request.message if request else None
        return self.say("consent.grant", PORTAL, [DEBT, HOUSING], {"consent": document}, sealed=False, re=re)

    def move(self, verb: str, grant: Entry) -> Entry:
        return self.say(
            f"consent.{verb}", PORTAL, [DEBT, HOUSING], {"consent": consent_of(grant)}, sealed=False
        )

    def request(self, grant: Entry, categories: Sequence[str] = ("housing",)) -> Entry:
        asked = [{"category": each, "fields": ["landlord", "rent"]} for each in categories]
        content = {"categories": asked, "identify": {"family_name": "Exemple"}, "why": {"en": "The rent."}}
        return self.say(
            "record.request",
            DEBT,
            [HOUSING, CITIZEN],
            content,
            basis=self.basis(grant),
            categories=tuple(categories),
            schema="record.request/1",
        )

    def basis(self, grant: Entry) -> Basis:
        return Basis("consent", consent_of(grant), "winter-support@1", "debt-plan")

    def release(
        self, grant: Entry, request: Entry | None = None, content: Mapping[str, Any] = TENANCY, **more: Any
    ) -> Entry:
        said: dict[str, Any] = {
            "basis": self.basis(grant),
            "categories": ("housing",),
            "schema": "housing.tenancy/1",
            "re": request.message if request else None,
        }
        return self.say("record.release", HOUSING, [DEBT, CITIZEN], content, **{**said, **more})

    def decline(self, request: Entry, categories: Sequence[str] = ("housing",)) -> Entry:
        body = {"reason": "not_held", "categories": list(categories)}
        return self.say("record.decline", HOUSING, [DEBT, CITIZEN], body, sealed=False, re=request.message)

    def contest(self, record: Entry, fields: Sequence[str] = ("rent",)) -> Entry:
        content = {"statement": record.id, "text": "That is not my rent.", "fields": list(fields)}
        said: dict[str, Any] = {"basis": SEAT, "categories": record.categories, "re": record.message}
        return self.say("record.contest", PORTAL, [DEBT, HOUSING], content, **said)

    def correct(self, record: Entry, settles: Entry | None = None, rent: int = 50000) -> Entry:
        corrected = {**TENANCY, "rent": {"amount": rent, "currency": "EUR"}}
        content: dict[str, Any] = {"statement": record.id, "record": corrected}
        if settles is not None:
            content["settles"] = settles.id
        said: dict[str, Any] = {
            "basis": record.basis,
            "categories": record.categories,
            "re": record.message,
        }
        return self.say(
            "record.correct", record.sender, [DEBT, CITIZEN], content, schema="record.correct/1", **said
        )

    def view(self, seen: Entry, by: str = DEBT, *, automatic: bool = False) -> Entry:
        content = {
            "statement": seen.id,
            "at": instant.format(self.now + timedelta(minutes=1)),
            "actor": {"pseudonym": "worker-7", "role": "adviser"},
            "reason": {"code": "plan"},
            "automatic": automatic,
        }
        return self.say("access.viewed", by, [CITIZEN], content, basis=SEAT, re=seen.message)

    def erased(self, record: Entry, by: str = DEBT, why: str = "withdrawn") -> Entry:
        gone = [{"id": record.message, "sha256": "0" * 64}]
        body = {"messages": gone, "why": why, "at": instant.format(self.now)}
        return self.say("record.erased", by, [HOUSING, CITIZEN], body, sealed=False)

    def emergency(self, by: str = HEALTH, **changed: Any) -> Entry:
        body = {
            "reason": "danger_to_life",
            "categories": ["housing"],
            "until": instant.format(self.now + timedelta(hours=4)),
            "notice": {"kind": "at_once"},
            **changed,
        }
        return self.say("access.emergency", by, [CITIZEN], body, sealed=False)

    def review(self, emergency: Entry, by: str = HEALTH) -> Entry:
        body = {"emergency": emergency.message, "outcome": "justified", "reviewer": "head-2"}
        return self.say("access.emergency.review", by, [CITIZEN], body, sealed=False)

    def note(self, by: str = DEBT, about: Entry | None = None, **more: Any) -> Entry:
        content = {"text": "Called back.", **more} | ({"about": about.id} if about else {})
        return self.say("note.add", by, _others(by), content, basis=SEAT, categories=("coordination",))

    def message(self, by: str = DEBT, answers: Entry | None = None, **content: Any) -> Entry:
        whole = {"text": "Good morning.", **content} | ({"answers": answers.id} if answers else {})
        return self.say("message.send", by, _others(by), whole, basis=SEAT, categories=("coordination",))

    def document(self, by: str = DEBT) -> Entry:
        content = {
            "title": "Letter",
            "media_type": "application/pdf",
            "name": "letter.pdf",
            "size": 1200,
            "sha256": "a" * 64,
            "key": "k" * 43,
        }
        return self.say("document.add", by, _others(by), content, basis=SEAT, categories=("coordination",))

    def outcome(self, by: str, code: str, answers: Entry | None = None, **content: Any) -> Entry:
        whole = {"outcome": code, **content} | ({"answers": answers.id} if answers else {})
        return self.say("outcome.give", by, _others(by), whole, basis=SEAT, categories=("coordination",))

    def whole(self) -> tuple[Entry, Entry]:
        """Go to a case in which a record was released; gives grant and record."""
        self.begin()
        grant = self.grant(self.ask_consent())
        self.invite(HOUSING, consent_of(grant))
        self.join(HOUSING)
        return grant, self.release(grant, self.request(grant))


def consent_of(grant: Entry) -> str:
    """The id of the consent that a grant brought."""
    return str(grant.body["consent"]["id"])


def _others(by: str) -> list[str]:
    """To whom a seat alone lets one speak: the citizen to the agencies, an agency to the citizen."""
    return [DEBT, HOUSING] if by == PORTAL else [CITIZEN]
