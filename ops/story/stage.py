"""The stage: a coordinator and a connector for each member, every one a process with keys of its own.

Sets up with the same commands that an operator and an agency type, and talks to the connectors as an agency's
own software does, over their local HTTP API. What exists in a kept folder is taken up again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from connectors import config as connector_config
from connectors.commands.running import RunningConnector
from connectors.errors import NotRunning
from coordinator import config as coordinator_config
from ops.story import pages
from ops.story.cast import Agency, Script
from ops.story.processes import Processes, Running, accord, free_port
from ops.story.seen import Middle
from schemas.keys import SigningKey

T = TypeVar("T")
PATIENCE_S = 90.0
COORDINATOR, PAGES, SIGN_IN = "coordinator", "pages", "sign-in"
DROP = "drop"
"""The folder into which an agency's export drops its files."""


class TookTooLong(Exception):
    """Something that should have happened by itself did not."""


def until(what: str, look: Callable[[], T | None]) -> T:
    """Look again and again until there is something; raise TookTooLong with what was waited for."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise TookTooLong(f"After {PATIENCE_S:.0f} s this had not happened: {what}")


@dataclass(slots=True)
class Party:
    """A member on the stage: its folder, its running connector and how to speak to it."""

    agency: Agency
    folder: Path
    port: int
    running: Running | None = None

    @property
    def id(self) -> str:
        """The member's id."""
        return self.agency.id

    @property
    def settings(self) -> Path:
        """The file of settings."""
        return self.folder / "connector.toml"

    @property
    def api(self) -> RunningConnector:
        """Its local API, with the token from its own file."""
        return RunningConnector(connector_config.load(self.settings, {}))

    @property
    def address(self) -> str:
        """Where its local API listens."""
        return f"http://127.0.0.1:{self.port}"

    def signing_key(self) -> SigningKey:
        """Read its private key, as somebody who has taken over the machine could."""
        (file,) = sorted((self.folder / "keys").glob("sign-*.pem"))
        return SigningKey.from_pem(file.read_bytes())


