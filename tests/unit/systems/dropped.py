"""A small drop folder and its mapping, for tests."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.systems.csv_folder import CsvFolderSource, open_csv_folder
from connectors.systems.mapping_file import parse_mapping
from connectors.systems.source import Arrival, PersonKey
from tests.unit.systems.small import NOW

MAPPING: dict[str, Any] = {
    "kind": "csv_folder",
    "folder": "drop",
    "store": "store.db",
    "stable_s": 5,
    "files": {
        "people": {"pattern": "people*.csv", "key": "id", "required": ["name", "born"]},
        "rights": {"pattern": "rights*.csv", "key": ["id", "n"]},
    },
    "person": {"table": "people", "key": "id", "enough": [["family_name", "birth_date"]]},
    "identify": {
        "family_name": {"column": "name", "compare": "folded"},
        "birth_date": {"column": "born", "compare": "date", "formats": ["YYYY-MM-DD", "DD/MM/YYYY"]},
    },
    "categories": {
        "benefits": {
            "schema": "benefits.entitlements/1",
            "table": "people",
            "person": "id",
            "fields": {
                "overpayment": {"column": "owes", "type": "money", "currency": "EUR", "decimal": ","},
                "entitlements": {
                    "table": "rights",
                    "person": "id",
                    "fields": {
                        "scheme": {"column": "what", "type": "code", "codes": {"R": "rsa", "A": "aah"}}
                    },
                },
            },
        }
    },
}
HEAD = "id;name;born;owes;unused\r\n"
GOOD = HEAD + "1;Exemple;1991-04-23;12,50;x\r\n2;Échantillon;01/02/1980;;\r\n"
FIELDS = ("overpayment", "entitlements")


def exemple(source: CsvFolderSource) -> list[PersonKey]:
    """Look for Exemple."""
    return source.find({"family_name": "Exemple", "birth_date": "1991-04-23"})


def opened(folder: Path, **files: Any) -> CsvFolderSource:
    """Open the folder; `people={...}` changes what the mapping says of that file."""
    document = {**MAPPING, "files": {**MAPPING["files"]}}
    for name, more in files.items():
        document["files"][name] = {**document["files"][name], **more}
    return open_csv_folder("drop", parse_mapping(document, folder.parent / "drop.toml"))


def drop(folder: Path, name: str, content: str | bytes) -> None:
    """Put a file into the folder as a good export does: write, then rename."""
    part = folder / f"{name}.tmp"
    part.write_bytes(content.encode() if isinstance(content, str) else content)
    part.replace(folder / name)


def take_in(source: CsvFolderSource, after: int = 0) -> list[Arrival]:
    """Look twice, as far apart as a file has to be quiet."""
    source.refresh(NOW + timedelta(seconds=after))
    return source.refresh(NOW + timedelta(seconds=after + 5))


def report(arrival: Arrival) -> dict[str, Any]:
    """Read the report of an arrival."""
    told: dict[str, Any] = json.loads(Path(arrival.report).read_text(encoding="utf-8"))
    return told
