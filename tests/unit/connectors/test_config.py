"""The connector's settings: complete or refused with file and key, overlaid by the environment, shown
without secrets.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.commands.setting_up import Answers, write_settings
from connectors.config import Config, load
from connectors.errors import ConfigRefused

ANSWERS = Answers("city-housing", "public", 'City "Housing" – Nord', "https://accord.example.org")


def made(folder: Path) -> Path:
    write_settings(folder, ANSWERS)
    return folder / "connector.toml"


def with_lines(folder: Path, *lines: str) -> Path:
    path = made(folder)
    path.write_text(path.read_text("utf-8") + "\n".join(["", *lines, ""]), "utf-8")
    return path


def refused(path: Path, environment: dict[str, str] | None = None) -> ConfigRefused:
    with pytest.raises(ConfigRefused) as caught:
        load(path, environment or {})
    assert str(path) in caught.value.detail
    assert caught.value.remedy
    return caught.value


def test_the_template_is_complete_and_means_the_defaults(tmp_path: Path):
    config = load(made(tmp_path), {})
    assert (config.member.id, config.member.name) == ("city-housing", 'City "Housing" – Nord')
    bare = tmp_path / "bare.toml"
    bare.write_text(
        '[member]\nid = "city-housing"\nkind = "public"\nname = "x"\n'
        '[coordinator]\nurl = "https://accord.example.org"\n'
    )
    other = load(bare, {})
    for section in ("coordinator", "storage", "api", "policy", "limits"):
        assert getattr(config, section) == getattr(other, section)


def test_every_setting_is_explained_in_the_template(tmp_path: Path):
    text = made(tmp_path).read_text("utf-8")
    shown = load(tmp_path / "connector.toml", {}).shown()
    keys = {key for section in shown.values() if isinstance(section, dict) for key in section}
    assert {key for key in keys if f"{key} =" not in text} == set()


def test_paths_start_at_the_folder_of_the_file(tmp_path: Path):
    config = load(made(tmp_path), {})
    assert config.storage.keys == tmp_path / "keys"
    assert config.storage.url == f"sqlite:///{tmp_path}/connector.db"
    assert config.policy.folder == tmp_path / "policy"
    assert config.api.token_file == tmp_path / "api-token"


def test_the_environment_replaces_a_key(tmp_path: Path):
    environment = {
        "ACCORD_CONNECTOR__STORAGE__URL": "postgresql://accord@db/accord",
        "ACCORD_CONNECTOR__LIMITS__MAILBOX_PAGE": "50",
        "ACCORD_COORDINATOR__BIND": "not ours",
        "ACCORD_CONNECTOR_CONFIG": "not a key",
    }
    config = load(made(tmp_path), environment)
    assert (config.storage.url, config.limits.mailbox_page) == ("postgresql://accord@db/accord", 50)


def test_an_unknown_key_in_the_environment_is_refused(tmp_path: Path):
    refusal = refused(made(tmp_path), {"ACCORD_CONNECTOR__API__PORT": "80"})
    assert "api.port" in refusal.detail


def test_a_section_that_is_a_value_is_refused_by_the_variables_name(tmp_path: Path):
    with pytest.raises(ConfigRefused, match="ACCORD_CONNECTOR__MEMBER__ID__X"):
        load(made(tmp_path), {"ACCORD_CONNECTOR__MEMBER__ID__X": "1"})


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('[member]\nid = "coordinator"\nkind = "public"\nname = "x"', "member.id"),
        ('[member]\nid = "City"\nkind = "public"\nname = "x"', "member.id"),
        ('[member]\nid = "city"\nkind = "ministry"\nname = "x"', "member.kind"),
        ('[member]\nid = "city"\nkind = "public"', "member.name"),
        ('[coordinator]\nurl = "http://accord.example.org"', "coordinator.url"),
        ('[coordinator]\nurl = "https://accord.example.org/"', "coordinator.url"),
        ('[storage]\nurl = "mysql://x"', "storage.url"),
        ('[api]\nbind = "8750"', "api.bind"),
        ('[api]\nbind = "127.0.0.1:99999"', "api.bind"),
        ("[limits]\nmailbox_wait_s = 26", "limits.mailbox_wait_s"),
        ("[limits]\nunknown = 1", "limits.unknown"),
        ('[systems."Bad Name"]\nmapping = "x.toml"', "systems.Bad Name"),
        ("[unknown]\nkey = 1", "unknown"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_key(tmp_path: Path, line: str, key: str):
    sections = {
        "[member]": '[member]\nid = "city"\nkind = "public"\nname = "x"',
        "[coordinator]": '[coordinator]\nurl = "https://accord.example.org"',
    }
    head = line.partition("\n")[0]
    path = tmp_path / "connector.toml"
    path.write_text("\n".join([*(text for name, text in sections.items() if name != head), line]))
    assert refused(path).facts["keys"] == key


def test_a_missing_file_and_a_broken_one_are_refused(tmp_path: Path):
    assert "init" in str(refused(tmp_path / "connector.toml").remedy)
    broken = tmp_path / "broken.toml"
    broken.write_text("[member\n")
    refused(broken)


def test_secrets_are_not_shown(tmp_path: Path):
    secret = "hunter-two"
    config = load(
        with_lines(
            tmp_path,
            "[systems.housing]",
            'mapping = "housing.toml"',
            f'url = "postgresql://reader:{secret}@db/housing"',
            f'password = "{secret}"',
            f'deep = {{ api_key = "{secret}", list = ["mssql://u:{secret}@h/d?pwd={secret}"] }}',
        ),
        {"ACCORD_CONNECTOR__STORAGE__URL": f"postgresql://accord:{secret}@db/accord?password={secret}"},
    )
    assert isinstance(config, Config)
    shown = str(config.shown())
    assert secret not in shown
    assert "reader:***@db" in shown


def test_init_overwrites_nothing(tmp_path: Path):
    made(tmp_path)
    with pytest.raises(ConfigRefused, match="exists"):
        write_settings(tmp_path, ANSWERS)
    assert {path.name for path in (tmp_path / "policy").iterdir()} == {"release.cedar", "decisions.toml"}
