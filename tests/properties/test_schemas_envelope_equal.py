"""The fast way into an envelope takes exactly what its definition takes, and gives the same message."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import Invalid
from schemas.messages.envelope_fast import recognise
from schemas.messages.envelope_schema import read_envelope
from schemas.messages.shape import Message
from schemas.vectors import examples

ORIGIN: dict[str, Any] = {"raw": b"raw", "sha256": b"digest", "kid": "kid"}
RICH = {
    **examples.payload("record.release/1"),
    "body": {"a": 1},
    "attachments": [{"sha256": "0" * 64, "size": 1}, {"sha256": "1" * 64, "size": 26_214_400}],
    "withheld": {"ground": "ccapex", "review_on": "2026-12-23"},
}
AUTHORITIES = (
    {"basis": "seat"},
    {"basis": "statute", "clause": "ccapex"},
    {"basis": "emergency", "emergency": examples.message_id(27)},
    {"basis": "consent", "consent": examples.CONSENT},
)
GOOD = [*examples.payloads().values(), *({**RICH, "authority": each} for each in AUTHORITIES)]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2**53)
    | st.text(max_size=8)
    | st.sampled_from(
        [
            *(
                "a",
                "north-office",
                "citizen",
                "coordinator",
                "A-b",
                "x" * 41,
                "housing.tenancy/1",
                "a.b.c.d.e",
            ),
            *("record.release/1", "winter-support@1", "winter-support@0", "2026-11-23", "2026-02-30", "seat"),
            *(examples.AT, examples.AT.lower(), examples.CASE, examples.CASE.upper(), examples.message_id(5)),
            *("0" * 64, "2026-11-23T24:00:00.000Z", "0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
            *(f"{examples.message_id(5)}\n", "a..b.c.d", "é.b.c.d.e", "\ud800", "٢026-11-23"),
        ]
    )
)
odd = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["to", "jwe", "basis"]), inner)
    ),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the path of everything inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, each in inner for place in places(each, (*path, name)))]


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Take a good payload and spoil up to three places: remove, replace, double or add."""
    document: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(places(document)[1:]))
        parent: Any = document
        for name in path[:-1]:
            parent = parent[name]
        how = draw(st.sampled_from(["remove", "replace", "double", "add"]))
        if how == "remove":
            del parent[path[-1]]
        elif how == "replace":
            parent[path[-1]] = draw(odd)
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[path[-1]]))
        else:
            parent[draw(st.sampled_from(["re", "schema", "purpose", "sender", "kid", "case", "x"]))] = draw(
                odd
            )
    return document


def by_definition(document: dict[str, Any]) -> Message | None:
    try:
        return read_envelope(document, **ORIGIN)
    except Invalid:
        return None


@settings(max_examples=1500, deadline=None)
@given(documents())
def test_both_ways_give_the_same_message_or_both_give_none(document: dict[str, Any]):
    assert recognise(document, **ORIGIN) == by_definition(document)


def test_every_good_payload_is_taken_by_both():
    for document in GOOD:
        found = recognise(document, **ORIGIN)
        assert found is not None
        assert found == by_definition(document)
