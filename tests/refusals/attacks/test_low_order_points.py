"""J12, J13: points of small order and other weak keys at the edge: a refusal each time, never a failure."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from schemas.keys import SigningKey
from schemas.wire import b64u, unb64u
from tests.factories import World
from tests.flow.http.kit import Party

P = 2**255 - 19
X25519 = [0, 1, P - 1, P, P + 1, 2**255 - 1]
X25519 += [39382357235489614581723060781553021112529911719440698176882885853963445705823]
ED25519 = [bytes(32), (1).to_bytes(32, "little"), b"\xff" * 32, (P - 1).to_bytes(32, "little")]


def _x25519(u: int) -> dict[str, str]:
    return {"kty": "OKP", "crv": "X25519", "x": b64u(u.to_bytes(32, "little"))}


@pytest.mark.parametrize("u", X25519)
def test_no_challenge_is_sealed_for_a_weak_key(app: Flask, u: int):
    said = app.test_client().post("/v1/members/challenge", json={"seal": _x25519(u)})
    assert (said.status_code, said.get_json()["code"]) == (403, "weak_key")


@pytest.mark.parametrize("raw", ED25519)
def test_a_weak_signing_key_is_added_by_nobody(housing: Party, raw: bytes):
    add = {
        "use": "sign",
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": b64u(raw)},
        "valid_from": "2026-11-23T09:00:00.000Z",
        "valid_until": "2027-11-23T09:00:00.000Z",
    }
    fresh = {**add, "jwk": SigningKey.generate().public.jwk}
    payload = housing.message("member.keys/1", body={"add": [fresh], "end": []})
    parts = payload.split(b".")
    body = json.loads(unb64u(parts[1].decode()))
    body["body"]["add"] = [add]
    text = f"{parts[0].decode()}.{b64u(json.dumps(body).encode())}"
    said = housing.post(f"{text}.{b64u(housing.sign.sign(text.encode()))}".encode())
    assert 400 <= said.status_code < 500
    assert said.get_json()["code"] in {"weak_key", "invalid"}


@pytest.mark.parametrize("u", X25519)
def test_a_weak_ephemeral_key_in_a_release_is_a_refusal(world: World, u: int):
    """The coordinator opens nothing, and looks at the header of what it passes on all the same."""
    raw = world.release()
    payload = json.loads(unb64u(raw.split(b".")[1].decode()))
    for each in payload["sealed"]:
        parts = each["jwe"].split(".")
        header = json.loads(unb64u(parts[0])) | {"epk": _x25519(u)}
        parts[0] = b64u(json.dumps(header).encode())
        each["jwe"] = ".".join(parts)
    head = raw.split(b".")[0].decode()
    text = f"{head}.{b64u(json.dumps(payload).encode())}"
    answer = world.send(f"{text}.{b64u(world.housing.sign.sign(text.encode()))}".encode())
    code = getattr(answer, "code", "admitted")
    assert code != "unavailable"  # what a fault of ours would be called
