"""The statements that every commit runs, written for both databases: constant text, each for many rows."""

from __future__ import annotations

from coordinator.log.statements import Statement

DRAW_PLACES = Statement(
    sqlite="",
    postgresql="SELECT nextval('decision_order') FROM generate_series(1, %s)",
)
LAST_PLACE = Statement(
    sqlite="SELECT max((SELECT coalesce(max(seq), 0) FROM messages),"
    " (SELECT coalesce(max(seq), 0) FROM refusals))",
    postgresql="",
)
ADD_MESSAGES = Statement(
    sqlite="INSERT INTO messages"
    ' (seq, id, sender, type, "case", raw, sha256, salt, receipt, admitted_at, consent)'
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    postgresql="INSERT INTO messages"
    ' (seq, id, sender, type, "case", raw, sha256, salt, receipt, admitted_at, consent)'
    " SELECT * FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bytea[],"
    " %b::bytea[], %b::bytea[], %b::bytea[], %b::bigint[], %b::text[])",
)
ADD_REFUSALS = Statement(
    sqlite="INSERT INTO refusals (id, sender, seq, sha256, salt, code, problem, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    postgresql="INSERT INTO refusals (id, sender, seq, sha256, salt, code, problem, at)"
    " SELECT * FROM unnest(%b::text[], %b::text[], %b::bigint[], %b::bytea[], %b::bytea[], %b::text[],"
    " %b::json[], %b::bigint[])",
)
ADD_TO_QUEUE = Statement(
    sqlite="",
    postgresql="INSERT INTO sequencing_queue (seq, kind, commitment, routes)"
    " SELECT * FROM unnest(%b::bigint[], %b::text[], %b::bytea[], %b::json[])",
)
