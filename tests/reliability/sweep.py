"""Kills a process at its k-th SQL statement, commit or HTTP boundary, starts it again, and checks what is
left.

Run as a program of its own (it forks): `python -m tests.reliability.sweep VICTIM POINTS DATABASE…`, with the
URLs of four databases: the coordinator's, then those of three members. The coordinator is a process on a real
socket; so is the connector that is killed; its peers run in this process. It prints
one JSON line with what it did and every broken promise that it found.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any, Literal

from sqlalchemy import select

from connectors.exchange import runner
from connectors.exchange.acts import access as looking
from connectors.exchange.acts import consents as deciding
from connectors.exchange.acts import previews as previewing
from connectors.exchange.connector import Connector
from connectors.exchange.incoming import flow as incoming
from connectors.exchange.store import access, consents, previews, requests, statements
from connectors.exchange.store.tables import outbox as outbox_rows
from schemas import instant
from schemas.errors import Refusal
from tests.conftest import stored_bytes
from tests.flow.exchange import world as worlds
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL
from tests.reliability.harness import MIDDLE_EVENTS, Sweep, prepared

# --- the victims ------------------------------------------------------------------------------------


def _released(sweep: Sweep, request: str) -> list[Any]:
    with sweep.world.members[DEBT].database.reading() as connection:
        return [row for row in statements.answers_to(connection, request) if not row.mine]


def source(sweep: Sweep, kill_at: int) -> bool:
    """The source dies while it receives a request, reads, seals and sends the record."""
    request = sweep.world.request(sweep.case, sweep.consent)
    runner.sync_once(sweep.world.members[DEBT])

    def act(connector: Connector, _promise: Callable[[str], None]) -> None:
        runner.sync_once(connector)

    died, said = sweep.die(HOUSING, kill_at, act)
    sweep.check("!" not in said, said)
    sweep.rest(HOUSING, DEBT)
    sweep.check(
        len(_released(sweep, request)) == 1, f"k={kill_at}: released {len(_released(sweep, request))} times"
    )
    return died


def asker(sweep: Sweep, kill_at: int) -> bool:
    """The one who asks dies while asking and sending."""

    def act(connector: Connector, promise: Callable[[str], None]) -> None:
        sweep.world.members[DEBT] = connector
        promise(sweep.world.request(sweep.case, sweep.consent))
        runner.sync_once(connector)

    before = _requests(sweep)
    died, said = sweep.die(DEBT, kill_at, act)
    sweep.rest(DEBT, HOUSING)
    new = _requests(sweep) - before
    promised = set(said.split())
    sweep.check(promised <= new, f"k={kill_at}: a promised request was lost")
    sweep.check(len(new) <= 1, f"k={kill_at}: asked twice")
    for request in new:
        sweep.check(
            len(_released(sweep, request)) == 1,
            f"k={kill_at}: answered {len(_released(sweep, request))} times",
        )
    return died


def _requests(sweep: Sweep) -> set[str]:
    with sweep.world.members[DEBT].database.reading() as connection:
        kind = outbox_rows.c.type == "record.request/1"
        return set(connection.scalars(select(outbox_rows.c.id).where(kind)))


def reader(sweep: Sweep, kill_at: int) -> bool:
    """The recipient dies while it receives a record, shows it, and tells the citizen that it did."""
    request = sweep.world.request(sweep.case, sweep.consent)
    runner.sync_once(sweep.world.members[DEBT])
    runner.sync_once(sweep.world.members[HOUSING])

    def act(connector: Connector, promise: Callable[[str], None]) -> None:
        incoming.receive(connector)
        with connector.database.reading() as connection:
            (record,) = [row.id for row in statements.answers_to(connection, request) if not row.mine]
        looking.view_record(connector, record, looking.Actor("worker-7", "adviser"), looking.Reason("plan"))
        promise(record)
        runner.sync_once(connector)

    died, said = sweep.die(DEBT, kill_at, act)
    sweep.check("!" not in said, said)
    sweep.rest(DEBT, PORTAL)
    sweep.check(
        len(_released(sweep, request)) == 1,
        f"k={kill_at}: the record is stored {len(_released(sweep, request))} times",
    )
    with sweep.world.members[PORTAL].database.reading() as connection:
        seen = [row.viewed for row in access.views_of(connection, sweep.case)]
    for record in said.split():
        sweep.check(seen.count(record) == 1, f"k={kill_at}: shown, and told {seen.count(record)} times")
    return died


def decider(sweep: Sweep, kill_at: int) -> bool:
    """The portal dies while it brings a yes, and then while it takes it back."""
    portal = sweep.world.members[PORTAL]
    asked = deciding.ask_consent(
        sweep.world.members[DEBT], sweep.case, worlds.terms(instant.now()), {"en": "Again.", "fr": "Encore."}
    )
    runner.sync_once(sweep.world.members[DEBT])
    runner.sync_once(portal)

    def act(connector: Connector, promise: Callable[[str], None]) -> None:
        document = deciding.draft(connector, asked, deciding.Decision(shown_at=instant.now()))
        deciding.grant(connector, document, [deciding.portal_proof("substantial", instant.now())])
        promise(f"granted:{document['id']}")
        runner.sync_once(connector)
        deciding.withdraw(connector, document["id"])
        promise(f"withdrawn:{document['id']}")
        runner.sync_once(connector)

    died, said = sweep.die(PORTAL, kill_at, act)
    sweep.check("!" not in said, said)
    sweep.rest()
    promises = dict(line.split(":")[::-1] for line in said.split())
    for consent, status in promises.items():
        for name in (DEBT, HOUSING, PORTAL):
            with sweep.world.members[name].database.reading() as connection:
                row = consents.find(connection, consent)
            found = None if row is None else row.status
            # A withdrawal may be durable although the process died before it could say so.
            sweep.check(
                found in {status, "withdrawn"}, f"k={kill_at}: {consent} is {found} at {name}, not {status}"
            )
    return died


def eraser(sweep: Sweep, kill_at: int) -> bool:
    """The recipient dies while it erases what a withdrawn consent had brought, and confirms it."""
    asked = deciding.ask_consent(
        sweep.world.members[DEBT], sweep.case, worlds.terms(instant.now()), {"en": "Again.", "fr": "Encore."}
    )
    sweep.rest(DEBT, PORTAL)
    consent = sweep.world.grant(asked)
    request = sweep.world.request(sweep.case, consent)
    sweep.rest(DEBT, HOUSING)
    deciding.withdraw(sweep.world.members[PORTAL], consent)
    runner.sync_once(sweep.world.members[PORTAL])
    (record,) = _released(sweep, request)
    signature = bytes(record.plaintext).split(b".")[2]

    def act(connector: Connector, _promise: Callable[[str], None]) -> None:
        runner.sync_once(connector)

    died, said = sweep.die(DEBT, kill_at, act)
    sweep.check("!" not in said, said)
    sweep.rest()
    (gone,) = _released(sweep, request)
    sweep.check(gone.state == "erased" and gone.plaintext is None, f"k={kill_at}: not erased")
    for name in (PORTAL, HOUSING):
        with sweep.world.members[name].database.reading() as connection:
            confirmed = [
                row for row in access.erasures_of(connection, sweep.case) if row.message == record.message
            ]
        sweep.check(len(confirmed) == 1, f"k={kill_at}: confirmed {len(confirmed)} times to {name}")
    _no_trace(sweep, kill_at, signature)
    return died


def passer(sweep: Sweep, kill_at: int) -> bool:
    """The source dies while it takes the citizen's word about a record and passes it on; half are stopped."""
    request, release = _shown(sweep)
    word: Literal["pass", "stop"] = "pass" if kill_at % 2 else "stop"
    previewing.pass_on(sweep.world.members[PORTAL], release, word)
    runner.sync_once(sweep.world.members[PORTAL])

    def act(connector: Connector, _promise: Callable[[str], None]) -> None:
        runner.sync_once(connector)

    died, said = sweep.die(HOUSING, kill_at, act)
    sweep.check("!" not in said, said)
    sweep.rest()
    _followed(sweep, kill_at, (request, release), word)
    return died


