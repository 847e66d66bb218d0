"""The connector's tables; SQLite and PostgreSQL alike, and no statement is made here.

Instants are milliseconds since 1970 (UTC). The migrations are written by hand to equal this; a test compares.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from connectors.exchange.store.metadata import PlainJson, Serial, metadata, one_of
from connectors.exchange.store.tables_preview import consent_requests, declines, offers, previews

__all__ = [
    "PlainJson",
    "agreements",
    "alarms",
    "api_replies",
    "attachments",
    "cases",
    "checkpoints",
    "consent_requests",
    "consents",
    "cursor",
    "declines",
    "emergencies",
    "erasures",
    "inbox",
    "invitations",
    "members",
    "metadata",
    "offers",
    "outbox",
    "previews",
    "requests",
    "seat_keys",
    "seats",
    "statements",
    "uses",
    "views",
]


def _where(sqlite: str, postgresql: str | None = None) -> dict[str, Any]:
    """Say of which rows an index is; each database spells truth in its own way."""
    return {"sqlite_where": text(sqlite), "postgresql_where": text(postgresql or sqlite)}


outbox = Table(
    "outbox",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("case", Text),
    Column("about", Text),  # the consent that a consent message speaks of
    Column("raw", LargeBinary),  # NULL once what was inside has been erased
    Column("sha256", Text, nullable=False),
    # queued → sent | refused | expired | replaced; nothing leaves the last four
    Column("state", Text, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("receipt", Text),
    Column("log_index", BigInteger),
    # Whether the log was seen to hold it there: the receipt's promise is kept
    Column("proven", Boolean, nullable=False),
    Column("problem", PlainJson),
    Column("replaced_by", Text),
    one_of("state", "queued", "sent", "refused", "expired", "replaced"),
    Index(None, "state", "urgency", "seq"),
    Index(None, "state", "next_at"),
    Index(None, "about"),
    Index(None, "proven", "state"),
    # All that a list of a case needs: the rows themselves are long
    Index(None, "case", "state", "id", "log_index"),
    Index("ix_outbox_case_of_problems", "case", **_where("problem IS NOT NULL")),
)

inbox = Table(
    "inbox",
    metadata,
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("case", Text),
    Column("raw", LargeBinary),  # NULL once erased
    Column("sha256", Text, nullable=False),
    Column("receipt", Text),  # NULL once erased: it holds the salt
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("received_at", BigInteger, nullable=False),
    one_of("state", "stored", "rejected", "kept_aside", "dismissed"),
    UniqueConstraint("sender", "id"),
    Index(None, "id"),
    Index(None, "case", "state", "id"),  # as in the outbox; `log_index` is the key
    Index(None, "state"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),  # the last index that is stored
    Column("consent_position", BigInteger, nullable=False),  # the last index of a consent message stored
    Column("head_at", BigInteger),  # the coordinator's clock in the newest head
    Column("head_seen_at", BigInteger),  # ours, when it arrived
    Column("head_last", BigInteger, nullable=False),
    Column("head_last_consent", BigInteger, nullable=False),
    Column("head_size", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("cleared_at", BigInteger),
    Column("cleared_by", Text),
    Index(None, "cleared_at"),
)

members = Table(
    "members",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("first_kid", Text, nullable=False),
    Column("keys", PlainJson, nullable=False),
    Column("chain", PlainJson, nullable=False),  # the raw messages that prove the keys
    Column("checked_at", BigInteger, nullable=False),
)

agreements = Table(
    "agreements",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("document", PlainJson, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("signed_by_us", Boolean, nullable=False),
    Column("messages", PlainJson, nullable=False),
    Column("checked_at", BigInteger, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    # open ⇄ closed
    Column("status", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("language", Text, nullable=False),
    Column("acting_for_citizen", Boolean, nullable=False),
    # False until the keeper has looked for what goes because the case was closed
    Column("swept", Boolean, nullable=False),
    one_of("status", "open", "closed"),
)

seats = Table(
    "seats",
    metadata,
    Column("case", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    # invited → joined → active → ended
    Column("status", Text, nullable=False),
    Column("sealing", PlainJson),
    Column("passkeys", PlainJson),
    Column("proof", PlainJson),  # the raw invite, join and attest messages
    Column("join_id", Text),
    Column("attested_by", Text),
    Column("rests_on", Text),
    one_of("kind", "agency", "citizen"),
    one_of("status", "invited", "joined", "active", "ended"),
)

seat_keys = Table(
    "seat_keys",
    metadata,
    # What was said about a seat's passkeys after joining; which of them count follows from it in its order
    Column("case", Text, primary_key=True),
    Column("message", Text, primary_key=True),
    Column("sender", Text, primary_key=True),
    Column("join_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("log_index", BigInteger),  # NULL until the coordinator has admitted what we said ourselves
    # Whether the log was seen to hold it there; until then its place is the coordinator's word
    Column("placed", Boolean, nullable=False),
    Column("at", BigInteger, nullable=False),
    one_of("type", "case.keys/1", "case.attest/1"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("inviter", Text, nullable=False),
    Column("invitee", PlainJson, nullable=False),
    Column("code", Text),  # forgotten as soon as somebody has joined with it
    # open → joined → accepted | needs_a_person; open → declined
    Column("state", Text, nullable=False),
    Column("join_id", Text),
    Column("at", BigInteger, nullable=False),
    one_of("direction", "sent", "received"),
    one_of("state", "open", "joined", "accepted", "needs_a_person", "declined"),
    Index(None, "state"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case", Text, nullable=False),
    # granted ⇄ suspended → withdrawn | expired | superseded | invalidated
    Column("status", Text, nullable=False),
    Column("agreement", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("document", PlainJson, nullable=False),
    Column("portal", Text, nullable=False),
    # False until the citizen's seat is known here: a consent is told to agencies before they sit in the case
    Column("proven", Boolean, nullable=False),
    Column("grant_message", Text, nullable=False),
    Column("granted_index", BigInteger),
    Column("status_index", BigInteger),
    Column("status_at", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
    # False until the keeper has looked for what goes because the consent has ended
    Column("swept", Boolean, nullable=False),
    one_of("status", "granted", "suspended", "withdrawn", "expired", "superseded", "invalidated"),
    Index(None, "case"),
    Index(None, "status", "valid_until"),
    Index(None, "swept", "status"),
)

statements = Table(
    "statements",
    metadata,
    Column("id", Text, primary_key=True),
    Column("message", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("case", Text, nullable=False),
    Column("schema", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("log_index", BigInteger),
    Column("re", Text),
    Column("basis", Text, nullable=False),
    Column("consent", Text),
    Column("agreement", Text),
    Column("purpose", Text),
    Column("categories", PlainJson, nullable=False),
    Column("mine", Boolean, nullable=False),
    Column("contested", Boolean, nullable=False),
    Column("plaintext", LargeBinary),
    # current → wiped (bytes gone from the tables) → erased (gone from the files, and said so)
    Column("state", Text, nullable=False),
    Column("erase_at", BigInteger),
    Column("erased_why", Text),
    Column("erased_at", BigInteger),
    one_of("state", "current", "wiped", "erased"),
    Index(None, "case", "at"),
    Index(None, "message"),
    Index(None, "re"),
    Index(None, "consent"),
    Index(None, "state", "erase_at"),
    # Asked for at every release, and there are few.
    Index("ix_statements_case_of_contested", "case", "at", **_where("contested = 1", "contested")),
)

requests = Table(
    "requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("categories", PlainJson, nullable=False),
    # received → waiting ⇄ received → needs_a_person → approved | denied → answered | failed
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("rule", Text),
    Column("decided_by", Text),
    Column("next_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    one_of("state", "received", "waiting", "needs_a_person", "approved", "denied", "answered", "failed"),
    Index(None, "state", "next_at"),
)

uses = Table(
    "uses",
    metadata,
    Column("message", Text, primary_key=True),
    Column("consent", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index(None, "consent", "category"),
)

views = Table(
    "views",
    metadata,
    Column("id", Text, primary_key=True),  # the id of the access.viewed statement
    Column("case", Text, nullable=False),
    Column("viewed", Text, nullable=False),  # a statement or a message
    Column("member", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", PlainJson, nullable=False),
    Column("reason", PlainJson, nullable=False),
    Column("automatic", Boolean, nullable=False),
    Index(None, "case", "at"),
)

emergencies = Table(
    "emergencies",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("body", PlainJson, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("outcome", Text),
    Index(None, "case"),
)

erasures = Table(
    "erasures",
    metadata,
    Column("message", Text, primary_key=True),
    Column("member", Text, primary_key=True),
    Column("case", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("kept", Text),
    Index(None, "case"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("blob", LargeBinary),
    Column("message", Text),
    # waiting → uploaded ; fetched
    Column("state", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    one_of("state", "waiting", "uploaded", "fetched"),
    Index(None, "message"),
)

api_replies = Table(
    "api_replies",
    metadata,
    Column("key", Text, primary_key=True),  # hashed: a caller may put anything into it
    Column("request", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("process", Text, nullable=False),
    Column("status", Integer),  # NULL while it is being done
    Column("reply", Text),  # NULL where the reply is shown only once
)
