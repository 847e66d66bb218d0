"""Records that the citizen sees first: their word about each, and what goes on only with it.

Under a consent with `preview` a source releases to the citizen alone, in answer to an agency's request. What
is inside is sealed, so that what is held here is the circle around it: one word of the citizen for each such
release, and one release to whoever asked for each yes, of the same source, request and category.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coordinator.intake.rules.parties import check_recipients, sender_seat
from coordinator.intake.rules.reason import BY_SEAT, Reason
from coordinator.register.passes import Pass
from coordinator.register.register import Register
from schemas.errors import NotPassedOn, UnknownRequest, WrongTransition
from schemas.messages.fields import CITIZEN
from schemas.messages.shape import Message

RELEASE, REQUEST = "record.release/1", "record.request/1"


def decide(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `record.pass`: the citizen's one word about a release that went to them alone."""
    sender_seat(message, register)
    check_recipients(message, register)
    previewed(message, register)
    decided = register.passes.get((message.body or {})["release"])
    if decided is not None:
        raise WrongTransition(
            "This record was passed on or stopped before.", release=decided.release, state=decided.decision
        )
    return BY_SEAT


def previewed(message: Message, register: Register) -> Mapping[str, Any]:
    """Give what the release that is decided on says; raise UnknownRequest if it went to anyone else."""
    release = (message.body or {})["release"]
    for said in register.said_in(message.case, release):
        content = register.content_of(said)
        alone = content.get("to") == [CITIZEN] and "re" in content
        if said.type == RELEASE and message.to == (said.sender,) and alone:
            return content
    raise UnknownRequest("No such record waits for the citizen's word.", message=release)


def check_preview(message: Message, register: Register) -> None:
    """Raise UnknownRequest unless a release to the citizen alone answers a request that reached its sender.

    It may be the citizen's own request, or an agency's, whose answer the citizen sees first.
    """
    for said in register.said_in(message.case, message.re):
        if said.type == REQUEST and message.sender in register.content_of(said).get("to", ()):
            return
    raise UnknownRequest(message=message.re or "", case=message.case or "")


def check_passed(message: Message, register: Register) -> None:
    """Raise NotPassedOn if the citizen was to see this first and has not passed it on to this recipient."""
    if not _is_seen_first(message, register):
        return
    asked = {said.sender for said in register.said_in(message.case, message.re) if said.type == REQUEST}
    others = set(message.to) - {CITIZEN}
    if len(others) != 1 or not others <= asked:
        raise NotPassedOn(
            "What the citizen passes on goes to who asked for it alone.", request=message.re or ""
        )
    if pass_for(message, register) is None:
        raise NotPassedOn(request=message.re or "", category=message.categories[0])


def check_corrects_passed(message: Message, register: Register) -> None:
    """Raise NotPassedOn if a correction would bring what the citizen never passed on.

    What was passed on is corrected without asking again (GDPR art. 19: every recipient is told).
    """
    if not _is_seen_first(message, register):
        return
    passed = {use.release for use in register.pass_uses.values() if use.used_by == message.re}
    decided = [each for each in register.passes.values() if each.release in passed]
    if not any(_same_record(each, message) for each in decided):
        raise NotPassedOn(message=message.re or "", category=message.categories[0])


def pass_for(message: Message, register: Register) -> Pass | None:
    """Give the unused yes that lets a release through, if there is one."""
    for each in register.passes.values():
        unused = register.pass_uses.get(each.release) is None
        if each.decision == "pass" and unused and each.request == message.re and _same_record(each, message):
            return each
    return None


def _same_record(decided: Pass, message: Message) -> bool:
    return (decided.case, decided.source, (decided.category,)) == (
        message.case,
        message.sender,
        message.categories,
    )


def _is_seen_first(message: Message, register: Register) -> bool:
    """Whether this goes to an agency under a consent by which the citizen sees it first."""
    authority = message.authority
    if authority is None or authority.basis != "consent" or message.to == (CITIZEN,):
        return False
    return register.consent(authority.id, message.case).terms.preview
