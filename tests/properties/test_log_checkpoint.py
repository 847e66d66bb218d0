"""Checkpoints, bundles and names for any content: what is written is read back, what is altered refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import Malformed, Refusal
from schemas.keys import SigningKey
from schemas.log import (
    TileName,
    pack_bundle,
    read_tile_path,
    sign_checkpoint,
    unpack_bundle,
    verify_checkpoint,
)

KEY = SigningKey.from_raw(bytes(range(32)))
ORIGIN = "log.accord.example/städte"
sizes = st.integers(0, 2**60)
roots = st.binary(min_size=32, max_size=32)


@given(sizes, roots)
def test_what_is_signed_is_read_back(size: int, root: bytes):
    read = verify_checkpoint(sign_checkpoint(ORIGIN, size, root, KEY), ORIGIN, KEY.public)
    assert (read.size, read.root) == (size, root)


@given(sizes, roots, st.data())
def test_every_altered_character_is_refused(size: int, root: bytes, data: st.DataObject):
    note = sign_checkpoint(ORIGIN, size, root, KEY)
    at = data.draw(st.integers(0, len(note) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda character: character != note[at]))
    with pytest.raises(Refusal):
        verify_checkpoint(note[:at] + other + note[at + 1 :], ORIGIN, KEY.public)


@given(sizes, roots, st.data())
def test_every_shorter_note_is_refused(size: int, root: bytes, data: st.DataObject):
    note = sign_checkpoint(ORIGIN, size, root, KEY)
    with pytest.raises(Refusal):
        verify_checkpoint(note[: data.draw(st.integers(0, len(note) - 1))], ORIGIN, KEY.public)


@given(st.text())
def test_any_text_is_refused_and_nothing_else_happens(note: str):
    with pytest.raises(Refusal):
        verify_checkpoint(note, ORIGIN, KEY.public)


@given(st.none() | st.integers(0, 63), st.integers(0, 2**48 - 1), st.integers(1, 256))
def test_every_tile_has_one_path(level: int | None, index: int, width: int):
    name = TileName(level, index, width)
    assert read_tile_path(name.path) == name


@given(st.text())
def test_any_path_is_read_or_refused(path: str):
    with suppress(Malformed):
        assert read_tile_path(path).path == path


@given(st.lists(st.binary(max_size=40), max_size=9))
def test_a_bundle_is_read_back(entries: list[bytes]):
    assert unpack_bundle(pack_bundle(entries), len(entries)) == entries


@given(st.binary(max_size=200), st.integers(0, 9))
def test_any_bytes_are_a_bundle_or_refused(data: bytes, width: int):
    with suppress(Malformed):
        assert pack_bundle(unpack_bundle(data, width)) == data
