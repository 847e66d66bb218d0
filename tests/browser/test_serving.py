"""The pages served by the command, in a second process on the same database: sessions and limits are shared."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from connectors.portal.arriving import BY_ACCOUNT
from tests.browser.world import PORTAL, World, listening

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


@pytest.fixture
def second(world: World) -> Iterator[str]:
    """Give the address of a second process."""
    taken = listening()
    port = taken.getsockname()[1]
    taken.close()
    accord = Path(sys.executable).with_name("accord")
    command = [str(accord), "portal", "--config", str(settings_of(world))]
    with (world.folder / "second.log").open("w+") as log:
        process = subprocess.Popen(
            [*command, "serve", "--bind", f"127.0.0.1:{port}"], stdout=log, stderr=log, env=dict(os.environ)
        )
        try:
            _wait(f"http://localhost:{port}/about", process, log)
            yield f"http://localhost:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


def _wait(url: str, process: subprocess.Popen[bytes], log) -> None:
    until = time.monotonic() + _READY_S
    while True:
        try:
            requests.get(url, timeout=_READY_S)
            return
        except requests.ConnectionError:
            if time.monotonic() > until or process.poll() is not None:
                log.seek(0)
                pytest.fail(f"the second process does not answer:\n{log.read()}")
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
