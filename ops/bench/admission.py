"""How many messages a second are admitted, beside what the same server and database could do at most.

Starts real servers in a temporary folder, sends signed releases that are all different, checks that each was
admitted and is in the database, and prints one table. Run by `ops/bench/admission`; `--help` lists the
options.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from ops import postgresql
from ops.bench import client, limit, machine, place, report, world
from ops.bench.client import Figures

DATABASES = ("sqlite", "postgresql")
WORKERS = {"sqlite": 1, "postgresql": 2}
BATCH = 64
BATCH_CLIENTS = 8
ADMISSION, EACH, GROUPED, BATCHES = "admission", "limit, each", "limit, grouped", "batches of 64"

LEAST_RATE, MOST_P99_MS, LEAST_SHARE = 1500, 60, 0.6
LEAST_BATCH_RATE, LEAST_BATCH_GAIN = 3000, 2.0
"""The figures to reach; the first three at 32 clients."""
MOST_CLIENTS = 32


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to measure."""

    databases: tuple[str, ...]
    clients: tuple[int, ...]
    messages: int
    rounds: int

    def count(self, clients: int) -> int:
        """Messages of one sample: a lone client needs longer for each, so it sends fewer."""
        return max(200, self.messages // (1 if clients >= MOST_CLIENTS else 2 if clients > 1 else 4))


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run of one server gave."""

    server: str
    clients: int
    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    others: float


@dataclass(frozen=True, slots=True)
class Site:
    """The servers beside each other on one kind of database."""

    database: str
    folder: Path
    served: place.Place
    limits: dict[str, place.Server]
    world: world.World
    database_pid: int | None

    def sample(self, server: str, clients: int, raws: list[bytes]) -> Sample:
        """Send messages to one server and measure; raise unless all were admitted and stored."""
        running = self.served.server if server in {ADMISSION, BATCHES} else self.limits[server]
        requests = client.batches(raws, BATCH) if server == BATCHES else client.singles(raws)
        others = machine.wait_for_quiet()
        stored, used = self._stored(server), self._used(running)
        figures = client.drive_apart(running.port, requests, clients=clients, folder=self.folder)
        cpu_s = self._used(running) - used
        figures.check_all_admitted(len(raws))
        if self._stored(server) - stored != len(raws):
            raise client.NotAllAdmittedError(f"{server} answered {len(raws)} and stored another number.")
        return _sample(server, clients, figures, cpu_s, others)

    def _stored(self, server: str) -> int:
        if server in {ADMISSION, BATCHES}:
            return self.served.admitted()
        return limit.count_rows(self._limit_url())

    def _limit_url(self) -> str:
        return limit_url(self.served.config.database_url)

    def _used(self, running: place.Server) -> float:
        used = machine.used_by(running.process.pid).cpu_s
        return used + (machine.used_by(self.database_pid).cpu_s if self.database_pid else 0.0)


def limit_url(url: str) -> str:
    """Give the limit's database: a file beside the coordinator's, or the same PostgreSQL database."""
    return f"{url}.limit" if url.startswith("sqlite") else url


def _sample(server: str, clients: int, figures: Figures, cpu_s: float, others: float) -> Sample:
    return Sample(
        server,
        clients,
        figures.throughput,
        figures.percentile(0.5),
        figures.percentile(0.99),
        cpu_s / figures.admitted * 1e6,
        others,
    )


@contextmanager
def site(database: str) -> Iterator[Site]:
    """Start coordinator and limits on one kind of database, and prepare a world in it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="accord-bench-")))
        url, pid = f"sqlite:///{folder / 'bench.sqlite'}", None
        if database == "postgresql":
            server = stack.enter_context(postgresql.running(postgresql.DURABLE))
            url = server.url()
            pid = int((server.data / "postmaster.pid").read_text().split()[0])
        workers = WORKERS[database]
        served = stack.enter_context(place.coordinator(folder / "coordinator", url, workers=workers))
        made = world.prepare(served.send, served.enrol, agencies=20, cases=200)
        limits = {
            kind: stack.enter_context(
                _limit(folder / kind.rpartition(" ")[2], limit_url(url), made, kind, workers)
            )
            for kind in (EACH, GROUPED)
        }
        yield Site(database, folder, served, limits, made, pid)


@contextmanager
def _limit(folder: Path, url: str, made: world.World, kind: str, workers: int) -> Iterator[place.Server]:
    config = place.settings(folder, url, workers=workers)
    limit.make_table(url)
    keys_file = folder / "keys"
    keys_file.write_text("\n".join(member.signing.public.raw.hex() for member in made.members))
    with place.serving(
        folder, config, "ops.bench.limit_server", str(keys_file), kind.rpartition(" ")[2]
    ) as server:
        yield server


