"""Acting for somebody: given by the person or entered by staff, accepted with a code, ended by either side.

Every act by a delegate is a deed that the person is shown, unless staff hold it back for their safety, with a
ground and a date on which that is looked at again. A mandate cannot be passed on to a third.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row

from connectors.portal.accounts import Visitor
from connectors.portal.acting import codes
from connectors.portal.acting import rules as mandate_rules
from connectors.portal.acting.codes import CODE_LIFE
from connectors.portal.acting.rules import LONGEST_GIVEN, LONGEST_HELD_BACK, Event, Status, Terms, held_back
from connectors.portal.errors import MandateRefused, NotYours
from connectors.portal.mail import queue
from connectors.portal.mail.queue import Cause
from connectors.portal.store import accounts, deeds, joint_decisions, mandates
from schemas.errors import SamePerson, WrongCode, WrongTransition
from schemas.instant import to_ms

STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Invited:
    """A mandate that waits for whoever has the code, which is shown once and not kept."""

    id: str
    code: str


def give(connection: Connection, visitor: Visitor, terms: Terms, now: datetime) -> Invited:
    """Let somebody act for the visitor; only they themselves can say so. Raises MandateRefused."""
    if visitor.mandate is not None:
        raise MandateRefused("A mandate cannot be passed on.")
    mandate_rules.check_terms(terms, by_staff=False, now=now)
    _check_cases(connection, visitor.account, terms)
    return _invite(connection, visitor.account, terms, by=visitor.account, now=now)


def enter(connection: Connection, principal: str, terms: Terms, now: datetime) -> Invited:
    """Enter a mandate that rests on law, a court or a deed, as staff who have checked it in a register.

    Raises MandateRefused, and NotYours when there is no such account.
    """
    if accounts.find(connection, principal) is None:
        raise NotYours("There is no such account.", account=principal)
    mandate_rules.check_terms(terms, by_staff=True, now=now)
    _check_cases(connection, principal, terms)
    invited = _invite(connection, principal, terms, by=STAFF, now=now)
    deeds.add(connection, account=principal, by_kind=STAFF, act="mandate.enter", mandate=invited.id, now=now)
    return invited


def _check_cases(connection: Connection, principal: str, terms: Terms) -> None:
    own = {row.case for row in accounts.cases_of(connection, principal)}
    if terms.cases is not None and not set(terms.cases) <= own:
        raise NotYours


def _invite(connection: Connection, principal: str, terms: Terms, *, by: str, now: datetime) -> Invited:
    invited = Invited(str(uuid4()), codes.new_code())
    mandates.add(
        connection,
        id=invited.id,
        principal=principal,
        kind=terms.kind,
        powers=list(terms.whole_powers),
        cases=None if terms.cases is None else sorted(terms.cases),
        valid_from=to_ms(now),
        valid_until=to_ms(terms.valid_until),
        evidence=dict(terms.evidence),
        joint=terms.joint,
        of_age_on=None if terms.of_age_on is None else to_ms(terms.of_age_on),
        status=Status.INVITED,
        code_hash=codes.code_hash("mandate", invited.code),
        code_until=to_ms(now + CODE_LIFE),
        created_by=by,
        created_at=to_ms(now),
    )
    return invited


def accept(connection: Connection, visitor: Visitor, code: str, now: datetime) -> str:
    """Take a mandate up with the code; gives its id. How often codes may be tried is the caller's to limit.

    Raises WrongCode for one that is wrong, used or too old, all alike, and SamePerson for one's own.
    """
    row = mandates.by_code(connection, codes.code_hash("mandate", code))
    if row is None or row.code_until <= to_ms(now) or row.valid_until <= to_ms(now):
        raise WrongCode(remedy="Check the code, or ask for a new one.")
    if row.principal == visitor.account or visitor.mandate is not None:
        raise SamePerson("Somebody else takes this up: nobody acts for themselves by a mandate.")
    _check_holds_no_second(connection, row, visitor.account, now)
    _move(
        connection,
        row,
        Event.ACCEPT,
        delegate=visitor.account,
        code_hash=None,
        code_until=None,
        valid_from=to_ms(now),
    )
    _who_decides_has_changed(connection, row)
    deeds.add(
        connection,
        account=row.principal,
        by_kind="account",
        by_account=visitor.account,
        act="mandate.accept",
        mandate=row.id,
        now=now,
    )
    return str(row.id)


def _check_holds_no_second(connection: Connection, row: Row[Any], account: str, now: datetime) -> None:
    """Refuse one person two mandates of a kind for the same: they could agree with themselves."""
    accounts.find(connection, row.principal, locked=True)  # two at the same time would not see each other
    held = [
        each
        for each in mandates.in_force(connection, row.principal, now)
        if each.delegate == account and each.kind == row.kind
    ]
    if held:
        raise MandateRefused("You act for this person by a mandate of this kind already.", kind=row.kind)


def renew(connection: Connection, visitor: Visitor, mandate: str, until: datetime, now: datetime) -> None:
    """Let a mandate that the visitor gave last longer, a year at most; raise NotYours, MandateRefused."""
    row = _own(connection, visitor, mandate)
    if row.created_by != visitor.account:
        raise MandateRefused("Only what you gave yourself is renewed by you.")
    if not now < until <= now + LONGEST_GIVEN:
        raise MandateRefused("A mandate lasts a year at most, from today.")
    if row.valid_until <= to_ms(now):
        raise WrongTransition("This mandate has ended.", mandate=mandate)
    if not mandates.change(connection, mandate, since=(Status.ACTIVE,), valid_until=to_ms(until)):
        raise WrongTransition("Only a mandate in force is renewed.", mandate=mandate)


# --- the end ----------------------------------------------------------------------------------------


def end(connection: Connection, visitor: Visitor, mandate: str, now: datetime) -> None:
    """End a mandate at once and without a reason, as the one who gave it or the one who has it.

    Raises NotYours, NotYoursToEnd for one that rests on law, WrongTransition for one that has ended.
    """
    row = mandates.find(connection, mandate, locked=True)
    by = None if row is None else _side_of(row, visitor)
    if row is None or by is None:
        raise NotYours
    mandate_rules.check_may_end(row.kind, by)
    _end(connection, row, Event.END, now, by_kind="account", by=visitor.account, reason=None)


def end_by_staff(connection: Connection, mandate: str, reason: str, now: datetime) -> None:
    """End a mandate as the portal's staff, who say why; raise NotYours, WrongTransition."""
    row = mandates.find(connection, mandate, locked=True)
    if row is None:
        raise NotYours("There is no such mandate.", mandate=mandate)
    _end(connection, row, Event.END, now, by_kind=STAFF, by=STAFF, reason=reason)


