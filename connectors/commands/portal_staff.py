"""`accord portal mandate` and `accord portal ward`: what the portal's staff enter for people who cannot
themselves.

They work on the portal's tables directly, so that they need no running connector; what they print is ids and
codes, no names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from typing import Any

import click

from connectors.commands import output
from connectors.commands.invocation import Invocation, json_option, pass_invocation
from connectors.errors import NotAPortal
from connectors.exchange.store.database import Database, open_database
from connectors.portal.acting import coming_of_age, mandates
from connectors.portal.acting import rules as mandate_rules
from connectors.portal.acting.rules import KINDS, POWERS, Terms
from connectors.portal.store import accounts
from connectors.portal.store import mandates as mandate_rows
from connectors.portal.store.database import bring_up_to_date
from schemas import instant

_STAFF_KINDS = sorted(name for name, kind in KINDS.items() if kind.by_staff)
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@contextmanager
def _opened(invocation: Invocation) -> Iterator[Database]:
    config = invocation.config()
    if not config.is_portal:
        raise NotAPortal(remedy="Name the settings of a portal with --config.")
    database = open_database(config.storage.url)
    try:
        bring_up_to_date(database)
        yield database
    finally:
        database.close()


def _ask(what: str) -> str:
    """Ask for what is about a person: other accounts of this machine can see a command's arguments."""
    found: str = click.prompt(what, err=True)
    return found.strip()[:200]


def _start_of(day: datetime) -> datetime:
    return datetime.combine(day.date(), time(), UTC)


# --- people without a sign-in -----------------------------------------------------------------------


@click.group()
def ward() -> None:
    """People without a sign-in of their own, such as children: others act for them by a mandate."""


@ward.command("add")
@click.option(
    "--language", type=click.Choice(["en", "fr"]), required=True, help="The language of their receipts."
)
@json_option
@pass_invocation
def add_ward(invocation: Invocation, language: str) -> None:
    """Make an account for somebody without a sign-in; asks for their name and prints the account's id.

    The name is shown to nobody but those who act for them.
    """
    name = _ask("Name")
    with _opened(invocation) as database, database.writing() as connection:
        account = accounts.create(connection, kind="ward", language=language, now=instant.now(), name=name)
    invocation.show({"account": account}, lambda: output.say(f"Account {account}"))


@ward.command("link")
@click.argument("account")
@json_option
@pass_invocation
def link_ward(invocation: Invocation, account: str) -> None:
    """Make the one-time code with which the person behind ACCOUNT gets a sign-in of their own.

    Hand it over in person. They sign in to the portal and enter it there; it is worth something for 14 days.
    """
    with _opened(invocation) as database, database.writing() as connection:
        code = coming_of_age.offer_sign_in(connection, account, instant.now())
    invocation.show({"code": code}, lambda: output.say(f"Code {code}"))


# --- mandates ---------------------------------------------------------------------------------------


@click.group()
def mandate() -> None:
    """Who acts for whom by law, by a court or by a deed; citizens give the other mandates themselves."""


@mandate.command("add")
@click.argument("principal")
@click.option("--kind", type=click.Choice(_STAFF_KINDS), required=True, help="What it rests on.")
@click.option(
    "--power",
    "powers",
    type=click.Choice(POWERS),
    multiple=True,
    help="What it lets them do. Repeat the option. Without it: everything of its kind.",
)
@click.option(
    "--case", "cases", multiple=True, help="Only for this case. Repeat the option. Without it: all."
)
@click.option("--until", type=_DAY, required=True, help="The last day before which it ends, like 2027-12-31.")
@click.option("--of-age-on", type=_DAY, help="When the child comes of age; needed for parents.")
@click.option(
    "--joint",
    is_flag=True,
    help="Held with another parent: both agree to a yes. Enter both before handing a code over.",
)
@click.option("--register", required=True, help="Where it was checked, like a court's register.")
@click.option("--checked-by-role", required=True, help="Who checked it, as a role; no name.")
@json_option
@pass_invocation
def add_mandate(
    invocation: Invocation,
    principal: str,
    *,
    kind: str,
    powers: tuple[str, ...],
    cases: tuple[str, ...],
    until: datetime,
    of_age_on: datetime | None,
    joint: bool,
    register: str,
    checked_by_role: str,
) -> None:
    """Enter a mandate for the account PRINCIPAL; prints the code for whoever is to act for them.

    Asks for the entry's number in the register. Hand the code over in person: whoever signs in and enters it
    acts from then on.
    """
    now = instant.now()
    evidence = {
        "register": register,
        "reference": _ask("Reference in the register"),
        "checked_at": instant.format(now),
        "checked_by_role": checked_by_role,
    }
    terms = Terms(
        kind=kind,
        valid_until=_start_of(until),
        powers=powers or None,
        cases=cases or None,
        joint=joint,
        of_age_on=None if of_age_on is None else _start_of(of_age_on),
        evidence=evidence,
    )
    with _opened(invocation) as database, database.writing() as connection:
        made = mandates.enter(connection, principal, terms, now)
    found = {"mandate": made.id, "code": made.code}
    invocation.show(found, lambda: output.say(f"Mandate {made.id}\nCode {made.code}"))


