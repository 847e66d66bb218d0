"""Live updates: a stream that says only that something is new, with plain polling where streams do not pass.

Server-sent events (WHATWG HTML §9.2). A stream holds a thread of the server, so their number is limited and
each ends by itself; the browser then opens another. Whoever finds no place polls.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from flask import Response, jsonify, request

_LOOK_EVERY_S: Final = 1.0
_BEAT_EVERY_S: Final = 15.0
_LIFE_S: Final = 55.0


@dataclass(slots=True)
class Places:
    """How many streams may be open at once in this process."""

    most: int
    _taken: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Take a place if there is one."""
        with self._lock:
            if self._taken >= self.most:
                return False
            self._taken += 1
            return True

    def give_back(self) -> None:
        """Let another have it."""
        with self._lock:
            self._taken -= 1


def answer(places: Places, latest: Callable[[], int]) -> Response:
    """Answer one request for updates: a stream if the browser wants one and there is room, else a number."""
    wants = "text/event-stream" in request.headers.get("Accept", "")
    if not wants:
        return jsonify(latest=latest())
    if not places.take():
        return Response("", 503, {"Retry-After": "15"})
    seen = request.args.get("seen", default=0, type=int)
    stream = Response(_events(latest, seen), mimetype="text/event-stream")
    stream.call_on_close(places.give_back)
    stream.headers["X-Accel-Buffering"] = "no"
    return stream


def _events(latest: Callable[[], int], seen: int) -> Iterator[str]:
    ends_at = time.monotonic() + _LIFE_S
    beat_at = time.monotonic() + _BEAT_EVERY_S
    yield "retry: 2000\n\n"
    while time.monotonic() < ends_at:
        now = latest()
        if now > seen:
            seen = now
            yield f"id: {now}\nevent: new\ndata: {now}\n\n"
        elif time.monotonic() > beat_at:
            beat_at = time.monotonic() + _BEAT_EVERY_S
            yield ": \n\n"
        time.sleep(_LOOK_EVERY_S)