def end_run_out(connection: Connection, now: datetime) -> int:
    """End the mandates whose time is over, and the invitations that nobody took up; gives how many."""
    over = mandates.run_out(connection, now)
    for row in over:
        _end(connection, row, Event.EXPIRE, now, by_kind="clock", by="clock", reason="time")
    return len(over)


def end_of_age(connection: Connection, row: Row[Any], now: datetime) -> None:
    """End a mandate because the person for whom it was has come of age."""
    _end(connection, row, Event.COME_OF_AGE, now, by_kind="clock", by="clock", reason="of_age")


def _end(
    connection: Connection,
    row: Row[Any],
    event: Event,
    now: datetime,
    *,
    by_kind: str,
    by: str,
    reason: str | None,
) -> None:
    _move(
        connection,
        row,
        event,
        code_hash=None,
        code_until=None,
        ended_at=to_ms(now),
        ended_by=by,
        end_reason=reason,
    )
    _who_decides_has_changed(connection, row)
    # What the person did themselves they know.
    if by != row.principal:
        deeds.add(
            connection,
            account=row.principal,
            by_kind=by_kind,
            by_account=by if by_kind == "account" else None,
            act="mandate.end",
            mandate=row.id,
            now=now,
        )


def _move(connection: Connection, row: Row[Any], event: Event, **values: Any) -> None:
    after = mandate_rules.next_status(row.status, event)
    since = mandate_rules.before(event)
    if not mandates.change(connection, row.id, since=since, status=str(after), **values):
        raise WrongTransition("This cannot happen to the mandate any more.", mandate=row.id)


def _who_decides_has_changed(connection: Connection, row: Row[Any]) -> None:
    """Let what waited for another holder be asked anew: the ones who have to agree are others now."""
    if row.joint:
        joint_decisions.end_all(connection, row.principal)


def _own(connection: Connection, visitor: Visitor, mandate: str) -> Row[Any]:
    row = mandates.find(connection, mandate, locked=True)
    if row is None or visitor.mandate is not None or row.principal != visitor.account:
        raise NotYours
    return row


