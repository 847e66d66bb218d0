"""Whatever lawful history a case has, in whatever order and however often it arrives, it is the same case."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.cases.entry import Entry
from connectors.cases.fold import fold
from connectors.cases.view import Case, Seat
from schemas.consent_life import ANSWER_WITHIN
from schemas.messages.fields import COORDINATOR
from schemas.messages.table import TYPES
from tests.unit.cases.story import (
    BY_CITIZEN,
    BY_DEBT,
    BY_HOUSING,
    DEBT,
    HEALTH,
    HOUSING,
    PORTAL,
    TENANCY,
    Story,
)

SEATS = (BY_CITIZEN, BY_DEBT, BY_HOUSING)
CODES = ("got_help", "some_help", "no_help", "too_early")
Step = Callable[[Story, random.Random], object]


def _one(entries: list[Entry], name: str, pick: random.Random) -> Entry | None:
    found = [each for each in entries if each.name in name.split()]
    return pick.choice(found) if found else None


def _about(name: str, then: Callable[[Story, Entry, random.Random], object]) -> Step:
    """A step that speaks of something earlier, and is left out where there is nothing of the kind."""

    def step(story: Story, pick: random.Random) -> object:
        found = _one(story.entries, name, pick)
        return then(story, found, pick) if found is not None else None

    return step


def _erase(story: Story, found: Entry, pick: random.Random) -> object:
    return story.erase(found, pick.choice(["withdrawn", "data_life", "case_closed", "request"]))


def _delay(story: Story, found: Entry, _pick: random.Random) -> object:
    return story.change(found, log_index=None, state="waiting")


def _unplace(story: Story, found: Entry, _pick: random.Random) -> object:
    return story.change(found, log_index=None)


def _refuse(story: Story, found: Entry, _pick: random.Random) -> object:
    return story.change(found, log_index=None, state="failed", trouble="too_old")


_RECORDS = "record.release record.correct"
_TALK = "note.add message.send document.add"
STEPS: dict[str, Step] = {
    "ask": lambda story, _: story.ask_consent(),
    "offer": _about("consent.request", lambda story, asked, _: story.offer(asked)),
    "ask as offered": _about("consent.offer", lambda story, offer, _: story.ask_consent(re=offer.message)),
    "grant": lambda story, pick: story.grant(_one(story.entries, "consent.request", pick)),
    "supersede": _about(
        "consent.grant", lambda story, old, _: story.grant(supersedes=old.body["consent"]["id"])
    ),
    "short grant": lambda story, _: story.grant(days=0),
    "suspend": _about("consent.grant", lambda story, grant, _: story.move("suspend", grant)),
    "resume": _about("consent.grant", lambda story, grant, _: story.move("resume", grant)),
    "withdraw": _about("consent.grant", lambda story, grant, _: story.move("withdraw", grant)),
    "request": _about("consent.grant", lambda story, grant, _: story.request(grant)),
    "release": _about(
        "consent.grant",
        lambda story, grant, pick: story.release(grant, _one(story.entries, "record.request", pick)),
    ),
    "decline": _about("record.request", lambda story, asked, _: story.decline(asked)),
    "contest": _about(_RECORDS, lambda story, record, _: story.contest(record)),
    "correct": _about(
        _RECORDS,
        lambda story, record, pick: story.correct(record, _one(story.entries, "record.contest", pick)),
    ),
    "view": _about(f"{_RECORDS} {_TALK}", lambda story, seen, _: story.view(seen)),
    "erased": _about(_RECORDS, lambda story, record, _: story.erased(record)),
    "invite": lambda story, pick: story.invite(pick.choice([HOUSING, HEALTH])),
    "join": lambda story, pick: story.join(pick.choice([HOUSING, HEALTH])),
    "leave": lambda story, pick: story.leave(pick.choice([HOUSING, HEALTH])),
    "note": lambda story, pick: story.note(pick.choice([DEBT, PORTAL]), _one(story.entries, _RECORDS, pick)),
    "safe contact": lambda story, pick: story.note(pick.choice([DEBT, PORTAL]), kind="safe_contact"),
    "message": lambda story, pick: story.message(
        pick.choice([DEBT, PORTAL, HOUSING]), kind=pick.choice(["message", "question", "complaint"])
    ),
    "answer": _about(
        "message.send", lambda story, asked, pick: story.message(pick.choice([DEBT, PORTAL]), asked)
    ),
    "document": lambda story, _: story.document(),
    "outcome": lambda story, pick: story.outcome(pick.choice([DEBT, PORTAL, HOUSING]), pick.choice(CODES)),
    "answer outcome": _about(
        "outcome.give",
        lambda story, given, pick: story.outcome(
            pick.choice([DEBT, PORTAL]), pick.choice(CODES), given, agrees=pick.choice([True, False])
        ),
    ),
    "emergency": lambda story, _: story.emergency(),
    "review": _about("access.emergency", lambda story, opened, _: story.review(opened)),
    "close": lambda story, _: story.say("case.close", DEBT, ["citizen"], {}, sealed=False),
    "reopen": lambda story, _: story.say("case.reopen", PORTAL, [DEBT], {"reason": "more"}, sealed=False),
    "refuse": _about(
        "consent.request",
        lambda story, asked, _: story.say(
            "consent.refuse", PORTAL, [DEBT], {}, sealed=False, re=asked.message
        ),
    ),
    "keys": lambda story, _: story.say("case.keys", PORTAL, [DEBT], {"add": [], "end": ["k"]}, sealed=False),
    "reject": _about(
        f"{_RECORDS} {_TALK} record.request",
        lambda story, found, _: story.say(
            "message.reject",
            DEBT,
            [found.sender, "citizen"],
            {"message": found.message, "reason": "invalid"},
            sealed=False,
        ),
    ),
    "stopped": _about(
        "record.release",
        lambda story, found, _: story.say(
            "delivery.withdrawn",
            COORDINATOR,
            [DEBT, "citizen"],
            {"message": found.message, "why": "withdrawn"},
            sealed=False,
        ),
    ),
    "told late": lambda story, _: story.say(
        "delivery.delayed", COORDINATOR, ["citizen"], {"message": "x"}, sealed=False
    ),
    "first look": _about(
        "record.release", lambda story, found, _: story.change(found, to=("citizen",), basis=None)
    ),
    "look again": _about(
        "consent.grant",
        lambda story, grant, pick: story.release(
            grant,
            _one(story.entries, "record.request", pick),
            {**TENANCY, "rent": {"amount": pick.choice([500, 61200]), "currency": "EUR"}},
        ),
    ),
    "marked": _about(
        "record.contest", lambda story, found, pick: story.change(found, contested=pick.choice([True, False]))
    ),
    "kept elsewhere": _about(
        "record.correct", lambda story, found, _: story.change(found, content=None, held="elsewhere")
    ),
    "unknown": lambda story, _: story.say(
        "record.pass", PORTAL, [HOUSING], {"decision": "pass"}, sealed=False
    ),
    "gone": _about(f"{_RECORDS} {_TALK} record.request record.contest", _erase),
    "on its way": _about("message.send note.add consent.suspend", _delay),
    "not placed yet": _about("case.close consent.suspend consent.grant outcome.give", _unplace),
    "refused": _about("message.send note.add", _refuse),
}

histories = st.lists(st.sampled_from(sorted(STEPS)), max_size=30)


def _tell(script: list[str], seed: int) -> Story:
    story, pick = Story(), random.Random(seed)
    story.begin()
    for step in script:
        STEPS[step](story, pick)
    return story


def test_histories_have_every_type_that_can_be_said_in_a_case():
    told = {
        entry.type
        for seed in range(5)
        for entry in _tell(
            ["ask", "grant", "request", "release", *sorted(STEPS), *sorted(STEPS)], seed
        ).entries
    }
    assert {name for name, rule in TYPES.items() if rule.in_case} <= told


@settings(max_examples=200, deadline=None)
@given(script=histories, seed=st.integers(0, 2**16), seat=st.sampled_from(SEATS), data=st.data())
def test_any_order_and_any_repetition_is_the_same_case(
    script: list[str], seed: int, seat: Seat, data: st.DataObject
):
    story = _tell(script, seed)
    expected = fold(story.entries, seat=seat, now=story.now)
    again = data.draw(st.lists(st.sampled_from(story.entries), max_size=len(story.entries)))
    shuffled = data.draw(st.permutations([*story.entries, *again]))
    assert fold(shuffled, seat=seat, now=story.now) == expected


@settings(max_examples=100, deadline=None)
@given(script=histories, seed=st.integers(0, 2**16), seat=st.sampled_from(SEATS), data=st.data())
def test_older_and_newer_knowledge_of_one_thing_end_the_same(
    script: list[str], seed: int, seat: Seat, data: st.DataObject
):
    story = _tell(script, seed)
    everything = [*story.entries, *story.before]
    expected = fold(everything, seat=seat, now=story.now)
    assert fold(data.draw(st.permutations(everything)), seat=seat, now=story.now) == expected


@settings(max_examples=100, deadline=None)
@given(script=histories, seed=st.integers(0, 2**16), seat=st.sampled_from(SEATS), cut=st.integers(1, 40))
def test_a_case_shows_nothing_that_was_not_said_yet(script: list[str], seed: int, seat: Seat, cut: int):
    story = _tell(script, seed)
    begun = story.entries[:cut]
    shown = _shown(fold(begun, seat=seat, now=story.now))
    assert shown <= {id for entry in begun for id in (entry.id, entry.message)}


@settings(max_examples=100, deadline=None)
@given(script=histories, seed=st.integers(0, 2**16), seat=st.sampled_from(SEATS))
def test_nobody_sees_what_was_neither_said_by_them_nor_to_them(script: list[str], seed: int, seat: Seat):
    story = _tell(script, seed)
    theirs = {
        id
        for entry in story.entries
        for id in (entry.id, entry.message)
        if entry.to is None
        or seat.member in {entry.sender, *entry.to}
        or (seat.kind == "citizen" and "citizen" in entry.to)
    }
    assert _shown(fold(story.entries, seat=seat, now=story.now)) <= theirs


@settings(max_examples=100, deadline=None)
@given(script=histories, seed=st.integers(0, 2**16))
def test_nobody_s_word_about_the_result_is_lost(script: list[str], seed: int):
    story = _tell(script, seed)
    case = fold(story.entries, seat=BY_CITIZEN, now=story.now)
    spoken = {
        voice.statement
        for outcome in case.outcomes
        for voice in (*outcome.agencies, *outcome.earlier, *filter(None, [outcome.citizen]))
    }
    assert spoken == {entry.id for entry in story.entries if entry.name == "outcome.give"}


@settings(max_examples=100, deadline=None)
@given(script=histories, seed=st.integers(0, 2**16), seat=st.sampled_from(SEATS), days=st.integers(0, 20))
def test_nobody_is_asked_to_decide_what_cannot_be_decided(
    script: list[str], seed: int, seat: Seat, days: int
):
    story = _tell([*script, "ask"], seed)
    case = fold(story.entries, seat=seat, now=story.now + timedelta(days=days))
    asked = {each.message: each for each in story.entries if each.name == "consent.request"}
    answered = {each.re for each in story.entries if each.name in {"consent.grant", "consent.refuse"}}
    offered = {each.message: each.re for each in story.entries if each.name == "consent.offer"}
    anew = {offered.get(each.re or "") for each in asked.values()}
    for each in case.waiting:
        if each.words == "decide":
            assert each.about not in answered | anew
            assert case.status == "open"
            assert story.now + timedelta(days=days) < asked[each.about].at + ANSWER_WITHIN


def _shown(case: Case) -> set[str]:
    """The ids of everything that a case shows as its own, not of what it speaks of."""
    return {
        *(each.statement for each in case.records),
        *(contest.statement for each in case.records for contest in each.contested),
        *(each.message for each in case.timeline),
        *(each.statement for each in case.notes),
        *(each.statement for each in case.documents),
        *(post.statement for each in case.threads for post in each.posts),
        *(each.id for each in case.requests),
        *(each.id for each in case.consent_requests),
        *(each.id for each in case.looked.lines),
        *(each.id for each in case.emergencies),
        *(each.statement for each in case.uses),
        *(voice.statement for each in case.outcomes for voice in (*each.agencies, *each.earlier)),
    }
