"""Nothing that people typed or are called stands in logs, metrics, addresses or pages of faults.

The main ways are walked with words that stand nowhere else; every line of every library is kept, down to the
finest, while they are. Then the same over a real server, with requests that are not HTTP.
"""

from __future__ import annotations

import io
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import pytest
import structlog
import waitress
from flask import Response, request
from prometheus_client import CollectorRegistry, generate_latest

from connectors.pages.counting import count_pages
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, PORTAL
from tests.flow.portal.story import CANARIES, Story, Telling
from tests.flow.portal.visits import Pages

TYPED: Final = "CANARY-typed-words"
WORD: Final = "CANARY"
"""In everything that this story's people are called and say."""


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Keep every line of everybody, unfiltered."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    stream = io.StringIO()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logging.root.handlers[:] = [logging.StreamHandler(stream)]
    logging.root.setLevel(logging.DEBUG)
    yield stream
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def story(tmp_path, make_database: MakeDatabase) -> Iterator[Story]:
    made = Telling(tmp_path, make_database)
    yield made
    made.close()


class Watched:
    """The story's pages once more, with what is kept of each request: its address, its target, counters."""

    def __init__(self, story: Story) -> None:
        self.pages = Pages(story.portal, story.pages.settings, story.folder / PORTAL / "keys")
        self.registry = CollectorRegistry()
        self.addresses: list[str] = []
        self.broken: list[str] = []
        count_pages(self.pages.app, self.registry)
        self.pages.app.before_request_funcs.setdefault(None, []).insert(0, self._asked)
        self.pages.app.after_request(self._answered)
        self.pages.app.add_url_rule("/broken", "broken", self._break, methods=["GET", "POST"])

    def _asked(self) -> None:
        self.addresses.append(f"{request.method} {request.full_path}")

    def _answered(self, answer: Response) -> Response:
        self.addresses.append(f"-> {answer.location}")
        if answer.status_code >= 500:
            self.broken.append(answer.get_data(as_text=True))
        return answer

    def _break(self) -> str:
        raise ValueError(f"{TYPED} {request.form.to_dict()}")


def _walk(story: Story, watched: Watched) -> str:
    """Go the main ways, with mistakes; gives the code of an invitation."""
    visit = watched.pages.visit(story.citizen)
    _joined, code = story.join(story.citizen)
    visit.post("/join/", code=f"{TYPED}-wrong")
    visit.post("/join/", code="22222-33333-44444-55555")
    visit.post("/join/", code=code)
    story.world.settle()
    case = story.ids["case_id"]
    visit.post("/begin/", words=TYPED)
    visit.post("/begin/whom", asked=[DEBT])
    visit.post(f"/cases/{case}/note", text=TYPED)
    visit.post(f"/cases/{case}/note", text=TYPED * 900)
    visit.post(f"/cases/{case}/messages/new", text=TYPED, subject=TYPED, kind="message", to=[DEBT])
    file = (io.BytesIO(TYPED.encode()), f"{TYPED}.txt")
    visit.post(f"/cases/{case}/documents/new", title=TYPED, text=TYPED, file=file)
    visit.post(f"/cases/{case}/records/{story.ids['statement']}/contest", text=TYPED, wrong=["landlord"])
    visit.post(f"/cases/{case}/outcome", outcome="no_help", text=TYPED)
    visit.post(f"/cases/{case}/name", name=TYPED)
    visit.get(f"/requests/{story.ids['request_id']}")
    visit.post(f"/requests/{story.ids['request_id']}", decision="allow")
    visit.post(f"/requests/{story.ids['request_id']}", decision="allow")
    visit.post(f"/permissions/{story.ids['consent_id']}/withdraw")
    visit.post(f"/account/passkeys/{story.ids['credential']}/name", name=TYPED)
    visit.client.post(f"/cases/{case}/note", data={"text": TYPED})  # without a token
    story.visit(story.stranger).post(f"/cases/{case}/note", text=TYPED)
    visit.get(f"/cases/{case}/documents/{story.ids['document']}")
    visit.get("/broken")
    visit.post("/broken", words=TYPED)
    for each in ("/home", "/cases/", "/permissions/", "/who-looked/", "/account/", f"/cases/{case}/messages"):
        assert visit.get(each).status_code == 200
    story.world.settle()
    return code


def test_the_main_ways_leave_no_word_in_logs_counters_and_addresses(story: Story, lines: io.StringIO):
    watched = Watched(story)
    code = _walk(story, watched)
    written, counted = lines.getvalue(), generate_latest(watched.registry).decode()
    assert "page_failed" in written, "the fault was written down"
    assert len(watched.addresses) > 50
    assert len(watched.broken) == 2
    assert "case.note" in counted
    asked = "\n".join(watched.addresses)
    secrets = [WORD, *CANARIES, code, code.replace("-", ""), "Sample Citizen", "sample@example.org"]
    for kept in (written, counted, asked, *watched.broken):
        assert [each for each in secrets if each in kept.replace("CANARY phone", "")] == []


def test_no_token_and_no_session_is_written_anywhere(story: Story, lines: io.StringIO):
    watched = Watched(story)
    visit = watched.pages.visit(story.citizen)
    held = visit.client.get_cookie("session")
    assert held is not None
    token = visit.token()
    visit.post(f"/cases/{story.ids['case_id']}/note", text=TYPED)
    visit.post("/broken")
    kept = lines.getvalue() + "\n".join(watched.addresses) + generate_latest(watched.registry).decode()
    assert held.value not in kept
    assert token not in kept


def test_an_invented_method_does_not_become_a_counter(story: Story):
    watched = Watched(story)
    watched.pages.app.test_client().open("/about", method="CANARY")
    assert WORD not in generate_latest(watched.registry).decode()


HOSTILE: Final = [
    b"GET /about?name=CANARY HTTP/1.1\r\nHost: x\r\nX-CANARY: CANARY\r\nConnection: close\r\n\r\n",
    b"CANARY CANARY CANARY\r\n\r\n",
    b"GET /CANARY\x00\xff HTTP/9.9\r\nCANARY\r\n\r\n",
    b"POST /join/ HTTP/1.1\r\nHost: x\r\nContent-Length: CANARY\r\n\r\n",
    b"POST /join/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nCANARY\r\n",
    b"GET /" + b"CANARY" * 60_000 + b" HTTP/1.1\r\n\r\n",
    b"POST /broken HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nConnection: close\r\n\r\nCANARY",
]


def test_the_server_writes_no_word_of_a_request_that_is_none(story: Story, lines: io.StringIO):
    watched = Watched(story)
    listening = socket.create_server(("127.0.0.1", 0))
    server = waitress.create_server(watched.pages.app, sockets=[listening], threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        for raw in HOSTILE:
            to = listening.getsockname()[:2]
            # It may hang up at any moment on somebody who speaks no HTTP.
            with socket.create_connection(to, timeout=5) as line, suppress(OSError):
                line.sendall(raw)
                line.shutdown(socket.SHUT_WR)
                while line.recv(65536):
                    pass
    finally:
        server.close()
        thread.join(2)
    time.sleep(0.1)
    assert WORD not in lines.getvalue()
