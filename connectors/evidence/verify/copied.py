"""The check of a whole copy that somebody took along: each case's evidence, every other file by its digest.

Takes the ZIP file or the folder into which it was unpacked, and the keys that the reader trusts. Whose
signature stands under the list of files is proved by the evidence in the copy; without any, nobody can say.
"""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile, is_zipfile

from connectors.errors import EvidenceUnreadable
from connectors.evidence.copied import LIST, SEAL, SEAL_TYP, about
from connectors.evidence.verify.findings import Report
from connectors.evidence.verify.flow import checked
from connectors.evidence.verify.history import History
from connectors.evidence.verify.trust import Trust
from schemas.errors import Refusal, UnknownMember
from schemas.signed import verify_typed

EVIDENCE: Final = "evidence.jsonl"
_LEFT_BY_SYSTEMS: Final = frozenset({"Thumbs.db", "desktop.ini"})
"""What an operating system puts beside files; names that begin with a dot are taken for the same."""
_BROKEN: Final = (BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError)
"""What the reader of ZIP files raises for damage; also where a changed octet makes it believe in a way of
packing that it does not know (NotImplementedError) or in a password (RuntimeError)."""
_LONGEST_LIST: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Damage:
    """One file that is not as it was when the copy was made, or the list of files itself."""

    file: str
    code: str
    meaning: str


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What was found: damage to files, and the report of each case's evidence by its folder."""

    files: int
    damage: tuple[Damage, ...]
    cases: Mapping[str, Report]

    @property
    def holds(self) -> bool:
        """Whether every file is as it was made, and every case's evidence holds."""
        return not self.damage and all(each.holds for each in self.cases.values())

    def shown(self) -> dict[str, Any]:
        """Give the report as JSON."""
        return {
            "holds": self.holds,
            "files": self.files,
            "damage": [{"file": d.file, "code": d.code, "meaning": d.meaning} for d in self.damage],
            "cases": {folder: each.shown() for folder, each in self.cases.items()},
        }


def is_copy(path: Path) -> bool:
    """Say whether this is a whole copy, and not the evidence of one case."""
    return path.is_dir() or is_zipfile(path)


def verify_copy(path: Path, trust: Trust) -> CopyReport:
    """Check everything in a copy; raise EvidenceUnreadable where it cannot be opened, KeysNotTrusted."""
    damage: list[Damage] = []
    with _unpacked(path, damage) as folder:
        cases, histories = _evidence(folder, trust, damage)
        named = _listed(folder, histories, damage)
        damage += _files(folder, named)
        return CopyReport(len(named), tuple(damage), cases)


@contextmanager
def _unpacked(path: Path, damage: list[Damage]) -> Iterator[Path]:
    """Give the folder of a copy; what of a ZIP file cannot be unpacked is damage, and the rest is checked."""
    if path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="accord-") as aside:
        try:
            with ZipFile(path) as copy:
                for member in copy.infolist():
                    try:
                        copy.extract(member, aside)  # the names of members cannot lead out of it
                    except _BROKEN:
                        (Path(aside) / member.filename).unlink(missing_ok=True)
                        damage.append(Damage(member.filename, "file_changed", "It cannot be unpacked."))
        except _BROKEN as error:
            raise EvidenceUnreadable(
                "The file cannot be unpacked: it was changed or broken off.",
                remedy="Take another copy.",
                entry=0,
            ) from error
        yield Path(aside)


def _evidence(folder: Path, trust: Trust, damage: list[Damage]) -> tuple[dict[str, Report], list[History]]:
    reports, histories = {}, []
    for path in sorted(folder.glob(f"*/{EVIDENCE}")):
        try:
            report, history = checked(path, trust)
        except EvidenceUnreadable as refusal:
            damage.append(Damage(path.relative_to(folder).as_posix(), refusal.code, refusal.detail))
            continue
        reports[path.parent.name] = report
        histories.append(history)
    return reports, histories


def _listed(folder: Path, histories: list[History], damage: list[Damage]) -> dict[str, str]:
    """Read the list of files, and check whose signature is under it; gives digests by name."""
    try:
        with (folder / LIST).open("rb") as file:
            listed = file.read(_LONGEST_LIST)
        seal = (folder / SEAL).read_bytes()
    except OSError:
        damage.append(Damage(LIST, "list_missing", "The list of files or its signature is missing."))
        return {}
    problem = _whose(listed, seal, histories)
    if problem is not None:
        damage.append(problem)
    lines = [line.partition("  ") for line in listed.decode("utf-8", "replace").splitlines()]
    return {name: digest for digest, _, name in lines}


def _whose(listed: bytes, seal: bytes, histories: list[History]) -> Damage | None:
    """Say what is wrong with the signature under the list; None where it holds."""
    if not histories:
        return Damage(
            SEAL, "nobody_known", "Without the evidence of a case nobody can say who signed the list."
        )
    found: Refusal | None = None
    for history in histories:
        try:
            said = verify_typed(seal, _key_of_the_maker(history), typ=SEAL_TYP).payload
        except Refusal as refusal:
            found = refusal
            continue
        if dict(said) == about(listed, by=str(said.get("by")), made_at=str(said.get("made_at"))):
            return None
        return Damage(LIST, "list_changed", "The list of files is not the one that was signed.")
    code = "unverified" if found is None else found.code
    return Damage(SEAL, code, "The signature under the list of files does not hold.")


def _key_of_the_maker(history: History) -> Any:
    def key_for(kid: str, payload: Mapping[str, Any]) -> Any:
        maker = payload.get("by")
        if not isinstance(maker, str):
            raise UnknownMember("The signature does not say who made the copy.")
        return history.member(maker).verifying_key(kid)

    return key_for


def _files(folder: Path, named: Mapping[str, str]) -> Iterator[Damage]:
    """Compare every file with the list, and the list with the files."""
    here = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _of_the_system(path.relative_to(folder))
    }
    for name, digest in named.items():
        if name not in here:
            yield Damage(name, "file_missing", "The file is not there any more.")
        elif _digest(here[name]) != digest:
            yield Damage(name, "file_changed", "The file is not as it was when the copy was made.")
    for name in here:
        if name not in named and name not in {LIST, SEAL}:
            yield Damage(name, "file_added", "The file was not part of the copy.")


def _of_the_system(path: Path) -> bool:
    return any(part.startswith(".") or part in _LEFT_BY_SYSTEMS or part == "__MACOSX" for part in path.parts)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
