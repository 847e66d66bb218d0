"""The connector's own keys in files that only its account can read.

A folder (0700) with one PEM file (0600) per key and `keys.json`, which says what each is for and when it is
in force. Rotation overlaps: a new key is made, announced, and used only once the coordinator has taken it,
while the old one still opens and verifies what was made for it. It does not announce anything itself.
"""

from __future__ import annotations

import json
import os
import re
import stat
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from connectors.exchange.errors import KeyringRefused, NoKey
from schemas import instant
from schemas.keys import SealingKey, SigningKey

Use = Literal["sign", "seal"]

LIFETIME = timedelta(days=2 * 365)
"""How long a new key says it is in force; rotation is expected well before."""
OVERLAP = timedelta(days=30)
"""How long an ended sealing key still opens: a message waits ≤ 7 days for admission, then for collection."""
_CASE_ID = re.compile(r"[0-9a-f-]{36}", re.ASCII)
_INDEX = "keys.json"


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One key's line in the index; `announced` says that the coordinator has taken it."""

    kid: str
    use: Use
    valid_from: str
    valid_until: str
    announced: bool
    ended_at: str | None = None

    def in_force(self, at: datetime) -> bool:
        """Say whether the key may be used at this instant."""
        end = self.valid_until if self.ended_at is None else min(self.valid_until, self.ended_at)
        return self.valid_from <= instant.format(at) < end


class Keyring:
    """The keys of one member, and of the citizens' seats that a portal holds."""

    def __init__(self, folder: Path) -> None:
        """Take a folder made by `create`; every file's mode is checked before anything is read."""
        self._folder = folder
        self._lock = threading.Lock()
        _refuse_open_permissions(folder)
        self._entries = _read_index(folder)
        self._signing = {
            entry.kid: SigningKey.from_pem(self._pem(entry)) for entry in self._entries if entry.use == "sign"
        }
        self._sealing = {
            entry.kid: SealingKey.from_pem(self._pem(entry)) for entry in self._entries if entry.use == "seal"
        }

    @classmethod
    def create(cls, folder: Path, now: datetime) -> Keyring:
        """Make the folder with a first pair of keys; refuse when there are keys already."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (folder / _INDEX).exists():
            raise KeyringRefused(
                f"{folder} holds keys already.", remedy="Use these keys, or name another folder for new ones."
            )
        folder.chmod(0o700)
        (folder / "seats").mkdir(mode=0o700, exist_ok=True)
        _write_index(folder, [])
        ring = cls(folder)
        for use in ("sign", "seal"):
            entry = ring.add(use, now)
            ring.announced(entry.kid)
        return ring

    def _pem(self, entry: KeyEntry) -> bytes:
        return (self._folder / f"{entry.use}-{entry.kid}.pem").read_bytes()

    @property
    def entries(self) -> tuple[KeyEntry, ...]:
        """What is known about each key, oldest first."""
        return tuple(self._entries)

    def entry(self, kid: str) -> KeyEntry:
        """Give one key's line; raise NoKey."""
        for entry in self._entries:
            if entry.kid == kid:
                return entry
        raise NoKey(kid=kid)

    def public_jwk(self, kid: str) -> dict[str, str]:
        """Give the public half of a key of either kind."""
        key = self._signing.get(kid) or self._sealing.get(kid)
        if key is None:
            raise NoKey(kid=kid)
        return key.public.jwk

    def signing_key(self, at: datetime) -> SigningKey:
        """Give the newest announced signing key in force; raise NoKey with what to do."""
        return self._signing[self._newest("sign", at).kid]

    def sealing_key(self, at: datetime) -> SealingKey:
        """Give the newest announced sealing key in force."""
        return self._sealing[self._newest("seal", at).kid]

    def _newest(self, use: Use, at: datetime) -> KeyEntry:
        for entry in reversed(self._entries):
            if entry.use == use and entry.announced and entry.in_force(at):
                return entry
        raise NoKey(
            f"None of the keys in {self._folder} to {use} is in force.",
            remedy="Run `accord connector keys rotate`; if all keys have run out, enrol anew with a code.",
        )

    def opening_keys(self) -> Mapping[str, SealingKey]:
        """Give every sealing key still held: what was sealed before a rotation must open after it."""
        return self._sealing

    def add(self, use: Use, now: datetime) -> KeyEntry:
        """Make a key that waits to be announced; the file is durable before the index names it."""
        key = SigningKey.generate() if use == "sign" else SealingKey.generate()
        entry = KeyEntry(key.kid, use, instant.format(now), instant.format(now + LIFETIME), announced=False)
        _write_private(self._folder / f"{use}-{key.kid}.pem", key.to_pem())
        with self._lock:
            if isinstance(key, SigningKey):
                self._signing[key.kid] = key
            else:
                self._sealing[key.kid] = key
            self._save([*self._entries, entry])
        return entry

    def announced(self, kid: str) -> None:
        """Remember that the coordinator has taken a key, which makes it the one that is used."""
        with self._lock:
            self._save([replace(e, announced=True) if e.kid == kid else e for e in self._entries])

    def end(self, kid: str, at: datetime) -> None:
        """End a key at an instant; it is not used any more from then on."""
        with self._lock:
            self._save(
                [replace(e, ended_at=instant.format(at)) if e.kid == kid else e for e in self._entries]
            )

    def forget_old(self, now: datetime) -> list[str]:
        """Delete private keys whose overlap has passed, so that a later theft opens nothing older."""
        limit = instant.format(now - OVERLAP)
        with self._lock:
            old = [e for e in self._entries if min(e.valid_until, e.ended_at or e.valid_until) < limit]
            self._save([e for e in self._entries if e not in old])
            for entry in old:
                (self._folder / f"{entry.use}-{entry.kid}.pem").unlink(missing_ok=True)
                self._signing.pop(entry.kid, None)
                self._sealing.pop(entry.kid, None)
        return [entry.kid for entry in old]

    def _save(self, entries: list[KeyEntry]) -> None:
        _write_index(self._folder, entries)
        self._entries = entries

    # --- the seats of citizens, held by a portal ---------------------------------------------------

    def seat_key(self, case: str) -> SealingKey:
        """Give the sealing key of the citizen's seat in a case; raise NoKey."""
        path = self._seat_path(case)
        if not path.exists():
            raise NoKey("No seat of a citizen in this case is held here.", case=case)
        _refuse_open(path, 0o600)
        return SealingKey.from_pem(path.read_bytes())

    def holds_seat(self, case: str) -> bool:
        """Say whether the citizen's seat in a case is held here."""
        return self._seat_path(case).exists()

    def new_seat_key(self, case: str) -> SealingKey:
        """Make the seat's sealing key, or give the one that was made before a restart."""
        with self._lock:
            if self.holds_seat(case):
                return self.seat_key(case)
            key = SealingKey.generate()
            _write_private(self._seat_path(case), key.to_pem())
        return key

    def forget_seat(self, case: str) -> None:
        """Delete the seat's key: what was sealed for it can be opened by nobody any more."""
        self._seat_path(case).unlink(missing_ok=True)

    def _seat_path(self, case: str) -> Path:
        if not _CASE_ID.fullmatch(case):
            raise NoKey("A case is named by a UUID in lower case.")
        return self._folder / "seats" / f"{case}.pem"


