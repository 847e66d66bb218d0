"""Checkpoints in the form that other makers' witnesses and verifiers read (C2SP tlog-checkpoint)."""

from __future__ import annotations

import base64

from schemas.keys import SigningKey, VerifyingKey
from schemas.log import Checkpoint, checkpoint_text, key_id, sign_checkpoint, verify_checkpoint

KEY = SigningKey.from_raw(bytes(range(32)))
ORIGIN = "log.accord.example"
ROOT = bytes(range(100, 132))

# The checksum database of the Go project, as it was published; C2SP's text shows the same head.
GO_NOTE = (
    "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo"
    "+zyWE+xeMcTOAYQ8=\n"
)
GO_NAME, GO_ID, GO_KEY = "sum.golang.org", "033de0ae", "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"


def test_a_published_checkpoint_of_another_log_verifies():
    key = VerifyingKey.from_raw(base64.b64decode(GO_KEY)[1:])
    read = verify_checkpoint(GO_NOTE, "go.sum database tree", key, name=GO_NAME)
    assert (read.size, read.root.hex()[:16]) == (20852163, "0ac5186a91863e8e")


def test_the_key_id_is_the_published_one():
    assert key_id(GO_NAME, VerifyingKey.from_raw(base64.b64decode(GO_KEY)[1:])).hex() == GO_ID


def test_the_text_is_origin_size_and_root():
    assert checkpoint_text("example.com/log", 7, bytes(32)) == (
        "example.com/log\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    )


def test_a_checkpoint_keeps_its_bytes():
    # Frozen: signatures are deterministic, so other implementations can compare.
    assert sign_checkpoint(ORIGIN, 42, ROOT, KEY) == (
        "log.accord.example\n42\nZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=\n\n"
        "— log.accord.example LZREKunzKXx9KFZcUtIXJC5Nw1+n74RE9LWxjld2Yza/"
        "ndxOIckGh3JTQQqY1/NXBSDk35HWMs3SXBAx2TyX5tn9TAs=\n"
    )


def test_what_is_signed_is_read_back():
    note = sign_checkpoint(ORIGIN, 42, ROOT, KEY)
    assert verify_checkpoint(note, ORIGIN, KEY.public) == Checkpoint(ORIGIN, 42, ROOT)


def test_the_empty_log_has_a_checkpoint():
    note = sign_checkpoint(ORIGIN, 0, ROOT, KEY)
    assert verify_checkpoint(note, ORIGIN, KEY.public).size == 0


def test_witnesses_may_add_their_signatures():
    note = sign_checkpoint(ORIGIN, 42, ROOT, KEY)
    witness = base64.b64encode(b"abcd" + bytes(72)).decode()
    for added in range(1, 17):
        note += f"— witness{added}.example {witness}\n"
    assert verify_checkpoint(note, ORIGIN, KEY.public).size == 42


def test_another_key_of_the_same_name_is_left_alone():
    # Key rotation (signed-note): a line with our name and an unknown key id is somebody else's business.
    text, _, ours = sign_checkpoint(ORIGIN, 42, ROOT, KEY).rpartition("\n\n")
    other = sign_checkpoint(ORIGIN, 42, ROOT, SigningKey.from_raw(bytes(32))).rpartition("\n\n")[2]
    assert verify_checkpoint(f"{text}\n\n{other}{ours}", ORIGIN, KEY.public).size == 42


def test_extension_lines_are_covered_by_the_signature_and_ignored():
    text = checkpoint_text(ORIGIN, 42, ROOT) + "something new\n"
    blob = base64.b64encode(key_id(ORIGIN, KEY.public) + KEY.sign(text.encode())).decode()
    assert verify_checkpoint(f"{text}\n— {ORIGIN} {blob}\n", ORIGIN, KEY.public).size == 42
