"""The story, scene by scene: from the first handshake to the proof that a withdrawn record was erased.

Each scene does what its title says through the members' own connectors, shows what went over the wire and who
can read it, and checks that it is so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import requests

from ops.story.cast import AGREEMENT, AGREEMENT_ID, CITIZENS, OPENER, PURPOSE, WHY, agreement, terms
from ops.story.display import Display, Step
from ops.story.processes import accord
from ops.story.seen import Middle
from ops.story.stage import Party, Stage, until
from schemas import instant, message
from schemas.errors import Refusal
from schemas.messages.envelope import new_id

WORKER = {"pseudonym": "adviser-7", "role": "debt adviser"}
REASON = {"code": "payment-plan", "text": "To prepare the payment plan with you."}
NOTICE = "Your landlord and your benefits office would tell the debt advice charity …"
SHORT = 6
"""Texts up to this length may stand in a database by chance."""


@dataclass(slots=True)
class Story:
    """What the scenes hand to each other."""

    stage: Stage
    middle: Middle
    case: str = ""
    code: str = ""
    question: str = ""
    consent: str = ""
    requests: dict[str, str] = field(default_factory=dict)
    evidence: Path = Path()
    held: dict[str, Any] = field(default_factory=dict)
    release: dict[str, Any] = field(default_factory=dict)

    @property
    def opener(self) -> Party:
        """The agency that opened the case."""
        return self.stage.party(OPENER)

    @property
    def portal(self) -> Party:
        """The citizen, through the portal."""
        return self.stage.party(CITIZENS)

    def of_case(self, path: str) -> str:
        """Write a path below the case."""
        return f"/v1/cases/{self.case}{path}"

    def canaries(self) -> set[str]:
        """Give what was read in the records that is long enough not to stand elsewhere by chance."""
        texts = {text for content in self.held.values() for text in _texts(content) if len(text) > SHORT}
        return texts - set(self.stage.parties)

    def show_sent(self, step: Step) -> None:
        """Show what went through the coordinator since the last scene."""
        for seen in self.middle.new():
            step.message(seen.sender, seen.to, seen.refused or seen.what, seen.readable)


def play(story: Story, display: Display) -> None:
    """Play all scenes in order."""
    for title, why, scene in SCENES:
        with display.step(title, why) as step:
            scene(story, step)


# --- members and agreement ------------------------------------------------------------------------------


def enrol(story: Story, step: Step) -> None:
    """Enrol every member with a one-time code."""
    stage = story.stage
    stage.place()
    if stage.fresh:
        stage.found_coordinator()
    seconds = stage.run_coordinator()
    step.content("coordinator", f"{stage.url}, ready after {seconds:.1f} s")
    for party in stage.parties.values():
        if stage.fresh:
            stage.enrol(party, stage.invite_member(party.agency))
            step.decision(
                f"{party.agency.name}: the code fits its two keys, and it could open what was sealed for it"
            )
        stage.run_party(party)
    stage.wait_for_parties()
    stage.remember()
    story.show_sent(step)
    listed = requests.get(f"{stage.url}/v1/members", timeout=10).json()["members"]
    step.check(
        {member["id"] for member in listed if member["status"] == "active"} >= set(stage.parties),
        f"{len(stage.parties)} members are in the public register",
    )


def agree(story: Story, step: Step) -> None:
    """Propose the agreement and have every party sign it."""
    parties = [party for party in story.stage.parties.values() if party.agency.kind != "portal"]
    if not _in_force(story.opener):
        kids = {party.id: _first_key(story.stage, party.id) for party in parties}
        story.opener.api.post(
            "/v1/agreements", {"agreement": agreement(story.stage.script, kids, instant.now())}
        )
        for party in parties:
            if party is not story.opener:
                until(f"{party.id} has the proposal", partial(_knows_agreement, party))
                party.api.post(f"/v1/agreements/{AGREEMENT}/sign")
    for party in parties:
        until(f"{party.id} sees the agreement in force", partial(_in_force, party))
    story.show_sent(step)
    step.decision("in force, because every party that it names has signed the same document")
    for flow in story.opener.api.get(f"/v1/agreements/{AGREEMENT}")["document"]["flows"]:
        step.content(
            f"{flow['source']} → {flow['recipient']}", f"{flow['category']}: {', '.join(flow['fields'])}"
        )
    step.check(True, f"{AGREEMENT_ID} is in force with {len(parties)} signatures")


def _first_key(stage: Stage, member: str) -> str:
    entry = requests.get(f"{stage.url}/v1/members/{member}", timeout=10).json()
    return next(str(key["kid"]) for key in entry["keys"] if key["use"] == "sign")


def _agreement(party: Party) -> dict[str, Any] | None:
    known = party.api.get("/v1/agreements")["agreements"]
    return next((each for each in known if each["ref"] == AGREEMENT), None)


def _knows_agreement(party: Party) -> bool:
    return _agreement(party) is not None


def _in_force(party: Party) -> bool:
    known = _agreement(party)
    return known is not None and known["status"] == "in_force"


# --- the case --------------------------------------------------------------------------------------------


def open_case(story: Story, step: Step) -> None:
    """The charity opens a case and makes an invitation."""
    story.case = story.opener.api.post("/v1/cases", {"language": "en"})["case"]
    invited = story.opener.api.post(
        story.of_case("/invitations"), {"invitee": {"kind": "citizen", "portal": CITIZENS}}
    )
    story.code = invited["code"]
    until(
        "the coordinator has the invitation", lambda: story.portal.api.get("/v1/invitations")["invitations"]
    )
    story.show_sent(step)
    step.content("on paper, in person", story.code)
    step.check(not story.middle.holds(story.code), "the coordinator has only a hash of the code")


def join(story: Story, step: Step) -> None:
    """The citizen joins with the code."""
    joined = story.portal.api.post("/v1/invitations/join", {"code": story.code})
    step.check(joined["case"] == story.case, "the code led to the right case")
    until("the seat is attested", lambda: _seat(story.opener, story.case) == "active")
    until("the portal knows", lambda: _seat(story.portal, story.case) == "active")
    story.show_sent(step)
    step.decision(
        "the charity checked that the seat's keys were bound to the code that it handed over, and attests them"
    )
    step.check(True, "the citizen has a seat, with keys that nobody in the middle can exchange")


def _seat(party: Party, case: str) -> str | None:
    seats = party.api.get(f"/v1/cases/{case}")["seats"]
    return next((str(seat["status"]) for seat in seats if seat["kind"] == "citizen"), None)


# --- the consent -----------------------------------------------------------------------------------------


def ask(story: Story, step: Step) -> None:
    """The charity asks for a consent."""
    asked = terms(story.stage.script, instant.now(), hashlib.sha256(NOTICE.encode()).hexdigest())
    story.opener.api.post(story.of_case("/consent-requests"), {"terms": asked, "why": WHY})
    waiting = until("the question reached the citizen", lambda: _open_questions(story))
    story.question = waiting[0]["id"]
    story.show_sent(step)
    step.content("what for", waiting[0]["terms"]["purpose"]["text"])
    for each in waiting[0]["terms"]["data"]:
        step.content(f"{each['category']}, {each['necessity']}", ", ".join(each["fields"]))
    step.check(len(waiting) == 1, "one purpose, one decision")


def _open_questions(story: Story) -> list[dict[str, Any]]:
    asked = story.portal.api.get(story.of_case("/consent-requests"))["requests"]
    return [each for each in asked if each["state"] == "open"]


def grant(story: Story, step: Step) -> None:
    """The citizen leaves out one field and says yes to the rest."""
    now = instant.now()
    left_out = story.stage.script.left_out
    story.portal.api.post(
        f"/v1/consent-requests/{story.question}/grant",
        {
            "shown_at": instant.format(now),
            "leave_out": [left_out],
            "acr": "substantial",
            "auth_time": instant.format(now - timedelta(minutes=2)),
        },
    )
    consents = until("the charity has the consent", lambda: _consents(story.opener, story.case))
    story.consent = consents[0]["id"]
    for wanted in story.stage.script.wanted:
        story.opener.api.post(
            story.of_case("/invitations"),
            {
                "invitee": {
                    "kind": "agency",
                    "member": wanted.source,
                    "consent": story.consent,
                    "agreement": AGREEMENT,
                }
            },
        )
    for wanted in story.stage.script.wanted:
        until(f"{wanted.source} took its seat", partial(_sits, story, wanted.source))
    story.show_sent(step)
    document = consents[0]["document"]
    named = [f"{each['category']}.{name}" for each in document["data"] for name in each["fields"]]
    step.content("granted", ", ".join(named))
    step.content("left out", left_out)
    step.decision(
        "each connector verified the consent and its proof by itself; the sources' seats rest on it"
    )
    step.check(left_out not in named, f"{left_out} is not in the consent")
    step.check(consents[0]["status"] == "granted", "the consent is in force at the charity")


def _consents(party: Party, case: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = party.api.get(f"/v1/cases/{case}/consents")["consents"]
    return listed


def _sits(story: Story, member: str) -> bool:
    seats = story.opener.api.get(story.of_case(""))["seats"]
    return any(seat["member"] == member and seat["status"] == "active" for seat in seats)


# --- the records -----------------------------------------------------------------------------------------


def request(story: Story, step: Step) -> None:
    """The charity requests records from two sources."""
    for wanted in story.stage.script.wanted:
        story.requests[wanted.source] = _request(story, wanted.source)
    until("the requests are with the coordinator", lambda: not story.opener.api.get("/v1/queue")["waiting"])
    until("every source has answered", lambda: all(_releases(story, story.opener).values()))
    story.release = story.middle.last("record.release/1", story.stage.script.wanted[0].source)
    story.show_sent(step)
    attributes = ", ".join(sorted(story.stage.script.identify))
    step.content("to find the person", f"{attributes} (what the consent allows for this, sealed)")
    for wanted in story.stage.script.wanted:
        for answered in story.stage.party(wanted.source).api.get("/v1/requests?state=answered")["requests"]:
            if answered["id"] == story.requests[wanted.source]:
                step.decision(
                    f"{wanted.source}: one exact match; consent checked; policy rule “{answered['rule']}” allows"
                )
    step.check(
        True, "both sources found the person in their own database, minimised, signed, sealed and sent"
    )


def _request(story: Story, source: str) -> str:
    wanted = next(each for each in story.stage.script.wanted if each.source == source)
    consent = _consents(story.opener, story.case)[0]["document"]
    allowed = {
        name for each in consent["data"] if each["category"] == wanted.category for name in each["fields"]
    }
    posted = story.opener.api.post(
        story.of_case("/record-requests"),
        {
            "source": source,
            "categories": [
                {"category": wanted.category, "fields": [name for name in wanted.fields if name in allowed]}
            ],
            "identify": dict(story.stage.script.identify),
            "why": WHY,
            "authority": {"basis": "consent", "consent": story.consent},
            "agreement": AGREEMENT,
            "purpose": PURPOSE,
        },
    )
    return str(posted["message"])


def _releases(story: Story, party: Party) -> dict[str, dict[str, Any] | None]:
    """Give each source's release as a party holds it."""
    said = party.api.get(story.of_case(""))["statements"]
    released = [each for each in said if each["type"] == "record.release/1" and not each["mine"]]
    return {
        wanted.source: next((each for each in released if each["issuer"] == wanted.source), None)
        for wanted in story.stage.script.wanted
    }


