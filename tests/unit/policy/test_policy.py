"""The local policy: only a clean permit releases, every fault denies, and what is wrong is told at load."""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import cedarpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.policy.comparisons import ENTITY_TYPES, OPTIONAL, never_true
from connectors.policy.faults import PolicyFault, PolicyMissing
from connectors.policy.policy import SHIPPED, Policy, schema_text
from connectors.policy.question import Allow, AskAPerson, Deny, ReleaseQuestion
from schemas import records

QUESTION = ReleaseQuestion(
    agency="housing-office",
    requester="debt-charity",
    requester_kind="charity",
    purpose="debt-advice",
    category="housing",
    fields=frozenset({"rent", "tenure"}),
    basis="consent",
    proof="portal",
    acr="eidas2",
    match="exact_one",
    special=False,
    first_time=True,
    agreement="town-support@1",
)
PERMIT = '@id("all")\npermit (principal, action, resource);\n'


def policy(folder, text, **more) -> Policy:
    (folder / "release.cedar").write_text(text, encoding="utf-8")
    return Policy.load(folder, **more)


# --- the rules that are shipped -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "decision"),
    [
        ({}, Allow("consent-and-exactly-one-match")),
        ({"proof": "passkey", "first_time": False, "hour": 3}, Allow("consent-and-exactly-one-match")),
        ({"special": True}, AskAPerson("special-category-needs-a-person")),
        ({"basis": "emergency"}, AskAPerson("emergency-needs-a-person")),
        ({"match": "more_than_one"}, AskAPerson("several-candidates-need-a-person")),
        ({"match": "none"}, Deny("no_rule_permits")),
        ({"match": "none", "special": True, "basis": "emergency"}, Deny("no_rule_permits")),
        ({"basis": "statute"}, Deny("no_rule_permits")),
        ({"basis": "seat"}, Deny("no_rule_permits")),
    ],
)
def test_the_shipped_rules(asked, decision):
    assert Policy.load().decide(replace(QUESTION, **asked)) == decision


def test_the_schema_names_every_record_category():
    for category in records.CATEGORIES:
        assert f'"{category}"' in schema_text()


# --- deciding -----------------------------------------------------------------------------------------


def test_a_permit_to_release_after_review_alone_asks_a_person(tmp_path):
    text = '@id("look")\npermit (principal, action == Action::"release_after_review", resource);'
    assert policy(tmp_path, text).decide(QUESTION) == AskAPerson("look")


def test_forbid_wins_over_every_permit(tmp_path):
    text = PERMIT + '@id("never")\nforbid (principal == Member::"debt-charity", action, resource);'
    decided = policy(tmp_path, text)
    assert decided.decide(QUESTION) == Deny("never")
    assert decided.decide(replace(QUESTION, requester="other")) == Allow("all")


def test_a_forbidden_release_may_still_be_for_a_person_to_decide(tmp_path):
    text = PERMIT + '@id("not-alone")\nforbid (principal, action == Action::"release", resource);'
    assert policy(tmp_path, text).decide(QUESTION) == AskAPerson("all")


def test_without_rules_for_it_everything_is_denied(tmp_path):
    text = '@id("never")\nforbid (principal, action, resource) when { context.special };'
    assert policy(tmp_path, text).decide(QUESTION) == Deny("no_rule_permits")


def test_files_are_taken_together(tmp_path):
    (tmp_path / "local.cedar").write_text(
        '@id("local")\nforbid (principal, action, resource);', encoding="utf-8"
    )
    both = policy(tmp_path, PERMIT)
    assert [(rule.id, rule.file, rule.line) for rule in both.rules] == [
        ("local", "local.cedar", 1),
        ("all", "release.cedar", 1),
    ]
    assert both.decide(QUESTION) == Deny("local")


@pytest.mark.parametrize(
    "asked",
    [
        {"match": "exactly_one"},
        {"basis": "whim"},
        {"requester_kind": "robot"},
        {"category": "horoscope"},
        {"hour": 2**64},
        {"first_time": "yes"},
        {"fields": frozenset({3})},
        {"purpose": None},
    ],
)
def test_a_question_that_does_not_fit_the_schema_is_denied(tmp_path, asked):
    assert policy(tmp_path, PERMIT).decide(replace(QUESTION, **asked)) == Deny("policy_error")


