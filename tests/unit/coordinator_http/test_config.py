"""The coordinator's settings: complete or refused, with words that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordinator.config import ConfigError, load

COMPLETE = """
database_url = "sqlite:///coordinator.sqlite3"
origin = "log.example.org/accord"
name = "Example"
keys_dir = "keys"
bind = "127.0.0.1:8080"
public_url = "https://accord.example.org"
"""


def file(folder: Path, text: str = COMPLETE) -> Path:
    path = folder / "coordinator.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_complete_file_is_read_and_its_paths_are_beside_it(tmp_path):
    config = load(file(tmp_path), {})
    assert config.database_url == f"sqlite:///{tmp_path}/coordinator.sqlite3"
    assert config.keys_dir == tmp_path / "keys"
    assert config.embedded
    assert config.processes == 1


def test_the_environment_replaces_keys_of_the_file_and_of_its_sections(tmp_path):
    environment = {
        "ACCORD_COORDINATOR__NAME": "Other",
        "ACCORD_COORDINATOR__LIMITS__LONG_POLL_S": "3",
        "PATH": "/bin",
    }
    config = load(file(tmp_path), environment)
    assert config.name == "Other"
    assert config.limits.long_poll_s == 3


def test_a_missing_key_is_named_with_its_file_and_its_variable(tmp_path):
    path = file(tmp_path, COMPLETE.replace('origin = "log.example.org/accord"', ""))
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    words = str(refused.value)
    assert "origin" in words
    assert str(path) in words
    assert "ACCORD_COORDINATOR__ORIGIN" in words
    assert "accord coordinator init" in words


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("surprise = 1", "surprise"),
        ('workers = "many"', "workers"),
        ("token_ttl_s = 86400", "token_ttl_s"),
        ("[limits]\nattachment_bytes = 99999999999", "limits.attachment_bytes"),
        ("[rates]\nunknown = 1", "rates.unknown"),
    ],
)
def test_a_wrong_value_is_refused_and_its_key_is_named(tmp_path, line, key):
    with pytest.raises(ConfigError, match=key):
        load(file(tmp_path, COMPLETE + line), {})


@pytest.mark.parametrize(
    "variable",
    ["ACCORD_COORDINATOR__SURPRISE", "ACCORD_COORDINATOR__NAME__FIRST", "ACCORD_COORDINATOR__LIMITS"],
)
def test_a_variable_that_names_no_key_is_refused(tmp_path, variable):
    with pytest.raises(ConfigError):
        load(file(tmp_path), {variable: "1"})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("public_url", "https://accord.example.org/"),
        ("public_url", "ftp://accord.example.org"),
        ("bind", "8080"),
        ("bind", "127.0.0.1:99999"),
        ("database_url", "mysql://root@db/accord"),
        ("origin", "two words"),
        ("name", ""),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(tmp_path, key, value):
    with pytest.raises(ConfigError, match=key):
        load(file(tmp_path), {f"ACCORD_COORDINATOR__{key.upper()}": value})


@pytest.mark.parametrize("text", ["not toml at all", "a = ", "\x00"])
def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path, text):
    with pytest.raises(ConfigError, match="coordinator.toml"):
        load(file(tmp_path, text), {})


def test_a_file_that_is_not_there_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError, match="accord coordinator init"):
        load(tmp_path / "coordinator.toml", {})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://accord:s3cret-c4nary@db/accord",
        "postgresql://accord:s3cret-c4nary:with@db/accord",
        "postgresql://accord@db/accord?password=s3cret-c4nary",
    ],
)
def test_the_shown_settings_hold_no_password(tmp_path, url):
    config = load(file(tmp_path), {"ACCORD_COORDINATOR__DATABASE_URL": url})
    assert "c4nary" not in str(config.shown())
    assert "***" in str(config.shown())


def test_a_config_cannot_be_changed(tmp_path):
    config = load(file(tmp_path), {})
    with pytest.raises(AttributeError):
        config.name = "other"  # type: ignore[misc]  # that it is frozen is what is tested
