"""Every command explains itself, and every command that the README names is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint

import click
import pytest

from tests.codebase import tree

README = tree.ROOT / "README.md"


def _commands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):  # groups may load their commands only when asked
            below = command.get_command(context, name)
            if below is not None:
                yield from _commands(f"{path} {name}", below)


def _load(place: str) -> click.Command:
    command = EntryPoint("", place, "").load()
    assert isinstance(command, click.Command), f"{place} is no command"
    return command


@pytest.fixture(scope="module")
def commands() -> dict[str, click.Command]:
    """All commands of `accord`, by what a person types."""
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = dict(_commands("accord", _load(project["scripts"]["accord"])))
    for name, place in project["entry-points"]["accord.commands"].items():
        found |= _commands(f"accord {name}", _load(place))
    return found


def test_every_command_says_what_it_does(commands: dict[str, click.Command]):
    assert [path for path, command in commands.items() if not command.help] == []


def test_every_option_says_what_it_is_for(commands: dict[str, click.Command]):
    silent = [
        f"{path} {option.opts[0]}"
        for path, command in commands.items()
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


def test_every_accord_command_in_the_documents_is_there(commands: dict[str, click.Command]):
    documents = [README, *(tree.ROOT / "ops" / "docs").glob("*.md")]
    texts = "\n".join(document.read_text(encoding="utf-8") for document in documents)
    blocks = re.findall(r"```(?:sh|console|bash)?\n(.*?)```", texts, re.DOTALL)
    named = set(re.findall(r"^(?:\$ )?(accord(?: [a-z][a-z-]*)+)", "\n".join(blocks), re.MULTILINE))
    assert {words for words in named if not _known(words, commands)} == set()


def _known(words: str, commands: dict[str, click.Command]) -> bool:
    """Take the longest beginning that is a command; a group needs a command after it."""
    parts = words.split()
    for end in range(len(parts), 0, -1):
        command = commands.get(" ".join(parts[:end]))
        if command:
            return end == len(parts) or not isinstance(command, click.Group)
    return False


def test_every_program_that_the_readme_names_can_be_started():
    text = README.read_text(encoding="utf-8")
    programs = set(re.findall(r"(?<![\w/.-])((?:ops|\.ci)/[\w/-]+)(?![\w/-]*[./])", text))
    assert {"ops/demo", "ops/test"} <= programs, "the README does not say how to start"
    missing = [name for name in programs if not (tree.ROOT / name).exists()]
    assert missing == []


@pytest.mark.parametrize("program", ["ops/demo", "ops/test", "ops/locks/refresh", ".ci/run"])
def test_a_program_can_be_executed(program: str):
    assert os.access(tree.ROOT / program, os.X_OK)


def test_the_checks_explain_themselves():
    asked = subprocess.run(
        [sys.executable, "-m", "ops.checks", "--help"],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "postgresql" in asked.stdout