def test_a_rule_that_fails_denies_even_if_another_permits(tmp_path):
    """Cedar leaves out a rule that errs; if that was a forbid, the release would go out."""
    text = (
        PERMIT + '@id("late")\nforbid (principal, action, resource)\n'
        "when { context has hour && context.hour * 9223372036854775807 > 5 };"
    )
    decided = policy(tmp_path, text)
    assert decided.decide(QUESTION) == Allow("all")
    assert decided.decide(replace(QUESTION, hour=20)) == Deny("policy_error")


def test_an_engine_that_breaks_denies(tmp_path, monkeypatch):
    decided = policy(tmp_path, PERMIT)

    def broken(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(cedarpy, "is_authorized_batch", broken)
    assert decided.decide(QUESTION) == Deny("policy_error")


TEXTS = st.text(max_size=20)


OTHERS_NEVER = PERMIT + (
    '@id("never")\nforbid (principal, action, resource) unless { principal == Member::"housing-office" };'
)


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    return policy(tmp_path_factory.mktemp("strict"), OTHERS_NEVER)


@given(
    st.builds(
        replace, st.just(QUESTION), requester=TEXTS, purpose=TEXTS, acr=TEXTS, agreement=TEXTS, agency=TEXTS
    )
)
def test_whatever_a_partner_calls_itself_it_gets_no_other_decision(strict, question):
    assert strict.decide(question) == Deny("never")
    assert strict.decide(replace(question, requester="housing-office")) == Allow("all")


# --- single fields ------------------------------------------------------------------------------------


def test_a_rule_that_forbids_one_field_drops_that_field(tmp_path):
    text = (
        PERMIT
        + '@id("no-rent")\nforbid (principal, action, resource) when { context.fields.contains("rent") };'
    )
    decided = policy(tmp_path, text)
    assert decided.decide(QUESTION) == Deny("no-rent")
    assert decided.narrow(QUESTION) == (Allow("all"), frozenset({"tenure"}))
    assert decided.narrow(replace(QUESTION, fields=frozenset({"rent"}))) == (Deny("no-rent"), frozenset())


def test_what_is_forbidden_as_a_whole_is_not_let_out_in_pieces(tmp_path):
    text = PERMIT + (
        '@id("not-together")\nforbid (principal, action, resource)\n'
        'when { context.fields.contains("rent") && context.fields.contains("tenure") };'
    )
    assert policy(tmp_path, text).narrow(QUESTION) == (Deny("not-together"), frozenset())


def test_what_is_allowed_is_not_narrowed(tmp_path):
    assert policy(tmp_path, PERMIT).narrow(QUESTION) == (Allow("all"), QUESTION.fields)


# --- what is refused at load --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ('context.basis == Basis::"consnt"', '"consnt"'),
        ('context.basiss == Basis::"consent"', "basiss"),
        ("context.hour > 8", "hour"),
        ("context.fields == 3", "not compatible"),
        ('context.match == Basis::"consent"', "Match and Basis are never the same"),
        ('context["match"] != Basis::"consent"', "Match and Basis are never the same"),
        ('context.special && (1 == 1 || resource == Member::"a")', "Category and Member are never the same"),
        ('resource in [Member::"a"]', "Category and Member are never the same"),
        ("principal == resource", "Member and Category are never the same"),
        ("resource is Member", "Category is never Member"),
        ("context has houur && context.houur > 8", "context has houur"),
        ("principal has country", "principal has country"),
        ('resource == Category::"huosing"', '"huosing"'),
        ('resource == Categry::"housing"', "Categry"),
        ("resource.owner == principal", "owner"),
        ('context.proof == "passkey"', "not compatible"),
    ],
)
def test_a_rule_that_does_not_fit_the_schema_is_refused_with_file_and_line(tmp_path, condition, what):
    rule = f'@id("second")\npermit (principal, action, resource)\nwhen {{ {condition} }};'
    text = f"// first\n{PERMIT}\n\n{rule}\n"
    with pytest.raises(PolicyFault) as refused:
        policy(tmp_path, text)
    assert refused.value.detail.startswith('release.cedar, line 6: the rule "second" does not fit the schema')
    assert what in refused.value.detail
    assert (refused.value.facts["file"], refused.value.facts["line"]) == ("release.cedar", 6)