def read(story: Story, step: Step) -> None:
    """The charity and the citizen open what was released."""
    releases = _releases(story, story.opener)
    until("the citizen has the same records", lambda: all(_releases(story, story.portal).values()))
    for wanted in story.stage.script.wanted:
        held = releases[wanted.source]
        at_citizen = _releases(story, story.portal)[wanted.source]
        if held is None or at_citizen is None:
            raise Refusal("A release is missing.")
        shown = story.opener.api.post(f"/v1/records/{held['id']}/read", {"actor": WORKER, "reason": REASON})
        same = story.portal.api.post(f"/v1/records/{at_citizen['id']}/read", {})
        story.held[wanted.source] = shown["content"]
        for name, value in shown["content"].items():
            step.content(f"{wanted.source}.{name}", json.dumps(value, ensure_ascii=False))
        granted = {
            name
            for each in _consents(story.opener, story.case)[0]["document"]["data"]
            if each["category"] == wanted.category
            for name in each["fields"]
        }
        step.check(
            set(shown["content"]) <= granted and same["content"] == shown["content"],
            f"{wanted.source}: only consented fields, and the citizen reads exactly the same",
        )
    step.check(
        not any(story.middle.holds(text) for text in story.canaries()),
        "nothing of it is in the coordinator's database",
    )


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


