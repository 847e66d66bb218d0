"""J16: no ephemeral key, nonce or content key is ever used twice, however often the same thing is sealed."""

from __future__ import annotations

import json

from schemas import seal
from schemas.keys import SealingKey, SigningKey
from schemas.wire import unb64u

SEALINGS = 10_000
ATTACHMENTS = 2_000


def test_ten_thousand_sealings_of_the_same_words_share_nothing():
    reader, sender = SealingKey.generate().public, SigningKey.generate().kid
    ephemeral, nonces, wrapped = set(), set(), set()
    for _ in range(SEALINGS):
        header, key, nonce, _, _ = seal.seal(b"the same", to=reader, sender_kid=sender).split(".")
        ephemeral.add(json.loads(unb64u(header))["epk"]["x"])
        nonces.add(nonce)
        wrapped.add(key)
    assert (len(ephemeral), len(nonces), len(wrapped)) == (SEALINGS, SEALINGS, SEALINGS)


def test_no_two_attachments_share_a_key_or_nonce():
    made = [seal.seal_attachment(b"the same scan") for _ in range(ATTACHMENTS)]
    assert len({key for _, key in made}) == ATTACHMENTS
    assert len({blob[:12] for blob, _ in made}) == ATTACHMENTS
