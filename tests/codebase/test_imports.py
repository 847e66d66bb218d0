"""Every module can be imported by itself and without a warning, and no two modules need each other."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import grimp
import pytest

from tests.codebase import tree

# For each module a child process: what one import left behind must not help the next.
TRY_EACH_ALONE = """
import importlib, json, os, sys, traceback, warnings
modules, preloaded = json.loads(sys.stdin.read())
with warnings.catch_warnings(action="ignore"):
    for name in preloaded:
        importlib.import_module(name)
sys.stdout.flush()
bad = []
for name in modules:
    child = os.fork()
    if not child:
        try:
            importlib.import_module(name)
        except BaseException:
            print("---", name)
            traceback.print_exc(file=sys.stdout)
            sys.stdout.flush()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        bad.append(name)
sys.exit(1 if bad else 0)
"""


def _modules() -> list[str]:
    # Migrations are numbered and run by Alembic, which gives them a connection to run in.
    paths = [path for path in tree.python_files(*tree.PACKAGES) if path.name != "env.py"]
    return [
        tree.module_name(path)
        for path in paths
        if all(part.isidentifier() for part in path.with_suffix("").parts)
    ]


def _preloaded() -> list[str]:
    """Name the libraries that our modules use, to be loaded once and not again for each module."""
    used = {
        name.partition(".")[0] for path in tree.python_files(*tree.PACKAGES) for name in tree.imports(path)
    }
    own = {*sys.stdlib_module_names, *tree.PACKAGES, "gevent", "gunicorn"}
    return sorted(name for name in used - own if importlib.util.find_spec(name))


def test_every_module_can_be_imported_alone_without_a_warning():
    tried = subprocess.run(
        [sys.executable, "-W", "error", "-c", TRY_EACH_ALONE],
        input=json.dumps([_modules(), _preloaded()]),
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
