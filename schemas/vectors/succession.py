"""Consents in the place of others: which may be, and what becomes of what was got by the old ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.vectors import examples
from schemas.vectors.examples import NORTH, SOUTH
from schemas.vectors.vector import Vector

Held = tuple[str, list[str]]
"""Type and categories of what somebody holds."""
Link = tuple[dict[str, Any], str]
"""What a consent of a chain has otherwise than the example, and its state if it is the last."""
_IDS = [examples.CONSENT, *(f"{number}d3f2c1a-7c44-4a0e-8b7e-6f1d2e3c4b01" for number in range(1, 9))]


def vectors() -> Iterator[Vector]:
    """Give good and bad successors; then fates, with why something goes and how long it may stay."""
    yield from _may_succeed()
    yield from _fates()


def _may_succeed() -> Iterator[Vector]:
    old = examples.consent()
    both = {"sources": [NORTH, "third-agency"], "recipients": [SOUTH, "third-agency"]}
    for name, expect, changes, before in (
        ("the same", "accepted", {}, old),
        ("less data", "accepted", {"data": old["data"][:1]}, old),
        ("another version", "accepted", {"agreement": "winter-support@2"}, old),
        ("one party more", "accepted", both, old),
        ("one source less", "consent_does_not_cover", {}, {**old, "sources": [NORTH, "third-agency"]}),
        ("one recipient less", "consent_does_not_cover", {}, {**old, "recipients": [SOUTH, "third-agency"]}),
        ("a source made a recipient", "consent_does_not_cover", {"sources": ["third-agency"]}, old),
        ("another agreement", "consent_does_not_cover", {"agreement": "summer-support@1"}, old),
        (
            "another purpose",
            "consent_does_not_cover",
            {"purpose": {"code": "marketing", "text": old["purpose"]["text"]}},
            old,
        ),
    ):
        attack = "P7" if expect != "accepted" else ""
        yield Vector(
            f"a successor with {name}", "succeeds", _next(1, changes), expect, attack, context={"old": before}
        )


def _fates() -> Iterator[Vector]:
    first = examples.consent()
    rent, debts = first["data"]
    less = {"data": [{**rent, "fields": rent["fields"][:1]}, debts]}
    kept = {"on_withdrawal": {"erased": False, "kept": [], "why": {"en": "Archives.", "fr": "Archives."}}}
    short = {"data_life": {"days": 30}}
    release, request = ("record.release/1", ["housing"]), ("record.request/1", ["housing", "debts"])
    granted: Link = ({}, "granted")
    withdrawn: Link = ({}, "withdrawn")
    invalidated: Link = ({}, "invalidated")
    cases: list[tuple[str, Held, list[Link], str | None, int, int]] = [
        ("nothing that has ended", release, [granted], None, 1, 180),
        ("a consent that was withdrawn", release, [withdrawn], "withdrawn", 1, 180),
        ("a consent that was invalidated", release, [invalidated], "withdrawn", 1, 180),
        ("a consent whose time is over", release, [({}, "expired")], None, 1, 180),
        ("a withdrawal that lets it stay", release, [(kept, "withdrawn")], None, 1, 180),
        ("a successor that covers it", release, [granted, granted], None, 2, 180),
        ("a successor with a shorter time", release, [granted, (short, "granted")], None, 2, 30),
        ("a successor with a longer time", release, [(short, "granted"), granted], None, 2, 30),
        ("a successor that was withdrawn", release, [granted, withdrawn], "withdrawn", 2, 180),
        ("the third, withdrawn", release, [granted, granted, withdrawn], "withdrawn", 3, 180),
        ("a successor with fewer fields", release, [granted, (less, "granted")], "superseded", 1, 180),
        ("a consent of which it may stay", release, [(kept, ""), (less, "withdrawn")], None, 1, 180),
        ("a third that has the fields again", release, [granted, (less, ""), granted], "superseded", 1, 180),
        (
            "fewer fields of something else",
            ("record.release/1", ["debts"]),
            [granted, (less, "granted")],
            None,
            2,
            180,
        ),
        ("a request for fewer fields", request, [granted, (less, "granted")], "superseded", 1, 180),
        (
            "a request and less to be found by",
            request,
            [granted, ({"identify_with": ["family_name"]}, "granted")],
            "superseded",
            1,
            180,
        ),
        (
            "a release and less to be found by",
            release,
            [granted, ({"identify_with": ["family_name"]}, "granted")],
            None,
            2,
            180,
        ),
        (
            "a release and a shorter period",
            release,
            [granted, ({"data_period": {"from": "2026-06-01", "to": "2026-11-30"}}, "granted")],
            "superseded",
            1,
            180,
        ),
    ]
    for name, held, chain, why, by, days in cases:
        outcome = {"why": why, "lived_by": _IDS[:by], "days": days}
        yield Vector(f"the fate by {name}", "fate", _chain(held, chain), context={"outcome": outcome})


def _chain(held: Held, chain: Sequence[Link]) -> examples.Json:
    links = [
        {
            "document": _next(number, changes) if number else {**examples.consent(), **changes},
            "status": status if number == len(chain) - 1 else "superseded",
        }
        for number, (changes, status) in enumerate(chain)
    ]
    return {"type": held[0], "categories": list(held[1]), "chain": links}


def _next(number: int, changes: Any) -> examples.Json:
    return {**examples.consent(), "id": _IDS[number], "supersedes": _IDS[number - 1], **changes}
