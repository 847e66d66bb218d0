"""Sessions on the server: the browser holds a random name for a row of ours, and nothing else.

The store is the caller's (the portal's table, later the workspace's). A session's name changes when somebody
signs in, so that a name that was planted before is worth nothing (OWASP ASVS 5.0 §7.2.4). It ends when it
was not used for a while, and some time after its beginning however much it is used (§7.3).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict

_NAME_BYTES: Final = 32
_LONGEST: Final = 1.5
"""After how many of its lives a session ends though it is used all the time: of 8 hours, after 12."""
_WORTH_WRITING: Final = 0.1
"""Which part of its life a session must have lost, so that a visit writes down that it was used."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store keeps of a session."""

    data: Mapping[str, Any]
    expires_at: datetime
    begun_at: datetime | None = None
    """When it began, by signing in or before; None for now."""


class SessionStore(Protocol):
    """Where sessions are kept; `name` is the SHA-256 of what the browser holds."""

    def load(self, name: str, now: datetime) -> Kept | None:
        """Give a session that has not expired."""

    def save(self, name: str, kept: Kept, now: datetime) -> None:
        """Write a session."""

    def extend(self, name: str, expires_at: datetime, now: datetime) -> None:
        """Let a session that is there expire later, and leave what is in it as it is."""

    def delete(self, name: str) -> None:
        """Forget a session."""


class Session(CallbackDict[str, Any], SessionMixin):
    """One visitor's session; `renew()` gives it another name at the end of this request."""

    def __init__(self, data: Mapping[str, Any], held: str | None, kept: Kept | None = None) -> None:
        """Take the data, and what the browser holds and the store keeps, None for a new one."""

        def changed(_: Any) -> None:
            self.modified = True

        super().__init__(dict(data), changed)
        self.held = held
        self.old: str | None = None
        self.begun_at = None if kept is None else kept.begun_at
        self.expires_at = None if kept is None else kept.expires_at
        self.modified = False

    @property
    def kept_as(self) -> str | None:
        """The name under which the store keeps it, None while it has none."""
        return None if self.held is None else hashed(self.held)

    def renew(self, *, anew: bool = False) -> None:
        """Give the session another name: after signing in, and when somebody begins to act for another.

        With `anew` its time begins anew too, because somebody has just shown who they are.
        """
        if anew:
            self.begun_at = None
        if self.held is not None:
            self.old = self.held
        self.held = None
        self.modified = True

    def end(self) -> None:
        """Forget everything and the name."""
        self.clear()
        self.renew(anew=True)


class ServerSide(SessionInterface):
    """Flask's sessions, kept in a store on the server."""

    def __init__(self, store: SessionStore, clock: Any, *, life: timedelta, secure: bool) -> None:
        """Take where to keep them, the clock, how long an unused one lives, and whether we are on https."""
        self._store = store
        self._clock = clock
        self._life = life
        self._secure = secure

    @property
    def cookie(self) -> str:
        """Name of the cookie; with `__Host-` no other site under our domain can set it."""
        return "__Host-session" if self._secure else "session"

    def open_session(self, app: Flask, request: Request) -> Session:  # noqa: ARG002 - Flask's signature
        """Give the visitor's session, a new and empty one when there is none."""
        held = request.cookies.get(self.cookie)
        if held is not None:
            kept = self._store.load(hashed(held), self._clock())
            if kept is not None:
                return Session(kept.data, held, kept)
        return Session({}, None)

    def save_session(
        self,
        app: Flask,  # noqa: ARG002 - Flask's signature
        session: SessionMixin,
        response: Response,
    ) -> None:
        """Keep the session, if anything is in it."""
        if not isinstance(session, Session):
            raise TypeError("only sessions opened here are saved here")
        if session.old is not None:
            self._store.delete(hashed(session.old))
        if not session:
            if session.held is not None:
                self._store.delete(hashed(session.held))
            if session.held is not None or session.old is not None:
                response.delete_cookie(self.cookie, path="/", secure=self._secure, httponly=True)
            return
        if not session.modified:
            self._extend(session, response)
            return
        held = session.held or secrets.token_urlsafe(_NAME_BYTES)
        now = self._clock()
        begun = session.begun_at or now
        self._store.save(hashed(held), Kept(dict(session), self._end(begun, now), begun), now)
        response.set_cookie(self.cookie, held, path="/", secure=self._secure, httponly=True, samesite="Lax")

    def _end(self, begun: datetime, now: datetime) -> datetime:
        """Give when a session ends that is used now."""
        return min(now + self._life, begun + self._life * _LONGEST)

    def _extend(self, session: Session, response: Response) -> None:
        """Let a session live on because a page was opened; what a page asks for by itself is no use of it."""
        if session.held is None or session.expires_at is None or response.mimetype != "text/html":
            return
        now = self._clock()
        end = self._end(session.begun_at or now, now)
        if end - session.expires_at > self._life * _WORTH_WRITING:
            self._store.extend(hashed(session.held), end, now)


def hashed(held: str) -> str:
    """Give the name under which a store keeps the session that a browser holds."""
    return hashlib.sha256(held.encode("utf-8", "surrogatepass")).hexdigest()
