"""Opens the systems that connector.toml names: the kinds that are shipped, and others by entry point.

Takes the [systems] table and the folder of connector.toml, gives one Source for each name. An adopter adds a
kind with an entry point in the group `accord.systems`: a function (name, settings, folder) -> Source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from connectors.systems.csv_folder import open_csv_folder
from connectors.systems.faults import MappingFault, UnknownSystem
from connectors.systems.mapping import SystemMap
from connectors.systems.mapping_file import load_mapping
from connectors.systems.source import Source
from connectors.systems.sql import open_sql

GROUP = "accord.systems"
_FILE = "sqlite:///"
MAPPED: Mapping[str, Callable[[str, SystemMap], Source]] = {"sql": open_sql, "csv_folder": open_csv_folder}
"""The kinds that a mapping file describes completely."""
Opener = Callable[[str, Mapping[str, Any], Path], Source]


def open_systems(systems: Mapping[str, Mapping[str, Any]], folder: Path) -> dict[str, Source]:
    """Open every system of connector.toml. Raises a SystemFault that names the one that cannot be."""
    return {name: open_system(name, settings, folder) for name, settings in systems.items()}


def open_system(name: str, settings: Mapping[str, Any], folder: Path) -> Source:
    """Open one system: `mapping` names its file, and other keys stand in for keys of that file.

    A system of another kind has no `mapping` but a `kind`, and settings that its own package reads.
    """
    if "mapping" not in settings:
        return _other(name, settings, folder)
    path = folder / str(settings["mapping"])
    overrides = {key: _from(folder, key, value) for key, value in settings.items() if key != "mapping"}
    mapping = load_mapping(path, overrides)
    opener = MAPPED.get(mapping.kind)
    if opener is None:
        raise MappingFault(
            f'{path.name}: kind: a mapping file has no kind "{mapping.kind}"; there are {_kinds()}.',
            file=path.name,
            key="kind",
        )
    return opener(name, mapping)


def _other(name: str, settings: Mapping[str, Any], folder: Path) -> Source:
    kind = str(settings.get("kind", ""))
    found = [point for point in entry_points(group=GROUP) if point.name == kind]
    if not found:
        raise UnknownSystem(
            f'systems.{name}: no kind "{kind}" is installed here.',
            remedy=f'Write mapping = "file.toml" (kinds {_kinds()}), or install the package with this kind.',
            system=name,
        )
    opener: Opener = found[0].load()
    return opener(name, settings, folder)


def _kinds() -> str:
    return ", ".join(sorted(MAPPED))


def _from(folder: Path, key: str, value: object) -> object:
    """Places in connector.toml start at its own folder, not at the mapping file's."""
    if key == "url" and isinstance(value, str) and value.startswith(_FILE):
        return f"{_FILE}{(folder / value.removeprefix(_FILE)).absolute()}"
    return (
        str((folder / value).absolute())
        if key in ("url_file", "folder", "store") and isinstance(value, str)
        else value
    )