def shield(
    connection: Connection,
    mandate: str,
    *,
    cases: Sequence[str] | None,
    ground: str,
    review_at: datetime,
    by_role: str,
    now: datetime,
) -> None:
    """Keep cases (None: all) from whoever holds a mandate, as staff, for somebody's safety.

    Whoever holds it with others is not asked in these cases, and not told. Raises NotYours, MandateRefused,
    and WrongTransition for one that has ended.
    """
    row = mandates.find(connection, mandate, locked=True)
    if row is None:
        raise NotYours("There is no such mandate.", mandate=mandate)
    own = {each.case for each in accounts.cases_of(connection, row.principal)}
    if cases is not None and not (cases and set(cases) <= own):
        raise NotYours("Name cases of this person.", mandate=mandate)
    flag = {"cases": None if cases is None else sorted(cases), **_ground(ground, review_at, by_role, now)}
    _set_shield(connection, row, flag)


def end_shield(connection: Connection, mandate: str) -> None:
    """Let a mandate reach again what it is for, as staff; raise NotYours, WrongTransition."""
    row = mandates.find(connection, mandate, locked=True)
    if row is None or row.shielded is None:
        raise NotYours("Nothing is kept from whoever holds this mandate.", mandate=mandate)
    _set_shield(connection, row, None)


def _set_shield(connection: Connection, row: Row[Any], flag: Mapping[str, Any] | None) -> None:
    if not mandates.change(connection, row.id, since=(Status.INVITED, Status.ACTIVE), shielded=flag):
        raise WrongTransition("This mandate has ended.", mandate=row.id)
    _who_decides_has_changed(connection, row)


def _side_of(row: Row[Any], visitor: Visitor) -> str | None:
    if row.delegate == visitor.account:
        return "delegate"
    return "principal" if visitor.mandate is None and row.principal == visitor.account else None


# --- what was done ----------------------------------------------------------------------------------


def did(
    connection: Connection,
    visitor: Visitor,
    act: str,
    now: datetime,
    *,
    case: str | None = None,
    about: str | None = None,
) -> None:
    """Write down what a delegate did, and let the person hear of it; nothing for one who acts for themselves.

    Call it in the transaction of what it is about, or right after.
    """
    if visitor.mandate is None:
        return
    deeds.add(
        connection,
        account=visitor.principal,
        by_kind="account",
        by_account=visitor.account,
        mandate=visitor.mandate.id,
        act=act,
        case=case,
        about=about,
        now=now,
    )
    row = mandates.find(connection, visitor.mandate.id)
    if row is not None and not held_back(row.safeguarding, now):
        cause = Cause(case, visitor.mandate.id)
        queue.tell(connection, visitor.principal, "delegate_acted", now, about=[cause])


def shown_deeds(
    connection: Connection, visitor: Visitor, now: datetime, *, only_new: bool = False
) -> Sequence[Row[Any]]:
    """List what others did for the visitor, newest first, without what is held back for their safety.

    With `only_new`, what the visitor has not seen yet. A delegate is not shown what other delegates did.
    """
    if visitor.mandate is not None:
        return []
    found = deeds.of_account(connection, visitor.account, only_new=only_new)
    return [row for row in found if not held_back(row.safeguarding, now)]


def hold_back(
    connection: Connection, mandate: str, *, ground: str, review_at: datetime, by_role: str, now: datetime
) -> None:
    """Keep a delegate's deeds from the person, as staff, with the ground and the date of review."""
    flag = _ground(ground, review_at, by_role, now)
    statuses = (Status.INVITED, Status.ACTIVE, Status.ENDED)
    if not mandates.change(connection, mandate, since=statuses, safeguarding=flag):
        raise NotYours("There is no such mandate.", mandate=mandate)


def _ground(ground: str, review_at: datetime, by_role: str, now: datetime) -> dict[str, Any]:
    """Give why something is not shown, until when, and who decided it; raise MandateRefused."""
    if not ground.strip() or not by_role.strip():
        raise MandateRefused("Say on what ground, and in which role.")
    if not now < review_at <= now + LONGEST_HELD_BACK:
        raise MandateRefused("It is looked at again within half a year.")
    return {"ground": ground, "review_at": to_ms(review_at), "by_role": by_role}