@mandate.command("end")
@click.argument("mandate_id", metavar="MANDATE")
@click.option("--reason", required=True, help="Why, in a word or two; no names.")
@json_option
@pass_invocation
def end_mandate(invocation: Invocation, mandate_id: str, reason: str) -> None:
    """End MANDATE at once; the person for whom it was is shown that it ended."""
    with _opened(invocation) as database, database.writing() as connection:
        mandates.end_by_staff(connection, mandate_id, reason, instant.now())
    invocation.show({"mandate": mandate_id, "status": "ended"}, lambda: output.say("Ended."))


@mandate.command("list")
@click.option("--principal", help="Only those for this account.")
@json_option
@pass_invocation
def list_mandates(invocation: Invocation, principal: str | None) -> None:
    """List the mandates, newest first."""
    with _opened(invocation) as database, database.reading() as connection:
        rows = (
            mandate_rows.everything(connection)
            if principal is None
            else mandate_rows.given_by(connection, principal)
        )
        found = [_shown(row) for row in rows]
    columns = ("Mandate", "For", "By", "Kind", "Powers", "Status", "Until", "Held back", "Shielded")
    names = (
        "id",
        "principal",
        "delegate",
        "kind",
        "powers",
        "status",
        "valid_until",
        "held_back",
    )
    lines = [[*(each[name] for name in names), _in_a_word(each["shielded"])] for each in found]
    invocation.show(found, lambda: output.table("Mandates", columns, lines, empty="There are no mandates."))


def _shown(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "principal": row.principal,
        "delegate": row.delegate,
        "kind": row.kind,
        "powers": [power for power in mandate_rules.POWERS if power in row.powers],
        "joint": row.joint,
        "status": row.status,
        "valid_until": instant.format(instant.from_ms(row.valid_until)),
        "held_back": row.safeguarding is not None,
        "shielded": None if row.shielded is None else _shield_shown(row.shielded),
    }


def _in_a_word(shielded: Any) -> str:
    if shielded is None:
        return ""
    return "review overdue" if shielded["overdue"] else f"review by {shielded['review_at'][:10]}"


def _shield_shown(shielded: Any) -> dict[str, Any]:
    review_at = instant.from_ms(shielded["review_at"])
    return {
        "cases": shielded["cases"],
        "review_at": instant.format(review_at),
        "overdue": review_at <= instant.now(),
    }


def _decided_for_safety(command: Callable[..., None]) -> Callable[..., None]:
    """Ask on what ground, until when, and by whom something was decided for somebody's safety."""
    options = (
        click.option("--ground", required=True, help="On what legal ground, like a court's order."),
        click.option(
            "--review-on", type=_DAY, required=True, help="When it is looked at again; half a year at most."
        ),
        click.option("--by-role", required=True, help="Who decided it, as a role; no name."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@mandate.command("hold-back")
@click.argument("mandate_id", metavar="MANDATE")
@_decided_for_safety
@json_option
@pass_invocation
def hold_back(
    invocation: Invocation, mandate_id: str, *, ground: str, review_on: datetime, by_role: str
) -> None:
    """Do not tell the person what is done by MANDATE, for somebody's safety, until the day of review.

    No page, e-mail or copy then says that somebody acted, or who. What became of permissions and cases is
    theirs to see and stays visible: a permission that is paused is shown as paused in their name.
    """
    with _opened(invocation) as database, database.writing() as connection:
        mandates.hold_back(
            connection,
            mandate_id,
            ground=ground,
            review_at=_start_of(review_on),
            by_role=by_role,
            now=instant.now(),
        )
    invocation.show({"mandate": mandate_id, "held_back": True}, lambda: output.say("Held back."))


@mandate.command("shield")
@click.argument("mandate_id", metavar="MANDATE")
@click.option("--case", "cases", multiple=True, help="Only this case. Repeat the option. Without it: all.")
@_decided_for_safety
@json_option
@pass_invocation
def shield(
    invocation: Invocation,
    mandate_id: str,
    *,
    cases: tuple[str, ...],
    ground: str,
    review_on: datetime,
    by_role: str,
) -> None:
    """Keep cases from whoever holds MANDATE, to shield somebody from them.

    Everything in these cases is to them as if it did not exist, and who holds responsibility with them
    decides alone there. It stays so after the day of review, until `unshield`; `list` says what is overdue.
    """
    with _opened(invocation) as database, database.writing() as connection:
        mandates.shield(
            connection,
            mandate_id,
            cases=cases or None,
            ground=ground,
            review_at=_start_of(review_on),
            by_role=by_role,
            now=instant.now(),
        )
    invocation.show({"mandate": mandate_id, "shielded": True}, lambda: output.say("Shielded."))


@mandate.command("unshield")
@click.argument("mandate_id", metavar="MANDATE")
@json_option
@pass_invocation
def unshield(invocation: Invocation, mandate_id: str) -> None:
    """Let MANDATE reach again the cases that it is for."""
    with _opened(invocation) as database, database.writing() as connection:
        mandates.end_shield(connection, mandate_id)
    invocation.show({"mandate": mandate_id, "shielded": False}, lambda: output.say("Not shielded any more."))