def who_looked(story: Story, step: Step) -> None:
    """The citizen sees who received and who looked."""
    views = until("the views reached the citizen", lambda: _views(story))
    story.show_sent(step)
    for source, release in _releases(story, story.portal).items():
        if release is not None:
            step.content(
                "received", f"{OPENER} from {source}, {release['at']}: {', '.join(release['categories'])}"
            )
    for view in views:
        step.content(
            "looked",
            f"{view['member']}, {view['actor']['role']} {view['actor']['pseudonym']}: {view['reason']['text']}",
        )
    step.check(
        len(views) == len(story.stage.script.wanted), "each look is there, with role and reason, by a person"
    )


def _views(story: Story) -> list[dict[str, Any]] | None:
    views: list[dict[str, Any]] = story.portal.api.get(story.of_case("/views"))["views"]
    return views if len(views) == len(story.stage.script.wanted) else None


# --- taking it back --------------------------------------------------------------------------------------


def withdraw(story: Story, step: Step) -> None:
    """A second release waits in the mailbox when the citizen withdraws."""
    source = story.stage.party(story.stage.script.wanted[0].source)
    story.stage.stop_party(source)
    second = _request(story, source.id)
    until("the request left the charity", lambda: not story.opener.api.get("/v1/queue")["waiting"])
    story.stage.stop_party(story.opener)
    story.stage.run_party(source)
    story.stage.wait_for_parties()
    until("the source has answered it", lambda: _answered(story, source.id, second))
    step.decision(f"{OPENER} is switched off; a release by {source.id} waits for it in the mailbox")
    story.portal.api.post(f"/v1/consents/{story.consent}/withdraw")
    until(
        "the withdrawal has arrived at the source",
        lambda: _consents(source, story.case)[0]["status"] == "withdrawn",
    )
    story.show_sent(step)
    story.stage.run_party(story.opener)
    story.stage.wait_for_parties()
    until("the charity knows", lambda: _consents(story.opener, story.case)[0]["status"] == "withdrawn")
    step.check(
        sum(1 for each in _statements(story) if each["type"] == "record.release/1")
        == len(story.stage.script.wanted),
        "the waiting release was taken out of the mailbox: the charity never got it",
    )


