"""A file of genuine messages that should never have been admitted: each is found by its rule, by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from connectors.errors import KeysNotTrusted
from connectors.evidence.verify import findings as checks
from connectors.evidence.verify.findings import Finding
from connectors.evidence.verify.flow import verify
from connectors.evidence.verify.trust import Trust
from schemas import instant, log, seal, statement
from schemas.keys import SealingKey, SigningKey
from schemas.messages.envelope import Authority, Sealed
from schemas.wire import canonical
from tests.flow.evidence.story import AGREEMENT, CASE, CONSENT, ORIGIN, Story, Teller, begun, whole


def found(story: Story, folder: Path, *, contents: bool = False) -> list[Finding]:
    report = verify(story.write(folder / "case", contents=contents), story.trust)
    assert report.holds is not any(finding.severity == "broken" for finding in report.findings)
    return [finding for finding in report.findings if finding.severity != "note"]


def only(story: Story, folder: Path) -> tuple[int, str, str | None]:
    (finding,) = found(story, folder)
    return finding.check, finding.code, finding.message


# --- what a release rests on ------------------------------------------------------------------------


def after_the_withdrawal(story: Story) -> str:
    story.decide("withdraw")
    return story.release()


def while_suspended(story: Story) -> str:
    story.decide("suspend")
    return story.release()


def after_it_ran_out(story: Story) -> str:
    story.clock += timedelta(days=91)
    return story.release()


def under_another_consent(story: Story) -> str:
    return story.release(authority=Authority("consent", CASE))


def after_the_citizen_left(story: Story) -> str:
    story.say(story.portal, "case.leave/1", case=CASE, to=["city-housing", "north-clinic"], body={})
    return story.release()


def after_the_portal_left_the_register(story: Story) -> str:
    story.say(story.portal, "member.leave/1", to=["coordinator"], body={})
    return story.release()


def for_another_purpose(story: Story) -> str:
    return story.release(purpose="protect")


def by_a_clause_that_is_not_there(story: Story) -> str:
    return story.release(authority=Authority("statute", "act-13"), purpose="protect")


def by_an_emergency_that_nobody_opened(story: Story) -> str:
    return story.release(authority=Authority("emergency", story.ids["case.open/1"]), purpose="rescue")


def by_an_emergency_that_had_ended(story: Story) -> str:
    opened = emergency(story, story.housing)
    story.clock += timedelta(hours=3)
    return story.release(authority=Authority("emergency", opened), purpose="rescue")


def by_an_emergency_that_had_ended_and_brought_something_else(story: Story) -> str:
    opened, by_consent = emergency(story, story.housing), story.release()
    return correct(story, by_consent, opened)


def correct(story: Story, release: str, opened: str) -> str:
    """Let the clinic correct a release by an emergency that is over by then."""
    story.clock += timedelta(hours=3)
    content = {"statement": str(uuid4()), "record": {"tenure": "social"}}
    schema, clinic = "record.correct/1", story.clinic
    asserted = statement.attest(
        content, id=str(uuid4()), iss=clinic.id, case=CASE, schema=schema, at=story.clock, key=clinic.sign
    )
    readers = {"city-housing": story.housing.seal.public, "citizen": story.citizen.public}
    sealed = [
        Sealed(to, seal.seal(asserted.encode(), to=key, sender_kid=clinic.sign.kid))
        for to, key in readers.items()
    ]
    return story.say(
        clinic,
        schema,
        case=CASE,
        authority=Authority("emergency", opened),
        agreement=AGREEMENT,
        purpose="rescue",
        to=list(readers),
        re=release,
        categories=["housing"],
        schema=schema,
        sealed=sealed,
    )


def by_somebody_elses_emergency(story: Story) -> str:
    return story.release(authority=Authority("emergency", emergency(story, story.clinic)), purpose="rescue")


def on_a_seat_alone(story: Story) -> str:
    return story.release(authority=Authority("seat"))


def emergency(story: Story, who: Teller) -> str:
    body = {
        "reason": "danger",
        "categories": ["housing"],
        "until": instant.format(story.clock + timedelta(hours=2)),
        "opened_by": "worker-3",
        "notice": {"kind": "at_once"},
    }
    return story.say(who, "access.emergency/1", case=CASE, to=["citizen"], body=body)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (after_the_withdrawal, "consent_not_in_force"),
        (while_suspended, "consent_not_in_force"),
        (after_it_ran_out, "consent_not_in_force"),
        (under_another_consent, "unknown_consent"),
        (after_the_citizen_left, "consent_not_in_force"),
        (after_the_portal_left_the_register, "consent_not_in_force"),
        (for_another_purpose, "agreement_does_not_cover"),
        (by_a_clause_that_is_not_there, "no_statute"),
        (by_an_emergency_that_nobody_opened, "no_emergency"),
        (by_an_emergency_that_had_ended, "no_emergency"),
        (by_an_emergency_that_had_ended_and_brought_something_else, "no_emergency"),
        (by_somebody_elses_emergency, "no_emergency"),
        (on_a_seat_alone, "no_seat"),
    ],
)
def test_a_release_that_rests_on_nothing_is_named(wrong: Callable[[Story], str], code: str, tmp_path: Path):
    story = begun()
    release = wrong(story)
    named = [each for each in found(story, tmp_path) if each.severity == "broken"]
    assert [(each.check, each.code, each.message) for each in named] == [(checks.BASIS, code, release)]


def test_an_open_emergency_of_the_recipient_permits(tmp_path: Path):
    story = begun()
    story.release(authority=Authority("emergency", emergency(story, story.housing)), purpose="rescue")
    assert found(story, tmp_path) == []


def test_what_an_emergency_brought_in_time_is_corrected_at_any_time(tmp_path: Path):
    story = begun()
    opened = emergency(story, story.housing)
    release = story.release(authority=Authority("emergency", opened), purpose="rescue")
    correct(story, release, opened)
    assert found(story, tmp_path) == []


def review(story: Story, who: Teller, opened: str, reviewer: str) -> str:
    body = {"emergency": opened, "outcome": "justified", "reviewer": reviewer}
    return story.say(who, "access.emergency.review/1", case=CASE, to=["citizen"], body=body)


def test_an_emergency_reviewed_by_who_opened_it_is_named(tmp_path: Path):
    story = begun()
    reviewed = review(story, story.housing, emergency(story, story.housing), "worker-3")
    assert only(story, tmp_path) == (checks.SEAT, "same_person", reviewed)


def test_an_emergency_that_another_agency_reviews_is_named(tmp_path: Path):
    story = begun()
    reviewed = review(story, story.clinic, emergency(story, story.housing), "worker-9")
    assert only(story, tmp_path) == (checks.SEAT, "no_emergency", reviewed)


@pytest.mark.parametrize("reviewer", ["worker-9", None])
def test_a_reader_is_told_whether_somebody_else_has_reviewed_an_emergency(
    tmp_path: Path, reviewer: str | None
):
    story = begun()
    opened = emergency(story, story.housing)
    if reviewer:
        review(story, story.housing, opened, reviewer)
    report = verify(story.write(tmp_path / "case", contents=False), story.trust)
    notes = [each.message for each in report.findings if each.code == "emergency_not_reviewed"]
    assert notes == ([] if reviewer else [opened])


def test_a_release_before_the_clinic_sat_in_the_case_is_named(tmp_path: Path):
    story = begun()
    story.say(story.clinic, "case.leave/1", case=CASE, to=["city-housing"], body={})
    release = story.release()
    assert only(story, tmp_path) == (checks.BASIS, "no_seat", release)


def test_a_release_whose_consent_was_left_out_of_the_file_rests_on_nothing(tmp_path: Path):
    story = begun()
    release = story.release()
    story.leave_out(story.ids["consent.grant/1"])
    assert only(story, tmp_path) == (checks.BASIS, "unknown_consent", release)


# --- consents, seats, agreements --------------------------------------------------------------------


def test_a_consent_that_the_portal_did_not_give_is_named_and_permits_nothing(tmp_path: Path):
    story = begun()
    story.leave_out(story.ids["consent.grant/1"])
    stranger = story.clinic
    story.say(
        stranger,
        "consent.grant/1",
        name="forged",
        case=CASE,
        to=["city-housing"],
        body={"consent": story.consent()},
    )
    story.release()
    assert [(each.check, each.code) for each in found(story, tmp_path)] == [
        (checks.CONSENT, "no_seat"),
        (checks.BASIS, "unknown_consent"),
    ]


def test_a_consent_of_a_person_who_signed_in_last_week_is_named(tmp_path: Path):
    story = begun()
    stale = instant.format(story.clock - timedelta(days=7))
    proof = [{"kind": "portal", "acr": "substantial", "auth_time": stale}]
    story.grant(id="6b1f9f0a-7a49-4c3e-8c35-0a9b8c7d6e5f", proof=proof)
    assert only(story, tmp_path)[:2] == (checks.CONSENT, "proof_refused")


def test_an_attestation_of_other_keys_is_named(tmp_path: Path):
    story = begun()
    story.attest(story.ids["join-citizen"], sealing=SealingKey.generate().kid)
    assert only(story, tmp_path)[:2] == (checks.SEAT, "not_attested")


def test_a_seat_that_nobody_was_invited_to_is_named(tmp_path: Path):
    story = begun()
    story.say(
        story.portal,
        "case.join/1",
        name="stranger",
        case=CASE,
        to=["city-housing"],
        body={"invitation": story.ids["invite-clinic"]},
    )
    assert only(story, tmp_path)[:2] == (checks.SEAT, "unknown_invitation")


def test_an_agreement_that_one_party_did_not_sign_permits_nothing(tmp_path: Path):
    story = begun()
    story.leave_out(story.ids["signed-north-clinic"])
    story.release()
    assert {(each.check, each.code) for each in found(story, tmp_path)} >= {
        (checks.CONSENT, "agreement_not_in_force"),
        (checks.BASIS, "agreement_not_in_force"),
    }


def test_a_signature_under_another_document_is_named(tmp_path: Path):
    story = begun()
    body = {"agreement": "winter-support@1", "sha256": "00" * 32}
    story.say(story.clinic, "agreement.sign/1", name="other", to=["city-housing"], body=body)
    assert only(story, tmp_path)[:2] == (checks.AGREEMENT, "bad_signature")


# --- keys, receipts, the log ------------------------------------------------------------------------


def test_a_message_by_a_key_that_had_ended_is_named(tmp_path: Path):
    story = begun()
    new = SigningKey.generate()
    added = {
        "use": "sign",
        "jwk": new.public.jwk,
        "valid_from": instant.format(story.clock),
        "valid_until": instant.format(story.clock + timedelta(days=300)),
    }
    end = {"kid": story.clinic.sign.kid, "at": instant.format(story.clock + timedelta(minutes=1))}
    story.say(story.clinic, "member.keys/1", to=["coordinator"], body={"add": [added], "end": [end]})
    story.clock += timedelta(minutes=10)
    release = story.release()
    assert (checks.SIGNATURE, "key_not_in_force", release) in [
        (each.check, each.code, each.message) for each in found(story, tmp_path)
    ]


def test_a_message_by_a_key_of_nobody_is_named(tmp_path: Path):
    story = begun()
    story.clinic.sign = SigningKey.generate()
    release = story.release()
    assert only(story, tmp_path) == (checks.SIGNATURE, "unknown_key", release)


def test_a_message_of_another_case_is_named(tmp_path: Path):
    story = begun()
    story.say(story.housing, "case.open/1", case=CONSENT, to=["coordinator"], body={"language": "fr"})
    assert only(story, tmp_path)[:2] == (checks.FORM, "other_case")


def test_an_earlier_checkpoint_of_another_log_is_named(tmp_path: Path):
    story, other = whole(), whole()
    path = story.write(tmp_path / "case")
    size = story.seen[0][0]
    forked = log.sign_checkpoint(ORIGIN, size, log.tree_root(other.leaves[:size]), story.log_key)
    lines = path.read_bytes().splitlines()
    lines[1] = canonical({**json.loads(lines[1]), "note": forked})
    path.write_bytes(b"\n".join([*lines, b""]))
    codes = {(each.check, each.entry) for each in verify(path, story.trust).findings}
    assert (checks.CONSISTENCY, 1) in codes


def test_keys_that_the_reader_does_not_trust_are_refused(tmp_path: Path):
    story = whole()
    path = story.write(tmp_path / "case")
    with pytest.raises(KeysNotTrusted, match=story.coordinator.kid):
        verify(path, Trust(frozenset({story.log_key.kid})))
    with pytest.raises(KeysNotTrusted):
        verify(path, whole().trust)


def test_another_logs_name_is_refused(tmp_path: Path):
    story = whole()
    kids = frozenset({story.coordinator.kid, story.log_key.kid})
    with pytest.raises(KeysNotTrusted, match="log"):
        verify(story.write(tmp_path / "case"), Trust(kids, "elsewhere.example.org/log"))


# --- contents and erasures --------------------------------------------------------------------------


def test_a_statement_of_another_issuer_is_named(tmp_path: Path):
    story = begun()
    release = story.release(issuer=story.housing)
    (finding,) = found(story, tmp_path, contents=True)
    assert (finding.check, finding.code, finding.message) == (checks.CONTENTS, "statement_mismatch", release)


def test_a_statement_that_is_shown_for_a_message_that_is_not_there_is_named(tmp_path: Path):
    story = begun()
    story.release()
    story.leave_out(story.ids["release"])
    (finding,) = found(story, tmp_path, contents=True)
    assert (finding.check, finding.code) == (checks.CONTENTS, "statement_mismatch")


def test_a_missing_erasure_is_named_but_does_not_break_the_file(tmp_path: Path):
    story = begun()
    release = story.release()
    story.decide("withdraw")
    (finding,) = found(story, tmp_path)
    assert (finding.check, finding.severity, finding.message) == (checks.ERASURE, "missing", release)
    assert "city-housing" in finding.meaning
    assert verify(story.write(tmp_path / "again"), story.trust).holds


def test_an_erasure_is_owed_after_the_citizen_left_and_need_not_be_told_to_them(tmp_path: Path):
    story = begun()
    release = story.release()
    left = story.say(story.portal, "case.leave/1", case=CASE, to=["city-housing", "north-clinic"], body={})
    (finding,) = found(story, tmp_path)
    assert (finding.check, finding.severity, finding.message) == (checks.ERASURE, "missing", release)
    assert left in finding.meaning
    story.erased(release, to=["north-clinic"])
    assert found(story, tmp_path) == []


def test_no_consent_is_given_after_the_citizen_left(tmp_path: Path):
    story = begun()
    story.say(story.portal, "case.leave/1", case=CASE, to=["city-housing", "north-clinic"], body={})
    story.grant(id="6b1f9f0a-7a49-4c3e-8c35-0a9b8c7d6e5f")
    assert only(story, tmp_path)[:2] == (checks.CONSENT, "no_seat")


def test_a_confirmed_erasure_of_other_bytes_is_named(tmp_path: Path):
    story = begun()
    release = story.release()
    story.decide("withdraw")
    story.erased(release, sha256="00" * 32)
    assert (checks.ERASURE, "unverified") in {(each.check, each.code) for each in found(story, tmp_path)}
