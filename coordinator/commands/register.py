"""`invite`, `members`, `agreements`, `cases`: let a member in, and see what is in force."""

from __future__ import annotations

import secrets
from datetime import timedelta

import click
from sqlalchemy import func, insert, select

from coordinator.commands.context import Context, Wrong, as_json, show_facts, show_json, show_rows
from coordinator.database.engine import reading, writing
from coordinator.database.tables import agreements as agreements_table
from coordinator.database.tables import cases as cases_table
from coordinator.database.tables import enrolment_codes, member_keys
from coordinator.database.tables import members as members_table
from coordinator.register.codes import code_key
from schemas import instant
from schemas.messages.fields import MEMBER, RESERVED
from schemas.messages.member_v1 import KINDS

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that are not taken for one another when read aloud or typed."""
_GROUPS, _GROUP = 4, 5
"""Twenty of thirty characters: 98 bits, which cannot be guessed however long somebody tries."""


@click.command()
@click.argument("member")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What kind of organisation it is.")
@click.option(
    "--expires", type=click.IntRange(1, 90), default=7, show_default=True, help="Days to use the code."
)
@as_json
@click.pass_obj
def invite(context: Context, member: str, kind: str, expires: int, *, as_json: bool) -> None:
    """Let MEMBER enrol: print a one-time code, once.

    Hand the code over in person or by telephone, not by e-mail. Only a key derived from it is stored; a lost
    code is replaced by inviting again, and then the older one is good for nothing.
    """
    if not MEMBER.fullmatch(member) or member in RESERVED:
        raise Wrong("A member's id has 2 to 40 of a-z, 0-9 and -, and begins with a letter.")
    now = instant.now()
    code = new_code()
    with context.database() as engine, writing(engine) as connection:
        if connection.execute(select(members_table.c.id).where(members_table.c.id == member)).first():
            raise Wrong(f"{member} has enrolled already.", 1)
        connection.execute(enrolment_codes.delete().where(enrolment_codes.c.member == member))
        until = now + timedelta(days=expires)
        row = {"key_hash": code_key(code), "member": member, "kind": kind, "expires_at": instant.to_ms(until)}
        connection.execute(insert(enrolment_codes), row)
    if as_json:
        show_json({"member": member, "kind": kind, "code": code, "expires_at": instant.format(until)})
        return
    click.echo(f"\n    {code}\n\nOne-time code for {member} ({kind}), good until {instant.format(until)}.")
    click.echo("It is shown only now. On their side: accord connector enrol")


def new_code() -> str:
    """Make a code of 98 bits in groups that are easily read out."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))


@click.command()
@as_json
@click.pass_obj
def members(context: Context, *, as_json: bool) -> None:
    """List the members and how many keys of theirs are in force."""
    now = instant.to_ms(instant.now())
    in_force = (
        (member_keys.c.valid_from <= now)
        & (member_keys.c.valid_until > now)
        & (member_keys.c.ended_at.is_(None) | (member_keys.c.ended_at > now))
    )
    keys = select(func.count()).where(member_keys.c.member == members_table.c.id, in_force).scalar_subquery()
    columns = members_table.c
    with context.database() as engine, reading(engine) as connection:
        rows = connection.execute(
            select(
                columns.id,
                columns.kind,
                columns.name,
                columns.status,
                columns.enrolled_at,
                keys.label("keys"),
            ).order_by(columns.id)
        ).all()
    shown = [
        {**row._asdict(), "enrolled_at": instant.format(instant.from_ms(row.enrolled_at))} for row in rows
    ]
    show_rows(shown, columns=["id", "kind", "name", "status", "enrolled_at", "keys"], as_json=as_json)


@click.command()
@as_json
@click.pass_obj
def agreements(context: Context, *, as_json: bool) -> None:
    """List the agreements and the state that each is in."""
    columns = agreements_table.c
    statement = select(
        columns.ref, columns.status, columns.proposed_by, columns.valid_from, columns.valid_until
    )
    with context.database() as engine, reading(engine) as connection:
        rows = connection.execute(statement.order_by(columns.id, columns.version)).all()
    shown = [
        {
            **row._asdict(),
            "valid_from": instant.format(instant.from_ms(row.valid_from)),
            "valid_until": instant.format(instant.from_ms(row.valid_until)),
        }
        for row in rows
    ]
    show_rows(shown, columns=["ref", "status", "proposed_by", "valid_from", "valid_until"], as_json=as_json)


@click.group()
def cases() -> None:
    """Look at the cases, without looking into any."""


@cases.command("count")
@as_json
@click.pass_obj
def cases_count(context: Context, *, as_json: bool) -> None:
    """Count the cases by their state."""
    statement = select(cases_table.c.status, func.count()).group_by(cases_table.c.status)
    with context.database() as engine, reading(engine) as connection:
        counted = {row[0]: row[1] for row in connection.execute(statement)}
    show_facts({"open": counted.get("open", 0), "closed": counted.get("closed", 0)}, as_json=as_json)
