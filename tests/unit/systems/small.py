"""A small agency database and its mapping, for tests: every kind of comparison, conversion and list once."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.systems.mapping_file import parse_mapping
from connectors.systems.sql import SqlSource, open_sql

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ASKED = {"family_name": "Exemple", "given_names": "Camille", "birth_date": "1991-04-23"}

SCRIPT = """
    CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT, given TEXT, born TEXT, file_no TEXT, phone TEXT);
    CREATE TABLE tenancy (person_id INTEGER, rent TEXT, kind TEXT, moved_in TEXT, cramped TEXT);
    CREATE TABLE claim (person_id INTEGER, kind TEXT, filed TEXT, deleted INTEGER);
    INSERT INTO person VALUES
        (1, 'Exemple', 'Camille Marie', '23/04/1991', 'F-1', '06 00 00 00 01'),
        (2, 'EXEMPLE', 'Camille', '23/04/1961', 'F-2', '06 00 00 00 02'),
        (3, 'Échantillon-Démo', 'Zoë', '1/2/1980', 'F-3', '06.00.00.00.03');
    INSERT INTO tenancy VALUES (1, '1 612,40', 'HLM', '2019-09-01', 'O'), (2, '', 'PRIV', NULL, 'N');
    INSERT INTO claim VALUES
        (1, 'FSL', '20261102', 0), (1, 'DALO', '20250517', 0), (1, 'DALO', '20240101', 1);
"""

MAPPING: dict[str, Any] = {
    "kind": "sql",
    "url": "sqlite:///agency.db",
    "person": {
        "table": "person",
        "key": "id",
        "enough": [["family_name", "given_names", "birth_date"], ["file_number"], ["phone", "birth_date"]],
    },
    "identify": {
        "family_name": {"column": "name", "compare": "folded"},
        "given_names": {"column": "given", "compare": "folded_first"},
        "birth_date": {"column": "born", "compare": "date", "formats": ["D/M/YYYY"]},
        "file_number": {"column": "file_no"},
        "phone": {"expr": "phone", "compare": "digits"},
    },
    "categories": {
        "housing": {
            "schema": "housing.tenancy/1",
            "table": "tenancy",
            "person": "person_id",
            "fields": {
                "landlord": {"constant": "Sample office"},
                "tenure": {"column": "kind", "type": "code", "codes": {"HLM": "social", "PRIV": "private"}},
                "rent": {"column": "rent", "type": "money", "currency": "EUR", "decimal": ","},
                "since": {"column": "moved_in", "type": "date", "formats": "YYYY-MM-DD"},
                "overcrowded": {"column": "cramped", "type": "yes_no"},
                "applications": {
                    "table": "claim",
                    "person": "person_id",
                    "where": {"deleted": 0},
                    "fields": {
                        "kind": {
                            "column": "kind",
                            "type": "code",
                            "codes": {"FSL": "housing_fund", "DALO": "right_to_housing"},
                        },
                        "filed_on": {"column": "filed", "type": "date", "formats": "YYYYMMDD"},
                    },
                },
            },
        },
    },
}
FIELDS = tuple(MAPPING["categories"]["housing"]["fields"])


def mapping(**changes: Any) -> dict[str, Any]:
    """Give the mapping with keys replaced: `categories__housing__table="x"`; None takes a key away."""
    made = copy.deepcopy(MAPPING)
    for path, value in changes.items():
        *above, last = path.split("__")
        place: Any = made
        for key in above:
            place = place[key]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return made


def database(folder: Path, more: str = "") -> Path:
    """Write the database into the folder, then run what a test adds to it."""
    path = folder / "agency.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCRIPT)
        connection.executescript(more)
    return path


def source(folder: Path, document: Mapping[str, Any] | None = None, more: str = "") -> SqlSource:
    """Give the source over a fresh database."""
    database(folder, more)
    return open_sql("small", parse_mapping(document or MAPPING, folder / "small.toml"))