def measure(at: Site, plan: Plan, tell: report.Tell) -> list[Sample]:
    """Take all samples of one site, the servers in turn, so that all meet the same moods of the machine."""
    samples: list[Sample] = []
    for number in range(plan.rounds + 1):  # the first round warms everything up and is not counted
        warming = number == 0
        for clients in plan.clients if not warming else (max(plan.clients),):
            raws = list(at.world.releases(400 if warming else plan.count(clients)))
            for server in (EACH, GROUPED, ADMISSION):
                tell(f"{at.database}: round {number} of {plan.rounds}, {server}, {clients} clients")
                samples += [at.sample(server, clients, raws)] if not warming else []
                _ = at.sample(server, clients, raws) if warming else None
        raws = list(at.world.releases(640 if warming else 2 * plan.messages // BATCH * BATCH))
        tell(f"{at.database}: round {number} of {plan.rounds}, {BATCHES}")
        sample = at.sample(BATCHES, BATCH_CLIENTS, raws)
        samples += [] if warming else [sample]
    return samples


def medians(samples: Sequence[Sample]) -> list[Sample]:
    """Give for each server and number of clients the median of each figure, in the order they came in."""
    groups: dict[tuple[str, int], list[Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.server, sample.clients), []).append(sample)
    return [
        replace(
            group[0],
            **{
                name: median(getattr(each, name) for each in group)
                for name in ("rate", "p50_ms", "p99_ms", "cpu_us", "others")
            },
        )
        for group in groups.values()
    ]


def judged(database: str, found: Sequence[Sample]) -> list[report.Row]:
    """Put each figure beside the limit and the figure to reach."""
    best = {
        clients: max(
            each.rate for each in found if each.clients == clients and each.server in {EACH, GROUPED}
        )
        for clients in {each.clients for each in found if each.server in {EACH, GROUPED}}
    }
    singles = {each.clients: each.rate for each in found if each.server == ADMISSION}
    rows = []
    for each in sorted(found, key=lambda sample: (sample.server == BATCHES, sample.clients)):
        share = each.rate / best[each.clients] if each.server == ADMISSION else None
        verdict, wanted = None, ""
        if each.server == ADMISSION and each.clients == MOST_CLIENTS:
            verdict = each.rate >= LEAST_RATE and each.p99_ms <= MOST_P99_MS and (share or 0) >= LEAST_SHARE
            wanted = f"≥ {LEAST_RATE:,}/s, p99 ≤ {MOST_P99_MS} ms, ≥ {LEAST_SHARE} × limit"
        elif each.server == BATCHES:
            share = each.rate / singles[max(singles)]
            verdict = each.rate >= LEAST_BATCH_RATE and share >= LEAST_BATCH_GAIN
            wanted = f"≥ {LEAST_BATCH_RATE:,}/s, ≥ {LEAST_BATCH_GAIN:.0f} × single messages"
        rows.append(
            report.Row(
                what=f"{database}, {each.server}",
                clients=each.clients,
                rate=each.rate,
                p50_ms=each.p50_ms,
                p99_ms=each.p99_ms,
                cpu_us=each.cpu_us,
                ratio=share,
                ratio_to="" if share is None else "single" if each.server == BATCHES else "limit",
                wanted=wanted,
                reached=verdict,
                noisy=each.others > machine.NOISY,
            )
        )
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit status says that the run went well, not that figures were reached."""
    options = _options(arguments)
    clients = tuple(int(number) for number in options.clients.split(","))
    databases = DATABASES if options.database == "both" else (options.database,)
    messages = options.messages or (1000 if options.quick else 3000)
    plan = Plan(databases, clients, messages, 1 if options.quick else options.rounds)
    rows: list[report.Row] = []
    memory: list[str] = []
    with report.telling() as tell:
        for database in plan.databases:
            tell(f"{database}: starting the servers")
            with site(database) as at:
                rows += judged(database, medians(measure(at, plan, tell)))
                used = machine.used_by(at.served.server.process.pid)
                memory.append(f"{database}: largest coordinator process {used.resident_mb:.0f} MB")
    notes = [
        "CPU: microseconds of processor time of server and database for one message.",
        f"Median of {plan.rounds} rounds; the servers in turn; each answer checked, each row counted.",
        f"Memory at the end: {'; '.join(memory)}.",
    ]
    report.show("Admission", rows, notes)
    if options.json:
        report.write(options.json, "admission", rows, notes)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops/bench/admission", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    parser.add_argument("--clients", default="1,8,32", help="numbers of keep-alive clients, with commas")
    parser.add_argument("--messages", type=int, help="messages of a sample with 32 clients")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
