"""What the scenes hand to each other, and what several of them look up through the members' connectors."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.story.cast import AGREEMENT, CITIZENS, OPENER, PURPOSE, WHY
from ops.story.citizen import Citizen
from ops.story.display import Step
from ops.story.seen import Middle
from ops.story.stage import Party, Stage

SHORT = 6
"""Texts up to this length may stand in a database by chance."""


@dataclass(slots=True)
class Story:
    """What the scenes hand to each other."""

    stage: Stage
    middle: Middle
    case: str = ""
    code: str = ""
    citizen: Citizen | None = None
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

    def signed_in(self) -> Citizen:
        """Give the citizen at the portal's pages, signed in."""
        if self.citizen is None:
            self.citizen = Citizen(self.stage.pages_url)
            self.citizen.sign_in()
        return self.citizen

    def of_case(self, path: str) -> str:
        """Write a path below the case."""
        return f"/v1/cases/{self.case}{path}"

    def canaries(self) -> set[str]:
        """Give what was read in the records that is long enough not to stand elsewhere by chance."""
        texts = {text for content in self.held.values() for text in texts_in(content) if len(text) > SHORT}
        return texts - set(self.stage.parties)

    def show_sent(self, step: Step) -> None:
        """Show what went through the coordinator since the last scene."""
        for seen in self.middle.new():
            step.message(seen.sender, seen.to, seen.refused or seen.what, seen.readable)


def consents_of(party: Party, case: str) -> list[dict[str, Any]]:
    """Give the consents of a case as a party knows them."""
    listed: list[dict[str, Any]] = party.api.get(f"/v1/cases/{case}/consents")["consents"]
    return listed


def statements(story: Story) -> list[dict[str, Any]]:
    """Give what was said in the case as the opener holds it, without contents."""
    said: list[dict[str, Any]] = story.opener.api.get(story.of_case(""))["statements"]
    return said


def request_records(story: Story, source: str) -> str:
    """Ask a source for all that the consent allows; gives the id of the request."""
    wanted = next(each for each in story.stage.script.wanted if each.source == source)
    consent = consents_of(story.opener, story.case)[0]["document"]
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


def releases(story: Story, party: Party) -> dict[str, dict[str, Any] | None]:
    """Give each source's release as a party holds it."""
    said = party.api.get(story.of_case(""))["statements"]
    released = [each for each in said if each["type"] == "record.release/1" and not each["mine"]]
    return {
        wanted.source: next((each for each in released if each["issuer"] == wanted.source), None)
        for wanted in story.stage.script.wanted
    }


def texts_in(value: object) -> list[str]:
    """Give every text in a record."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts_in(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts_in(each)]
    return [value] if isinstance(value, str) else []
