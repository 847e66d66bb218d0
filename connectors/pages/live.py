"""Live updates: a stream that says only that something is new, with plain polling where streams do not pass.

Server-sent events (WHATWG HTML §9.2). A stream holds a thread of the server, so their number is limited, for
each visitor and altogether; one that has to give way tells its page to poll instead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from flask import Response, jsonify, request

_LOOK_EVERY_S: Final = 1.0
_LIFE_S: Final = 55.0
_EACH: Final = 2
"""Streams of one visitor: as many pages are live at once, further ones poll."""


@dataclass(slots=True, eq=False)
class Place:
    """One open stream of a visitor."""

    who: str
    given_up: bool = False


@dataclass(slots=True)
class Places:
    """How many streams may be open at once in this process."""

    most: int
    _open: list[Place] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, who: str) -> Place | None:
        """Take a place, None when all are taken; a visitor's oldest stream gives way to their newest."""
        with self._lock:
            mine = [each for each in self._open if each.who == who and not each.given_up]
            if len(mine) >= _EACH:
                mine[0].given_up = True
            if len(self._open) >= self.most:
                return None
            place = Place(who)
            self._open.append(place)
            return place

    def close(self) -> None:
        """Let every stream end and take no more: the server is about to stop."""
        with self._lock:
            self.most = 0
            for place in self._open:
                place.given_up = True

    @property
    def open_now(self) -> int:
        """How many streams are open at this moment."""
        with self._lock:
            return len(self._open)

    def give_back(self, place: Place) -> None:
        """Let another have it."""
        with self._lock:
            self._open.remove(place)


def answer(places: Places, who: str, latest: Callable[[], int]) -> Response:
    """Answer one request for updates: a stream if the browser wants one and there is room, else a number.

    `who` is whose streams are counted together; `latest` is called outside the request, so it takes nothing
    from it.
    """
    if "text/event-stream" not in request.headers.get("Accept", ""):
        return jsonify(latest=latest())
    place = places.take(who)
    if place is None:
        return Response("", 503, {"Retry-After": "15"})
    stream = Response(_events(place, latest, request.args.get("seen", default=0, type=int)))
    stream.mimetype = "text/event-stream"
    stream.headers["X-Accel-Buffering"] = "no"
    stream.call_on_close(lambda: places.give_back(place))
    return stream


def _events(place: Place, latest: Callable[[], int], seen: int) -> Iterator[str]:
    """Say what is new; something is said each time, so that a page that has gone is noticed at once."""
    ends_at = time.monotonic() + _LIFE_S
    yield "retry: 2000\n\n"
    while time.monotonic() < ends_at and not place.given_up:
        now = latest()
        if now > seen:
            seen = now
            yield f"id: {now}\nevent: new\ndata: {now}\n\n"
        else:
            yield ": \n\n"
        time.sleep(_LOOK_EVERY_S)
    if place.given_up:
        yield "event: poll\ndata: \n\n"