def _answered(story: Story, source: str, request_id: str) -> bool:
    party = story.stage.party(source)
    answered = party.api.get("/v1/requests?state=answered")["requests"]
    return any(each["id"] == request_id for each in answered) and not party.api.get("/v1/queue")["waiting"]


def _statements(story: Story) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = story.opener.api.get(story.of_case(""))["statements"]
    return said


def refused(story: Story, step: Step) -> None:
    """What is asked or sent after the withdrawal is refused, whoever tries."""
    source = story.stage.script.wanted[0].source
    try:
        _request(story, source)
    except Refusal as refusal:
        step.decision(f"{OPENER}'s own connector refuses to ask: {refusal.detail}")
        step.check(refusal.code == "consent_not_in_force", "refused at home already")
    else:
        step.check(False, "the charity's own connector refuses to ask")
    problem = _bypass(story, source)
    story.show_sent(step)
    step.decision(f"a source that skips its own check is refused by the coordinator: {problem['detail']}")
    step.content("remedy", str(problem.get("remedy", "–")))
    step.check(problem["code"] == "consent_not_in_force", "the coordinator refused, and recorded that it did")


def _bypass(story: Story, source: str) -> dict[str, Any]:
    """Post a release with the source's own key, past its connector."""
    now = instant.now()
    later = instant.format(now + timedelta(days=1))
    again = {**story.release, "id": new_id(), "at": instant.format(now), "until": later}
    answer = requests.post(
        f"{story.stage.url}/v1/messages",
        data=message.sign(again, story.stage.party(source).signing_key()),
        headers={"Content-Type": "application/jose"},
        timeout=10,
    )
    problem: dict[str, Any] = answer.json()
    return problem


