"""checkpoint_mismatch: a checkpoint is not signed by this log, or is about another one."""

from __future__ import annotations

import base64

import pytest

from schemas.errors import CheckpointMismatch, Malformed
from schemas.keys import SigningKey
from schemas.log import checkpoint_text, key_id, sign_checkpoint, verify_checkpoint

KEY = SigningKey.from_raw(bytes(range(32)))
OTHER = SigningKey.from_raw(bytes(32))
ORIGIN = "log.accord.example"
ROOT = bytes(32)
NOTE = sign_checkpoint(ORIGIN, 42, ROOT, KEY)


def signed(text: str, key: SigningKey = KEY) -> str:
    blob = key_id(ORIGIN, key.public) + key.sign(text.encode())
    return f"{text}\n— {ORIGIN} {base64.b64encode(blob).decode()}\n"


def test_a_checkpoint_signed_by_another_key_is_refused():
    with pytest.raises(CheckpointMismatch, match="missing"):
        verify_checkpoint(sign_checkpoint(ORIGIN, 42, ROOT, OTHER), ORIGIN, KEY.public)


def test_a_checkpoint_signed_under_another_name_is_refused():
    with pytest.raises(CheckpointMismatch, match="missing"):
        verify_checkpoint(sign_checkpoint(ORIGIN, 42, ROOT, KEY, name="other.example"), ORIGIN, KEY.public)


def test_a_checkpoint_of_another_log_is_refused_even_under_our_key():
    note = sign_checkpoint("other.example", 42, ROOT, KEY, name=ORIGIN)
    with pytest.raises(CheckpointMismatch) as refused:
        verify_checkpoint(note, ORIGIN, KEY.public)
    assert refused.value.facts == {"expected": ORIGIN, "found": "other.example"}


def test_a_size_that_was_changed_afterwards_is_refused():
    with pytest.raises(CheckpointMismatch, match="does not fit"):
        verify_checkpoint(NOTE.replace("\n42\n", "\n41\n"), ORIGIN, KEY.public)


def test_one_false_signature_of_ours_beside_a_true_one_is_refused():
    false = base64.b64encode(key_id(ORIGIN, KEY.public) + bytes(64)).decode()
    with pytest.raises(CheckpointMismatch, match="does not fit"):
        verify_checkpoint(NOTE + f"— {ORIGIN} {false}\n", ORIGIN, KEY.public)


@pytest.mark.parametrize("size", ["042", "-1", "+1", "1.0", "", "1e3", "٤", "9" * 20])
def test_a_size_in_another_spelling_is_malformed(size: str):
    text = checkpoint_text(ORIGIN, 42, ROOT).replace("\n42\n", f"\n{size}\n")
    with pytest.raises(Malformed):
        verify_checkpoint(signed(text), ORIGIN, KEY.public)


@pytest.mark.parametrize(
    "root", ["", "AAAA", base64.b64encode(bytes(32)).decode()[:-2] + "B=", "A" * 43, "*"]
)
def test_a_root_in_another_spelling_is_malformed(root: str):
    with pytest.raises(Malformed):
        verify_checkpoint(signed(f"{ORIGIN}\n42\n{root}\n"), ORIGIN, KEY.public)


@pytest.mark.parametrize("text", [f"{ORIGIN}\n", f"{ORIGIN}\n42\n", f"{ORIGIN}\n\n42\n"])
def test_a_text_with_too_few_lines_is_malformed(text: str):
    with pytest.raises(Malformed):
        verify_checkpoint(signed(text), ORIGIN, KEY.public)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        NOTE.rstrip("\n"),
        NOTE + "\n",
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("— ", "—  "),
        NOTE + "— witness.example !!!!\n",
        NOTE + "— witness.example AAAA\n",
        NOTE + "— wit+ness AAAAAAAAAAAA\n",
        NOTE + "— wit ness AAAAAAAAAAAA\n",
        NOTE + "— witness.example AAAAAAAAAAAB\x00\n",
        NOTE + "— witness.example AAAAAAAAAAAAAAB=\n",
        NOTE + "— witness.example AAAAAAAAAAAA\n" * 64,
        NOTE + "— witness.example " + "A" * 200_000 + "\n",
    ],
)
def test_anything_but_a_signed_note_is_malformed(note: str):
    with pytest.raises(Malformed):
        verify_checkpoint(note, ORIGIN, KEY.public)
