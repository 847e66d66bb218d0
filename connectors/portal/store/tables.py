"""The portal's own tables, in the connector's database beside the connector's; no statement is made here.

Instants are milliseconds since 1970 (UTC). The migrations are written by hand to equal this; a test compares.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from connectors.exchange.store.metadata import NAMES, PlainJson, one_of

metadata: Final = MetaData(naming_convention=NAMES)


accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    # A person signs in; a ward has no sign-in of their own (yet), others act for them.
    Column("kind", Text, nullable=False),
    Column("issuer", Text),  # with `subject`: who the identity provider says that they are
    Column("subject", Text),
    Column("name", Text),
    Column("email", Text),
    Column("email_wanted", Boolean, nullable=False),
    Column("language", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger),
    Column("came_of_age_at", BigInteger),
    # The one-time code by which a ward gets a sign-in of their own; forgotten once it was used.
    Column("link_hash", Text),
    Column("link_until", BigInteger),
    one_of("kind", "person", "ward"),
    CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="signs_in"),
    CheckConstraint("kind = 'ward' OR subject IS NOT NULL", name="person_signs_in"),
    UniqueConstraint("issuer", "subject"),
    Index(None, "link_hash"),
)

account_cases = Table(
    "account_cases",
    metadata,
    Column("case", Text, primary_key=True),  # a case has one citizen
    Column("account", Text, nullable=False),
    Column("label", Text),  # what the citizen calls it
    Column("joined_at", BigInteger, nullable=False),
    Index(None, "account"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", Text, primary_key=True),  # whoever reads the database cannot take a session over
    Column("account", Text),  # NULL before sign-in
    Column("acting_for", Text),  # a mandate
    Column("data", PlainJson, nullable=False),
    Column("acr", Text),
    Column("auth_time", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "account"),
    Index(None, "expires_at"),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("credential", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("jwk", PlainJson, nullable=False),
    Column("name", Text, nullable=False),
    Column("rp_id", Text, nullable=False),
    Column("origins", PlainJson, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("removed_at", BigInteger),
    Index(None, "account"),
)

mandates = Table(
    "mandates",
    metadata,
    Column("id", Text, primary_key=True),
    Column("principal", Text, nullable=False),
    Column("delegate", Text),  # NULL until somebody accepts
    Column("kind", Text, nullable=False),
    Column("powers", PlainJson, nullable=False),
    Column("cases", PlainJson),  # NULL: all cases of the principal
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
    Column("evidence", PlainJson, nullable=False),
    Column("joint", Boolean, nullable=False),
    Column("of_age_on", BigInteger),
    # invited → active → ended; invited → ended
    Column("status", Text, nullable=False),
    Column("code_hash", Text),  # forgotten as soon as it was used
    Column("code_until", BigInteger),
    # {ground, review_at (ms), by_role}: why the principal is not told what the delegate does, and until when
    Column("safeguarding", PlainJson),
    Column("created_by", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("ended_by", Text),
    Column("end_reason", Text),
    # {cases (null: all), ground, review_at (ms), by_role}: what it does not reach, to keep somebody safe
    Column("shielded", PlainJson),
    one_of(
        "kind",
        "parental",
        "guardian",
        "court_deputy",
        "power_of_attorney",
        "nominee",
        "informal_helper",
    ),
    one_of("status", "invited", "active", "ended"),
    Index(None, "principal", "status"),
    Index(None, "delegate", "status"),
    Index(None, "status", "valid_until"),
    Index(None, "code_hash"),
)

deeds = Table(
    "deeds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),  # whose affairs it was about
    Column("by_kind", Text, nullable=False),
    Column("by_account", Text),
    Column("mandate", Text),
    Column("act", Text, nullable=False),
    Column("case", Text),
    Column("about", Text),  # the consent, request or statement
    Column("at", BigInteger, nullable=False),
    Column("seen_at", BigInteger),
    one_of("by_kind", "account", "staff", "clock"),
    Index(None, "account", "at"),
    Index(None, "mandate"),
)

joint_decisions = Table(
    "joint_decisions",
    metadata,
    Column("request", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("decision", PlainJson, nullable=False),
    Column("agreed", PlainJson, nullable=False),  # accounts
    Column("disagreed", PlainJson, nullable=False),
    # pending → agreed | refused | ended
    Column("state", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    one_of("state", "pending", "agreed", "refused", "ended"),
    Index(None, "account", "state"),
)

notices = Table(
    "notices",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("language", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("case", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("consent", Text),
    Column("message", Text),
    Column("document", PlainJson, nullable=False),
    Column("at", BigInteger, nullable=False),
    one_of(
        "kind",
        "granted",
        "refused",
        "narrowed",
        "withdrawn",
        "suspended",
        "resumed",
        "expired",
        "passed",
        "stopped",
    ),
    Index(None, "account", "at"),
    Index(None, "consent"),
)

mails = Table(
    "mails",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("facts", PlainJson, nullable=False),  # numbers and dates; no personal data
    # queued → sent | failed
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    # by whom what was done in which cases: [{case, mandate}, …]; NULL and [] for what may always be told
    Column("about", PlainJson),
    one_of("state", "queued", "sent", "failed"),
    Index(None, "state", "next_at"),
    Index(None, "account"),
)

told = Table(
    "told",
    metadata,
    Column("account", Text, primary_key=True),
    # emergency, waits, held_back (its date has come), or how much of a permission's time is over
    Column("kind", Text, primary_key=True),
    Column("about", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Index(None, "about"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("bucket", Text, primary_key=True),
    Column("window", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index(None, "expires_at"),
)

seen = Table(
    "seen",
    metadata,
    Column("account", Text, primary_key=True),
    Column("case", Text, primary_key=True),
    Column("up_to", BigInteger, nullable=False),
)

first_words = Table(
    "first_words",
    metadata,
    Column("case", Text, primary_key=True),
    Column("member", Text, primary_key=True),  # who was asked, and has not read it yet
    Column("text", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index(None, "at"),
)
