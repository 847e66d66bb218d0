"""Makes the three sample source systems of the story: two databases, one drop folder, and their mappings.

Takes a folder. Every person in them is invented. By hand: `python ops/story/sample/build.py FOLDER`
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

SAMPLE = Path(__file__).parent
AGENCIES = ("housing", "benefits", "charity")


def build_sample(target: Path) -> None:
    """Write <agency>.toml, <agency>-policy/ and the agency's own system for each of the three agencies."""
    target.mkdir(parents=True, exist_ok=True)
    for agency in AGENCIES:
        shutil.copyfile(SAMPLE / f"{agency}.toml", target / f"{agency}.toml")
        shutil.copytree(SAMPLE / f"{agency}-policy", target / f"{agency}-policy", dirs_exist_ok=True)
    _database(SAMPLE / "housing.sql", target / "housing.db")
    _database(SAMPLE / "charity.sql", target / "charity.db")
    drop_exports(target / "benefits")


def drop_exports(folder: Path) -> None:
    """Put the benefits agency's export into the drop folder as a good export does: write, then rename."""
    folder.mkdir(exist_ok=True)
    for file in sorted((SAMPLE / "benefits").glob("*.csv")):
        part = folder / f"{file.name}.tmp"
        shutil.copyfile(file, part)
        part.replace(folder / file.name)


def _database(script: Path, path: Path) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script.read_text(encoding="utf-8"))


if __name__ == "__main__":
    build_sample(Path(sys.argv[1]))
