"""Uploads the sealed files that waiting messages name, so that trouble with one file holds up only its case.

Takes the messages of one batch in their order; gives what may be sent, and what was answered to an upload.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Row

from connectors.exchange.connector import Connector
from connectors.exchange.store import access
from connectors.exchange.store.outbox import Waiting
from schemas.errors import NotSignedIn, Refusal, TooMany, Unavailable

TRY_AGAIN: Final = (Unavailable, TooMany, NotSignedIn)
"""Refusals that say nothing about the message itself: the coordinator or our sign-in is in trouble."""


@dataclass(frozen=True, slots=True)
class Parted:
    """A batch in two: what can be sent at once, and what comes after a file; both in order."""

    at_once: list[Waiting] = field(default_factory=list)
    after_files: list[Waiting] = field(default_factory=list)
    files: Mapping[str, Sequence[Row[Any]]] = field(default_factory=dict)


def part(connector: Connector, waiting: Sequence[Waiting]) -> Parted:
    """Let go ahead what waits for no file; what a case says after a file comes after it."""
    files: dict[str, list[Row[Any]]] = defaultdict(list)
    with connector.database.reading() as connection:
        for row in access.to_upload(connection, [each.id for each in waiting]):
            files[row.message].append(row)
    parted = Parted(files=files)
    held: set[str | None] = set()
    for each in waiting:
        if each.id in files:
            held.add(each.case)
        follows = each.id in files or (each.case is not None and each.case in held)
        (parted.after_files if follows else parted.at_once).append(each)
    return parted


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What may be sent now, and whose upload was refused or has to be tried again."""

    ready: list[Waiting] = field(default_factory=list)
    failed: list[tuple[Waiting, Refusal]] = field(default_factory=list)


def upload(connector: Connector, parted: Parted) -> Uploaded:
    """Upload file by file until one has to wait: it is put off, and what comes behind it has its turn later.

    One that fails for its own sake is refused with its message. The rest is not tried while there is trouble:
    each attempt may take a minute, in which no withdrawal would be sent.
    """
    done = Uploaded()
    for each in parted.after_files:
        try:
            for row in parted.files.get(each.id, ()):
                connector.coordinator.upload(row.blob)
                with connector.database.writing() as connection:
                    access.uploaded(connection, row.sha256)
        except Refusal as refusal:
            done.failed.append((each, refusal))
            if isinstance(refusal, TRY_AGAIN):
                break
        else:
            done.ready.append(each)
    return done
