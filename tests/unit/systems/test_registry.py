"""Systems are opened from connector.toml: shipped kinds by their mapping file, others by entry point."""

from __future__ import annotations

import importlib.metadata
import json

import pytest

from connectors.systems import registry
from connectors.systems.faults import MappingFault, UnknownSystem
from connectors.systems.registry import open_system, open_systems
from connectors.systems.source import PersonKey
from connectors.systems.sql import SqlSource
from tests.unit.systems import small


def write_mapping(folder, **changes):
    """Write the small mapping as TOML: JSON is close enough, one key a line."""
    lines = []
    for key, value in small.mapping(**changes).items():
        lines.append(f"{key} = {_inline(value)}")
    folder.mkdir(exist_ok=True)
    (folder / "small.toml").write_text("\n".join(lines), encoding="utf-8")


def _inline(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)


def test_systems_are_opened_by_their_mapping_files(tmp_path):
    write_mapping(tmp_path / "maps")
    small.database(tmp_path / "maps")
    systems = open_systems({"housing": {"mapping": "maps/small.toml"}}, tmp_path)
    assert isinstance(systems["housing"], SqlSource)
    assert systems["housing"].find(small.ASKED) == [PersonKey(1)]


def test_connector_toml_may_say_where_the_database_is(tmp_path):
    write_mapping(tmp_path / "maps", url=None)
    small.database(tmp_path)
    source = open_system("housing", {"mapping": "maps/small.toml", "url": "sqlite:///agency.db"}, tmp_path)
    assert source.find(small.ASKED) == [PersonKey(1)]


def test_the_url_may_be_in_a_file_of_its_own(tmp_path):
    write_mapping(tmp_path, url=None)
    small.database(tmp_path)
    (tmp_path / "secret.url").write_text("sqlite:///agency.db\n", encoding="utf-8")
    source = open_system("housing", {"mapping": "small.toml", "url_file": "secret.url"}, tmp_path)
    assert source.find(small.ASKED) == [PersonKey(1)]


def test_a_kind_that_no_mapping_file_has_is_refused(tmp_path):
    write_mapping(tmp_path, kind="fax")
    with pytest.raises(MappingFault, match='no kind "fax"; there are csv_folder, sql'):
        open_system("housing", {"mapping": "small.toml"}, tmp_path)


def test_another_kind_comes_by_entry_point(tmp_path, monkeypatch):
    class Point:
        name = "fax"

        def load(self):
            return lambda name, settings, folder: (name, settings["number"], folder)

    monkeypatch.setattr(
        registry, "entry_points", lambda group: [Point()] if group == "accord.systems" else []
    )
    opened: object = open_system("old", {"kind": "fax", "number": "1"}, tmp_path)
    assert opened == ("old", "1", tmp_path)


def test_a_kind_that_is_not_installed_is_refused(tmp_path):
    assert "fax" not in {point.name for point in importlib.metadata.entry_points(group=registry.GROUP)}
    with pytest.raises(UnknownSystem, match='systems.old: no kind "fax" is installed'):
        open_system("old", {"kind": "fax"}, tmp_path)
