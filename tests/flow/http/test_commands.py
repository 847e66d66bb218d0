"""The operator's commands: what they make, what they print, and what they never print."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import inspect

from coordinator.app import create_app
from coordinator.cli import coordinator
from coordinator.commands.register import new_code
from coordinator.config import load
from coordinator.database.engine import open_database, reading, writing
from coordinator.database.tables import enrolment_codes, log_entries
from coordinator.http.edge import edge
from coordinator.register.codes import code_key
from schemas import instant
from schemas.errors import LogUnguarded
from schemas.wire import unb64u
from tests.conftest import stored_bytes
from tests.flow.http.kit import Clock, Party, initialised
from tests.placed import placing

CASE = "018f0000-0000-4000-8000-00000000000a"


@pytest.fixture
def folder(tmp_path: Path, database_url: str) -> Path:
    made = initialised(tmp_path / "made", database_url)
    assert made.exit_code == 0, made.output
    assert "invite" in made.output
    return tmp_path / "made"


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(coordinator, ["-c", str(folder / "coordinator.toml"), *words])


def test_init_makes_private_files_and_a_database(folder):
    assert stat.S_IMODE((folder / "keys").stat().st_mode) == 0o700
    for file in [folder / "coordinator.toml", *(folder / "keys").glob("*.pem")]:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert len(list((folder / "keys").glob("*.pem"))) == 2
    engine = open_database(load(folder / "coordinator.toml", {}).database_url)
    assert inspect(engine).has_table(enrolment_codes.name)
    engine.dispose()


@pytest.mark.only_on("sqlite", reason="this is the database for which nothing else needs to be installed")
def test_init_makes_a_file_in_the_folder_when_no_database_is_named(tmp_path):
    made = CliRunner().invoke(coordinator, ["init", str(tmp_path / "made")])
    assert made.exit_code == 0, made.output
    assert (tmp_path / "made" / "coordinator.sqlite3").exists()


def test_init_overwrites_nothing(folder, database_url):
    before = {file: file.read_bytes() for file in (folder / "keys").glob("*.pem")}
    again = initialised(folder, database_url)
    assert again.exit_code == 2
    assert "exists" in again.output
    assert {file: file.read_bytes() for file in (folder / "keys").glob("*.pem")} == before


def test_init_with_a_wrong_value_leaves_no_settings_behind(tmp_path, database_url):
    made = initialised(tmp_path / "x", database_url, "--public-url", "nonsense")
    assert made.exit_code == 2
    assert "public_url" in made.output
    assert not (tmp_path / "x" / "coordinator.toml").exists()


def test_every_key_of_the_file_is_explained(folder):
    lines = (folder / "coordinator.toml").read_text().splitlines()
    for number, line in enumerate(lines):
        if "=" in line and not line.startswith("#"):
            above = next(
                earlier for earlier in reversed(lines[:number]) if " = " not in earlier or earlier[0] == "#"
            )
            assert above.startswith(("#", "[")), line


def test_config_show_prints_no_password(folder, monkeypatch):
    monkeypatch.setenv("ACCORD_COORDINATOR__DATABASE_URL", "postgresql://accord:c4nary@db/accord")
    for words in (["config", "show"], ["config", "show", "--json"]):
        said = run(folder, *words)
        assert said.exit_code == 0, said.output
        assert "c4nary" not in said.output
        assert "db/accord" in said.output


def test_invite_prints_a_code_once_and_stores_only_its_key(folder, database_url):
    said = run(folder, "invite", "city-housing", "--kind", "public", "--json")
    assert said.exit_code == 0, said.output
    code = json.loads(said.output)["code"]
    engine = open_database(load(folder / "coordinator.toml", {}).database_url)
    with reading(engine) as connection:
        (row,) = connection.execute(enrolment_codes.select()).all()
    engine.dispose()
    assert row.key_hash == code_key(code)
    held = stored_bytes(database_url)
    assert b"city-housing" in held  # the search finds what is there
    assert code.encode() not in held
    for file in folder.rglob("*"):
        if file.is_file():
            assert code.encode() not in file.read_bytes()


def test_a_code_has_at_least_80_bits_and_no_signs_that_look_alike():
    codes = [new_code() for _ in range(50)]
    assert len(set(codes)) == 50
    for code in codes:
        assert not set(code) & set("01OILl")
        assert len(code.replace("-", "")) * 4.9 > 80


def test_inviting_again_makes_the_older_code_useless(folder):
    for _ in range(2):
        assert run(folder, "invite", "city-housing", "--kind", "public").exit_code == 0
    engine = open_database(load(folder / "coordinator.toml", {}).database_url)
    with reading(engine) as connection:
        assert len(connection.execute(enrolment_codes.select()).all()) == 1
    engine.dispose()


@pytest.mark.parametrize(
    "member", ["coordinator", "citizen", "Upper", "a", "x" * 50, "with space", "-a", "é"]
)
def test_a_name_that_cannot_be_a_member_is_refused(folder, member):
    said = run(folder, "invite", "--kind", "public", "--", member)
    assert said.exit_code == 2


@pytest.mark.parametrize("words", [["members"], ["agreements"], ["cases", "count"]])
def test_an_empty_coordinator_is_listed_as_empty(folder, words):
    for option in ([], ["--json"]):
        said = run(folder, *words, *option)
        assert said.exit_code == 0, said.output
        if option:
            json.loads(said.output)


def test_migrate_may_be_run_again(folder):
    said = run(folder, "migrate")
    assert said.exit_code == 0, said.output
    assert "version" in said.output


def test_doctor_names_what_is_wrong_and_what_to_do(folder):
    (folder / "keys" / "log.pem").chmod(0o644)
    said = run(folder, "doctor", "--json")
    assert said.exit_code == 1, said.output
    wrong = [each for each in json.loads(said.output)["findings"] if not each["ok"]]
    assert any("log.pem" in each["what"] for each in wrong)
    assert all(each["remedy"] for each in wrong)


def test_an_unknown_message_is_said_to_be_unknown(folder):
    said = run(folder, "inspect", "018f0000-0000-7000-8000-000000000001")
    assert said.exit_code == 1
    assert "No message" in said.output


def test_a_command_without_settings_says_how_to_make_them(tmp_path):
    said = run(tmp_path, "members")
    assert said.exit_code == 2
    assert "accord coordinator init" in said.output
    assert "Traceback" not in said.output


def test_the_log_of_a_coordinator_that_never_ran_has_no_head(folder):
    said = run(folder, "log", "head")
    assert said.exit_code == 1
    assert "Start the coordinator" in said.output


def test_openapi_is_printed_or_written(tmp_path):
    said = CliRunner().invoke(coordinator, ["openapi"])
    assert said.exit_code == 0, said.output
    assert json.loads(said.output)["openapi"] == "3.1.0"
    written = CliRunner().invoke(coordinator, ["openapi", str(tmp_path / "o.json")])
    assert written.exit_code == 0
    assert (tmp_path / "o.json").read_text("utf-8") == said.output


def test_after_a_run_head_fsck_members_and_inspect_tell_what_is_there(folder):
    config = load(folder / "coordinator.toml", {})
    app = placing(create_app(config, started=True))
    party = Party("city-housing", app, Clock(instant.now())).enrol()
    raw = party.message("case.open/1", to=["citizen"], case=CASE, body={"language": "en"})
    assert party.post(raw).status_code == 201
    edge(app).coordinator.stop()
    assert json.loads(run(folder, "log", "head", "--json").output)["size"] == 2
    for name in ("fsck", "check"):
        said = run(folder, "log", name, "--json")
        assert (said.exit_code, json.loads(said.output)) == (0, {"ok": True, "damage": []})
    assert json.loads(run(folder, "members", "--json").output)["rows"][0]["keys"] == 2
    assert json.loads(run(folder, "cases", "count", "--json").output) == {"open": 1, "closed": 0}
    payload = json.loads(unb64u(raw.split(b".")[1].decode()))
    (shown,) = json.loads(run(folder, "inspect", payload["id"], "--json").output)["messages"]
    assert (shown["sender"], shown["type"], shown["place"]) == (party.id, "case.open/1", 1)
    assert "raw" not in shown
    assert run(folder, "inspect", payload["id"]).exit_code == 0


def test_fsck_names_a_changed_entry(folder):
    config = load(folder / "coordinator.toml", {})
    app = placing(create_app(config, started=True))
    Party("city-housing", app, Clock(instant.now())).enrol()
    with writing(edge(app).coordinator.engine) as connection:
        connection.execute(log_entries.update().values(commitment=bytes(32)))
    edge(app).coordinator.stop()
    said = run(folder, "log", "fsck", "--json")
    assert said.exit_code == 1, said.output
    assert json.loads(said.output)["damage"]


def test_adopt_lets_a_coordinator_start_again_whose_guard_is_lost(folder):
    config = load(folder / "coordinator.toml", {})
    assert run(folder, "log", "adopt", "--yes").exit_code == 1
    app = placing(create_app(config, started=True))
    Party("city-housing", app, Clock(instant.now())).enrol()
    edge(app).coordinator.stop()
    (folder / "keys" / "log.head").unlink()
    with pytest.raises(LogUnguarded):
        create_app(config, started=True)
    assert run(folder, "log", "adopt").exit_code == 1, "without a yes nothing is adopted"
    said = run(folder, "log", "adopt", "--yes")
    assert said.exit_code == 0, said.output
    again = create_app(config, started=True)
    edge(again).coordinator.stop()
