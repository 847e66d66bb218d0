"""Evidence in which a passkey came or went otherwise than the file says: each is named by its check."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.evidence.verify import findings as checks
from connectors.evidence.verify.flow import verify
from schemas.consent_proof import consent_challenge
from schemas.seat_keys import seat_keys_challenge
from tests.flow.evidence.story import CASE, Story, Teller
from tests.passkeys import Authenticator

OLD, NEW = Authenticator("phone"), Authenticator("laptop")
AGENCIES = ["city-housing"]


class Passkeys(Story):
    """The story of a citizen who joined with a passkey."""

    def attest(self, join: str, *, sealing: str | None = None) -> None:
        body = {
            "join": join,
            "sealing": sealing or self.citizen.kid,
            "passkeys": [OLD.kid],
            "method": "code",
        }
        self.say(self.housing, "case.attest/1", case=CASE, to=["citizen"], body=body)

    def say(self, who: Teller, type_name: str, *, name: str | None = None, **members: Any) -> str:
        if name == "join-citizen":
            seat = {**members["body"]["seat"], "passkeys": [OLD.passkey]}
            members["body"] = {**members["body"], "seat": seat}
        return super().say(who, type_name, name=name, **members)

    def keys(
        self,
        add: tuple[Authenticator, ...] = (),
        end: tuple[str, ...] = (),
        by: Authenticator | None = None,
        *,
        case: str = CASE,
        who: Teller | None = None,
    ) -> str:
        """Change passkeys; the instant is that of the next message."""
        passkeys = [each.passkey for each in add]
        body: dict[str, Any] = {"add": passkeys, "end": list(end)}
        if by is not None:
            at = self.clock + STEP
            body["proof"] = by.confirm(seat_keys_challenge(case, passkeys, end, at))
        return self.say(who or self.portal, "case.keys/1", case=CASE, to=AGENCIES, body=body)

    def attest_keys(self, who: Teller, brought: str) -> None:
        body = {"keys": brought, "passkeys": [NEW.kid], "method": "in_person"}
        self.say(who, "case.attest/1", name="later", case=CASE, to=["citizen"], body=body)

    def grant_with(self, device: Authenticator) -> None:
        document = self.consent()
        self.grant(**{**document, "proof": [device.confirm(consent_challenge(document))]})


STEP = timedelta(seconds=30)
"""How much later each message of the story is."""


def told() -> Passkeys:
    story = Passkeys()
    for who in (story.housing, story.clinic, story.portal):
        story.enrol(who)
    story.agree()
    story.open_case()
    return story


def found(story: Story, folder: Path) -> list[tuple[int, str]]:
    report = verify(story.write(folder / "case"), story.trust)
    return [(each.check, each.code) for each in report.findings if each.severity == "broken"]


def test_a_passkey_by_an_earlier_one_holds(tmp_path: Path):
    story = told()
    story.keys((NEW,), (OLD.kid,), by=OLD)
    story.grant_with(NEW)
    assert found(story, tmp_path) == []


def test_a_passkey_by_the_word_of_an_agency_in_the_case_holds(tmp_path: Path):
    story = told()
    story.attest_keys(story.housing, story.keys((NEW,)))
    story.grant_with(NEW)
    assert found(story, tmp_path) == []


def test_a_consent_before_its_passkey_ended_holds(tmp_path: Path):
    story = told()
    story.grant_with(OLD)
    story.keys((), (OLD.kid,))
    assert found(story, tmp_path) == []


def test_a_consent_after_its_passkey_ended_is_named(tmp_path: Path):
    story = told()
    story.keys((), (OLD.kid,))
    story.grant_with(OLD)
    assert found(story, tmp_path) == [(checks.CONSENT, "proof_refused")]


def test_a_consent_before_its_passkey_was_attested_is_named(tmp_path: Path):
    story = told()
    brought = story.keys((NEW,))
    story.grant_with(NEW)
    story.attest_keys(story.housing, brought)
    assert found(story, tmp_path) == [(checks.CONSENT, "proof_refused")]


def test_a_passkey_by_a_strangers_is_named_and_counts_for_nothing(tmp_path: Path):
    story = told()
    story.keys((NEW,), by=Authenticator("stranger"))
    story.grant_with(NEW)
    assert found(story, tmp_path) == [(checks.SEAT, "proof_refused"), (checks.CONSENT, "proof_refused")]


def test_a_passkey_confirmed_for_another_case_is_named(tmp_path: Path):
    story = told()
    story.keys((NEW,), by=OLD, case="5b1f9f0a-7a49-4c3e-8c35-0a9b8c7d6e5f")
    assert found(story, tmp_path) == [(checks.SEAT, "proof_refused")]


def test_passkeys_by_an_agency_are_named(tmp_path: Path):
    story = told()
    story.say(
        story.clinic,
        "case.keys/1",
        case=CASE,
        to=AGENCIES,
        body={"add": [NEW.passkey], "end": []},
    )
    assert found(story, tmp_path) == [(checks.SEAT, "no_seat")]


def test_the_word_of_an_agency_outside_of_the_case_is_named(tmp_path: Path):
    story = told()
    story.attest_keys(story.clinic, story.keys((NEW,)))
    story.grant_with(NEW)
    assert found(story, tmp_path) == [(checks.SEAT, "no_seat"), (checks.CONSENT, "proof_refused")]


def test_a_passkey_whose_bringing_was_left_out_counts_for_nothing(tmp_path: Path):
    story = told()
    brought = story.keys((NEW,), by=OLD)
    story.grant_with(NEW)
    story.leave_out(brought)
    assert found(story, tmp_path) == [(checks.CONSENT, "proof_refused")]


def test_what_is_ended_beside_a_bad_proof_has_ended(tmp_path: Path):
    story = told()
    story.keys((NEW,), (OLD.kid,), by=Authenticator("stranger"))
    story.grant_with(OLD)
    assert found(story, tmp_path) == [(checks.SEAT, "proof_refused"), (checks.CONSENT, "proof_refused")]
