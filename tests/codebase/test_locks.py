"""The lock files name every package exactly, by hash, and no place to fetch it from."""

from __future__ import annotations

import re
import tomllib
from functools import cache

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.codebase import tree

LOCKS = ("run", "demo", "test")


@cache
def _lines(lock: str) -> tuple[str, ...]:
    """Read a lock file with each package and its hashes on one line."""
    text = (tree.ROOT / "ops" / "locks" / f"{lock}.txt").read_text(encoding="utf-8")
    return tuple(line for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines() if line)


@cache
def _pins(lock: str) -> dict[str, str]:
    pins: dict[str, str] = {}
    for line in _lines(lock):
        name, _, version = line.partition(" ")[0].partition("==")
        pins[canonicalize_name(name)] = version
    return pins


@cache
def _required(lock: str) -> tuple[Requirement, ...]:
    settings = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = settings["project"]
    names = [*settings["build-system"]["requires"], *project["dependencies"]]
    names += project["optional-dependencies"].get(lock, [])
    return tuple(map(Requirement, names))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(lock: str):
    assert [line for line in _lines(lock) if "://" in line or line.startswith(("-", "#"))] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_an_exact_version_and_hashes(lock: str):
    exact = re.compile(r"[a-z0-9-]+==[0-9][^ ]*( ; [^-]+?)?( --hash=sha256:[0-9a-f]{64})+")
    assert [line[:60] for line in _lines(lock) if not exact.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_all_that_the_project_requires(lock: str):
    for requirement in _required(lock):
        version = _pins(lock).get(canonicalize_name(requirement.name))
        assert version, f"{lock}.txt lacks {requirement.name}: run ops/locks/refresh"
        assert requirement.specifier.contains(version), f"{requirement} is not met by {version}"


@pytest.mark.parametrize("lock", ["demo", "test"])
def test_what_is_shown_and_tested_is_what_is_shipped(lock: str):
    installed = _pins(lock)
    assert {name: installed.get(name) for name in _pins("run")} == _pins("run")


def test_what_only_the_demo_needs_is_not_shipped():
    assert "oidc-provider-mock" not in _pins("run")
