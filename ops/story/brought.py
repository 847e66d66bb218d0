"""The story on files that somebody brings: takes them in, reports their faults, finds a person to tell of.

Takes a folder of CSV files, with a mapping of its own (a `.toml` of kind csv_folder) or of a known shape.
Nothing in the folder is changed: the files are copied first. Gives a Script, or raises NotUsable.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from connectors.systems.mapping import SystemMap
from connectors.systems.mapping_file import load_mapping
from connectors.systems.registry import open_system
from connectors.systems.source import Arrival, PersonKey, Source
from ops.story.cast import SAMPLE, Agency, Script, Wanted
from schemas import instant
from schemas.errors import Refusal

KNOWN = (SAMPLE / "carnet_de_bord.toml",)
"""Mappings for shapes of files that are met in the field."""
SHOWN_FAULTS = 20
PREFERRED = ("benefits", "employment", "housing", "identity")
"""Which categories the story asks for, if the files hold several."""


class NotUsable(Exception):
    """What was brought cannot be used; the message says what is missing and what to do."""


def brought_script(folder: Path, console: Console) -> Script:
    """Try the files out, print their report, and write the story for the first person without a fault."""
    mapping = _mapping(folder)
    files = _fitting(folder, mapping)
    with tempfile.TemporaryDirectory(prefix="accord-brought-") as aside:
        source = _open(mapping, files, Path(aside))
        arrivals = source.refresh(instant.now())
        _report(arrivals, files, folder, console)
        person = source.some_person()
        if person is None:
            raise NotUsable(
                "No row is without fault. Correct the files; the report above names line and field."
            )
        wanted = _wanted(source, person)
        identify = source.identity(person)
    agencies = [
        Agency("charity", "charity", "Debt advice charity (sample)"),
        *(
            Agency(
                each.source, "public", f"Agency with your files: {each.category}", mapping.path, None, files
            )
            for each in wanted
        ),
        Agency("portal", "portal", "Citizens' portal (sample)"),
    ]
    optional = next(each for each in wanted if each.optional)
    return Script(tuple(agencies), wanted, identify, f"{optional.category}.{optional.optional[0]}")


def _mapping(folder: Path) -> SystemMap:
    """Take the folder's own mapping, or the known one whose columns the files have."""
    own = sorted(folder.glob("*.toml"))
    for path in own or KNOWN:
        try:
            mapping = load_mapping(path)
        except Refusal as refusal:
            raise NotUsable(f"{refusal.detail}\n{refusal.remedy or ''}") from refusal
        if mapping.kind == "csv_folder" and _fitting(folder, mapping):
            return mapping
    patterns = ", ".join(kind.pattern for path in KNOWN for kind in load_mapping(path).files.values())
    raise NotUsable(
        f"No file in {folder} is of a known shape ({patterns}), and there is no mapping beside them.\n"
        "Write one, a TOML file of kind csv_folder: ops/docs/systems.md shows how, field by field."
    )


def _fitting(folder: Path, mapping: SystemMap) -> tuple[Path, ...]:
    found = {file for kind in mapping.files.values() for file in folder.glob(kind.pattern) if file.is_file()}
    return tuple(sorted(found))


def _open(mapping: SystemMap, files: Iterable[Path], aside: Path) -> Source:
    drop = aside / "drop"
    drop.mkdir()
    for file in files:
        shutil.copy(file, drop / file.name)
    settings = {
        "mapping": str(mapping.path),
        "folder": str(drop),
        "store": str(aside / "store.db"),
        "stable_s": 0,
    }
    try:
        return open_system("brought", settings, aside)
    except Refusal as refusal:
        raise NotUsable(f"{refusal.detail}\n{refusal.remedy or ''}") from refusal


def _report(arrivals: list[Arrival], files: Iterable[Path], folder: Path, console: Console) -> None:
    """Print what was taken and what not, by line and field; values are never printed."""
    table = Table("file", "rows taken", "rows with faults", title="Your files")
    faults = Table(
        "file",
        "line",
        "field",
        "what is expected",
        title="Rows with faults, kept aside whole",
    )
    for arrival in arrivals:
        table.add_row(arrival.name, str(arrival.taken), arrival.refused or str(arrival.rejected))
        for row in _faults(arrival):
            faults.add_row(arrival.name, *row)
    console.print(table)
    if faults.row_count:
        console.print(faults)
    used = {file.name for file in files}
    unused = sorted(file.name for file in folder.iterdir() if file.is_file() and file.name not in used)
    if unused:
        console.print(f"Not used by this story: {', '.join(unused)}", highlight=False)


def _faults(arrival: Arrival) -> list[tuple[str, str, str]]:
    if not arrival.report:
        return []
    report = json.loads(Path(arrival.report).read_text("utf-8"))
    return [
        (str(row["line"]), str(fault["field"]), str(fault["expected"]))
        for row in report.get("rejected", [])
        for fault in row["faults"]
    ][:SHOWN_FAULTS]


def _wanted(source: Source, person: PersonKey) -> tuple[Wanted, ...]:
    """Ask for two categories of which the files hold something about this person."""
    found = []
    described = source.describe().categories
    for category in sorted(
        described, key=lambda name: PREFERRED.index(name) if name in PREFERRED else len(PREFERRED)
    ):
        held = source.read(person, category, described[category].fields)
        if held:
            names = sorted(held)
            found.append((category, described[category].schema, names))
    if not found or all(len(names) < 2 for _, _, names in found):  # noqa: PLR2004 - one needed, one optional
        raise NotUsable(
            "The files hold too little of the first person: the story needs two fields of a category."
        )
    names_of_sources = ("benefits", "housing")
    return tuple(
        Wanted(
            source_id,
            category,
            schema,
            tuple(names[:-1]) or tuple(names),
            tuple(names[-1:]) if len(names) > 1 else (),
        )
        for source_id, (category, schema, names) in zip(names_of_sources, found, strict=False)
    )
