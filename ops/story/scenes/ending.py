"""What withdrawing does: what waits is taken back, what follows refused, copies erased, all of it proved."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import requests

from ops.story.cast import OPENER
from ops.story.display import Step
from ops.story.processes import accord
from ops.story.stage import until
from ops.story.telling import Story, consents_of, request_records, statements
from schemas import instant, message
from schemas.errors import Refusal
from schemas.messages.envelope import new_id


def withdraw(story: Story, step: Step) -> None:
    """A second release waits in the mailbox when the citizen withdraws."""
    source = story.stage.party(story.stage.script.wanted[0].source)
    story.stage.stop_party(source)
    second = request_records(story, source.id)
    until("the request left the charity", lambda: not story.opener.api.get("/v1/queue")["waiting"])
    story.stage.stop_party(story.opener)
    story.stage.run_party(source)
    story.stage.wait_for_parties()
    until("the source has answered it", lambda: _answered(story, source.id, second))
    step.decision(f"{OPENER} is switched off; a release by {source.id} waits for it in the mailbox")
    story.portal.api.post(f"/v1/consents/{story.consent}/withdraw")
    until(
        "the withdrawal has arrived at the source",
        lambda: consents_of(source, story.case)[0]["status"] == "withdrawn",
    )
    story.show_sent(step)
    story.stage.run_party(story.opener)
    story.stage.wait_for_parties()
    until("the charity knows", lambda: consents_of(story.opener, story.case)[0]["status"] == "withdrawn")
    step.check(
        sum(1 for each in statements(story) if each["type"] == "record.release/1")
        == len(story.stage.script.wanted),
        "the waiting release was taken out of the mailbox: the charity never got it",
    )


def _answered(story: Story, source: str, request_id: str) -> bool:
    party = story.stage.party(source)
    answered = party.api.get("/v1/requests?state=answered")["requests"]
    return any(each["id"] == request_id for each in answered) and not party.api.get("/v1/queue")["waiting"]


def refused(story: Story, step: Step) -> None:
    """What is asked or sent after the withdrawal is refused, whoever tries."""
    source = story.stage.script.wanted[0].source
    try:
        request_records(story, source)
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
        step.content(
            f"{line['member']}, {line['category']}", f"{line['kind']} erased, {line['confirmed_at']}"
        )
    states = {each["state"] for each in statements(story) if each["type"] == "record.release/1"}
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


def prove(story: Story, step: Step) -> None:
    """The citizen takes an evidence file, and anyone verifies it offline."""
    story.evidence = story.stage.folder / "case.evidence.jsonl"
    where = ("--config", str(story.portal.settings), "--output", str(story.evidence))
    accord("evidence", "export", story.case, *where)
    keys = story.portal.folder / "coordinator-keys.json"
    report = json.loads(accord("evidence", "verify", str(story.evidence), "--keys", str(keys), "--json"))
    step.content("file", f"{story.evidence} ({story.evidence.stat().st_size:,} bytes)")
    said = ", ".join(f"{name}: {count}" for name, count in sorted(report["counts"].items()))
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
    broken = [each for each in report["findings"] if each["severity"] == "broken"]
    for finding in broken[:4]:
        step.decision(f"entry {finding['entry']}, check {finding['check']}: {finding['meaning']}")
    entry = data.count(b"\n", 0, place)
    step.content("changed", f"one byte of {len(data):,}, at {place:,}, in entry {entry}")
    named = entry in {finding["entry"] for finding in broken}
    step.check(not report["holds"] and named, "the change is found, and its entry named")
