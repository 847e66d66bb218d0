"""Whether work stays as cheap when a coordinator has grown: admission, proofs, a mailbox that filled up.

Fills databases as years of use would, then starts real coordinators on them. `--scale 1` is the full size of
the figures to reach (a million consents, ten million messages), which takes about an hour. Run by
`ops/bench/growth`.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

import requests
from sqlalchemy import Engine, event

from connectors.exchange.acts import membership
from connectors.exchange.client import Coordinator
from connectors.exchange.keyring import Keyring
from connectors.exchange.pinned import PinnedKeys
from coordinator.commands.setup import found
from coordinator.database.engine import open_database, reading, writing
from coordinator.log.merkle import RightEdge, Tree, read_from
from coordinator.log.statements import KEEP_TILES
from ops import postgresql
from ops.bench import client, fill, machine, place, report, world
from schemas import instant
from schemas.log import leaf_hash, verify_inclusion

MOST_GROWTH, MOST_PROOF_MS, LEAST_DRAIN, MOST_MORE_MB = 1.25, 5.0, 1000, 30
CLIENTS = 32
PROOFS = 200
READER = "reader"
STATEMENTS_OF_A_PROOF = 12
"""What a proof may read at most: two tiles a level, and nothing that grows with the log but their number."""


Measure = Callable[[report.Tell], list[report.Row]]


@dataclass(frozen=True, slots=True)
class Grown:
    """A coordinator of some size, running."""

    served: place.Place
    world: world.World
    folder: Path

    def cpu_of(self, count: int, number: int) -> tuple[float, float]:
        """Admit messages under consents chosen anew each round; gives CPU µs a message, messages a second."""
        cases = random.Random(number).sample(self.world.cases, min(count, len(self.world.cases)))
        raws = list(replace(self.world, cases=cases).releases(count))
        pid = self.served.server.process.pid
        before = machine.used_by(pid).cpu_s
        figures = client.drive_apart(
            self.served.server.port, client.singles(raws), clients=CLIENTS, folder=self.folder
        )
        figures.check_all_admitted(count)
        return (machine.used_by(pid).cpu_s - before) / count * 1e6, figures.throughput


@contextmanager
def grown(folder: Path, url: str, size: fill.Size) -> Iterator[Grown]:
    """Prepare a world, fill the database while nothing runs, then serve it."""
    config = place.settings(folder, url)
    found(config)
    with place.serving(folder, config, "coordinator.serve") as server:
        served = place.Place(config, server)
        made = world.prepare(served.send, served.enrol, agencies=8, cases=8)
    filled = fill.fill(config, made, size)
    with place.serving(folder, config, "coordinator.serve") as server:
        yield Grown(place.Place(config, server), filled, folder)


def admission(
    database: str, size: fill.Size, options: argparse.Namespace, tell: report.Tell
) -> list[report.Row]:
    """Compare a small and a large coordinator, message for message, in turn."""
    count, rounds = options.messages, options.rounds
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="accord-bench-")))
        urls = stack.enter_context(_urls(database, folder))
        tell(f"{database}: filling the small one")
        small = stack.enter_context(grown(folder / "small", urls[0], fill.SMALL))
        tell(f"{database}: filling the large one: {size.consents:,} consents, {size.messages:,} messages")
        large = stack.enter_context(grown(folder / "large", urls[1], size))
        others = machine.wait_for_quiet()
        found_small, found_large = [], []
        for number in range(rounds + 1):
            tell(f"{database}: round {number} of {rounds}")
            found_small.append(small.cpu_of(count, number))
            found_large.append(large.cpu_of(count, number))
    small_cpu, small_rate = (median(column) for column in zip(*found_small[1:], strict=True))
    large_cpu, large_rate = (median(column) for column in zip(*found_large[1:], strict=True))
    sizes = f"{size.members:,} members, {size.consents:,} consents, {size.messages:,} messages"
    growth = large_cpu / small_cpu
    return [
        report.Row(
            what=f"{database}, admission, 10 members, 1,000 consents, 10,000 messages",
            clients=CLIENTS,
            rate=small_rate,
            cpu_us=small_cpu,
        ),
        report.Row(
            what=f"{database}, admission, {sizes}",
            clients=CLIENTS,
            rate=large_rate,
            cpu_us=large_cpu,
            ratio=growth,
            ratio_to="small",
            wanted=f"CPU ≤ {MOST_GROWTH} × the small one",
            reached=growth <= MOST_GROWTH,
            noisy=others > machine.NOISY,
        ),
    ]


@contextmanager
def _urls(database: str, folder: Path) -> Iterator[tuple[str, str]]:
    if database == "sqlite":
        yield f"sqlite:///{folder / 'small.sqlite'}", f"sqlite:///{folder / 'large.sqlite'}"
        return
    with postgresql.running(postgresql.DURABLE) as server:
        server.run("createdb", "-h", str(server.folder), "-U", postgresql.SUPERUSER, "large")
        yield server.url(), server.url("large")


# --- proofs -----------------------------------------------------------------------------------------


def proofs(leaves: int, tell: report.Tell) -> list[report.Row]:
    """Build a log of so many leaves and time proofs of inclusion from its stored tiles, none cached."""
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as name:
        config = place.settings(Path(name), f"sqlite:///{Path(name) / 'log.sqlite'}")
        found(config)
        engine = open_database(config.database_url, pool_size=1)
        tell(f"building a log of {leaves:,} leaves")
        root = _build(engine, leaves)
        tell(f"{PROOFS} proofs")
        times, most = _prove(engine, leaves, root)
        engine.dispose()
    worst = client.percentile(times, 0.99)
    return [
        report.Row(
            what=f"proof of inclusion in {leaves:,} leaves, nothing cached",
            p50_ms=median(times),
            p99_ms=worst,
            wanted=f"p50 ≤ {MOST_PROOF_MS:.0f} ms",
            reached=median(times) <= MOST_PROOF_MS,
        ),
        report.Row(
            what="tiles read for one of these proofs, at most",
            value=str(most),
            wanted=f"≤ {STATEMENTS_OF_A_PROOF}, no whole-log read",
            reached=most <= STATEMENTS_OF_A_PROOF,
        ),
    ]


def _build(engine: Engine, leaves: int) -> bytes:
    edge = RightEdge()
    for start in range(0, leaves, 256 * 400):
        count = min(256 * 400, leaves - start)
        tiles = edge.append(_leaf(number) for number in range(start, start + count))
        with writing(engine) as connection:
            latest = {(tile.level, tile.tile): tile.data for tile in tiles}
            KEEP_TILES.for_each(connection, [(level, tile, data) for (level, tile), data in latest.items()])
    return edge.root


def _leaf(number: int) -> bytes:
    return leaf_hash(number.to_bytes(32, "big"))


def _prove(engine: Engine, size: int, root: bytes) -> tuple[list[float], int]:
    """Give the times in milliseconds and the most statements that one proof ran."""
    times, most = [], 0
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    for index in random.Random(size).sample(range(size), PROOFS):
        asked.clear()
        began = time.perf_counter()
        with reading(engine) as connection:
            proof = Tree(read_from(connection)).inclusion(index, size)
        times.append((time.perf_counter() - began) * 1000)
        most = max(most, sum("log_tiles" in words for words in asked))
        verify_inclusion(_leaf(index), index, size, proof, root)
    return times, most


# --- a mailbox that filled up -----------------------------------------------------------------------


def mailbox(database: str, waiting: int, tell: report.Tell) -> list[report.Row]:
    """Let a member that was away collect and acknowledge all that waits."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="accord-bench-")))
        url, _ = stack.enter_context(_urls(database, folder))
        config = place.settings(folder, url)
        found(config)
        with place.serving(folder, config, "coordinator.serve") as server:
            _enrol_reader(folder, place.Place(config, server))
        tell(f"{database}: {waiting:,} messages for one mailbox")
        fill.add_messages(config, waiting, [READER], raw_bytes=5700)
        with place.serving(folder, config, "coordinator.serve") as server:
            tell(f"{database}: collecting them")
            rate, more_mb = _drain(folder, server, waiting)
    return [
        report.Row(
            what=f"{database}, {waiting:,} messages waiting in one mailbox, collected and acknowledged",
            rate=rate,
            wanted=f"≥ {LEAST_DRAIN:,}/s",
            reached=rate >= LEAST_DRAIN,
        ),
        report.Row(
            what="memory of the coordinator between the first tenth and the end",
            value=f"+{more_mb:.0f} MB",
            wanted=f"flat (≤ +{MOST_MORE_MB} MB)",
            reached=more_mb <= MOST_MORE_MB,
        ),
    ]


