"""Whatever is changed in an evidence file is found, and the finding names the entry."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import EvidenceUnreadable, KeysNotTrusted
from connectors.evidence.verify.findings import Report
from connectors.evidence.verify.flow import verify
from tests.flow.evidence.story import Story, whole

STORY: Story = whole()


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return STORY.write(tmp_path_factory.mktemp("evidence") / "case", contents=True).read_bytes()


def check(data: bytes, folder: Path) -> Report | int:
    """Check changed bytes; give the report, or the entry at which the check could not even begin."""
    path = folder / "changed"
    path.write_bytes(data)
    try:
        return verify(path, STORY.trust)
    except (EvidenceUnreadable, KeysNotTrusted) as refusal:
        return int(refusal.facts["entry"])


def assert_named(original: bytes, changed: bytes, at: int, folder: Path) -> None:
    entry = original[:at].count(b"\n")
    found = check(changed, folder)
    if isinstance(found, int):
        assert found == entry
        return
    assert not found.holds
    named = {finding.entry for finding in found.findings if finding.severity == "broken"}
    assert entry in named, f"byte {at} of entry {entry} changed, but {sorted(map(str, named))} is named"


def test_the_original_holds(original: bytes, tmp_path: Path):
    report = check(original, tmp_path)
    assert isinstance(report, Report)
    assert report.holds


def test_a_changed_byte_anywhere_is_found_and_its_entry_named(original: bytes, tmp_path: Path):
    for at in [*range(0, len(original), 151), len(original) - 1]:
        changed = bytearray(original)
        changed[at] ^= 0x01
        assert_named(original, bytes(changed), at, tmp_path)


def test_every_byte_of_a_short_line_is_guarded(original: bytes, tmp_path: Path):
    start = original.rindex(b"\n", 0, -1) + 1
    for at in range(start, start + 130):
        changed = bytearray(original)
        changed[at] ^= 0x02
        assert_named(original, bytes(changed), at, tmp_path)


@given(at=st.floats(0, 1, exclude_max=True), value=st.integers(1, 255))
def test_any_other_value_of_any_byte_is_found(at: float, value: int):
    import tempfile  # noqa: PLC0415 - a fixture would be shared between examples

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        original = STORY.write(folder / "case", contents=True).read_bytes()
        place = int(at * len(original))
        changed = bytearray(original)
        changed[place] ^= value
        assert_named(original, bytes(changed), place, folder)


# --- whole lines ------------------------------------------------------------------------------------


def lines_of(original: bytes) -> list[bytes]:
    return original.splitlines(keepends=True)


def broken(data: bytes, folder: Path) -> dict[int | None, set[str]]:
    report = check(data, folder)
    assert isinstance(report, Report)
    assert not report.holds
    found: dict[int | None, set[str]] = {}
    for finding in report.findings:
        found.setdefault(finding.entry, set()).add(finding.code)
    return found


def test_a_removed_line_is_named(original: bytes, tmp_path: Path):
    lines = lines_of(original)
    for entry in range(1, len(lines) - 1):
        found = broken(b"".join([*lines[:entry], *lines[entry + 1 :]]), tmp_path)
        assert "entry_missing" in found[entry]


def test_a_repeated_line_is_named(original: bytes, tmp_path: Path):
    lines = lines_of(original)
    for entry in range(1, len(lines) - 1):
        found = broken(b"".join([*lines[: entry + 1], *lines[entry:]]), tmp_path)
        assert "entry_twice" in found[entry]


def test_two_lines_that_changed_places_are_named(original: bytes, tmp_path: Path):
    lines = lines_of(original)
    for entry in range(1, len(lines) - 2):
        swapped = [*lines[:entry], lines[entry + 1], lines[entry], *lines[entry + 2 :]]
        assert "entry_missing" in broken(b"".join(swapped), tmp_path)[entry]


def test_a_file_that_was_cut_off_is_named(original: bytes, tmp_path: Path):
    lines = lines_of(original)
    assert "end_missing" in broken(b"".join(lines[:-1]), tmp_path)[len(lines) - 1]
    assert "end_missing" in broken(b"".join(lines[:4]), tmp_path)[4]


def test_a_line_after_the_end_is_named(original: bytes, tmp_path: Path):
    lines = lines_of(original)
    assert "line_unreadable" in broken(original + b"{}\n", tmp_path)[len(lines)]
    assert "after_the_end" in broken(original + lines[3], tmp_path)[3]


def test_the_same_json_in_another_spelling_is_named(original: bytes, tmp_path: Path):
    lines = lines_of(original)
    lines[5] = lines[5].replace(b'{"', b'{ "', 1)
    assert "line_unreadable" in broken(b"".join(lines), tmp_path)[5]


def test_a_new_numbering_does_not_hide_a_removed_line(original: bytes, tmp_path: Path):
    """Whoever repairs numbers and links has no key to seal the file again."""
    import json  # noqa: PLC0415 - only this test repairs lines

    from connectors.evidence.line import NO_LINE, link, write  # noqa: PLC0415 - only this test repairs lines

    previous, repaired = NO_LINE, []
    for number, line in enumerate(lines_of(original)[:6] + lines_of(original)[7:]):
        members = {
            name: value
            for name, value in json.loads(line).items()
            if name not in {"entry", "kind", "previous"}
        }
        repaired.append(write(json.loads(line)["kind"], number, previous, members))
        previous = link(repaired[-1])
    found = broken(b"\n".join([*repaired, b""]), tmp_path)
    assert "unverified" in found[len(repaired) - 1]


def test_an_empty_file_and_a_strange_file_are_refused(tmp_path: Path):
    assert check(b"", tmp_path) == 0
    assert check(b"PK\x03\x04 something else\n", tmp_path) == 0
