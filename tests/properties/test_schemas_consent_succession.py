"""Whatever consents follow one another: what lives on is covered by each, and what went stays gone."""

from __future__ import annotations

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given

from schemas.consent_life import Status
from schemas.consent_succession import Held, Link, chain, fate

FIELDS = ("landlord", "rent", "arrears")
STATES = [Status.GRANTED, Status.SUSPENDED, Status.WITHDRAWN, Status.EXPIRED, Status.INVALIDATED]

entries = st.lists(st.sampled_from(FIELDS), min_size=1, unique=True).map(
    lambda fields: {"category": "housing", "schema": "housing.tenancy/1", "fields": sorted(fields)}
)


@st.composite
def chains(draw: st.DrawFn) -> tuple[Link, ...]:
    """Draw up to five consents of one purpose, each in the place of the one before."""
    length = draw(st.integers(1, 5))
    links = []
    for number in range(length):
        document = {
            "id": f"consent-{number}",
            "sources": ["north"],
            "recipients": ["south"],
            "data": [draw(entries)],
            "data_period": None,
            "identify_with": draw(st.sampled_from([["family_name"], ["family_name", "birth_date"]])),
            "data_life": {"days": draw(st.integers(1, 90))},
            "on_withdrawal": {"erased": draw(st.booleans())},
        }
        last = number == length - 1
        links.append(Link(document, draw(st.sampled_from(STATES)) if last else Status.SUPERSEDED))
    return tuple(links)


held = st.sampled_from([Held(kind, ("housing",)) for kind in ("record.release/1", "record.request/1")])


def _fields(link: Link) -> set[str]:
    return set(link.document["data"][0]["fields"])


@given(held=held, links=chains())
def test_what_lives_on_is_covered_by_each_by_which_it_lives(held: Held, links: tuple[Link, ...]):
    found = fate(held, links)
    assert found.lived_by == links[: len(found.lived_by)]
    assert all(_fields(links[0]) <= _fields(link) for link in found.lived_by)
    if len(found.lived_by) < len(links) and held.type == "record.release/1":
        assert not _fields(links[0]) <= _fields(links[len(found.lived_by)])


@given(held=held, links=chains())
def test_it_goes_exactly_when_that_with_which_it_lives_has_ended_by_a_decision_that_erases(
    held: Held, links: tuple[Link, ...]
):
    found = fate(held, links)
    ended = found.last.status in {Status.WITHDRAWN, Status.INVALIDATED, Status.SUPERSEDED}
    assert (found.why is not None) is (ended and found.last.erases)


@given(held=held, links=chains(), further=chains())
def test_what_went_by_a_new_decision_is_never_brought_back(
    held: Held, links: tuple[Link, ...], further: tuple[Link, ...]
):
    before = fate(held, links)
    if before.last is not links[-1]:
        assert fate(held, (*links, *further)) == before


@given(held=held, links=chains())
def test_no_new_decision_lets_anything_stay_longer_than_it_was_given_for(held: Held, links: tuple[Link, ...]):
    assert fate(held, links).life <= links[0].life


@given(held=held, links=chains(), field=st.sampled_from(FIELDS))
def test_a_decision_for_more_lets_no_more_go(held: Held, links: tuple[Link, ...], field: str):
    document = links[-1].document
    more = {**document["data"][0], "fields": sorted({*document["data"][0]["fields"], field})}
    wider = Link({**document, "data": [more]}, links[-1].status)
    lived = fate(held, links).lived_by
    if len(links) > 1:
        assert len(fate(held, (*links[:-1], wider)).lived_by) >= len(lived)


@given(links=chains())
def test_following_successors_gives_the_chain_and_ends_in_a_circle_too(links: tuple[Link, ...]):
    after = {link.id: following for link, following in pairwise(links)}
    assert chain(links[0], lambda link: after.get(link.id)) == links
    circle = {**after, links[-1].id: links[0]}
    ended = {id: Link(following.document, Status.SUPERSEDED) for id, following in circle.items()}
    first = Link(links[0].document, Status.SUPERSEDED)
    assert [link.id for link in chain(first, lambda link: ended[link.id])] == [link.id for link in links]
