"""The keyring: rotation overlaps, old keys still open, and are forgotten when their overlap has passed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.exchange.errors import NoKey
from connectors.exchange.keyring import LIFETIME, OVERLAP, Keyring
from tests.flow.exchange.world import START


def test_a_new_key_is_used_only_once_it_was_announced(tmp_path: Path):
    ring = Keyring.create(tmp_path / "keys", START)
    first = ring.signing_key(START)
    new = ring.add("sign", START)
    assert ring.signing_key(START).kid == first.kid
    ring.announced(new.kid)
    assert ring.signing_key(START).kid == new.kid
    assert Keyring(tmp_path / "keys").signing_key(START).kid == new.kid


def test_an_ended_key_is_not_used_but_still_opens_until_its_overlap_has_passed(tmp_path: Path):
    ring = Keyring.create(tmp_path / "keys", START)
    old = ring.sealing_key(START)
    ring.announced(ring.add("seal", START).kid)
    ring.end(old.kid, START)
    assert ring.sealing_key(START).kid != old.kid
    assert old.kid in ring.opening_keys()
    assert ring.forget_old(START + OVERLAP) == []
    assert ring.forget_old(START + OVERLAP + timedelta(seconds=1)) == [old.kid]
    assert old.kid not in ring.opening_keys()
    assert not list((tmp_path / "keys").glob(f"seal-{old.kid}*"))
    assert old.kid not in Keyring(tmp_path / "keys").opening_keys()


def test_a_keyring_whose_keys_have_run_out_says_what_to_do(tmp_path: Path):
    ring = Keyring.create(tmp_path / "keys", START)
    with pytest.raises(NoKey) as refused:
        ring.signing_key(START + LIFETIME)
    assert "rotate" in str(refused.value.remedy)


def test_a_seat_has_one_key_however_often_it_is_asked_for(tmp_path: Path):
    ring = Keyring.create(tmp_path / "keys", START)
    case = "0d4c2f4e-6f3a-4f5b-9a60-1f2e3d4c5b6a"
    assert not ring.holds_seat(case)
    key = ring.new_seat_key(case)
    assert ring.new_seat_key(case).kid == key.kid == Keyring(tmp_path / "keys").seat_key(case).kid
    ring.forget_seat(case)
    assert not ring.holds_seat(case)


def test_files_are_private_from_the_moment_they_exist(tmp_path: Path):
    Keyring.create(tmp_path / "keys", START)
    for path in (tmp_path / "keys").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
