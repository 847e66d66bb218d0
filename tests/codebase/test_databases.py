"""Every test that opens a database of ours gets it from the fixtures, and so runs on SQLite and PostgreSQL.

It looks at what tests are written with: a database's address, a library's own way to open one, `init` of a
coordinator without an address. It cannot see what a program that a test starts opens; such tests say so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.codebase import tree
from tests.conftest import KINDS

FIXTURES = "tests/conftest.py"

# Where an address or an opening of one's own stands, and why that is no database of ours on one kind only.
ADDRESSES = {
    "tests/unit/connectors/test_config.py": "settings are read, nothing is opened",
    "tests/unit/coordinator_http/test_config.py": "settings are read, nothing is opened",
    "tests/flow/http/test_commands.py": "settings are shown, nothing is opened",
    "tests/database/test_engine.py": "an address that is refused before it is opened",
    "tests/unit/systems/test_registry.py": "an agency's own system",
    "tests/unit/systems/small.py": "an agency's own system",
    "tests/unit/systems/test_sql.py": "an agency's own system, on both kinds",
    "tests/refusals/systems/test_mapping_faults.py": "an agency's own system",
    "tests/codebase/test_systems_page.py": "an agency's own system",
}
OPENINGS = {
    "tests/unit/systems/small.py": "an agency's own system",
    "tests/unit/systems/test_sample.py": "an agency's own system",
    "tests/unit/systems/test_sql.py": "an agency's own system, on both kinds",
    "tests/refusals/systems/test_reading_faults.py": "an agency's own system",
    "tests/refusals/systems/test_injection.py": "an agency's own system",
    "tests/unit/exchange/test_migrations.py": "a database of the fixtures, for declared tables",
    "tests/database/test_engine.py": "a database of the fixtures, to change its settings",
}
ONE_KIND = {
    "tests/browser/conftest.py": "what a browser sees; pages and stores run on both in tests/flow/portal",
    "tests/browser/consent/conftest.py": "the same",
}
INITS = {
    "tests/flow/http/kit.py": "where every test gets its folder from, with an address",
    "tests/flow/http/test_commands.py": "what is made when no address is named; marked",
}


def _files() -> list[Path]:
    own = Path(__file__).relative_to(tree.ROOT)
    return [path for path in tree.python_files("tests") if path not in {own, Path(FIXTURES)}]


def _texts(path: Path) -> Iterator[str]:
    documented = {
        node.body[0].value
        for node in ast.walk(tree.syntax(path))
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree.syntax(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documented:
            yield node.value


def _names_an_address(path: Path) -> bool:
    return any("sqlite:" in text or "postgresql://" in text or "postgresql+" in text for text in _texts(path))


def _opens(path: Path) -> bool:
    for node in ast.walk(tree.syntax(path)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called == "sqlite3.connect" or called.rpartition(".")[2] == "create_engine":
                return True
    return False


def _inits(path: Path) -> bool:
    """Say whether a coordinator's `init` is called; the connector's makes settings and opens nothing."""
    if "coordinator.cli" not in tree.imports(path):
        return False
    lists = [node for node in ast.walk(tree.syntax(path)) if isinstance(node, ast.List)]
    firsts = [node.elts[0] for node in lists if node.elts]
    return any(isinstance(first, ast.Constant) and first.value == "init" for first in firsts)


def _takes_one_kind(path: Path) -> bool:
    """Say whether one kind's maker is taken past `make_database`; PostgreSQL's own tests mark themselves."""
    return any(
        isinstance(node, ast.arg) and node.arg in {"sqlite_files", "make_sqlite_for_module"}
        for node in ast.walk(tree.syntax(path))
    )


RULES = {
    "names a database's address": (_names_an_address, ADDRESSES),
    "takes SQLite past make_database": (_takes_one_kind, ONE_KIND),
    "opens a database by a library": (_opens, OPENINGS),
    "makes a coordinator by init": (_inits, INITS),
}


@pytest.mark.parametrize("rule", RULES)
def test_no_test_opens_a_database_in_another_way_than_by_the_fixtures(rule: str):
    found, allowed = RULES[rule]
    doing = {path.as_posix() for path in _files() if found(path)}
    assert doing - set(allowed) == set(), f"this {rule}; take database_url or make_database instead"
    assert set(allowed) - doing == set(), f"no longer {rule}: take it off the list"


def _marks(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(tree.syntax(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.only_on":
            yield node


def test_what_runs_on_one_kind_alone_says_why():
    marks = [(path, mark) for path in _files() for mark in _marks(path)]
    assert marks
    for path, mark in marks:
        (kind,) = (ast.literal_eval(each) for each in mark.args)
        (reason,) = (ast.literal_eval(word.value) for word in mark.keywords if word.arg == "reason")
        assert kind in KINDS, path
        assert len(reason.split()) > 3, path


def test_no_test_leaves_itself_out_by_looking_at_the_kind():
    """A skip inside a test would count it as run on both; the mark leaves it out openly."""
    wrong = [
        str(path)
        for path in _files()
        for node in ast.walk(tree.syntax(path))
        if isinstance(node, ast.If)
        and any(kind in ast.unparse(node.test) for kind in KINDS)
        and "pytest.skip(" in ast.unparse(node)
    ]
    assert wrong == []