def _refuse_open_permissions(folder: Path) -> None:
    """Refuse a folder or file that others may read: such keys must be taken as known to them."""
    if not folder.is_dir():
        raise KeyringRefused(f"There is no folder {folder}.", remedy="Run `accord connector enrol` first.")
    _refuse_open(folder, 0o700)
    for path in sorted(folder.rglob("*")):
        _refuse_open(path, 0o700 if path.is_dir() else 0o600)


def _refuse_open(path: Path, mode: int) -> None:
    found = stat.S_IMODE(path.stat().st_mode)
    if found & ~mode:
        raise KeyringRefused(
            f"{path} can be read by others (mode {found:04o}, must be {mode:04o}).",
            remedy=f"Run: chmod {mode:04o} {path} – and rotate the keys if others may have read them.",
        )


def _read_index(folder: Path) -> list[KeyEntry]:
    path = folder / _INDEX
    if not path.exists():
        raise KeyringRefused(f"There is no {path}.", remedy="Run `accord connector enrol` first.")
    lines: list[dict[str, Any]] = json.loads(path.read_bytes())
    return [KeyEntry(**line) for line in lines]


def _write_index(folder: Path, entries: list[KeyEntry]) -> None:
    _write_private(folder / _INDEX, json.dumps([asdict(entry) for entry in entries], indent=1).encode())


def _write_private(path: Path, data: bytes) -> None:
    """Write so that a crash leaves the old file or the new one, never half of one, and nobody else can read
    it.
    """
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
