"""Public keys inside of messages, read with the strict curve checks; a weak one is refused as weak."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError

from schemas.errors import Malformed
from schemas.keys import SealingPublicKey, VerifyingKey
from schemas.messages.fields import Checked, SealingJwkSchema, SigningJwkSchema


class SigningJwk(Checked[VerifyingKey]):
    """An Ed25519 key that passes the strict curve checks; a weak one is refused by its own code."""

    published = (SigningJwkSchema,)

    def take(self, value: Any) -> VerifyingKey:
        """Read the key; WeakKey goes through, so that the sender learns what is wrong with it."""
        _shape(self.published[0], value)
        try:
            return VerifyingKey.from_jwk(value)
        except Malformed as error:
            raise ValidationError(error.detail) from error


class SealingJwk(Checked[SealingPublicKey]):
    """An X25519 key that passes the strict curve checks; a weak one is refused by its own code."""

    published = (SealingJwkSchema,)

    def take(self, value: Any) -> SealingPublicKey:
        """Read the key; WeakKey goes through, so that the sender learns what is wrong with it."""
        _shape(self.published[0], value)
        try:
            return SealingPublicKey.from_jwk(value)
        except Malformed as error:
            raise ValidationError(error.detail) from error


def _shape(schema: type[Schema], value: Any) -> None:
    """Check the members of an object before it is read as a key."""
    schema().load(value)
