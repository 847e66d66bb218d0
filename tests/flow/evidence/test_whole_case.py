"""A whole case, written to one file and checked with nothing but the coordinator's keys."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from connectors.evidence.verify.flow import verify
from connectors.evidence.verify.trust import Trust
from tests.flow.evidence.story import AGREEMENT, CANARY, CASE, Story, begun, whole


@pytest.fixture(scope="module")
def story() -> Story:
    return whole()


def test_a_whole_case_holds(story: Story, tmp_path: Path):
    report = verify(story.write(tmp_path / "case.evidence"), story.trust)
    assert report.findings == ()
    assert report.holds
    assert report.case == CASE
    assert report.log_size == len(story.leaves)
    assert (report.counts["members"], report.counts["agreements"], report.counts["releases"]) == (3, 1, 1)


def test_a_file_with_contents_holds_too(story: Story, tmp_path: Path):
    report = verify(story.write(tmp_path / "case.evidence", contents=True), story.trust)
    assert report.holds
    assert report.counts["contents"] == 1


def test_a_file_without_contents_holds_no_personal_data(story: Story, tmp_path: Path):
    data = story.write(tmp_path / "case.evidence").read_bytes()
    assert _all_text(data).count(CANARY) == 0
    assert _all_text(story.write(tmp_path / "opened", contents=True).read_bytes()).count(CANARY) == 1


def _all_text(data: bytes) -> str:
    """Give the file with every base64 part of every signed message opened as well."""
    from schemas.wire import unb64u  # noqa: PLC0415 - the test reads like a stranger would

    text = data.decode()
    parts = [
        part for line in text.splitlines() for value in _texts(json.loads(line)) for part in value.split(".")
    ]
    opened = []
    for part in parts:
        try:
            opened.append(unb64u(part).decode("utf-8", "replace"))
        except Exception:  # noqa: BLE001, S112 - not base64: it was read as it is
            continue
    return text + "\n".join(opened)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []


def test_the_file_is_readable_by_its_owner_alone(story: Story, tmp_path: Path):
    path = story.write(tmp_path / "case.evidence")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["case.evidence"]


def test_fingerprints_alone_are_enough_to_trust(story: Story, tmp_path: Path):
    trust = Trust(frozenset({story.coordinator.kid, story.log_key.kid}))
    assert verify(story.write(tmp_path / "case.evidence"), trust).holds


def test_an_erased_release_keeps_its_place_as_a_commitment_only(tmp_path: Path):
    story = whole()
    story.forget(story.ids["release"])
    report = verify(story.write(tmp_path / "case.evidence"), story.trust)
    assert report.holds
    assert report.counts["erased"] == 1
    assert report.counts["releases"] == 0


def test_a_release_by_a_clause_holds_without_any_consent(tmp_path: Path):
    from schemas.messages.envelope import Authority  # noqa: PLC0415 - used once

    story = begun()
    story.decide("withdraw")
    story.release(authority=Authority("statute", "act-12"), purpose="protect")
    assert verify(story.write(tmp_path / "case.evidence"), story.trust).holds


def test_a_consent_that_was_suspended_and_resumed_permits_again(tmp_path: Path):
    story = begun()
    story.decide("suspend")
    story.decide("resume")
    story.release()
    assert verify(story.write(tmp_path / "case.evidence"), story.trust).holds


def test_an_agreement_without_a_known_place_counts_by_its_signatures(tmp_path: Path):
    story = whole()
    for name in ("agreement.propose/1", "signed-city-housing", "signed-north-clinic"):
        made = story.ids[name]
        raw = next(p.message for p in story.gathered.pieces.values() if story._is(p, made))
        story.gathered.signed.append(str(raw))
        story.leave_out(made)
    report = verify(story.write(tmp_path / "case.evidence"), story.trust)
    assert report.holds
    assert {finding.code for finding in report.findings} == {"no_place"}
    assert AGREEMENT in story.consent()["agreement"]
