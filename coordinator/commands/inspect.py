"""`inspect`: what the coordinator knows about one message, without what the message says."""

from __future__ import annotations

import click
from sqlalchemy import Connection, select

from coordinator.commands.context import Context, Wrong, as_json, show_json, show_rows
from coordinator.database.engine import reading
from coordinator.database.tables import log_entries, mailbox, messages, refusals
from schemas import instant


@click.command()
@click.argument("message_id")
@as_json
@click.pass_obj
def inspect(context: Context, message_id: str, *, as_json: bool) -> None:
    """Print metadata of a message: who, when, where in the log, who collected it. Never its content."""
    with context.database() as engine, reading(engine) as connection:
        found = [*_admitted(connection, message_id), *_refused(connection, message_id)]
    if not found:
        raise Wrong("No message of this id was admitted or refused.", 1)
    if as_json:
        show_json({"messages": found})
        return
    for each in found:
        rows = [{"name": name, "value": value} for name, value in each.items()]
        show_rows(rows, columns=["name", "value"], as_json=False)


def _admitted(connection: Connection, message_id: str) -> list[dict[str, object]]:
    columns = messages.c
    rows = connection.execute(
        select(
            columns.seq,
            columns.id,
            columns.sender,
            columns.type,
            columns.case,
            columns.sha256,
            columns.admitted_at,
            columns.consent,
            log_entries.c.index.label("place"),
        )
        .outerjoin(log_entries, log_entries.c.message_seq == columns.seq)
        .where(columns.id == message_id)
    )
    return [
        {
            **row._asdict(),
            "verdict": "admitted",
            "sha256": row.sha256.hex(),
            "admitted_at": instant.format(instant.from_ms(row.admitted_at)),
            "mailboxes": _mailboxes(connection, row.place),
        }
        for row in rows.all()
    ]


def _mailboxes(connection: Connection, index: int | None) -> list[str]:
    """Say for each recipient whether the message waits, was collected or was withdrawn."""
    if index is None:
        return []
    statement = select(mailbox.c.member, mailbox.c.collected_at, mailbox.c.withdrawn_at)
    return [
        f"{row.member}: {_state(row.collected_at, row.withdrawn_at)}"
        for row in connection.execute(statement.where(mailbox.c.index == index).order_by(mailbox.c.member))
    ]


def _state(collected_at: int | None, withdrawn_at: int | None) -> str:
    if withdrawn_at is not None:
        return f"withdrawn {instant.format(instant.from_ms(withdrawn_at))}"
    if collected_at is not None:
        return f"collected {instant.format(instant.from_ms(collected_at))}"
    return "waiting"


def _refused(connection: Connection, message_id: str) -> list[dict[str, object]]:
    columns = refusals.c
    rows = connection.execute(
        select(columns.seq, columns.id, columns.sender, columns.sha256, columns.code, columns.at).where(
            columns.id == message_id
        )
    )
    return [
        {
            **row._asdict(),
            "verdict": "refused",
            "sha256": row.sha256.hex(),
            "at": instant.format(instant.from_ms(row.at)),
        }
        for row in rows
    ]
