"""Every refusal has its own code, says something, has a status, and is on the page for those who meet it."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from connectors.api import problems as local_problems
from connectors.commands import doctor
from connectors.pages.sign_in import SignInRefused, SignInUnavailable
from connectors.pages.throttle import TriedTooOften
from connectors.portal.errors import NotYours
from connectors.portal.mail.send import MailUnavailable
from connectors.portal.visiting import SignInAgain, SignInFirst
from coordinator.http import problems
from schemas import errors
from schemas.errors import Refusal
from tests.codebase import tree

PAGE = tree.ROOT / "ops" / "docs" / "refusals.md"


def _kinds(above: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Walk the tree of what both sides speak; a side's own errors are its own business."""
    if above.__module__.startswith("schemas."):
        yield above
    for below in above.__subclasses__():
        yield from _kinds(below)


KINDS = sorted(set(_kinds()), key=lambda kind: kind.code)


def test_no_two_refusals_have_the_same_code():
    counted = Counter(kind.code for kind in KINDS)
    assert [code for code, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_refusal_says_its_code_and_its_message_itself(kind: type[Refusal]):
    assert "code" in vars(kind), f"{kind.__name__} has the code of the class above it"
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)
    assert vars(kind).get("__doc__"), f"{kind.__name__} has no message"
    assert (inspect.getdoc(kind) or "").splitlines()[0].endswith(".")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_refusal_has_a_status_of_its_own(kind: type[Refusal]):
    assert kind in problems.TABLE, f"{kind.__name__} is missing from coordinator/http/problems.py"
    assert 400 <= problems.TABLE[kind] < 600


# --- the page ---------------------------------------------------------------------------------------


def _of_connectors(above: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Walk what only a connector says; a private kind is a detail of its module and shows as its parent."""
    if above.__module__.startswith("connectors.") and not above.__name__.startswith("_"):
        yield above
    for below in above.__subclasses__():
        yield from _of_connectors(below)


PAGES = (SignInFirst, SignInAgain, SignInRefused, SignInUnavailable, TriedTooOften)
LOCAL_KINDS: list[type[Refusal]] = sorted(
    {*_of_connectors(), doctor.Doubt, NotYours, MailUnavailable, *PAGES}, key=lambda kind: kind.code
)
ROWS = dict(re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))


def test_the_page_of_refusals_explains_every_code_and_no_other():
    listed = re.findall(r"^\| `([a-z_]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    codes = {kind.code for kind in (*KINDS, *LOCAL_KINDS)}
    assert codes - set(listed) == set(), "these codes are not explained"
    # What is in the table of problems but in no class is what the coordinator says of its own faults.
    assert set(listed) - codes - {"internal"} == set(), "these codes are explained, but do not exist"
    assert [code for code, times in Counter(listed).items() if times > 1] == []


def test_the_page_of_refusals_has_the_statuses_of_the_tables():
    of_coordinator = {kind.code: str(problems.TABLE[kind]) for kind in KINDS}
    of_connectors = {kind.code: str(local_problems.status_of(kind)) for kind in LOCAL_KINDS}
    assert {**of_coordinator, **of_connectors, "internal": "500"} == ROWS


def test_every_row_of_the_page_of_refusals_says_what_to_do():
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert [row for row in cells if len(row) != 4 or not all(row)] == []
    assert [row[0] for row in cells if not row[2].endswith(".") or row[3][-1] not in ".?"] == []


# --- what to do -------------------------------------------------------------------------------------

PARENTS = frozenset({"Refusal", "Unverified", "Untimely", "NotPermitted"})
"""These say nothing by themselves: whoever raises one says what it is about, and what to do."""


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.__name__ not in PARENTS], ids=lambda kind: kind.__name__
)
def test_a_refusal_says_what_its_reader_can_do(kind: type[Refusal]):
    remedy = kind().to_problem().get("remedy")
    assert isinstance(remedy, str), f"{kind.__name__} has no remedy"
    assert remedy.endswith((".", "`."))
    assert len(remedy.split()) > 3


def test_what_is_said_where_it_is_raised_goes_before_what_usually_helps():
    raised = errors.ConsentNotInForce("It was withdrawn.", remedy="Ask the citizen.")
    assert raised.to_problem()["remedy"] == "Ask the citizen."
