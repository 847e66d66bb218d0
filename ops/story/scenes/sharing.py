"""What consent does: it is narrowed and granted, records move and are read, the citizen sees who looked."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from functools import partial
from typing import Any

from ops.story.cast import AGREEMENT, OPENER, WHY, Script, Wanted, terms
from ops.story.display import Step
from ops.story.processes import accord
from ops.story.stage import until
from ops.story.telling import Story, consents_of, releases, request_records
from schemas import instant
from schemas.errors import Refusal

WORKER = {"pseudonym": "adviser-7", "role": "debt adviser"}
REASON = {"code": "payment-plan", "text": "To prepare the payment plan with you."}
NOTICE = "Your landlord and your benefits office would tell the debt advice charity …"


def ask(story: Story, step: Step) -> None:
    """The charity asks for a consent."""
    asked = terms_of(story, story.stage.script)
    story.opener.api.post(story.of_case("/consent-requests"), {"terms": asked, "why": WHY})
    waiting = until("the question reached the citizen", lambda: open_questions(story))
    story.question = waiting[0]["id"]
    story.show_sent(step)
    step.content("what for", waiting[0]["terms"]["purpose"]["text"]["en"])
    for each in waiting[0]["terms"]["data"]:
        step.content(f"{each['category']}, {each['necessity']}", ", ".join(each["fields"]))
    step.check(len(waiting) == 1, "one purpose, one decision")


def terms_of(story: Story, script: Script) -> dict[str, Any]:
    """Write what the citizen is asked now."""
    notice = hashlib.sha256(NOTICE.encode()).hexdigest()
    return terms(script, instant.now(), notice, story.stage.pages_url)


def open_questions(story: Story) -> list[dict[str, Any]]:
    """Give the requests that wait for the citizen."""
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
    consents = until("the charity has the consent", lambda: consents_of(story.opener, story.case))
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


def _sits(story: Story, member: str) -> bool:
    seats = story.opener.api.get(story.of_case(""))["seats"]
    return any(seat["member"] == member and seat["status"] == "active" for seat in seats)


def request(story: Story, step: Step) -> None:
    """The charity requests records from two sources."""
    for wanted in story.stage.script.wanted:
        story.requests[wanted.source] = request_records(story, wanted.source)
    until("the requests are with the coordinator", lambda: not story.opener.api.get("/v1/queue")["waiting"])
    until("every source has answered", lambda: all(releases(story, story.opener).values()))
    story.release = story.middle.last("record.release/1", story.stage.script.wanted[0].source)
    story.show_sent(step)
    attributes = ", ".join(sorted(story.stage.script.identify))
    step.content("to find the person", f"{attributes} (what the consent allows for this, sealed)")
    allowed = []
    for wanted in story.stage.script.wanted:
        for answered in story.stage.party(wanted.source).api.get("/v1/requests?state=answered")["requests"]:
            if answered["id"] == story.requests[wanted.source]:
                rule = f"policy rule “{answered['rule']}” allows"
                step.decision(f"{wanted.source}: one exact match, consent checked, {rule}")
                allowed.append(wanted.source)
    step.check(
        allowed == [wanted.source for wanted in story.stage.script.wanted],
        "each source found the person in its own database, and its own policy allowed it",
    )


def read(story: Story, step: Step) -> None:
    """The charity and the citizen open what was released."""
    received = releases(story, story.opener)
    until("the citizen has the same records", lambda: all(releases(story, story.portal).values()))
    for wanted in story.stage.script.wanted:
        held = received[wanted.source]
        at_citizen = releases(story, story.portal)[wanted.source]
        if held is None or at_citizen is None:
            raise Refusal("A release is missing.")
        shown = story.opener.api.post(f"/v1/records/{held['id']}/read", {"actor": WORKER, "reason": REASON})
        same = story.portal.api.post(f"/v1/records/{at_citizen['id']}/read", {})
        story.held[wanted.source] = shown["content"]
        for name, value in shown["content"].items():
            step.content(f"{wanted.source}.{name}", json.dumps(value, ensure_ascii=False))
        granted = {
            name
            for each in consents_of(story.opener, story.case)[0]["document"]["data"]
            if each["category"] == wanted.category
            for name in each["fields"]
        }
        whole = _in_its_own_system(story, wanted)
        step.check(
            shown["content"] == {name: value for name, value in whole.items() if name in granted}
            and same["content"] == shown["content"],
            f"{wanted.source}: exactly the consented fields of what it holds; the citizen reads the same",
        )
    step.check(
        not any(story.middle.holds(text) for text in story.canaries()),
        "nothing of it is in the coordinator's database",
    )


def _in_its_own_system(story: Story, wanted: Wanted) -> dict[str, Any]:
    """Give the whole record as the source's own system has it, consented or not."""
    settings = str(story.stage.party(wanted.source).settings)
    find = [f"--find={name}={value}" for name, value in story.stage.script.identify.items()]
    said = accord("connector", "--config", settings, "systems", "try", wanted.source, *find, "--json")
    tried = json.loads(said)["categories"]
    return next(dict(each["record"]) for each in tried if each["category"] == wanted.category)


def who_looked(story: Story, step: Step) -> None:
    """The citizen sees who received and who looked."""
    views = until("the views reached the citizen", lambda: _views(story))
    story.show_sent(step)
    for source, release in releases(story, story.portal).items():
        if release is not None:
            step.content(
                "received", f"{OPENER} from {source}, {release['at']}: {', '.join(release['categories'])}"
            )
    for view in views:
        step.content(
            "looked",
            f"{view['member']}, {view['actor']['role']}: {view['reason']['text']}",
        )
    step.check(
        len(views) == len(story.stage.script.wanted), "each look is there, with role and reason, by a person"
    )


def _views(story: Story) -> list[dict[str, Any]] | None:
    views: list[dict[str, Any]] = story.portal.api.get(story.of_case("/views"))["views"]
    return views if len(views) == len(story.stage.script.wanted) else None
