"""Counter-offers: terms that are narrower than what was asked for, and terms that only look so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.vectors import examples
from schemas.vectors.examples import NORTH, SOUTH
from schemas.vectors.vector import Vector


def offered() -> examples.Json:
    """Give an offer of less than the example asks for: two fields of what was needed, once, for a month."""
    asked = examples.terms()
    needed = {**asked["data"][0], "fields": ["living_situation", "rent"]}
    once = {"fetch": "once", "frequency": None, "preview": True}
    return {**asked, "data": [needed], "data_life": {"days": 30}, "nonce": "AA" * 11, **once}


def vectors() -> Iterator[Vector]:
    """Give good and bad offers; the context has what was asked for."""
    for name, changes in _narrower():
        yield _vector(f"an offer of {name}", {**examples.terms(), **changes})
    yield _vector("an offer of several things less", offered())
    for name, changes in _wider():
        yield _vector(
            f"an offer with {name}", {**examples.terms(), "data_life": {"days": 9}, **changes}, "invalid"
        )
    yield _vector("an offer of the same", examples.terms(), "invalid")
    yield _vector(
        "an offer that takes the first look away", offered() | {"preview": False}, "invalid", preview=True
    )


def _vector(name: str, terms: Any, expect: str = "accepted", **asked: Any) -> Vector:
    context = {"asked": {**examples.terms(), **asked}}
    return Vector(name, "offer", terms, expect, "P7" if expect == "invalid" else "", context=context)


def _narrower() -> Iterator[tuple[str, examples.Json]]:
    asked = examples.terms()
    yield "needed data only", {"data": asked["data"][:1]}
    yield "optional data only", {"data": asked["data"][1:]}
    yield "an earlier end", {"valid_until": "2026-12-23T05:00:00.000Z", "review_due": None}
    yield "a shorter life", {"data_life": {"days": 1}}
    yield "one time", {"fetch": "once", "frequency": None}
    yield "fewer times", {"frequency": {"count": 1, "per": "month"}}
    yield "a first look", {"preview": True}
    yield "a shorter period", {"data_period": {"from": "2026-06-01", "to": "2026-11-30"}}
    yield "less to be found by", {"identify_with": ["family_name"]}


def _wider() -> Iterator[tuple[str, examples.Json]]:
    asked = examples.terms()
    rent, debts = asked["data"]
    yield "one field more", {"data": [rent, {**debts, "fields": ["total", "debts"]}]}
    yield (
        "one category more",
        {"data": [rent, debts, {**debts, "necessity": "needed", "fields": ["budget_adviser"]}]},
    )
    yield "needed data made optional", {"data": [{**rent, "necessity": "optional"}]}
    yield "special data made ordinary", {"data": [{**rent, "special": True}]}
    yield "no data", {"data": []}
    yield "a later end", {"valid_until": "2027-05-24T05:00:00.000Z"}
    yield "a longer life", {"data_life": {"days": 181}}
    yield "more times", {"frequency": {"count": 3, "per": "month"}}
    yield "as many times in less time", {"frequency": {"count": 2, "per": "week"}}
    yield "another recipient", {"recipients": ["third-agency"]}
    yield "one recipient more", {"recipients": [SOUTH, "third-agency"]}
    yield "another source", {"sources": [NORTH, "third-agency"]}
    yield "a longer period", {"data_period": {"from": "2025-01-01", "to": "2026-11-30"}}
    yield "no period", {"data_period": None}
    yield "a national number to be found by", {"identify_with": ["family_name", "national_number"]}
    yield "another purpose", {"purpose": {**asked["purpose"], "code": "marketing"}}
    text = {"en": "Something else.", "fr": "Autre chose."}
    yield "another text of the purpose", {"purpose": {**asked["purpose"], "text": text}}
    yield "another agreement", {"agreement": "winter-support@2"}
    yield "another case", {"case": "9d3f2c1a-7c44-4a0e-8b7e-6f1d2e3c4bff"}
    yield "copies that stay", {"on_withdrawal": {"erased": False, "kept": [], "why": text}}
    yield "an unknown member", {"marketing": True}
