"""A seat is bound to a code that was given in person, and enrolling to a code of the operator."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from schemas.errors import WrongCode
from schemas.messages import joining
from schemas.messages.member_v1 import code_proof
from schemas.wire import b64u

BOUND: dict[str, Any] = {"invitation": "i", "sealing_kid": "s", "passkey_kids": ["p2", "p1"]}


def test_a_code_has_a_hundred_bits_and_no_signs_that_look_alike():
    code = joining.new_code()
    assert len(code.replace("-", "")) * 5 == 100
    assert not set(code) & set("01IO")
    assert joining.new_code() != code


def test_the_commitment_and_the_proof_follow_the_recipe():
    key = hashlib.sha256(b"accord/join/1\x00ABCDE").digest()
    expected = b64u(hmac.digest(key, b"i.s.p1.p2", "sha256"))
    assert joining.join_proof("ABCDE", **BOUND) == expected
    assert joining.commitment("ABCDE") == hashlib.sha256(b"accord/invite/1\x00ABCDE").hexdigest()


def test_a_code_may_be_typed_in_small_letters_and_with_spaces():
    assert joining.commitment("ABCDE-FGHJK") == joining.commitment("abcde fghjk")
    joining.check_join_proof(joining.join_proof("ABCDE-FGHJK", **BOUND), "abcde fghjk", **BOUND)


@pytest.mark.parametrize(
    "changed", [{"invitation": "j"}, {"sealing_kid": "t"}, {"passkey_kids": ["p1"]}, {"passkey_kids": []}]
)
def test_a_proof_holds_for_these_keys_only(changed: dict[str, Any]):
    proof = joining.join_proof("ABCDE", **BOUND)
    with pytest.raises(WrongCode):
        joining.check_join_proof(proof, "ABCDE", **{**BOUND, **changed})


def test_a_proof_with_another_code_is_refused():
    with pytest.raises(WrongCode):
        joining.check_join_proof(joining.join_proof("ABCDE", **BOUND), "ABCDF", **BOUND)


def test_the_enrolment_code_vouches_for_both_keys():
    key = hashlib.sha256(b"accord/enrol/1\x00code").digest()
    assert code_proof("code", sign_kid="a", seal_kid="b") == b64u(hmac.digest(key, b"a.b", "sha256"))
