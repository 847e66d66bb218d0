"""Who has not the token of the local API gets nothing, and too many tries get less."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from connectors.api.authentication import Doorkeeper, ensure_token, read_token
from connectors.errors import ConfigRefused
from tests.flow.api.kit import TOKEN, Caller, caller
from tests.flow.exchange.world import DEBT, World


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        f"bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer ÿþ",
        f"Bearer {TOKEN}, Bearer {TOKEN}",
    ],
)
def test_a_wrong_or_missing_token_is_refused(debt: Caller, header: str):
    answer = debt.ask("GET", "/v1/cases", headers={"Authorization": header})
    assert (answer.status_code, answer.json and answer.json["code"]) == (401, "wrong_token")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_unknown_address_does_not_show_that_it_is_unknown_without_a_token(debt: Caller):
    assert Caller(debt.app, token=None).refused("GET", "/v1/no-such-thing") == (401, "wrong_token")
    assert debt.refused("GET", "/v1/no-such-thing") == (404, "not_found")


def test_too_many_wrong_tokens_are_locked_out_and_the_right_one_is_not(world: World):
    api = caller(world, DEBT, wrong_tokens=3, lockout_s=30)
    stranger = Caller(api.app, token="wrong")
    assert [stranger.refused("GET", "/v1/cases")[0] for _ in range(5)] == [401, 401, 401, 429, 429]
    assert stranger.ask("GET", "/v1/cases").headers["Retry-After"] == "30"
    assert api.ask("GET", "/v1/cases").status_code == 200


def test_the_lock_opens_again_after_its_time():
    from flask import Flask, request  # noqa: PLC0415 - only for a request without an application of ours

    now = [0.0]
    door = Doorkeeper(TOKEN, wrong_tokens=1, lockout_s=10, clock=lambda: now[0])
    codes = []
    with Flask("t").test_request_context("/"):
        for now[0] in (0.0, 1.0, 12.0):
            try:
                door.check(request)
            except Exception as refusal:  # noqa: BLE001 - both kinds are looked at below
                codes.append(getattr(refusal, "code", None))
    assert codes == ["wrong_token", "locked_out", "wrong_token"]


def test_the_token_is_made_once_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "api-token"
    made = ensure_token(path)
    assert ensure_token(path) == made
    assert len(made) >= 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_token_file_that_others_can_read_is_refused(tmp_path: Path):
    path = tmp_path / "api-token"
    ensure_token(path)
    path.chmod(0o640)
    with pytest.raises(ConfigRefused, match="0640"):
        read_token(path)


def test_a_short_or_missing_token_is_refused(tmp_path: Path):
    path = tmp_path / "api-token"
    with pytest.raises(ConfigRefused):
        read_token(path)
    path.write_text("short")
    path.chmod(0o600)
    with pytest.raises(ConfigRefused, match="short"):
        read_token(path)
