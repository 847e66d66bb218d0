"""What each reader has seen of their cases' messages, so that the start page can name the new ones.

Kept for who signed in, not for whom they act: what a delegate has read is still new to the person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from flask import Flask, Response, request

from connectors.cases.view import Case, Thread
from connectors.portal.own import own_case
from connectors.portal.portal import portal
from connectors.portal.store import seen
from connectors.portal.visiting import Visitor, visitor
from schemas.messages.fields import CITIZEN

_PAGE: Final = "case.thread"
"""The page on which a conversation is read; a list of subjects shows nobody what was written."""
_OK: Final = 200


def watch(app: Flask) -> None:
    """Note that somebody has seen a case's messages, after a page that shows them was made."""

    @app.after_request
    def note(response: Response) -> Response:
        if request.endpoint == _PAGE and request.method == "GET" and response.status_code == _OK:
            where = request.view_args or {}
            _note(own_case(str(where["case_id"])), str(where["thread"]), visitor())
        return response


def _note(case: Case, opened: str, who: Visitor) -> None:
    newest = max((_newest(thread) for thread in case.threads if thread.id == opened), default=0)
    # Most pages show nothing new, and then nobody has to wait for the lock of writing.
    if newest > _seen(_known(case, who), opened):
        with portal().connector.database.writing() as connection:
            seen.note(connection, who.account, case.id, opened, newest)


def _known(case: Case, who: Visitor) -> Mapping[str, int]:
    with portal().connector.database.reading() as connection:
        return seen.up_to(connection, who.account, case.id)


def _seen(known: Mapping[str, int], thread: str) -> int:
    return max(known.get(thread, 0), known.get("", 0))


def unread(case: Case, who: Visitor) -> Iterator[Thread]:
    """Give the threads in which others wrote since this reader last looked."""
    known = _known(case, who)
    for thread in case.threads:
        if thread.last_by.name != CITIZEN and _newest(thread) > _seen(known, thread.id):
            yield thread


def _newest(thread: Thread) -> int:
    """Give the place of the newest message in the log; one that has none yet was written here."""
    return max((post.log_index + 1 for post in thread.posts if post.log_index is not None), default=0)
