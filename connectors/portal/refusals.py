"""What a refusal says on a page: plain words in both languages, what to do, nothing about others.

The stable code stays as it is: who is called for help can look it up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from schemas.errors import NotSignedIn, Refusal, TooMany, Unavailable

_log = structlog.get_logger("accord.portal")


@dataclass(frozen=True, slots=True)
class Said:
    """A status, a title, what happened, what to do."""

    status: int
    title: str
    text: str
    remedy: str = ""
    code: str = ""

    def words(self) -> Mapping[str, str]:
        """Give the texts in the visitor's language."""
        return {
            "title": _(self.title),
            "text": _(self.text),
            "remedy": _(self.remedy) if self.remedy else "",
            "code": self.code,
        }


FORGED: Final = Said(
    400,
    N_("Please send this again"),
    N_("The page was open for a long time, or was opened twice. Nothing was saved or changed."),
    N_("Go back and copy what you typed. Then reload the page, and send it again."),
    "forged",
)
SIGNED_OUT: Final = Said(
    400,
    N_("You are not signed in any more"),
    N_("You were away for a long time, or signed out in another window. Nothing was saved or changed."),
    N_("Go back and copy what you typed. Then sign in again, and send it once more."),
    "signed_out",
)
_NOT_FOUND: Final = Said(
    404,
    N_("There is nothing here"),
    N_("This page does not exist, or it is not yours to see."),
    N_("If you followed a link, it may be an old one. Start again from the start page."),
    "not_found",
)
_BROKEN: Final = Said(
    500,
    N_("Something went wrong"),
    N_("This is our fault, not yours. What you typed may not have been saved."),
    N_("Try again in a few minutes. If it happens again, call or write to us."),
    "failed",
)
_BY_STATUS: Final[Mapping[int, Said]] = {
    400: FORGED,
    404: _NOT_FOUND,
    405: _NOT_FOUND,
    413: Said(
        413,
        N_("That is too large"),
        N_("A file can have 25 MB at most. Nothing was sent."),
        N_("Choose a smaller file, or send it in parts."),
        "too_large",
    ),
    429: Said(
        429,
        N_("Please wait a moment"),
        N_("This was tried too often in a short time."),
        N_("Wait a few minutes, then try again."),
        "tried_too_often",
    ),
    500: _BROKEN,
    503: Said(
        503,
        N_("This does not work at the moment"),
        N_("A part of the service cannot be reached. Nothing is lost."),
        N_("Try again in a few minutes."),
        "unavailable",
    ),
}
_BY_CODE: Final[Mapping[str, Said]] = {
    "sign_in_refused": Said(
        403,
        N_("You are not signed in"),
        N_("The sign-in service did not confirm who you are. Nothing was changed."),
        N_("Try to sign in again. If it does not work, call or write to us."),
        "sign_in_refused",
    ),
    "already_decided": Said(
        409,
        N_("This was decided already"),
        N_("The request was answered before. Your first answer counts."),
        N_("You can see it, and change your mind, under “My permissions”."),
        "already_decided",
    ),
    "wrong_transition": Said(
        409,
        N_("This cannot be done any more"),
        N_("The permission has changed in the meantime."),
        N_("Look at it again under “My permissions”."),
        "wrong_transition",
    ),
    "case_closed": Said(
        409,
        N_("The case is closed"),
        N_("In a closed case nothing can be allowed. Nothing was changed."),
        N_("You can still say no, and take permissions back. To say yes, open the case again first."),
        "case_closed",
    ),
    "request_replaced": Said(
        409,
        N_("This request was replaced"),
        N_("They asked anew, as it was suggested to them. Nothing was shared because of this one."),
        N_("You find the newer request on your start page."),
        "request_replaced",
    ),
    "request_expired": Said(
        409,
        N_("It is too late to answer this"),
        N_("The time to answer this request is over. Nothing was shared."),
        N_("If they still need something, they have to ask you again."),
        "request_expired",
    ),
    "not_here": _NOT_FOUND,
    "not_yours": _NOT_FOUND,
}
"""Refusals that have words of their own; pages add theirs with `explain`."""
_ADDED: dict[str, Said] = {}


def explain(code: str, said: Said) -> None:
    """Give the words for one more code of refusal."""
    _ADDED[code] = said


def by_status(status: int) -> Said:
    """Give the words for a status that no refusal explains."""
    return _BY_STATUS.get(status, _BROKEN if status >= 500 else _NOT_FOUND)  # noqa: PLR2004 - HTTP's own limit


def say(refusal: Refusal) -> Said:
    """Give the words for a refusal."""
    known = _ADDED.get(refusal.code) or _BY_CODE.get(refusal.code)
    if known is not None:
        return known
    if isinstance(refusal, TooMany):
        return by_status(429)
    if isinstance(refusal, Unavailable):
        return by_status(503)
    if isinstance(refusal, NotSignedIn):
        return _BY_CODE["sign_in_refused"]
    return Said(
        409,
        N_("This cannot be done"),
        N_("The rules of the exchange do not allow it. Nothing was changed."),
        N_("If you think that this is wrong, call or write to us."),
        refusal.code,
    )


def write_down(error: Exception) -> None:
    """Note a fault of ours by its kind and place, without a word of what was typed."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_name}:{place.tb_lineno}" if place is not None else "?"
    _log.error("page_failed", kind=type(error).__qualname__, where=where)
