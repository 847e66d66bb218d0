"""How fast the citizens' pages are for somebody with a long case, at a portal for many; and how heavy.

Fills a portal's database as years of use would, then starts the real process on it and opens each page as a
browser would. Run by `ops/bench/pages`.
"""

from __future__ import annotations

import argparse
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import requests

from connectors.exchange.store.database import Database, open_database
from connectors.pages.sessions import Kept, hashed
from connectors.portal.sessions import Sessions
from connectors.portal.store.database import bring_up_to_date
from ops.bench import machine, pages_fill, place, report
from ops.bench.client import percentile
from ops.story import pages as story_pages
from ops.story.processes import ACCORD, accord, free_port
from schemas import instant
from schemas.instant import to_ms

MOST_MS, MOST_BYTES, MOST_MB = 150.0, 120_000, 150.0
READY_S = 60
_NAMES: Final = {
    pages_fill.CHARITY: "Debt advice charity (sample)",
    pages_fill.HOUSING: "Housing office (sample)",
    pages_fill.BENEFITS: "Benefits agency (sample)",
}
_LOADED = re.compile(r'(?:href|src)="(/assets/[^"]+)"')


@dataclass(frozen=True, slots=True)
class Size:
    """How much is in the database, and how often each page is opened."""

    cases: int
    entries: int
    times: int


