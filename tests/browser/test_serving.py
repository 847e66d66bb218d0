"""The pages in a second process on the same database, by the command: sessions and limits are shared."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from connectors.cases.gather import read_case
from connectors.exchange import runner
from connectors.exchange.acts import cases
from connectors.exchange.acts.coordination import BY_SEAT
from connectors.exchange.connector import Connector
from connectors.exchange.store import cases as case_store
from connectors.portal.arriving import BY_ACCOUNT
from connectors.portal.store import first_words
from schemas import instant
from tests.browser.services import listening
from tests.browser.world import DEBT, PORTAL, World

_READY_S = 30


def settings_of(world: World) -> Path:
    """Write the settings of the world's portal, as its operator would."""
    keys, file = world.folder / "coordinator-keys.json", world.folder / "portal.toml"
    keys.write_text(json.dumps(requests.get(f"{world.url}/v1/keys", timeout=5).json()))
    made = world.made.settings
    file.write_text(
        f"""
[member]
id = "{PORTAL}"
kind = "portal"
name = "Sample portal"
[coordinator]
url = "{world.url}"
keys = "{keys}"
[storage]
url = "{world.portal.database.engine.url.render_as_string(hide_password=False)}"
keys = "{world.folder / PORTAL / "keys"}"
[portal]
public_url = "{made.public_url}"
name = {{ en = "Sample portal", fr = "Portail exemple" }}
contact = {{ phone = "0800 000 000" }}
threads = 4
live_connections = 1
[portal.oidc]
issuer = "{made.oidc.issuer}"
client_id = "{made.oidc.client_id}"
client_secret_file = "{made.oidc.client_secret_file}"
name = {{ en = "Sample sign-in", fr = "Connexion exemple" }}
"""
    )
    return file


@contextmanager
def started(world: World, *words: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start `accord` with these words on the world's portal, and end it as its operator would."""
    group, *rest = words
    accord = Path(sys.executable).with_name("accord")
    command = [str(accord), group, "--config", str(settings_of(world)), *rest]
    with (world.folder / "started.log").open("w+b") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environment})
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_READY_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def free_port() -> int:
    taken = listening()
    port: int = taken.getsockname()[1]
    taken.close()
    return port


@pytest.fixture
def second(world: World) -> Iterator[str]:
    """Give the address of a second process with pages."""
    port = free_port()
    with started(world, "portal", "serve", "--bind", f"127.0.0.1:{port}") as process:
        _wait(world, f"http://localhost:{port}/about", process)
        yield f"http://localhost:{port}"
    assert process.returncode == 0


def _wait(world: World, url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _READY_S
    while True:
        try:
            requests.get(url, timeout=_READY_S)
            return
        except requests.ConnectionError:
            if time.monotonic() > until or process.poll() is not None:
                pytest.fail(f"it does not answer:\n{(world.folder / 'started.log').read_text()}")
            time.sleep(0.1)


def _begin_well_within_a_window() -> None:
    """Tries are counted in windows of fixed beginning; one that ends during the test would forget some."""
    left = BY_ACCOUNT.window.total_seconds() - time.time() % BY_ACCOUNT.window.total_seconds()
    if left < _READY_S:
        time.sleep(left)


def test_a_session_is_known_and_tries_are_counted_over_both_processes(world, second, page, sign_in):
    sign_in(page, world.person(), at="/home")
    first = world.made.origin
    session = requests.Session()
    for each in page.context.cookies(first):
        session.cookies.set(each["name"], each["value"], domain="localhost.local")
    assert session.get(f"{second}/home", timeout=10, allow_redirects=False).status_code == 200

    token = re.search(r'name="csrf_token" value="([^"]+)"', session.get(f"{second}/join/", timeout=10).text)
    assert token is not None
    _begin_well_within_a_window()
    statuses = [
        session.post(
            f"{(first, second)[turn % 2]}/join/",
            data={"csrf_token": token[1], "code": "2" * 20},
            timeout=10,
        ).status_code
        for turn in range(BY_ACCOUNT.times + 2)
    ]
    assert statuses == [422] * BY_ACCOUNT.times + [429, 429]


def test_the_connector_of_a_portal_shows_its_pages_keeps_its_clock_and_ends_when_told(world):
    case, member = cases.open_case_for_citizen(world.portal, _signed_in()), world.members[DEBT]
    with world.portal.database.writing() as connection:
        first_words.keep(connection, case, [DEBT], "The rent is too high.", instant.now())
    cases.invite_agency(world.portal, case, DEBT, BY_SEAT)
    pages, api = free_port(), free_port()
    bound = {
        "ACCORD_CONNECTOR__PORTAL__BIND": f"127.0.0.1:{pages}",
        "ACCORD_CONNECTOR__API__BIND": f"127.0.0.1:{api}",
    }
    with started(world, "connector", "run", **bound) as process:
        _wait(world, f"http://localhost:{pages}/about", process)
        until = time.monotonic() + _READY_S
        while time.monotonic() < until and not _notes(member, case):
            runner.sync_once(member)
            time.sleep(0.2)
    assert process.returncode == 0
    assert _notes(member, case) == ["The rent is too high."]


def _signed_in() -> cases.SignIn:
    return cases.SignIn(acr="substantial", auth_time=instant.now())


def _notes(member: Connector, case: str) -> list[str | None]:
    with member.database.reading() as connection:
        if case_store.find(connection, case) is None:
            return []
        return [note.text for note in read_case(connection, member, case, instant.now()).notes]
