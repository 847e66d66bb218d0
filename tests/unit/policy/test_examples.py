"""Example decisions: what `accord connector policy test` runs, and what it says of a file that is wrong."""

from __future__ import annotations

import pytest

from connectors.policy.examples import ExampleResult, run_examples
from connectors.policy.faults import DecisionFileFault
from connectors.policy.policy import SHIPPED, Policy

START = """
[defaults]
agency = "a-office"
requester = "b-charity"
requester_kind = "charity"
purpose = "p"
category = "housing"
agreement = "x@1"
"""


def run(folder, text):
    path = folder / "decisions.toml"
    path.write_text(text, encoding="utf-8")
    return run_examples(path, Policy.load())


def test_the_examples_that_are_shipped_pass():
    results = run_examples(SHIPPED / "decisions.toml", Policy.load())
    assert len(results) >= 6
    assert [one.name for one in results if not one.passed] == []
    assert {one.outcome for one in results} == {"allow", "ask", "deny"}


def test_the_examples_exercise_every_rule_that_is_shipped():
    decided = {one.rule for one in run_examples(SHIPPED / "decisions.toml", Policy.load())}
    assert {rule.id for rule in Policy.load().rules} <= decided


def test_an_example_that_is_decided_otherwise_does_not_pass(tmp_path):
    (result,) = run(tmp_path, START + '[[decision]]\nname = "n"\nexpect = "deny"\n')
    assert result == ExampleResult("n", "deny", "allow", None, "consent-and-exactly-one-match")
    assert not result.passed


def test_an_example_that_another_rule_decided_does_not_pass(tmp_path):
    (result,) = run(tmp_path, START + '[[decision]]\nname = "n"\nexpect = "allow"\nrule = "other"\n')
    assert (result.outcome, result.passed) == ("allow", False)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[[decision", "decisions.toml"),
        ("", "decision"),
        (START, "Missing data"),
        (START + '[[decision]]\nname = "n"\nexpect = "perhaps"\n', "Must be one of"),
        (START + '[[decision]]\nexpect = "deny"\n', "name"),
        (START + '[[decision]]\nname = "n"\nexpect = "deny"\nquestion = { basiss = "consent" }\n', "basiss"),
        (START + '[[decision]]\nname = "n"\nexpect = "deny"\nquestion = { basis = "whim" }\n', "basis"),
        (START + '[[decision]]\nname = "n"\nexpect = "deny"\nquestion = { special = "yes" }\n', "special"),
        (START + '[[decision]]\nname = "n"\nexpect = "deny"\nquestion = { hour = 24 }\n', "hour"),
        ('[[decision]]\nname = "n"\nexpect = "deny"\n', "agency"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_what_is_wrong(tmp_path, text, what):
    with pytest.raises(DecisionFileFault) as refused:
        run(tmp_path, text)
    assert refused.value.detail.startswith("decisions.toml")
    assert what in refused.value.detail


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DecisionFileFault, match="decisions.toml"):
        run_examples(tmp_path / "decisions.toml", Policy.load())
