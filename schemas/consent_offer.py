"""The counter-offer: the same question, asked for less. Says whether terms are narrower than others.

Takes two documents that fit the schema of terms; who may offer what to whom the rules of the parties say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from schemas.errors import Invalid

_SAME: Final = frozenset(
    {"schema", "case", "agreement", "supersedes", "request_group", "request", "purpose", "lawful_basis"}
    | {"explicit", "on_withdrawal", "consequence_of_refusal", "withdrawal", "rights_url", "authority"}
    | {"jurisdiction"}
)
"""What an offer does not touch: the purpose, the law, and how to take it back."""
_BY_THE_ASKER: Final = frozenset({"nonce", "notice"})
"""What whoever asks again makes anew: the notice shows the narrower terms."""

Terms = Mapping[str, Any]


def check_offer(offered: Terms, asked: Terms) -> None:
    """Raise Invalid unless the offer is narrower than what was asked for, and in nothing wider.

    1. purpose, law and the way back are those of the request             (another consent under its name)
    2. fewer data (needed ones too), parties, attributes to be found by   (widening)
    3. an earlier end, a shorter life of copies, fewer times
    4. a preview may be added, never taken away
    5. something is less than before
    """
    for name in sorted(_SAME):
        if offered[name] != asked[name]:
            raise _wider(name, "An offer is about what was asked for.")
    for name, narrows in _NARROWS.items():
        if not narrows(offered.get(name), asked.get(name)):
            raise _wider(name, "An offer asks for no more than the request did.")
    if all(offered.get(name) == asked.get(name) for name in _NARROWS):
        raise _wider("data", "An offer asks for less than the request did.")


def check_accepts(terms: Terms, offered: Terms) -> None:
    """Raise Invalid unless a new request asks for exactly what was offered."""
    for name in sorted((terms.keys() | offered.keys()) - _BY_THE_ASKER):
        if terms.get(name) != offered.get(name):
            raise Invalid("It is not what was offered.", path=f"terms.{name}")


def _wider(name: str, detail: str) -> Invalid:
    return Invalid(detail, path=f"terms.{name}")


def _some_of(offered: Iterable[Any], asked: Iterable[Any]) -> bool:
    known = list(asked)
    return all(each in known for each in offered)


def _not_after(offered: str, asked: str) -> bool:
    return offered <= asked  # one spelling of instants: their order is that of their text


def _less_data(offered: Iterable[Terms], asked: Iterable[Terms]) -> bool:
    """Each entry is one that was asked for, or some fields of it; needed data may be left out, too."""
    entries = {(each["category"], each["necessity"]): each for each in asked}
    for each in offered:
        whole = entries.get((each["category"], each["necessity"]))
        if whole is None or {**each, "fields": None} != {**whole, "fields": None}:
            return False
        if not _some_of(each["fields"], whole["fields"]):
            return False
    return True


def _less_often(offered: Terms | None, asked: Terms | None) -> bool:
    if offered is None:
        return True  # once: the schema holds `fetch` and `frequency` together
    return asked is not None and offered["per"] == asked["per"] and offered["count"] <= asked["count"]


def _within(offered: Terms | None, asked: Terms | None) -> bool:
    if asked is None:
        return True
    return offered is not None and asked["from"] <= offered["from"] and offered["to"] <= asked["to"]


def _not_later_reviewed(offered: str | None, asked: str | None) -> bool:
    """An earlier end may leave no time for the review, which then falls away with it."""
    return offered is None or (asked is not None and offered <= asked)


_NARROWS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "data": _less_data,
    "data_period": _within,
    "sources": _some_of,
    "recipients": _some_of,
    "controllers": _some_of,
    "identify_with": _some_of,
    "valid_until": _not_after,
    "review_due": _not_later_reviewed,
    "data_life": lambda offered, asked: offered["days"] <= asked["days"],
    "fetch": lambda offered, asked: offered in {asked, "once"},
    "frequency": _less_often,
    "preview": lambda offered, asked: bool(offered) or not asked,
}
"""Each member in which an offer may be less, and what less means there."""
