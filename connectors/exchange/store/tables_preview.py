"""Tables of what is asked and answered: for a consent, a counter-offer, a record seen first, or declined."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from connectors.exchange.store.metadata import PlainJson, metadata, one_of

consent_requests = Table(
    "consent_requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("terms", PlainJson, nullable=False),
    Column("why", PlainJson, nullable=False),
    Column("agreement", Text, nullable=False),
    # open → granted | refused | expired | replaced; replaced: what the citizen offered is asked for instead
    Column("state", Text, nullable=False),
    Column("answer", Text),
    Column("at", BigInteger, nullable=False),  # when it was admitted, as soon as that is known
    one_of("state", "open", "granted", "refused", "expired", "replaced"),
    Index(None, "case"),
)

offers = Table(
    "offers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("asker", Text, nullable=False),
    Column("portal", Text, nullable=False),
    Column("terms", PlainJson, nullable=False),
    # open → accepted (asked again, as `answer`) | failed (the coordinator did not admit it)
    Column("state", Text, nullable=False),
    Column("answer", Text),
    Column("at", BigInteger, nullable=False),
    one_of("state", "open", "accepted", "failed"),
    Index(None, "case"),
)

previews = Table(
    "previews",
    metadata,
    Column("release", Text, primary_key=True),  # the release to the citizen alone
    Column("statement", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("case", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("consent", Text, nullable=False),
    # waiting → passed → sent; waiting → stopped → declined; waiting, passed → lapsed | failed
    Column("state", Text, nullable=False),
    Column("decided", Text),  # the message with the citizen's word
    Column("sent_as", Text),  # the release to whoever asked
    Column("reason", Text),
    Column("next_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    one_of("state", "waiting", "passed", "stopped", "sent", "declined", "lapsed", "failed"),
    Index(None, "case"),
    Index(None, "request"),
    Index(None, "sent_as"),
    Index(None, "state", "next_at"),
)

declines = Table(
    "declines",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("categories", PlainJson, nullable=False),
    Column("rule", Text),
    Column("at", BigInteger, nullable=False),
    Index(None, "request"),
)
