"""What the citizen sees in the portal's pages after all of it, and what waits there to be tried out."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import partial

import requests

from ops.story.cast import PURPOSE_TEXT, WHY
from ops.story.citizen import NAME, Citizen
from ops.story.display import Step
from ops.story.scenes.sharing import open_questions, terms_of
from ops.story.stage import until
from ops.story.telling import Story

MESSAGE = {
    "subject": "Your appointment",
    "text": "Hello, the hearing is in three weeks. Could we speak on Tuesday? You can answer here.",
}
DOCUMENT = {
    "title": "What to bring to the hearing",
    "name": "hearing.txt",
    "media_type": "text/plain",
    "data": base64.b64encode(b"Bring the letter from the court, and your last three bills.\n").decode(),
    "text": "A short list, so that nothing is forgotten.",
}


def open_pages(story: Story, step: Step) -> None:
    """The charity writes, adds a document and asks again; the citizen finds it, and what went before."""
    _say(story)
    story.show_sent(step)
    citizen = Citizen(story.stage.pages_url)
    citizen.sign_in()
    asker = story.opener.agency.name
    home = citizen.read("/home")
    step.check(f"{asker} asks for your permission" in home, "home says what waits: a request to decide")
    (question, *_) = citizen.links("/home", "/requests/")
    asked = citizen.read(question)
    step.check(PURPOSE_TEXT["en"] in asked, "the request says what for, in the words of the agreement")
    step.check("Allow" in asked and "Don’t allow" in asked, "and both answers are there")
    _check_case(story, step, citizen)
    stranger = requests.get(f"{story.stage.pages_url}/cases/{story.case}", timeout=30)
    step.check(NAME not in stranger.text and "/sign-in" in stranger.url, "nobody else gets to see any of it")


def _say(story: Story) -> None:
    """Let the charity say three things, and wait until the citizen has them."""
    fewer = replace(story.stage.script, wanted=story.stage.script.wanted[:1])
    charity = story.opener.api
    charity.post(story.of_case("/consent-requests"), {"terms": terms_of(story, fewer), "why": WHY})
    charity.post(story.of_case("/messages"), MESSAGE)
    charity.post(story.of_case("/documents"), DOCUMENT)
    until("the citizen has the request", partial(open_questions, story))
    for kind in ("messages", "documents"):
        path = story.of_case(f"/{kind}")
        until(f"the citizen has the {kind}", partial(_listed, story, path))


def _listed(story: Story, path: str) -> bool:
    return bool(story.portal.api.get(path)["statements"])


def _check_case(story: Story, step: Step, citizen: Citizen) -> None:
    case = f"/cases/{story.case}"
    pages = {name: citizen.read(f"{case}{path}") for name, path in _PAGES.items()}
    permissions = citizen.read("/permissions/")
    step.check(PURPOSE_TEXT["en"] in permissions, "the permission is there, with its purpose")
    step.check("because you took it back" in permissions, "and that the citizen took it back")
    step.check("Permission taken back by you" in pages["timeline"], "the case's own page says so as well")
    step.check(MESSAGE["subject"] in pages["messages"], "the message is there")
    step.check(DOCUMENT["title"] in pages["documents"], "the document is there")
    step.content("opened", ", ".join(["home", "the request", "permissions", *pages]))


_PAGES = {
    "summary": "",
    "timeline": "/timeline",
    "records": "/records",
    "messages": "/messages",
    "documents": "/documents",
}
