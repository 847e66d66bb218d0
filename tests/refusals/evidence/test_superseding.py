"""Evidence of a new decision in the place of an old one: who is left out, and what is owed after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.evidence.verify import findings as checks
from connectors.evidence.verify.findings import Finding
from connectors.evidence.verify.flow import verify
from tests.flow.evidence.story import CASE, CONSENT, Story
from tests.flow.exchange.world import KEPT

SECOND, THIRD = (f"{number}b1f9f0a-7a49-4c3e-8c35-0a9b8c7d6e5f" for number in (6, 7))
LANDLORD = [
    {
        "category": "housing",
        "schema": "housing.tenancy/1",
        "fields": ["landlord"],
        "necessity": "needed",
        "special": False,
    }
]
BOTH: dict[str, Any] = {
    "sources": ["north-clinic", "city-housing"],
    "recipients": ["north-clinic", "city-housing"],
}


class TwoWays(Story):
    """The usual case, with an agreement by which both may give each other the tenancy."""

    def agreement(self) -> dict[str, Any]:
        document = super().agreement()
        fields = ["landlord", "tenure"]
        flows = [{**each, "fields": fields} for each in document["flows"]]
        back = {**flows[0], "source": "city-housing", "recipient": "north-clinic"}
        return {**document, "flows": [*flows, back]}


def _begun(**consented: Any) -> TwoWays:
    story = TwoWays()
    for who in (story.housing, story.clinic, story.portal):
        story.enrol(who)
    story.agree()
    story.open_case()
    story.grant(**consented)
    story.bring_clinic()
    return story


def _found(story: Story, folder: Path) -> list[Finding]:
    report = verify(story.write(folder / "case"), story.trust)
    return [finding for finding in report.findings if finding.severity != "note"]


def _owed(story: Story, folder: Path) -> list[tuple[int, str, str | None]]:
    return [(each.check, each.severity, each.message) for each in _found(story, folder)]


def _withdraw(story: Story, consent: str) -> str:
    return story.say(
        story.portal,
        "consent.withdraw/1",
        case=CASE,
        to=["north-clinic", "city-housing"],
        body={"consent": consent},
    )


def test_a_new_decision_that_leaves_somebody_out_is_named_and_ends_nothing(tmp_path: Path):
    story = _begun(**BOTH)
    story.grant(id=SECOND, supersedes=CONSENT)
    story.release()
    (finding,) = _found(story, tmp_path)
    assert (finding.check, finding.code) == (checks.CONSENT, "consent_does_not_cover")


def test_the_file_of_who_was_never_told_of_the_old_one_is_whole(tmp_path: Path):
    story = _begun()
    old = story.ids["consent.grant/1"]
    story.grant(id=SECOND, supersedes=CONSENT)
    story.leave_out(old)
    assert _found(story, tmp_path) == []


def test_what_the_new_one_leaves_out_is_owed_until_it_is_confirmed(tmp_path: Path):
    story = _begun()
    release = story.release()
    story.grant(id=SECOND, supersedes=CONSENT, data=LANDLORD)
    (finding,) = _found(story, tmp_path)
    assert (finding.check, finding.severity, finding.message) == (checks.ERASURE, "missing", release)
    assert story.ids["consent.grant/1"] in finding.meaning  # the message of the new decision
    story.erased(release)
    assert _found(story, tmp_path) == []


def test_what_the_new_one_covers_is_not_owed_before_that_is_taken_back(tmp_path: Path):
    story = _begun()
    release = story.release()
    story.grant(id=SECOND, supersedes=CONSENT)
    assert _found(story, tmp_path) == []
    story.grant(id=THIRD, supersedes=SECOND)
    assert _found(story, tmp_path) == []
    withdrawn = _withdraw(story, THIRD)
    (finding,) = _found(story, tmp_path)
    assert (finding.check, finding.severity, finding.message) == (checks.ERASURE, "missing", release)
    assert withdrawn in finding.meaning


def test_what_the_new_one_covers_is_owed_when_the_citizen_leaves(tmp_path: Path):
    story = _begun()
    release = story.release()
    story.grant(id=SECOND, supersedes=CONSENT)
    story.say(story.portal, "case.leave/1", case=CASE, to=["city-housing", "north-clinic"], body={})
    assert _owed(story, tmp_path) == [(checks.ERASURE, "missing", release)]


def test_what_the_old_one_lets_stay_is_not_owed(tmp_path: Path):
    story = _begun(on_withdrawal=KEPT)
    story.release()
    story.grant(id=SECOND, supersedes=CONSENT, data=LANDLORD)
    assert _found(story, tmp_path) == []
