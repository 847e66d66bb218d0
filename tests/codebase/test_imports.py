"""Every module can be imported without a warning, and no two modules need each other."""

from __future__ import annotations

import json
import subprocess
import sys

import grimp
import pytest

from tests.codebase import tree

# All in one process: as no two modules need each other, which one comes first makes no difference.
IMPORT_ALL = """
import importlib, json, sys, traceback
failed = False
for name in json.load(sys.stdin):
    try:
        importlib.import_module(name)
    except BaseException:
        failed = True
        print("---", name)
        traceback.print_exc(limit=-2, file=sys.stdout)
sys.exit(failed)
"""


def _modules() -> list[str]:
    # Migrations are numbered and run by Alembic, which gives them a connection to run in.
    paths = [path for path in tree.python_files(*tree.PACKAGES) if path.name != "env.py"]
    return [
        tree.module_name(path)
        for path in paths
        if all(part.isidentifier() for part in path.with_suffix("").parts)
    ]


def test_every_module_can_be_imported_without_a_warning():
    tried = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL],
        input=json.dumps(_modules()),
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert tried.returncode == 0, tried.stdout + tried.stderr


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    present = [package for package in tree.PACKAGES if (tree.ROOT / package).is_dir()]
    return grimp.build_graph(*present, cache_dir=None)


def test_no_modules_need_each_other(graph: grimp.ImportGraph):
    circles = []
    for module in sorted(graph.modules):
        for needed in sorted(graph.find_modules_directly_imported_by(module)):
            back = graph.find_shortest_chain(importer=needed, imported=module)
            if back:
                circles.append(" → ".join((module, *back)))
    assert circles == []
