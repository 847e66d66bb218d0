"""What each reader has seen of their cases' messages, so that the start page can name the new ones.

Kept for who signed in, not for whom they act: what a delegate has read is still new to the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flask import Flask, Response, request

from connectors.cases.view import Case, Thread
from connectors.portal.own import own_case
from connectors.portal.portal import portal
from connectors.portal.store import seen
from connectors.portal.visiting import Visitor, visitor
from schemas.messages.fields import CITIZEN

_PAGES: Final = frozenset({"case.messages", "case.thread"})
_OK: Final = 200


def watch(app: Flask) -> None:
    """Note that somebody has seen a case's messages, after a page that shows them was made."""

    @app.after_request
    def note(response: Response) -> Response:
        if request.endpoint in _PAGES and request.method == "GET" and response.status_code == _OK:
            case = own_case(str((request.view_args or {})["case_id"]))
            _note(case, visitor())
        return response


def _note(case: Case, who: Visitor) -> None:
    newest = max((_newest(thread) for thread in case.threads), default=0)
    with portal().connector.database.reading() as connection:
        known = seen.up_to(connection, who.account, case.id)
    if newest > known:  # most pages show nothing new, and then nobody has to wait for the lock of writing
        with portal().connector.database.writing() as connection:
            seen.note(connection, who.account, case.id, newest)


def unread(case: Case, who: Visitor) -> Iterator[Thread]:
    """Give the threads in which others wrote since this reader last looked."""
    with portal().connector.database.reading() as connection:
        known = seen.up_to(connection, who.account, case.id)
    for thread in case.threads:
        if thread.last_by.name != CITIZEN and _newest(thread) > known:
            yield thread


def _newest(thread: Thread) -> int:
    """Give the place of the newest message in the log; one that has none yet was written here."""
    return max((post.log_index + 1 for post in thread.posts if post.log_index is not None), default=0)