def looker(sweep: Sweep, kill_at: int) -> bool:
    """The portal dies while it brings the citizen's word."""
    request, release = _shown(sweep)

    def act(connector: Connector, promise: Callable[[str], None]) -> None:
        previewing.pass_on(connector, release, "pass")
        promise("said")
        runner.sync_once(connector)

    died, said = sweep.die(PORTAL, kill_at, act)
    sweep.check("!" not in said, said)
    sweep.rest()
    waits = previewing.waiting_previews(sweep.world.members[PORTAL], sweep.case)
    open_still = release in {row.release for row in waits}
    sweep.check(not (said and open_still), f"k={kill_at}: a word that was promised is lost")
    if open_still:  # it died before the word was durable: nothing was decided, and can be
        previewing.pass_on(sweep.world.members[PORTAL], release, "pass")
        sweep.rest()
    _followed(sweep, kill_at, (request, release), "pass")
    return died


def _shown(sweep: Sweep) -> tuple[str, str]:
    """Go to where a record waits for the citizen's word; gives request and release."""
    terms = worlds.terms(instant.now(), preview=True)
    asked = deciding.ask_consent(
        sweep.world.members[DEBT], sweep.case, terms, {"en": "Again.", "fr": "Encore."}
    )
    sweep.rest(DEBT, PORTAL)
    request = sweep.world.request(sweep.case, sweep.world.grant(asked))
    sweep.rest()
    waits = previewing.waiting_previews(sweep.world.members[PORTAL], sweep.case)
    (release,) = [row.release for row in waits if row.request == request]
    return request, release