def erase(story: Story, step: Step) -> None:
    """Every holder erases and says so, signed; the citizen sees who has."""
    board = until("every holder has confirmed", lambda: _confirmed(story))
    story.show_sent(step)
    for line in board:
        step.content(f"{line['member']}, {line['category']}", f"erased, confirmed {line['confirmed_at']}")
    states = {each["state"] for each in _statements(story) if each["type"] == "record.release/1"}
    step.check(states == {"erased"}, "the charity holds none of the records any more")
    folder = story.opener.folder
    files = [file for file in folder.glob("connector.db*") if file.is_file()]
    step.check(
        not any(text.encode() in file.read_bytes() for text in story.canaries() for file in files),
        "no byte of them is left in its database",
    )


def _confirmed(story: Story) -> list[dict[str, Any]] | None:
    board: list[dict[str, Any]] = story.portal.api.get(story.of_case("/erasures"))["erasures"]
    done = len(board) >= len(story.stage.script.wanted) and all(line["confirmed_at"] for line in board)
    return board if done else None


# --- proof -----------------------------------------------------------------------------------------------


def prove(story: Story, step: Step) -> None:
    """The citizen takes an evidence file, and anyone verifies it offline."""
    story.evidence = story.stage.folder / "case.evidence.jsonl"
    where = ("--config", str(story.portal.settings), "--output", str(story.evidence))
    accord("evidence", "export", story.case, *where)
    keys = story.portal.folder / "coordinator-keys.json"
    report = json.loads(accord("evidence", "verify", str(story.evidence), "--keys", str(keys), "--json"))
    step.content("file", f"{story.evidence} ({story.evidence.stat().st_size:,} bytes)")
    said = ", ".join(f"{count} {name}" for name, count in sorted(report["counts"].items()))
    step.content("checked", f"{said}, with the coordinator's public keys alone")
    for finding in report["findings"]:
        step.decision(f"{finding['severity']}: {finding['meaning']}")
    step.check(report["holds"], "signatures, receipts, inclusion, order, consents and erasures hold")


def tamper(story: Story, step: Step) -> None:
    """One byte is changed, and verification names what is wrong."""
    data = bytearray(story.evidence.read_bytes())
    place = data.index(b'"message":"', len(data) // 2) + 400
    data[place] = ord("A") if data[place] != ord("A") else ord("B")
    changed = story.evidence.with_name("case.changed.jsonl")
    changed.write_bytes(data)
    keys = story.portal.folder / "coordinator-keys.json"
    report = json.loads(accord("evidence", "verify", str(changed), "--keys", str(keys), "--json", expect=1))
    for finding in [each for each in report["findings"] if each["severity"] == "broken"][:4]:
        step.decision(f"entry {finding['entry']}, check {finding['check']}: {finding['meaning']}")
    step.content("changed", f"one byte of {len(data):,}, at {place:,}")
    step.check(not report["holds"], "the change is found and named")


Scene = Callable[[Story, Step], None]
SCENES: tuple[tuple[str, str, Scene], ...] = (
    (
        "Members enrol",
        "Each with a one-time code from the operator, and proof that it has the keys it shows.",
        enrol,
    ),
    (
        "An agreement is signed",
        "The first lock: which data may flow between whom, for what, on which basis.",
        agree,
    ),
    ("A case is opened", "The charity opens it and hands the citizen a code, in person.", open_case),
    ("The citizen joins", "With the code, which binds the seat's keys to that meeting.", join),
    (
        "The charity asks for consent",
        "One purpose; who gives what to whom, for how long, and what happens after a no.",
        ask,
    ),
    ("The citizen narrows it and grants", "The second lock: one optional field is left out.", grant),
    (
        "Records are requested from two sources",
        "The third lock: each source decides by its own policy.",
        request,
    ),
    ("The records are read", "By the charity, with a reason, and by the citizen.", read),
    ("The citizen sees who looked", "Every release and every view, with role and reason.", who_looked),
    ("The citizen withdraws", "While a second release waits in the mailbox.", withdraw),
    ("The next one is refused", "At the asking agency, and in the middle.", refused),
    ("Holders erase, and say so", "In signed statements, which the citizen keeps.", erase),
    ("The case is proved offline", "From one file, with nothing but the coordinator's public keys.", prove),
    ("One byte is changed", "So that one sees what verification is worth.", tamper),
)