@pytest.mark.parametrize(
    ("second", "what"),
    [
        ('@id("b")\npermit (principal, action, resource', "not a Cedar rule"),
        ('@id("b")\npermitt (principal, action, resource);', "not a Cedar rule"),
        ('@id("b") permit (principal, action, resource) when { context.special', "not a Cedar rule"),
        ("permit (principal, action, resource);", "needs an @id"),
        ('@id("") permit (principal, action, resource);', "needs an @id"),
        ('@id("a\\nb") permit (principal, action, resource);', "needs an @id"),
        (
            '@id("all") permit (principal, action, resource);',
            'the @id "all" is used at release.cedar, line 1 too',
        ),
        ('@id("b") permit (principal == ?principal, action, resource);', "templates"),
        ('@id("b") permit (principal, action == Action::"relaese", resource);', "does not fit the schema"),
        ("nonsense", "not a Cedar rule"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_with_file_and_line(tmp_path, second, what):
    with pytest.raises(PolicyFault) as refused:
        policy(tmp_path, f'{PERMIT}\n// ; "\n{second}\n')
    assert refused.value.detail.startswith("release.cedar, line 5: ")
    assert what in refused.value.detail


def test_semicolons_in_texts_and_comments_do_not_cut_a_rule(tmp_path):
    rule = '@id("a") // one; two\npermit (principal, action, resource)\n'
    text = rule + 'when { context.purpose == "x;\\"y" || true }; // end;\n'
    assert policy(tmp_path, text).decide(QUESTION) == Allow("a")


@given(st.text(st.sampled_from('@id("a") permit(principal,action,resource);/\n\\"{}when')))
def test_any_text_is_read_or_refused(text):
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(PolicyFault):
        policy(Path(folder), text)


def test_a_folder_without_rules_is_refused(tmp_path):
    with pytest.raises(PolicyMissing, match="holds no .cedar file"):
        Policy.load(tmp_path)
    with pytest.raises(PolicyMissing):
        Policy.load(tmp_path / "missing")


def test_a_file_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "release.cedar").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyFault, match="release.cedar: the file cannot be read"):
        Policy.load(tmp_path)


def test_a_category_that_the_connector_does_not_have_cannot_be_named(tmp_path):
    text = '@id("a")\npermit (principal, action, resource == Category::"schooling");'
    with pytest.raises(PolicyFault, match="schooling"):
        policy(tmp_path, text)
    known = policy(tmp_path, text, categories=["schooling"])
    assert known.decide(replace(QUESTION, category="schooling")) == Allow("a")


def test_the_check_of_comparisons_knows_what_the_schema_says():
    schema = schema_text()
    question = schema.split("type Question = {")[1].split("};")[0]
    lines = re.findall(r"(\w+)(\??): ([\w<>]+),", question)
    enums = set(re.findall(r"entity (\w+) enum", schema))
    assert {f"context.{name}": kind for name, _, kind in lines if kind in enums} == {
        name: kind for name, kind in ENTITY_TYPES.items() if name.startswith("context.")
    }
    assert {name for name, optional, _ in lines if optional} == OPTIONAL
    text = '@id("a") permit (principal, action, resource) when { context has hour && context.hour > 8 };'
    assert not list(never_true(json.loads(cedarpy.policies_to_json_str(text))))


# --- figures ------------------------------------------------------------------------------------------


def test_a_decision_takes_at_most_a_third_of_a_millisecond():
    decided = Policy.load(SHIPPED)
    times = []
    for _ in range(300):
        start = time.perf_counter()
        decided.decide(QUESTION)
        times.append(time.perf_counter() - start)
    assert median(times) <= 0.0003
