"""The commands against a real coordinator and a running local API, without sockets."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import structlog
from click.testing import CliRunner, Result

from connectors.api.app import create_app
from connectors.api.authentication import ensure_token
from connectors.cli import main
from connectors.commands.doctor import Line, Patient, examine
from connectors.commands.invocation import Invocation
from connectors.config import load
from connectors.evidence.log_source import HttpLog
from tests.conftest import MakeDatabase
from tests.flow.api.kit import Caller
from tests.flow.api.test_story import record_request
from tests.flow.exchange.register import CANARY
from tests.flow.exchange.world import AGREEMENT, DEBT, HOUSING, PORTAL, URL, World, terms
from tests.wsgi import WsgiAdapter

LOCAL = "http://127.0.0.1:8750"


class Terminal:
    """A person of one member at a terminal."""

    def __init__(self, world: World, member: str, kind: str, *, running: bool = True) -> None:
        self.folder = world.folder / member
        self.world, self.member = world, member
        self.session = world.session(member)
        self.run(
            "init",
            str(self.folder),
            "--id",
            member,
            "--name",
            member.title(),
            "--kind",
            kind,
            "--coordinator",
            URL,
        )
        self.config = self.folder / "connector.toml"
        if running:
            self.start()

    def start(self) -> None:
        config = load(self.config, {})
        source = HttpLog(URL, self.session)
        app = create_app(
            self.world.members[self.member], token=ensure_token(config.api.token_file), log=source
        )
        self.session.mount(LOCAL, WsgiAdapter(app))

    def run(self, *words: str, group: str = "connector", given: str | None = None) -> Result:
        arguments = [group, *words]
        if group != "evidence":
            arguments = [group, "--config", str(self.folder / "connector.toml"), *words]
        invocation = Invocation(session=self.session, environment={})
        return CliRunner().invoke(main, arguments, obj=invocation, input=given)

    def json(self, *words: str, group: str = "connector") -> Any:
        result = self.run(*words, "--json", group=group)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def ok(self, *words: str, group: str = "connector", given: str | None = None) -> str:
        result = self.run(*words, group=group, given=given)
        assert result.exit_code == 0, result.output
        return result.stdout


@pytest.fixture(autouse=True)
def log_elsewhere() -> Iterator[None]:
    """Keep the log of the coordinator and the connector, which run in this process, out of the commands'
    output.
    """
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(io.StringIO()))
    yield
    structlog.reset_defaults()


@pytest.fixture
def debt_terminal(world: World) -> Terminal:
    return Terminal(world, DEBT, "charity")


@pytest.fixture
def portal_terminal(world: World) -> Terminal:
    return Terminal(world, PORTAL, "portal")


def test_a_case_by_commands_alone(
    world: World, debt_terminal: Terminal, portal_terminal: Terminal, tmp_path: Path
):
    debt, portal = debt_terminal, portal_terminal
    case = debt.json("case", "open", "--language", "fr")["case"]
    code = debt.json("case", "invite", case, "--portal", PORTAL)["code"]
    world.settle()
    portal.ok("join", "--code", code, group="portal")
    world.settle()

    asked = tmp_path / "ask.json"
    why = {"en": "For your plan.", "fr": "Pour le plan."}
    asked.write_text(json.dumps({"terms": terms(world.clock()), "why": why}))
    debt.ok("consent", "ask", case, str(asked))
    world.settle()
    (question,) = portal.json("requests", case, group="portal")["requests"]
    portal_api = Caller(portal.session.get_adapter(LOCAL).application, token=_token(portal))  # type: ignore[attr-defined]  # the adapter of these tests
    assert portal_api.get("/v1/cases")["cases"][0]["id"] == case
    # The clock of this world stands in another year than the terminal's.
    from schemas import instant  # noqa: PLC0415 - used once

    now = instant.format(world.clock())
    decision = {"shown_at": now, "acr": "substantial", "auth_time": now}
    portal_api.post(f"/v1/consent-requests/{question['id']}/grant", decision)
    world.settle()
    consent = debt.json("consent", "list", case)["consents"][0]["id"]
    debt.ok("case", "invite", case, "--agency", HOUSING, "--consent", consent)
    world.settle()

    request = tmp_path / "request.json"
    request.write_text(json.dumps(record_request(consent)))
    debt.ok("records", "request", case, str(request))
    world.settle()
    said = debt.json("case", "show", case)["statements"]
    (record,) = [each for each in said if each["schema"] == "housing.tenancy/1"]
    printed = debt.ok("records", "show", record["id"], "--reason", "plan", "--by", "worker-7")
    assert CANARY in printed
    world.settle()
    assert "plan" in portal.ok("who-looked", case, group="portal")

    portal.ok("withdraw", consent, group="portal")
    world.settle()
    assert DEBT in portal.ok("board", case, group="portal")
    assert "withdrawn" in debt.ok("consent", "list", case)

    target = tmp_path / "case.jsonl"
    debt.json("config", "show")
    exported = debt.run("export", case, "--output", str(target), group="evidence")
    assert exported.exit_code == 4  # in this folder are no settings
    command = ["evidence", "export", case, "--output", str(target), "--config", str(debt.config)]
    result = CliRunner().invoke(main, command, obj=Invocation(session=debt.session, environment={}))
    assert result.exit_code == 0, result.output
    keys = tmp_path / "keys.json"
    keys.write_text(world.app.test_client().get("/v1/keys").text)
    verified = debt.run("verify", str(target), "--keys", str(keys), "--json", group="evidence")
    assert verified.exit_code == 0, verified.output
    assert json.loads(verified.stdout)["holds"] is True

    data = bytearray(target.read_bytes())
    data[len(data) // 2] ^= 1
    target.write_bytes(bytes(data))
    spoiled = debt.run("verify", str(target), "--keys", str(keys), group="evidence")
    assert spoiled.exit_code == 1
    assert "does NOT hold" in spoiled.stdout


def _token(terminal: Terminal) -> str:
    return load(terminal.config, {}).api.token_file.read_text().strip()


def test_lists_say_why_they_are_empty(debt_terminal: Terminal):
    assert "There are no cases yet" in debt_terminal.ok("case", "list")
    assert "No alarm is open" in debt_terminal.ok("alarms", "list")
    assert "none" in debt_terminal.ok("queue", "list")
    assert AGREEMENT in debt_terminal.ok("agreement", "list")
    assert json.loads(debt_terminal.ok("agreement", "show", AGREEMENT))["ref"] == AGREEMENT


def test_a_refusal_is_printed_with_what_to_do_and_an_exit_code(debt_terminal: Terminal):
    result = debt_terminal.run("case", "show", "00000000-0000-4000-8000-000000000000")
    assert result.exit_code == 1
    assert "not_here" in result.stderr
    as_json = debt_terminal.run("agreement", "sign", "nothing@1", "--yes", "--json")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["code"] == "unknown_agreement"


def test_a_command_without_a_running_connector_says_how_to_start_it(world: World):
    terminal = Terminal(world, DEBT, "charity", running=False)
    result = terminal.run("status")
    assert result.exit_code == 3
    assert "not_running" in result.stderr
    assert f"accord connector --config {terminal.config} run" in result.stderr


def test_without_settings_a_command_names_the_file(tmp_path: Path):
    command = ["connector", "--config", str(tmp_path / "connector.toml"), "status"]
    result = CliRunner().invoke(main, command, obj=Invocation(environment={}))
    assert result.exit_code == 4
    assert "connector.toml" in result.stderr
    assert "init" in result.stderr


def test_dropping_asks_first(world: World, debt_terminal: Terminal):
    debt_terminal.ok("case", "open")
    (waiting,) = debt_terminal.json("queue", "list")["waiting"]
    assert debt_terminal.run("queue", "drop", waiting["id"], given="n\n").exit_code == 1
    assert len(debt_terminal.json("queue", "list")["waiting"]) == 1
    debt_terminal.ok("queue", "drop", waiting["id"], given="y\n")
    assert debt_terminal.json("queue", "list")["waiting"] == []


def test_a_new_member_sets_itself_up(world: World):
    newcomer = Terminal(world, "food-bank", "charity", running=False)
    shown = newcomer.ok("pin", given="y\n")
    assert next(iter(world.pinned.coordinator)) in shown
    assert newcomer.run("pin", given="n\n").exit_code == 1
    code = world.code("food-bank", "charity")
    result = newcomer.run("enrol", "--code", code)
    # The world's clock stands in another year than the terminal's: the coordinator says whose is wrong.
    assert result.exit_code == 1
    assert "clock" in result.stderr
    assert len(newcomer.json("keys", "show")) == 2


def test_the_policy_is_tried(world: World):
    terminal = Terminal(world, HOUSING, "public", running=False)
    assert "examples" in terminal.ok("policy", "test")
    (terminal.folder / "policy" / "release.cedar").write_text("permit (principal, action, resource);")
    result = terminal.run("policy", "test")
    assert result.exit_code == 1
    assert "release.cedar, line 1" in result.stderr


# --- doctor -----------------------------------------------------------------------------------------


def diagnosis(world: World, terminal: Terminal, session: requests.Session | None = None) -> dict[str, Line]:
    config = load(terminal.config, {"ACCORD_CONNECTOR__STORAGE__URL": world.stores[terminal.member]})
    patient = Patient(config, session or terminal.session, now=world.clock)
    return {line.name: line for line in examine(patient)}


@pytest.fixture
def healthy(world: World, debt_terminal: Terminal) -> Terminal:
    keys = world.app.test_client().get("/v1/keys").text
    (debt_terminal.folder / "coordinator-keys.json").write_text(keys)
    return debt_terminal


def test_the_doctor_finds_a_healthy_connector_healthy(world: World, healthy: Terminal):
    found = diagnosis(world, healthy)
    expected = {
        "keys",
        "api token",
        "disk",
        "database",
        "proxy",
        "coordinator keys",
        "sign-in",
        "own keys",
        "mailbox",
    }
    assert {name for name, line in found.items() if line.verdict == "ok"} >= expected
    assert found["agreements"].found == AGREEMENT or found["agreements"].verdict == "warn"
    assert all(line.remedy for line in found.values() if line.verdict == "fail")


def test_the_doctor_names_open_key_files(world: World, healthy: Terminal):
    key = next((healthy.folder / "keys").glob("sign-*.pem"))
    key.chmod(0o644)
    line = diagnosis(world, healthy)["keys"]
    assert line.verdict == "fail"
    assert "0644" in line.found
    assert "chmod 0600" in str(line.remedy)


def test_the_doctor_names_a_coordinator_with_other_keys(
    world: World, healthy: Terminal, tmp_path: Path, make_database: MakeDatabase
):
    (tmp_path / "other").mkdir()
    other = World(tmp_path / "other", make_database)
    try:
        pinned = other.app.test_client().get("/v1/keys").text
    finally:
        other.close()
    (healthy.folder / "coordinator-keys.json").write_text(pinned)
    line = diagnosis(world, healthy)["coordinator keys"]
    assert line.verdict == "fail"
    assert "another log" in line.found


def test_the_doctor_names_missing_pinned_keys_and_goes_on(world: World, debt_terminal: Terminal):
    found = diagnosis(world, debt_terminal)
    assert found["coordinator keys"].verdict == "fail"
    assert found["sign-in"].verdict == "warn"
    assert found["policy"].verdict == "ok"


def test_the_doctor_names_an_unreachable_coordinator(world: World, healthy: Terminal):
    from tests.wsgi import cut  # noqa: PLC0415 - used once

    world.lines[DEBT].before = cut
    found = diagnosis(world, healthy)
    assert found["coordinator keys"].verdict == "fail"
    assert found["sign-in"].verdict in {"fail", "warn"}
    assert found["keys"].verdict == "ok"


def test_the_doctor_names_a_broken_mapping(world: World, healthy: Terminal):
    with healthy.config.open("a") as file:
        file.write('\n[systems.housing]\nmapping = "missing.toml"\n')
    line = diagnosis(world, healthy)["system housing"]
    assert line.verdict == "fail"
    assert "missing.toml" in line.found
