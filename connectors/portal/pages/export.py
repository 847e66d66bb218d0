"""Take it with me: everything of the visitor's in one file, or one case of it, made while it is sent.

A delegate gets the cases that they may see, and the person is shown that they took a copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, render_template, stream_with_context
from sqlalchemy import Connection

from connectors.cases.view import Case
from connectors.pages.case import words
from connectors.pages.case.shown import labels, shown
from connectors.pages.languages import day, language, listed
from connectors.pages.languages import gettext as _
from connectors.pages.throttle import Limit
from connectors.portal.acting import mandates
from connectors.portal.acting import words as acting_words
from connectors.portal.by_law import laws_of
from connectors.portal.deciding import receipt_text
from connectors.portal.deciding.by_whom import Deciders, deciders, mandate_of
from connectors.portal.exporting import copying
from connectors.portal.exporting.copying import Copy
from connectors.portal.exporting.gathered import OneCase, gather
from connectors.portal.exporting.of_account import OneAccount, account_of
from connectors.portal.own import own_case, own_cases
from connectors.portal.pages.cases import cards
from connectors.portal.portal import portal
from connectors.portal.reasons import Reasons
from connectors.portal.visiting import check_fresh, is_fresh, visitor
from schemas import instant
from schemas.errors import Refusal

blueprint: Final = Blueprint("export", __name__, url_prefix="/take-with-me")
TAKING: Final = Limit("export.account", 30, timedelta(hours=1))
"""Each proves every message of a case anew; somebody who tries again after a broken line is not held up."""


@blueprint.get("/")
def show() -> str:
    """Say what is in the file, and what one can do with it."""
    mine = own_cases()
    who = visitor()
    return render_template("export/export.html", cases=cards(mine), fresh=is_fresh(who), acting=who.mandate)


@blueprint.post("/")
def take_all() -> Response:
    """Give everything as one file."""
    _check()
    return _take(own_cases(), "export.all", whole=True)


@blueprint.post("/<uuid:case_id>")
def take_one(case_id: Any) -> Response:
    """Give one case as one file."""
    case = own_case(str(case_id))
    _check()
    return _take([case], "export.case", whole=False)


def _check() -> None:
    """Raise SignInAgain or TriedTooOften, before all of somebody's cases are read."""
    check_fresh()
    portal().throttle.check(TAKING, visitor().account, portal().now())


def _take(cases: list[Case], act: str, *, whole: bool) -> Response:
    who, now = visitor(), portal().now()
    laws = {case.id: laws_of(case) for case in cases}
    with portal().connector.database.reading() as connection:
        oldest_first = sorted(cases, key=lambda case: (case.opened_at or now, case.id))
        gathered = gather(connection, who, oldest_first, laws, now)
        folders = {f"case-{number}": one for number, one in enumerate(gathered, start=1)}
        account = _account(connection, folders) if whole else None
    _note(cases, act)
    copy = Copy(
        folders=folders,
        account=account.document(now) if account else None,
        index=_index(account, folders) if account else None,
        readme=_readme(folders),
        page=partial(_page, whole=whole),
        language=language(),
        mandate=mandate_of(who),
        made_at=now,
    )
    return _file(copying.write(portal(), copy))


def _account(connection: Connection, folders: Mapping[str, OneCase]) -> OneAccount:
    by_case = {one.case.id: folder for folder, one in folders.items()}
    return account_of(connection, visitor(), by_case, portal().now())


def _note(cases: list[Case], act: str) -> None:
    """Let the person know of it, where a delegate took the copy."""
    case = cases[0].id if act == "export.case" else None
    with portal().connector.database.writing() as connection:
        mandates.did(connection, visitor(), act, portal().now(), case=case)


def _file(pieces: Iterator[bytes]) -> Response:
    answer = Response(stream_with_context(pieces), mimetype="application/zip")
    name = f"accord-{portal().now():%Y-%m-%d}.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _readme(folders: Mapping[str, OneCase]) -> str:
    pinned = portal().connector.coordinator.pinned
    prints = sorted({*pinned.coordinator, pinned.log.kid})
    return render_template(
        "export/README.txt", fingerprints=prints, origin=pinned.origin, folders=list(folders)
    )


# --- the page of a case -----------------------------------------------------------------------------


def _index(account: OneAccount, folders: Mapping[str, OneCase]) -> str:
    return render_template(
        "export/index.html",
        account=account,
        folders=[(folder, _title(one)) for folder, one in folders.items()],
        kinds=acting_words.KINDS,
        held=acting_words.HELD,
        who_did=_who_did,
        deed=acting_words.deed,
        parse=instant.parse,
        now=portal().now(),
    )


def _title(one: OneCase) -> str:
    at = one.case.opened_at
    return one.label or (_("Case of %(date)s", date=day(at)) if at else _("My case"))


def _who_did(deed: Mapping[str, Any]) -> str:
    if deed["by"] == "account":
        return str(deed["name"] or _("A person who acts for you"))
    return _("Our staff") if deed["by"] == "staff" else _("The passing of time")


def _page(one: OneCase, files: Mapping[str, str], *, whole: bool) -> str:
    case = one.case

    def name(party: str) -> str:
        return _("you") if party == words.PERSON else one.names.get(party, party)

    return render_template(
        "export/case.html",
        one=one,
        case=case,
        files=files,
        title=_title(one),
        whole=whole,
        words_shown=list(copying.shown_names(one.notices).items()),
        who_did=_who_did,
        deed=acting_words.deed,
        parse=instant.parse,
        name=name,
        names_of=lambda found: listed(name(each) for each in found),
        categories_of=lambda found: listed(words.category(each) for each in found),
        words=words,
        why=Reasons(case).of,
        deciders=_deciders(),
        labels=labels,
        shown=_shown,
        receipts=[
            (
                receipt_text.done(each, language(), mandate_of(visitor())),
                receipt_text.lines(each, language(), portal().settings.timezone),
            )
            for each in one.receipts
        ],
        now=portal().now(),
    )


def _deciders() -> Deciders:
    with portal().connector.database.reading() as connection:
        return deciders(connection, visitor(), portal().now())


def _shown(schema: str, content: Mapping[str, Any]) -> Any:
    """Put a record into words; one of a schema that is not known here is only in the data."""
    try:
        return shown(schema, content)
    except Refusal:
        return ()
