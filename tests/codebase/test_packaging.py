"""What an agency installs is the three packages, whole, with the `accord` command, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.codebase import tree


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as it would be released, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_it_has_every_file_of_the_three_packages_and_no_other(wheel: zipfile.ZipFile):
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    there = {str(path) for path in tree.files() if path.parts[0] in tree.PACKAGES}
    assert packed == there


def test_it_brings_the_accord_command(wheel: zipfile.ZipFile):
    (path,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    words = wheel.read(path).decode()
    assert "accord = connectors.cli:main" in words
    assert "[accord.commands]\ncoordinator = coordinator.cli:coordinator" in words


def test_it_brings_its_licence(wheel: zipfile.ZipFile):
    assert any(Path(name).name == "LICENSE" for name in wheel.namelist())


@pytest.mark.parametrize("kind", [".html", ".po", ".css", ".js", ".svg", ".toml", ".cedar"])
def test_what_pages_are_made_of_is_in_it(wheel: zipfile.ZipFile, kind: str):
    assert [name for name in wheel.namelist() if name.startswith("connectors/") and name.endswith(kind)]
