"""Makes the copy that somebody takes along: for each case a page, data, files, evidence; and how to use it.

What could not be fetched or proved in this moment is named in the copy, with why and what to do; nothing else
is missing because of it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from connectors.cases.view import Document
from connectors.evidence import copied
from connectors.evidence.export import export
from connectors.evidence.log_source import HttpLog
from connectors.exchange.acts import coordination
from connectors.exchange.upkeep import find_places
from connectors.pages.case import files
from connectors.portal.deciding import receipt_text
from connectors.portal.errors import HeldBack
from connectors.portal.exporting.archive import Archive
from connectors.portal.exporting.gathered import OneCase
from connectors.portal.portal import Portal
from schemas import instant
from schemas.errors import Refusal

README: Final = "README.txt"
KEYS: Final = "keys.json"
INDEX: Final = "index.html"
PAGE: Final = "case.html"
DATA: Final = "data.json"
EVIDENCE: Final = "evidence.jsonl"
MISSING: Final = "missing.txt"
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys('<>:"|?*\\/', "_"))
"""What some systems cannot have in the name of a file."""
Page = Callable[[OneCase, Mapping[str, str]], str]
"""Makes the page of a case to read; takes the names of its files by statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What goes into one copy; `folders` are the cases by the name of their folder."""

    folders: Mapping[str, OneCase]
    account: Mapping[str, Any] | None
    index: str | None
    """The first page, in a copy of everything."""
    readme: str
    page: Page
    language: str
    made_at: datetime
    mandate: str | None = None
    """By what the one who takes it acts for the person, if they do."""


def write(portal: Portal, copy: Copy) -> Iterator[bytes]:
    """Give the bytes of the ZIP file, as they become ready."""
    zone = portal.settings.timezone
    archive = Archive(copy.made_at.astimezone(ZoneInfo(zone)))
    yield from archive.add(README, copy.readme.replace("\n", "\r\n").encode())
    yield from archive.add(KEYS, _json(_keys(portal)))
    if copy.index is not None:
        yield from archive.add(INDEX, copy.index.encode())
    if copy.account is not None:
        yield from archive.add(DATA, _json(copy.account))
    for folder, one in copy.folders.items():
        yield from _case(portal, copy, archive, folder, one)
    yield from _sealed(portal, copy, archive)
    yield archive.close()


def _sealed(portal: Portal, copy: Copy, archive: Archive) -> Iterator[bytes]:
    """Add the list of all files, signed, so that a changed byte of any of them is found without us."""
    connector, made_at = portal.connector, instant.format(copy.made_at)
    listed = copied.written(archive.digests)
    seal = copied.sealed(
        listed, by=connector.id, made_at=made_at, key=connector.keyring.signing_key(copy.made_at)
    )
    yield from archive.add(copied.LIST, listed)
    yield from archive.add(copied.SEAL, seal)


def _case(portal: Portal, copy: Copy, archive: Archive, folder: str, one: OneCase) -> Iterator[bytes]:
    names = file_names(one.case.documents)
    yield from archive.add(f"{folder}/{PAGE}", copy.page(one, names).encode())
    data = one.document(copy.made_at) | {"files": names}
    yield from archive.add(f"{folder}/{DATA}", _json(data))
    for receipt in one.receipts:
        text = receipt_text.as_text(receipt, copy.language, portal.settings.timezone, copy.mandate)
        yield from archive.add(f"{folder}/receipts/{receipt['number']}.txt", text.encode())
    for name, notice in shown_names(one.notices).items():
        yield from archive.add(f"{folder}/{name}", notice["text"].encode())
    missing: list[tuple[str, Refusal]] = []
    for statement, name in names.items():
        try:
            data_of_file = coordination.open_document(portal.connector, statement).data
        except Refusal as refusal:
            missing.append((name, refusal))
        else:
            yield from archive.add(f"{folder}/{name}", data_of_file)
    if one.no_proof:  # what is signed cannot be changed: it has every word, and says by which mandate
        missing.append((EVIDENCE, HeldBack()))
    else:
        yield from _evidence(portal, archive, folder, one.case.id, missing)
    if missing:
        yield from archive.add(f"{folder}/{MISSING}", _missing(missing).encode())


def _evidence(
    portal: Portal, archive: Archive, folder: str, case: str, missing: list[tuple[str, Refusal]]
) -> Iterator[bytes]:
    """Prove the case; the file is read from a folder that is gone already."""
    with tempfile.TemporaryDirectory(prefix="accord-") as aside:
        path = Path(aside) / EVIDENCE
        try:
            with suppress(Refusal):
                find_places(portal.connector)  # what was sent a moment ago has its place in the log by now
            export(portal.connector, case, path, source=_log(portal), with_contents=True)
        except Refusal as refusal:
            missing.append((EVIDENCE, refusal))
            return
        file = path.open("rb")
    with file:
        yield from archive.copy(f"{folder}/{EVIDENCE}", file)


def _log(portal: Portal) -> HttpLog:
    url, line = portal.connector.coordinator.line
    return HttpLog(url, line)


def file_names(documents: Sequence[Document]) -> dict[str, str]:
    """Give each file that is held here a name of its own below its case, by statement."""
    held = [each for each in reversed(documents) if each.held == "here"]
    return {
        each.statement: f"documents/{number:02}-{_safe(each.name or 'file')}"
        for number, each in enumerate(held, start=1)
    }


def shown_names(notices: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Give the very words that were shown before decisions, each by the name of its file below the case."""
    return {f"shown/{number:02}.txt": notice for number, notice in enumerate(notices, start=1)}


def _safe(name: str) -> str:
    return files.plain_name(name).translate(_NOT_IN_NAMES).rstrip(" .") or "file"


def _keys(portal: Portal) -> dict[str, Any]:
    """Give the public keys by which evidence is checked, as `accord evidence verify --keys` reads them."""
    pinned = portal.connector.coordinator.pinned
    return {
        "coordinator": [key.jwk for _, key in sorted(pinned.coordinator.items())],
        "log": pinned.log.jwk,
        "origin": pinned.origin,
    }


def _missing(missing: Sequence[tuple[str, Refusal]]) -> str:
    """Say in both languages what is not in the copy, by the refusal's code."""
    said = [
        "Not in this copy. Take another copy later; if it is still missing, call or write to us.",
        "Absent de cette copie. Faites une autre copie plus tard ; sinon, appelez-nous ou écrivez-nous.",
        "",
        *(f"{name} ({refusal.code})" for name, refusal in missing),
    ]
    return "\r\n".join(said) + "\r\n"


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
