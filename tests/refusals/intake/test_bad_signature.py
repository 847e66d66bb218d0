"""Bytes that were changed after signing are refused."""

from __future__ import annotations

from schemas.errors import BadSignature
from schemas.wire import b64u, unb64u
from tests.factories import World


def test_a_changed_payload_is_refused(world: World) -> None:
    header, payload, signature = world.release().decode().split(".")
    changed = b64u(unb64u(payload).replace(b"support", b"suppurt"))
    assert isinstance(world.refused(f"{header}.{changed}.{signature}".encode()), BadSignature)
