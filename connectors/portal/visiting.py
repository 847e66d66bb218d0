"""Who is looking at a page: the account that signed in, and for whom they act; the door of every page.

What they may do in a case is decided in one place: `connectors.portal.accounts.may`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app, g, request, session
from sqlalchemy import Connection, Row
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from connectors.pages import frame, languages
from connectors.pages.sessions import Session
from connectors.pages.sign_in import SignedIn
from connectors.portal.acting.rules import held_back
from connectors.portal.errors import MandateNotInForce
from connectors.portal.portal import portal
from connectors.portal.store import accounts, mandates, sessions
from schemas import instant
from schemas.errors import NotPermitted
from schemas.instant import to_ms

_KEPT: Final = ("acting_for", "wish", "shown", "chosen")
"""What a session keeps when the same person signs in again: for whom they act, the words of somebody who
comes alone (this is their only copy), which requests they were shown, and what they had chosen on one."""


class SignInFirst(NotPermitted):
    """Sign in to see this page."""

    code = "sign_in_first"


class SignInAgain(NotPermitted):
    """It is a while since you signed in; show once more that it is you."""

    code = "sign_in_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who signed in, and the mandate by which they act for another, if they do."""

    account: str
    name: str | None
    language: str
    acr: str
    auth_time: datetime
    mandate: Row[Any] | None = None
    principal_name: str | None = None
    is_held_back: bool = False
    """Whether the person is not told for now what is done for them by this mandate."""

    @property
    def principal(self) -> str:
        """Whose cases are shown: their own, or those of the person for whom they act."""
        return str(self.mandate.principal) if self.mandate is not None else self.account


def known() -> Visitor | None:
    """Give whoever is signed in, None when nobody is."""
    account = session.get("account")
    if account is None:
        return None
    with portal().connector.database.reading() as connection:
        row = accounts.find(connection, account)
        if row is None:
            return None
        mandate = _mandate(connection, account)
        principal = None if mandate is None else accounts.find(connection, mandate.principal)
    return Visitor(
        account=row.id,
        name=row.name,
        language=row.language,
        acr=session["acr"],
        auth_time=instant.from_ms(session["auth_time"]),
        mandate=mandate,
        principal_name=None if principal is None else principal.name,
        is_held_back=mandate is not None and held_back(mandate.safeguarding, portal().now()),
    )


def _mandate(connection: Connection, account: str) -> Row[Any] | None:
    """Give the mandate that the session acts by, as long as it can be used."""
    acting_for = session.get("acting_for")
    if acting_for is None:
        return None
    row = mandates.find(connection, acting_for)
    now = to_ms(portal().now())
    holds = row is not None and row.delegate == account and row.status == "active"
    if row is None or not holds or not row.valid_from <= now < row.valid_until:
        session.pop("acting_for", None)
        g.mandate_ended = True
        return None
    return row


def check_mandate() -> None:
    """Raise MandateNotInForce, once, when the mandate that the session acted by has ended meanwhile.

    Without this word the visitor would go on for themselves and believe that they act for another.
    """
    if getattr(g, "mandate_ended", False):
        raise MandateNotInForce


def visitor() -> Visitor:
    """Give whoever is signed in; raise SignInFirst."""
    found = getattr(g, "visitor", None)
    if found is None:
        raise SignInFirst
    return found  # type: ignore[no-any-return]  # Flask's `g` holds anything


def enter(found: SignedIn) -> None:
    """Let somebody in whom the identity provider has confirmed; the session gets another name."""
    now = portal().now()
    with portal().connector.database.writing() as connection:
        account = accounts.create(
            connection,
            kind="person",
            language=languages.language(),
            now=now,
            issuer=found.issuer,
            subject=found.subject,
            name=found.name,  # and no address: whoever wants e-mail says so, and to which one (GDPR 5(1)(c))
        )
        accounts.change(connection, account, name=found.name, seen_at=to_ms(now))
    mine = _session()
    kept = {name: mine[name] for name in _KEPT if name in mine} if mine.get("account") == account else {}
    mine.clear()
    mine.update(kept, account=account, acr=found.acr, auth_time=to_ms(found.auth_time))
    mine.renew(anew=True)


def leave() -> None:
    """End the session."""
    _session().end()


def keep_language(code: str) -> None:
    """Keep the visitor's language with their account, for e-mail and for other devices."""
    with portal().connector.database.writing() as connection:
        accounts.change(connection, visitor().account, language=code)


def end_elsewhere() -> int:
    """End all sessions of the visitor but this one; gives how many."""
    account, name = visitor().account, _session().kept_as or ""
    with portal().connector.database.writing() as connection:
        return sessions.end_others(connection, account, name)


def this_session() -> str | None:
    """Give the name under which this session is kept, to tell it from others."""
    return _session().kept_as


def act_by(mandate: str | None) -> None:
    """Act by a mandate from now on, or for oneself again; the session gets another name."""
    mine = _session()
    mine.pop("acting_for", None)
    if mandate is not None:
        mine["acting_for"] = mandate
    mine.renew()


def check_fresh() -> None:
    """Raise SignInAgain if it is too long ago that the visitor showed who they are, for deciding yes."""
    if not is_fresh(visitor()):
        raise SignInAgain


def is_fresh(who: Visitor) -> bool:
    """Say whether it is only a short while since somebody showed who they are."""
    life = timedelta(minutes=portal().settings.sign_in_fresh_minutes)
    return portal().now() - who.auth_time <= life


def page_here() -> str:
    """Give the page to come back to after signing in: this one, or the one whose form was sent.

    A form that is sent to an address without a page of its own belongs to the page above it.
    """
    if request.method == "GET":
        return frame.here()
    adapter = current_app.create_url_adapter(request)
    above = request.path.rstrip("/")
    while above and adapter is not None:
        for path in (above, f"{above}/"):
            if _is_page(adapter, path):
                return request.full_path.rstrip("?") if path == request.path else path
        above = above.rpartition("/")[0]
    return "/"


def _is_page(adapter: MapAdapter, path: str) -> bool:
    try:
        adapter.match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return True


def _session() -> Session:
    if not isinstance(session._get_current_object(), Session):  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's proxy
        raise TypeError("pages keep their sessions on the server")
    return session  # type: ignore[return-value]  # checked above