@dataclass(slots=True)
class Stage:
    """Everything that runs."""

    folder: Path
    script: Script
    processes: Processes = field(default_factory=Processes)
    parties: dict[str, Party] = field(default_factory=dict)
    coordinator_port: int = 0
    pages_port: int = 0
    sign_in_port: int = 0

    @property
    def fresh(self) -> bool:
        """Whether nothing was set up in this folder before."""
        return not (self.folder / "stage.json").exists()

    @property
    def url(self) -> str:
        """The coordinator's address."""
        return f"http://127.0.0.1:{self.coordinator_port}"

    @property
    def pages_url(self) -> str:
        """Where the citizen opens the portal; by name, because passkeys are never bound to a number."""
        return f"http://localhost:{self.pages_port}"

    @property
    def sign_in_url(self) -> str:
        """Where the citizen signs in."""
        return f"http://localhost:{self.sign_in_port}"

    @property
    def coordinator_settings(self) -> Path:
        """The coordinator's file of settings."""
        return self.folder / COORDINATOR / "coordinator.toml"

    def middle(self) -> Middle:
        """Look over the operator's shoulder."""
        return Middle(self.folder / COORDINATOR / "coordinator.sqlite3")

    def party(self, id: str) -> Party:
        """Give a member."""
        return self.parties[id]

    # --- setting up ------------------------------------------------------------------------------------

    def place(self) -> None:
        """Choose a port for each process, or take up the ones of a kept folder."""
        names = [COORDINATOR, PAGES, SIGN_IN, *(agency.id for agency in self.script.agencies)]
        file = self.folder / "stage.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        ports = {name: known.get(name) or free_port() for name in names}
        self.coordinator_port = ports[COORDINATOR]
        self.pages_port, self.sign_in_port = ports[PAGES], ports[SIGN_IN]
        for agency in self.script.agencies:
            self.parties[agency.id] = Party(agency, self.folder / agency.id, ports[agency.id])

    def remember(self) -> None:
        """Note that this folder is set up, with the ports."""
        ports = {
            COORDINATOR: self.coordinator_port,
            PAGES: self.pages_port,
            SIGN_IN: self.sign_in_port,
            **{party.id: party.port for party in self.parties.values()},
        }
        (self.folder / "stage.json").write_text(json.dumps(ports))

    def found_coordinator(self) -> None:
        """`accord coordinator init`."""
        bind = f"127.0.0.1:{self.coordinator_port}"
        accord(
            *("coordinator", "init", str(self.folder / COORDINATOR)),
            *("--name", "Coordinator (sample)", "--bind", bind, "--origin", "sample.accord.invalid/log"),
        )

    def run_coordinator(self) -> float:
        """`accord coordinator run`; gives the seconds until it answered ready."""
        coordinator_config.load(self.coordinator_settings, os.environ)
        return self.processes.start(
            COORDINATOR,
            ["coordinator", "-c", str(self.coordinator_settings), "run"],
            log=self.folder / "coordinator.log",
            ready_url=f"{self.url}/readyz",
        ).wait_ready()

    def invite_member(self, agency: Agency) -> str:
        """`accord coordinator invite`: the operator's one-time code for a newcomer."""
        words = ("coordinator", "-c", str(self.coordinator_settings), "invite", agency.id)
        answer: dict[str, Any] = json.loads(accord(*words, "--kind", agency.kind, "--json"))
        return str(answer["code"])

    def enrol(self, party: Party, code: str) -> None:
        """`accord connector init` and `enrol`; then the agency's own systems are named in its settings."""
        agency = party.agency
        accord(
            *("connector", "init", str(party.folder), "--id", agency.id, "--kind", agency.kind),
            *("--name", agency.name, "--coordinator", self.url),
        )
        text = party.settings.read_text("utf-8")
        text = re.sub(r'(?m)^bind = ".*"$', f'bind = "127.0.0.1:{party.port}"', text)
        if agency.mapping is not None:
            text += f'\n[systems.{agency.id}]\nmapping = "{agency.mapping.name}"\n'
            if any(file.suffix == ".csv" for file in agency.files):
                text += f'folder = "{DROP}"\n'
            _furnish(party)
        party.settings.write_text(text, "utf-8")
        accord("connector", "--config", str(party.settings), "pin", "--yes")
        accord("connector", "--config", str(party.settings), "enrol", "--code", code)

    def open_pages(self, party: Party) -> None:
        """Give the portal its pages, and start the provider at which its citizens sign in."""
        pages.add_section(party.settings, self.pages_port, self.sign_in_url)
        log = self.folder / f"{SIGN_IN}.log"
        pages.run_provider(self.processes, self.sign_in_port, log).wait_ready()
        pages.introduce(self.sign_in_url)

    def run_party(self, party: Party) -> None:
        """`accord connector run`, not waiting for it to be ready."""
        party.running = self.processes.start(
            party.id,
            ["connector", "--config", str(party.settings), "run"],
            log=self.folder / f"{party.id}.log",
            ready_url=f"{party.address}/readyz",
        )

    def stop_party(self, party: Party) -> None:
        """End one connector's process."""
        if party.running is not None:
            self.processes.stop_one(party.running)
            party.running = None

    def wait_for_parties(self) -> None:
        """Wait until every connector answers ready."""
        for party in self.parties.values():
            if party.running is not None:
                party.running.wait_ready()
                until(f"{party.id} answers", partial(_answers, party))


def _answers(party: Party) -> bool:
    try:
        return bool(party.api.get("/v1/status")["alive"])
    except NotRunning:
        return False


def _furnish(party: Party) -> None:
    """Put the agency's own database or files where its mapping looks for them, as in its own house."""
    agency = party.agency
    if agency.mapping is None:
        return
    shutil.copy(agency.mapping, party.folder / agency.mapping.name)
    drop = party.folder / DROP
    for file in agency.files:
        if file.suffix == ".sql":
            with sqlite3.connect(party.folder / f"{file.stem}.db") as connection:
                connection.executescript(file.read_text("utf-8"))
            connection.close()
        else:
            drop.mkdir(exist_ok=True)
            shutil.copy(file, drop / file.name)
    if agency.policy is not None:
        for rules in agency.policy.glob("*.cedar"):
            (party.folder / "policy").mkdir(exist_ok=True)
            shutil.copy(rules, party.folder / "policy" / rules.name)