FULL, QUICK = Size(10_000, 2_000, 60), Size(500, 2_000, 20)


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal that runs, with somebody signed in."""

    url: str
    pid: int
    cookie: str
    case: str

    def visit(self) -> requests.Session:
        """Give a browser of that person, more or less."""
        session = requests.Session()
        session.headers["Accept-Encoding"] = "gzip"
        session.cookies.set("session", self.cookie, domain="localhost.local")
        return session

    @property
    def main_pages(self) -> dict[str, str]:
        """The pages that people open most, by their addresses."""
        case = f"/cases/{self.case}"
        return {
            "home": "/home",
            "cases": "/cases/",
            "case: summary": case,
            "case: timeline": f"{case}/timeline",
            "case: records": f"{case}/records",
            "case: team": f"{case}/team",
            "case: messages": f"{case}/messages",
            "case: documents": f"{case}/documents",
            "who looked": "/who-looked/",
            "permissions": "/permissions/",
        }


@contextmanager
def serving(folder: Path, size: Size, tell: report.Tell) -> Iterator[Portal]:
    """Enrol a portal, fill its database while nothing runs, then serve its pages."""
    coordinator = folder / "coordinator"
    coordinator.mkdir()
    with place.coordinator(coordinator, f"sqlite:///{coordinator / 'coordinator.sqlite3'}") as served:
        settings = _enrol(folder / "portal", served)
    tell(f"{size.cases:,} cases, one of {size.entries:,} messages")
    database = open_database(f"sqlite:///{settings.parent / 'connector.db'}")
    bring_up_to_date(database)
    cookie, case = _fill(database, size, instant.now())
    database.engine.dispose()
    port = free_port()
    story_pages.add_section(settings, port, pages_fill.ISSUER)
    with (folder / "pages.log").open("ab") as log:
        process = subprocess.Popen(
            [*ACCORD, "portal", "--config", str(settings), "serve"],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        url = f"http://localhost:{port}"
        _wait(url, process, folder / "pages.log")
        yield Portal(url, process.pid, cookie, case)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(place.STOP_S)


def _enrol(folder: Path, served: place.Place) -> Path:
    """Enrol a portal as its operator would; gives the file of settings."""
    code = served.invite(pages_fill.PORTAL, "portal")
    words = (
        "--id",
        pages_fill.PORTAL,
        "--kind",
        "portal",
        "--name",
        "Portal",
        "--coordinator",
        served.server.url,
    )
    accord("connector", "init", str(folder), *words)
    settings = folder / "connector.toml"
    accord("connector", "--config", str(settings), "pin", "--yes")
    accord("connector", "--config", str(settings), "enrol", "--code", code)
    return settings


def _fill(database: Database, size: Size, now: datetime) -> tuple[str, str]:
    """Write everything; gives what the citizen's browser holds, and their long case."""
    long = pages_fill.long_case(pages_fill.case_id(0), 1_000_000_000, size.entries, now)
    small = pages_fill.long_case(pages_fill.case_id(1), 2_000_000_000, 60, now - timedelta(days=30))
    with database.writing() as connection:
        pages_fill.know_members(connection, _NAMES, now)
        for made in (long, small):
            pages_fill.write(connection, made)
        account = pages_fill.owned(connection, [long.case, small.case], "sample-citizen", now)
        for number, made in enumerate(pages_fill.others(size.cases - 2, 1, now)):
            pages_fill.write(connection, made)
            pages_fill.owned(connection, [made.case], f"other-{number}", now)
    held = secrets.token_urlsafe(32)
    data = {"account": account, "acr": "substantial", "auth_time": to_ms(now)}
    Sessions(database).save(hashed(held), Kept(data, now + timedelta(hours=8)), now)
    return held, long.case


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if requests.get(f"{url}/readyz", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise place.NotReadyError(log.read_text()[-2000:])


def open_often(portal: Portal, name: str, path: str, times: int) -> report.Row:
    """Open one page again and again over one connection; gives its line of the table."""
    noise = machine.wait_for_quiet()
    visit = portal.visit()
    first = _timed(visit, portal.url + path)
    before = machine.used_by(portal.pid).cpu_s
    took = [_timed(visit, portal.url + path) for _ in range(times)]
    cpu = machine.used_by(portal.pid).cpu_s - before
    p95 = percentile(took, 0.95)
    return report.Row(
        what=name,
        p50_ms=percentile(took, 0.5),
        p95_ms=p95,
        cpu_us=cpu / times * 1e6,
        value=f"first {first:.0f} ms",
        wanted=f"p95 ≤ {MOST_MS:.0f} ms",
        reached=p95 <= MOST_MS,
        noisy=noise > machine.NOISY,
    )


def _timed(visit: requests.Session, url: str) -> float:
    began = time.perf_counter()
    answer = visit.get(url, timeout=60, allow_redirects=False)
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != requests.codes.ok:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    return took


def first_load(portal: Portal) -> report.Row:
    """Add up what a browser fetches that was never here: the heaviest page, styles and scripts, as sent."""
    visit = portal.visit()
    sizes = {path: _size(visit, portal.url + path) for path in portal.main_pages.values()}
    heaviest = max(sizes, key=lambda path: sizes[path])
    loaded = set(_LOADED.findall(visit.get(portal.url + heaviest, timeout=60).text))
    assets = sum(_size(visit, portal.url + path) for path in sorted(loaded))
    whole = sizes[heaviest] + assets
    return report.Row(
        what="first load of the heaviest page, as sent",
        value=f"{whole / 1000:.0f} kB ({assets / 1000:.0f} of it assets)",
        wanted=f"≤ {MOST_BYTES / 1000:.0f} kB",
        reached=whole <= MOST_BYTES,
    )


def _size(visit: requests.Session, url: str) -> int:
    """Give the length of an answer's body as it is on the wire."""
    answer = visit.get(url, timeout=60, stream=True)
    answer.raise_for_status()
    return len(answer.raw.read(decode_content=False))


def memory(portal: Portal) -> report.Row:
    """Give the memory of the process after all of it."""
    used = machine.used_by(portal.pid).resident_mb
    return report.Row(
        what="memory of the process",
        value=f"{used:.0f} MB",
        wanted=f"≤ {MOST_MB:.0f} MB",
        reached=used <= MOST_MB,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, open, print."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the portal ends with us
    size = QUICK if options.quick else FULL
    with report.telling() as tell, tempfile.TemporaryDirectory(prefix="accord-bench-") as folder:
        tell("enrolling a portal")
        with serving(Path(folder), size, tell) as portal:
            rows = []
            for name, path in portal.main_pages.items():
                tell(name)
                rows.append(open_often(portal, name, path, size.times))
            rows += [first_load(portal), memory(portal)]
    notes = [
        f"A portal on SQLite with {size.cases:,} cases; the citizen has one of {size.entries:,} messages and",
        f"one of 60. Each page is opened {size.times} times over one connection; times are the client's, so",
        "a little longer than the server's. `first` is the very first; CPU is the server's for one page.",
    ]
    report.show("The citizens' pages", rows, notes)
    if options.json:
        report.write(options.json, "pages", rows, notes)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="ops/bench/pages", description="Measure the citizens' pages on a large database."
    )
    parser.add_argument("--quick", action="store_true", help="fewer other cases, and each page less often")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the same as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
