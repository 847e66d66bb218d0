"""Keys that others may read are not used; the refusal names the file and the command that mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.exchange.errors import KeyringRefused, NoKey
from connectors.exchange.keyring import Keyring
from tests.flow.exchange.world import START


def _ring(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    Keyring.create(folder, START)
    return folder


def test_a_key_file_that_others_may_read(tmp_path: Path):
    folder = _ring(tmp_path)
    path = next(folder.glob("sign-*.pem"))
    path.chmod(0o644)
    with pytest.raises(KeyringRefused) as refused:
        Keyring(folder)
    assert str(path) in refused.value.detail
    assert f"chmod 0600 {path}" in str(refused.value.remedy)


def test_a_folder_that_others_may_enter(tmp_path: Path):
    folder = _ring(tmp_path)
    folder.chmod(0o750)
    with pytest.raises(KeyringRefused, match="0750"):
        Keyring(folder)


def test_a_seat_key_that_others_may_read(tmp_path: Path):
    folder = _ring(tmp_path)
    ring = Keyring(folder)
    case = "0d4c2f4e-6f3a-4f5b-9a60-1f2e3d4c5b6a"
    ring.new_seat_key(case)
    (folder / "seats" / f"{case}.pem").chmod(0o604)
    with pytest.raises(KeyringRefused):
        ring.seat_key(case)


def test_a_seat_is_named_by_a_uuid_and_never_by_a_path(tmp_path: Path):
    ring = Keyring(_ring(tmp_path))
    for name in ("../../etc/passwd", "", "0d4c2f4e-6f3a-4f5b-9a60-1f2e3d4c5b6A"):
        with pytest.raises(NoKey):
            ring.seat_key(name)


def test_keys_are_not_made_over_others(tmp_path: Path):
    with pytest.raises(KeyringRefused, match="holds keys already"):
        Keyring.create(_ring(tmp_path), START)


def test_a_folder_that_is_not_there(tmp_path: Path):
    with pytest.raises(KeyringRefused, match="no folder"):
        Keyring(tmp_path / "nothing")
