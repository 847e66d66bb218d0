"""For the connector's operator: how it is, what waits, was refused or kept aside, alarms and keys."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields as ma
from sqlalchemy import Row, select

from connectors.api import queue_acts as acts
from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.api.words import Empty, Posted, at, posted
from connectors.exchange.acts import membership
from connectors.exchange.errors import KeyringRefused, NoKey, NotHere
from connectors.exchange.incoming import again
from connectors.exchange.store import alarms, cases, inbox, outbox, requests
from connectors.exchange.store.tables import checkpoints
from schemas.errors import WrongTransition
from schemas.messages import fields
from schemas.messages.fields import Strict

blueprint = Blueprint("operation", __name__, description="Running the connector.")


class Status(Strict):
    """How the connector is doing."""

    member = ma.String(required=True)
    kind = ma.String(required=True)
    alive = ma.Boolean(required=True)
    outbox = ma.Dict(keys=ma.String(), values=ma.Integer(), required=True)
    inbox = ma.Dict(keys=ma.String(), values=ma.Integer(), required=True)
    requests_for_a_person = ma.Integer(required=True)
    cases = ma.Integer(required=True)
    alarms = ma.Integer(required=True)
    position = ma.Integer(required=True)
    head_seen_at = ma.String(required=True, allow_none=True)


class OutboxLine(Strict):
    """A message of ours that was not taken, or waits."""

    id = ma.String(required=True)
    type = ma.String(required=True)
    case = ma.String(required=True, allow_none=True)
    state = ma.String(required=True)
    attempts = ma.Integer(required=True)
    at = ma.String(required=True)
    problem = ma.Dict(keys=ma.String(), required=True, allow_none=True)


class AsideLine(Strict):
    """A received message that could not be accepted."""

    index = ma.Integer(required=True)
    id = ma.String(required=True)
    sender = ma.String(required=True)
    type = ma.String(required=True)
    case = ma.String(required=True, allow_none=True)
    state = ma.String(required=True)
    reason = ma.String(required=True, allow_none=True)
    at = ma.String(required=True)


class Queue(Strict):
    """Waiting, refused, kept aside."""

    counts = ma.Dict(keys=ma.String(), values=ma.Integer(), required=True)
    waiting = ma.List(ma.Nested(OutboxLine), required=True)
    failed = ma.List(ma.Nested(OutboxLine), required=True)
    aside = ma.List(ma.Nested(AsideLine), required=True)


class SeenCheckpoint(Strict):
    """What the log's key has signed about the whole log, and when it was first seen here."""

    size = ma.Integer(required=True)
    root = ma.String(required=True)
    note = ma.String(required=True)
    at = ma.String(required=True)


class AlarmLine(Strict):
    """What must not happen and did."""

    id = ma.Integer(required=True)
    kind = ma.String(required=True)
    about = ma.String(required=True)
    detail = ma.String(required=True)
    at = ma.String(required=True)


class AlarmList(Strict):
    """Alarms that nobody has cleared."""

    alarms = ma.List(ma.Nested(AlarmLine), required=True)


class ClearBody(Strict):
    """Who has looked."""

    by = fields.Pseudonym(required=True)


class KeyLine(Strict):
    """One of our keys, its public half only."""

    kid = ma.String(required=True)
    use = ma.String(required=True)
    valid_from = ma.String(required=True)
    valid_until = ma.String(required=True)
    ended_at = ma.String(required=True, allow_none=True)
    announced = ma.Boolean(required=True)


class KeyList(Strict):
    """Our keys, oldest first."""

    keys = ma.List(ma.Nested(KeyLine), required=True)


@blueprint.route("/v1/status", methods=["GET"])
@described(Shape("Say how the connector is doing", Status))
def status() -> dict[str, Any]:
    """Give numbers, no contents."""
    connector = edge().connector
    with connector.database.reading() as connection:
        cursor = inbox.position(connection)
        return {
            "member": connector.id,
            "kind": connector.kind,
            "alive": bool(edge().health().get("alive", False)),
            "outbox": outbox.counts(connection),
            "inbox": inbox.counts(connection),
            "requests_for_a_person": len(requests.in_state(connection, "needs_a_person")),
            "cases": len(cases.everything(connection)),
            "alarms": len(alarms.open_alarms(connection)),
            "position": cursor.position,
            "head_seen_at": at(cursor.head_seen_at),
        }


@blueprint.route("/v1/queue", methods=["GET"])
@described(Shape("See what waits, was refused, or was kept aside", Queue))
def queue() -> dict[str, Any]:
    """Give the messages that an operator should know of."""
    with edge().connector.database.reading() as connection:
        return {
            "counts": outbox.counts(connection),
            "waiting": [_outbox(row) for row in acts.waiting(connection)],
            "failed": [_outbox(row) for row in outbox.failed(connection)],
            "aside": [_aside(row) for row in inbox.aside(connection)],
        }