def _followed(sweep: Sweep, kill_at: int, about: tuple[str, str], word: str) -> None:
    """What the citizen said was done, once, and the source has nothing left of the record."""
    request, release = about
    came = len(_released(sweep, request))
    sweep.check(came == (word == "pass"), f"k={kill_at}: {word}, and released {came} times")
    with sweep.world.members[DEBT].database.reading() as connection:
        declined = len(requests.declines_of(connection, request))
    sweep.check(declined == (word == "stop"), f"k={kill_at}: {word}, and declined {declined} times")
    with sweep.world.members[HOUSING].database.reading() as connection:
        row = previews.find(connection, release)
        kept = None if row is None else statements.find(connection, row.statement)
    gone = kept is not None and kept.plaintext is None
    sweep.check(gone, f"k={kill_at}: the source still keeps the record")


def _no_trace(sweep: Sweep, kill_at: int, signature: bytes) -> None:
    """A signature is random and stands nowhere but in what it signs: where it is, the record is."""
    held = signature[:32] in stored_bytes(sweep.world.stores[DEBT])
    sweep.check(not held, f"k={kill_at}: the record is still in the files")


def middle(sweep: Sweep, kill_at: int) -> bool:
    """The coordinator dies while it admits, orders and delivers."""
    sweep.server.kill()
    sweep.server.start(kill_at)
    request = None
    while request is None:
        try:
            request = sweep.world.request(sweep.case, sweep.consent)
        except Refusal:
            if not sweep.server.alive:
                sweep.server.start()
    for name in (DEBT, HOUSING, DEBT):
        try:
            runner.sync_once(sweep.world.members[name])
        except Refusal:
            break
    died = not sweep.server.alive
    sweep.deaths += 1
    if died:
        sweep.server.start()
    sweep.rest(DEBT, HOUSING, PORTAL)
    sweep.check(
        len(_released(sweep, request)) == 1, f"k={kill_at}: released {len(_released(sweep, request))} times"
    )
    return died


VICTIMS = {each.__name__: each for each in (source, asker, reader, decider, eraser, passer, looker, middle)}


def run(victim: str, points: int, databases: Sequence[str]) -> dict[str, Any]:
    """Find how many events a turn has, then die at `points` of them, spread evenly."""
    act = VICTIMS[victim]
    with prepared(databases) as sweep:
        act(sweep, 10**9)
        events = sweep.events or MIDDLE_EVENTS
        step = max(1.0, events / points)
        chosen = sorted({1 + int(number * step) for number in range(points) if number * step < events})
        for kill_at in chosen:
            act(sweep, kill_at)
            if sweep.broken:
                break
        sweep.rest()
        sweep.check_everything()
        return {
            "victim": victim,
            "events": events,
            "points": len(chosen),
            "deaths": sweep.deaths,
            "broken": sweep.broken,
        }


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], int(sys.argv[2]), sys.argv[3:])))  # noqa: T201 - its answer
