"""How they come together: enrolment, the agreement, the case, the citizen's seat."""

from __future__ import annotations

from functools import partial
from typing import Any

import requests

from ops.story.cast import AGREEMENT, AGREEMENT_ID, CITIZENS, OPENER, agreement
from ops.story.citizen import NAME
from ops.story.display import Step
from ops.story.stage import Party, Stage, until
from ops.story.telling import Story
from schemas import instant


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
        if party.agency.kind == "portal":
            stage.open_pages(party)
        stage.run_party(party)
    stage.wait_for_parties()
    stage.remember()
    for wanted in stage.script.wanted:  # files that were dropped are taken in when they have stood still
        until(f"{wanted.source} has its own records", partial(_has_the_person, story, wanted.source))
    story.show_sent(step)
    listed = requests.get(f"{stage.url}/v1/members", timeout=10).json()["members"]
    step.check(
        {member["id"] for member in listed if member["status"] == "active"} >= set(stage.parties),
        f"{len(stage.parties)} members are in the public register",
    )


def _has_the_person(story: Story, member: str) -> bool:
    tried = story.stage.party(member).api.post(
        f"/v1/systems/{member}/try", {"identify": dict(story.stage.script.identify)}
    )
    return bool(tried["person_found"])


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
    signed = [party for party in parties if (_agreement(party) or {}).get("signed_by_us")]
    step.check(signed == parties, f"{AGREEMENT_ID} is in force with {len(signed)} signatures")


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
    """The citizen signs in at the portal's pages and joins with the code."""
    citizen = story.signed_in()
    step.content("signed in", f"{NAME}, at {story.stage.sign_in_url}, with no account made beforehand")
    step.check(story.case in citizen.join(story.code), "the code led to the right case")
    until("the seat is attested", lambda: _attested(story.opener, story.case))
    seat = until("the portal knows", lambda: _attested(story.portal, story.case))
    story.show_sent(step)
    step.decision(
        "the charity checked that the seat's keys are bound to the code that it gave, and attests them"
    )
    by = seat["attested_by"]
    step.check(by == OPENER, f"the citizen has a seat whose keys {by} attests, so nobody can exchange them")


def _attested(party: Party, case: str) -> dict[str, Any] | None:
    """Give the citizen's seat once it is active."""
    seats = party.api.get(f"/v1/cases/{case}")["seats"]
    mine = [seat for seat in seats if seat["kind"] == "citizen" and seat["status"] == "active"]
    return mine[0] if mine else None