@blueprint.route("/v1/queue/<message>/retry", methods=["POST"])
@described(
    Shape("Say a refused message again", Posted, status=202, body=Empty, sends=True, refuses=[NotHere])
)
def retry(message: str, body: dict[str, Any]) -> dict[str, str]:  # noqa: ARG001 - nothing is in the body
    """Sign what was refused under a new id and date, and send it."""
    return posted(acts.retry(edge().connector, message))


@blueprint.route("/v1/queue/<message>/drop", methods=["POST"])
@described(Shape("Give a message up", None, body=Empty, refuses=[NotHere]))
def drop(message: str, body: dict[str, Any]) -> None:  # noqa: ARG001 - nothing is in the body
    """Take a message that was refused off the list."""
    acts.drop(edge().connector, message)


@blueprint.route("/v1/queue/aside/<int:index>/retry", methods=["POST"])
@described(Shape("Judge again what was kept aside", None, body=Empty, refuses=[NotHere, WrongTransition]))
def judge_again(index: int, body: dict[str, Any]) -> None:  # noqa: ARG001 - nothing is in the body
    """Take in a received message that was kept aside, if it holds now; else say what still does not."""
    again.judge_again(edge().connector, index)


@blueprint.route("/v1/queue/aside/<int:index>/dismiss", methods=["POST"])
@described(Shape("Dismiss what was not accepted", None, body=Empty, refuses=[NotHere]))
def dismiss(index: int, body: dict[str, Any]) -> None:  # noqa: ARG001 - nothing is in the body
    """Take a received message that was not accepted off the list; it never has an effect."""
    again.dismiss(edge().connector, index)


@blueprint.route("/v1/checkpoint", methods=["GET"])
@described(Shape("Give the last checkpoint of the log that was seen", SeenCheckpoint, refuses=[NotHere]))
def checkpoint() -> dict[str, Any]:
    """Give the signed note as it came: two members who compare theirs see whether they see one log."""
    with edge().connector.database.reading() as connection:
        newest = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)
        row = connection.execute(newest).one_or_none()
    if row is None:
        remedy = "Let the connector run until it has reached the coordinator."
        raise NotHere("No checkpoint has been seen yet.", remedy=remedy)
    return {"size": row.size, "root": row.root, "note": row.note, "at": at(row.at)}


@blueprint.route("/v1/alarms", methods=["GET"])
@described(Shape("List open alarms", AlarmList))
def list_alarms() -> dict[str, Any]:
    """Give the alarms; while one is open nothing is released."""
    with edge().connector.database.reading() as connection:
        rows = alarms.open_alarms(connection)
    names = ("id", "kind", "about", "detail")
    return {"alarms": [{**{name: getattr(row, name) for name in names}, "at": at(row.at)} for row in rows]}


@blueprint.route("/v1/alarms/<int:alarm>/clear", methods=["POST"])
@described(Shape("Clear an alarm after looking", None, body=ClearBody))
def clear_alarm(alarm: int, body: dict[str, Any]) -> None:
    """Close an alarm in the name of the person who looked; releases go on."""
    connector = edge().connector
    with connector.database.writing() as connection:
        alarms.clear(connection, alarm, body["by"], connector.clock())


@blueprint.route("/v1/keys", methods=["GET"])
@described(Shape("List our keys", KeyList))
def keys() -> dict[str, Any]:
    """Give thumbprints and validity; private halves never leave their files."""
    return {"keys": [_key(entry) for entry in edge().connector.keyring.entries]}


@blueprint.route("/v1/keys/rotate", methods=["POST"])
@described(Shape("Make new keys and announce them", KeyList, status=202, body=Empty, sends=True))
def rotate(body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing is in the body
    """Make a new pair; it comes into use when the coordinator has taken it, the old one still opens."""
    return {"keys": [_key(entry) for entry in membership.rotate(edge().connector)]}


@blueprint.route("/v1/keys/<kid>/end", methods=["POST"])
@described(
    Shape("End a key now", Posted, status=202, body=Empty, sends=True, refuses=[NoKey, KeyringRefused])
)
def end_key(kid: str, body: dict[str, Any]) -> dict[str, str]:  # noqa: ARG001 - nothing is in the body
    """End a key that was rotated, or that somebody else may know."""
    return posted(membership.end_key(edge().connector, kid))


def _key(entry: Any) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in KeyLine().fields}


def _outbox(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "type", "case", "state", "attempts", "problem")
    return {**{name: getattr(row, name) for name in names}, "at": at(row.at)}


def _aside(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "sender", "type", "case", "state", "reason")
    plain = {name: getattr(row, name) for name in names}
    return {**plain, "index": row.log_index, "at": at(row.received_at)}
