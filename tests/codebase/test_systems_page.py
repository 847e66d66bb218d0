"""What the page about an agency's own systems shows works as it stands: each example is run."""

from __future__ import annotations

import io
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from connectors.systems.mapping_keys import MappingFileSchema
from ops.story.brought import brought_script
from tests.codebase import tree

PAGE = (tree.ROOT / "ops" / "docs" / "systems.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
MAPPINGS = [text for kind, text in BLOCKS if kind == "toml"]
FIELDS = [
    row for row in re.findall(r"^\| `(.+?)` \| ", PAGE, re.MULTILINE) if "=" in row or row.startswith("{")
]


def test_the_smallest_example_is_what_the_demo_takes(tmp_path: Path):
    (rows,) = (text for kind, text in BLOCKS if kind == "csv")
    (smallest,) = (text for text in MAPPINGS if 'folder = "."' in text)
    (tmp_path / "tenants_2026.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "tenants.toml").write_text(smallest, encoding="utf-8")
    said = io.StringIO()
    script = brought_script(tmp_path, Console(file=said, width=110))
    assert [(one.category, one.schema) for one in script.wanted] == [("housing", "housing.tenancy/1")]
    assert script.identify["family_name"] == "Exemple"
    assert "tenants_2026.csv" in said.getvalue()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tenants.toml", "tenants_2026.csv"]


@pytest.mark.parametrize("text", MAPPINGS, ids=range(len(MAPPINGS)))
def test_every_part_of_a_mapping_is_toml(text: str):
    assert tomllib.loads(text)


@pytest.mark.parametrize("row", [row for row in FIELDS if "…" not in row])
def test_every_way_to_write_a_field_is_one(row: str):
    value: Any = tomllib.loads(row if not row.startswith("{") else f"it = {row}")
    (field,) = value.values()
    category = {"schema": "housing.tenancy/1", "table": "t", "person": "k", "fields": {"it": field}}
    MappingFileSchema().load(
        {
            "kind": "sql",
            "url": "sqlite:///x.db",
            "person": {"table": "t", "key": "k"},
            "identify": {"a": {"column": "c"}},
            "categories": {"housing": category},
        }
    )


def test_every_way_to_compare_and_every_type_is_on_the_page():
    for word in ("exact", "folded", "folded_first", "digits", "date"):
        assert f"| `{word}` |" in PAGE
    for word in ("money", "date", "code", "yes_no", "integer", "list"):
        assert f'type = "{word}"' in PAGE
