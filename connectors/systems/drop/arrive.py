"""Finds the files of a drop folder that have arrived whole: not being written, and named as the mapping says.

An export should write under another name and rename (`.tmp` → `.csv`). For those that cannot, a file is taken
only when its size and time stayed the same between two looks at least `stable_s` apart.
"""

from __future__ import annotations

import fnmatch
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.systems.faults import Unreachable
from connectors.systems.mapping import DropFile

UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp", ".lock", "~")
"""How programs name what they are still writing."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a file was when it was first seen like this."""

    size: int
    mtime_ns: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that has arrived, and which of the mapping's files it is."""

    path: Path
    kind: DropFile


def waiting(folder: Path, kinds: Iterable[DropFile]) -> list[Waiting]:
    """Give the folder's files that any pattern fits, oldest first; links and hidden files are left alone."""
    known = tuple(kinds)
    try:
        found = sorted((path for path in folder.iterdir() if _is_file(path)), key=_age)
    except OSError as error:
        raise Unreachable(
            f'The drop folder "{folder.name}" cannot be read.',
            remedy="Create it, and let the connector's account read and write in it.",
            key="folder",
        ) from error
    return [Waiting(path, kind) for path in found if (kind := _kind(path.name, known))]


def settled(
    files: Iterable[Waiting], looks: Mapping[str, Look], now: datetime, stable_s: int
) -> tuple[list[Waiting], dict[str, Look]]:
    """Give the files that stayed the same for `stable_s`, and the looks to remember for the next time."""
    ready, seen = [], {}
    for file in files:
        try:
            state = file.path.stat()
        except FileNotFoundError:
            continue
        look = looks.get(file.path.name)
        if look is None or (look.size, look.mtime_ns) != (state.st_size, state.st_mtime_ns):
            look = Look(state.st_size, state.st_mtime_ns, now)
        seen[file.path.name] = look
        if (now - look.since).total_seconds() >= stable_s:
            ready.append(file)
    return ready, seen


def _kind(name: str, kinds: Iterable[DropFile]) -> DropFile | None:
    return next((kind for kind in kinds if fnmatch.fnmatchcase(name, kind.pattern)), None)


def _is_file(path: Path) -> bool:
    unfinished = path.name.startswith((".", "~")) or path.name.casefold().endswith(UNFINISHED)
    return not unfinished and stat.S_ISREG(path.lstat().st_mode)


def _age(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name
