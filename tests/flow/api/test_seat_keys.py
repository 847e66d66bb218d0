"""Passkeys of a seat by the local API and by commands: drafted, added, compared by numbers, attested."""

from __future__ import annotations

from schemas.wire import unb64u
from tests.flow.api.kit import Caller
from tests.flow.api.test_commands import Terminal
from tests.flow.exchange.world import DEBT, World
from tests.passkeys import Authenticator, case_with

OLD, NEW, THIRD = (Authenticator(name) for name in ("phone", "laptop", "tablet"))


def kids(caller: Caller, case: str, state: str) -> list[str]:
    return [each["kid"] for each in caller.get(f"/v1/cases/{case}/seat-keys")[state]]


def test_a_passkey_is_drafted_confirmed_and_counts(world: World, debt: Caller, portal: Caller):
    case = case_with(world, OLD)
    drafted = portal.post(f"/v1/cases/{case}/seat-keys/draft", {"add": [NEW.passkey]}, status=200)
    proof = OLD.confirm(unb64u(drafted["challenge"]))
    body = {"add": [NEW.passkey], "proof": proof, "at": drafted["at"]}
    portal.post(f"/v1/cases/{case}/seat-keys", body)
    world.settle()
    assert kids(debt, case, "in_force") == [OLD.kid, NEW.kid]
    portal.post(f"/v1/cases/{case}/seat-keys", {"end": [OLD.kid]})
    world.settle()
    assert (kids(debt, case, "in_force"), kids(debt, case, "ended")) == ([NEW.kid], [OLD.kid])


def test_a_number_that_nobody_read_out_attests_nothing(world: World, debt: Caller, portal: Caller):
    case = case_with(world, OLD)
    portal.post(f"/v1/cases/{case}/seat-keys", {"add": [NEW.passkey]})
    world.settle()
    (waiting,) = debt.get("/v1/seat-keys/waiting")["waiting"]
    attest = {"message": waiting["message"], "numbers": ["0000 0000"]}
    path = f"/v1/cases/{case}/seat-keys/attest"
    assert debt.refused("POST", path, attest) == (403, "not_attested")
    assert portal.refused("POST", path, attest)[1] == "not_an_agency"
    number = portal.get(f"/v1/cases/{case}/seat-keys")["waiting"][0]["number"]
    debt.post(path, {**attest, "numbers": [number]})
    world.settle()
    assert kids(portal, case, "in_force") == [OLD.kid, NEW.kid]


def test_an_agency_adds_no_passkeys(world: World, debt: Caller):
    case = case_with(world, OLD)
    body = {"add": [NEW.passkey]}
    assert debt.refused("POST", f"/v1/cases/{case}/seat-keys", body)[1] == "not_a_portal"


def test_a_passkey_of_a_stranger_confirms_nothing(world: World, portal: Caller):
    case = case_with(world, OLD)
    drafted = portal.post(f"/v1/cases/{case}/seat-keys/draft", {"add": [NEW.passkey]}, status=200)
    body = {"add": [NEW.passkey], "proof": THIRD.confirm(unb64u(drafted["challenge"])), "at": drafted["at"]}
    assert portal.refused("POST", f"/v1/cases/{case}/seat-keys", body)[1] == "proof_refused"


def test_waiting_passkeys_are_listed_and_attested_by_command(world: World, debt: Caller, portal: Caller):
    terminal = Terminal(world, DEBT, "charity")
    case = case_with(world, OLD)
    portal.post(f"/v1/cases/{case}/seat-keys", {"add": [NEW.passkey]})
    world.settle()
    (waiting,) = debt.get("/v1/seat-keys/waiting")["waiting"]
    number = portal.get(f"/v1/cases/{case}/seat-keys")["waiting"][0]["number"]
    assert number in terminal.ok("case", "attest-keys")
    assert terminal.run("case", "attest-keys", case, waiting["message"]).exit_code == 2
    assert "Attested" in terminal.ok("case", "attest-keys", case, waiting["message"], "--number", number)
    world.settle()
    assert kids(portal, case, "in_force") == [OLD.kid, NEW.kid]
