"""What surrounds the pages on their way: readiness, counters, packed pages and assets, an orderly end."""

from __future__ import annotations

import gzip
import re
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from prometheus_client import CollectorRegistry, generate_latest

from connectors.pages import assets
from connectors.pages.counting import count_pages, publish
from connectors.portal.serving import Pages as Served
from ops.story.processes import free_port
from tests.flow.exchange.world import PORTAL, World
from tests.flow.portal.visits import Pages, Visit, settings

STYLE = "/assets/govuk/govuk-frontend.min.css"
PACKED = {"Accept-Encoding": "gzip"}


@pytest.fixture
def pages(world: World, tmp_path: Path) -> Pages:
    return Pages(world.members[PORTAL], settings(tmp_path), tmp_path)


@pytest.fixture
def visit(pages: Pages) -> Visit:
    return pages.visit()


def test_it_says_that_it_lives_and_is_ready_to_whoever_asks(visit: Visit):
    assert visit.get("/healthz").json == {"status": "alive"}
    assert visit.get("/readyz").json == {"status": "ready"}


def test_it_is_not_ready_when_the_database_does_not_open(pages: Pages, visit: Visit):
    with pages.connector.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE cursor RENAME TO gone")
    answer = visit.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "the database does not open"}


@pytest.mark.parametrize("name", ["govuk/govuk-frontend.min.css", "accord.js", "icon.svg"])
def test_an_asset_goes_packed_to_whoever_takes_it_so_and_as_it_is_to_others(visit: Visit, name: str):
    whole = (assets.FOLDER / name).read_bytes()
    packed, plain = visit.get(f"/assets/{name}", headers=PACKED), visit.get(f"/assets/{name}")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == whole
    assert "Content-Encoding" not in plain.headers
    assert plain.data == whole
    for answer in (packed, plain):
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert packed.mimetype == plain.mimetype
    plain.close()  # a file stays open until it was sent


def test_an_asset_that_a_browser_has_is_not_sent_again(visit: Visit):
    known = visit.get(STYLE, headers=PACKED).headers["ETag"]
    again = visit.get(STYLE, headers={**PACKED, "If-None-Match": known})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("name", ["../frame.py", "%2e%2e/frame.py", "nothing.css", "%2fetc/passwd", "govuk"])
@pytest.mark.parametrize("headers", [PACKED, {}], ids=["packed", "plain"])
def test_nothing_but_assets_is_given(visit: Visit, name: str, headers: dict[str, str]):
    assert visit.get(f"/assets/{name}", headers=headers).status_code in {302, 308, 404}


def test_a_page_goes_packed_and_its_length_does_not_tell_what_is_in_it(visit: Visit):
    lengths = set()
    for _ in range(12):
        packed = visit.get("/about", headers=PACKED)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.headers["Content-Length"] == str(len(packed.data))
        assert b"</html>" in gzip.decompress(packed.data)
        lengths.add(len(packed.data))
    # The nonce alone moves the length by a few bytes; the name in the header by up to a hundred.
    assert max(lengths) - min(lengths) > 15
    plain = visit.get("/about")
    assert "Content-Encoding" not in plain.headers
    assert b"</html>" in plain.data
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_answers_are_counted_by_endpoint_and_status_and_never_by_address(pages: Pages):
    registry = CollectorRegistry()
    count_pages(pages.app, registry)
    case = "0190c0de-0000-7000-8000-000000000001"
    pages.visit().get("/about")
    pages.visit().get(f"/cases/{case}")
    pages.visit().get("/nothing-here")
    told = generate_latest(registry).decode()
    assert 'accord_pages_answers_total{endpoint="front.about",method="GET",status="200"} 1.0' in told
    assert 'endpoint="case.show",method="GET",status="302"' in told
    assert 'endpoint="unknown"' in told
    assert case not in told
    assert "nothing-here" not in told


def test_counters_of_a_further_process_are_told_on_an_address_of_their_own():
    port = free_port()
    publish(CollectorRegistry(), "127.0.0.1", port)
    assert requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).status_code == 200


def test_stopping_ends_the_live_updates_first(world: World, tmp_path: Path):
    port = free_port()
    own = replace(settings(tmp_path), bind=f"127.0.0.1:{port}", threads=4)
    served = Served(world.members[PORTAL], own, tmp_path, registry=CollectorRegistry())
    before = set(threading.enumerate())
    served.start()
    url = f"http://127.0.0.1:{port}"
    assert requests.get(f"{url}/readyz", timeout=10).json() == {"status": "ready"}
    places = served.portal.places
    place = places.take("somebody")
    assert place is not None

    def stream() -> None:
        """End as a stream does, when it is its turn to look."""
        while not place.given_up:
            time.sleep(0.2)
        places.give_back(place)

    threading.Thread(target=stream, daemon=True).start()
    served.stop()
    assert places.open_now == 0, "the server was closed while a stream was open"
    assert served.portal.places.take("somebody else") is None
    _wait_for_end(set(threading.enumerate()) - before)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/readyz", timeout=2)


def _wait_for_end(begun: set[threading.Thread]) -> None:
    for listener in begun:
        if listener.name == "pages":
            listener.join(5)


def test_what_a_page_loads_is_named_with_its_digest(visit: Visit):
    loaded = re.findall(r'(?:href|src)="(/assets/[^"]+)"', visit.get("/about").text)
    assert len(loaded) >= 2
    assert all(re.search(r"\?v=[0-9a-f]{12}$", each) for each in loaded)