def _enrol_reader(folder: Path, served: place.Place) -> None:
    url = served.server.url
    (folder / "pinned.json").write_text(requests.get(f"{url}/v1/keys", timeout=30).text)
    enrolment = membership.Enrolment(
        member=READER,
        kind="public",
        name="Reader",
        code=served.invite(READER, "public"),
        url=url,
        keys=folder / "reader-keys",
    )
    membership.enrol(enrolment, PinnedKeys.read(folder / "pinned.json"))


def _drain(folder: Path, server: place.Server, waiting: int) -> tuple[float, float]:
    reader = _reader(folder, server)
    began, got, after, early_mb = time.monotonic(), 0, -1, 0.0
    while got < waiting:
        page = reader.mailbox(after, limit=200)
        if not page.messages:
            raise RuntimeError(f"Only {got} of {waiting} messages were given.")
        got, after = got + len(page.messages), page.messages[-1].index
        reader.acknowledge(after)
        if not early_mb and got >= waiting / 10:
            early_mb = machine.used_by(server.process.pid).resident_mb
    seconds = time.monotonic() - began
    return got / seconds, machine.used_by(server.process.pid).resident_mb - early_mb


def _reader(folder: Path, server: place.Server) -> Coordinator:
    pinned = PinnedKeys.read(folder / "pinned.json")
    return Coordinator(server.url, READER, Keyring(folder / "reader-keys"), pinned, clock=instant.now)


# --- all of it --------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    options = _options(arguments)
    size = fill.LARGE.scaled(options.scale)
    databases = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    parts: dict[str, Measure] = {"proof": partial(proofs, options.leaves)}
    for database in databases:
        parts[f"admission-{database}"] = partial(admission, database, size, options)
        parts[f"mailbox-{database}"] = partial(mailbox, database, options.waiting)
    rows: list[report.Row] = []
    with report.telling() as tell:
        for name, measure in parts.items():
            if options.only is None or name.startswith(options.only):
                rows += measure(tell)
    notes = [f"Scale {options.scale:g} of a million consents and ten million messages; each message of the"]
    notes += ["measured admissions rests on another consent, chosen at random from all."]
    report.show("Growth", rows, notes)
    if options.json:
        report.write(options.json, "growth", rows, notes)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops/bench/growth", description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=0.05, help="part of the full size (1 is all of it)")
    parser.add_argument("--leaves", type=int, default=10_000_000, help="leaves of the log for the proofs")
    parser.add_argument(
        "--waiting", type=int, default=50_000, help="messages in the mailbox (100000 in full)"
    )
    parser.add_argument("--messages", type=int, default=1500, help="messages of a sample")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="sqlite")
    parser.add_argument("--only", choices=("admission", "proof", "mailbox"))
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
