"""Runs an agency's example decisions (TOML) against its policy: what `accord connector policy test` does.

Takes a file of questions with the expected outcome, gives one result for each. Sends and stores nothing.

    [defaults]                      # what every question has unless it says otherwise
    agency = "housing-office"
    …
    [[decision]]
    name = "the charity may know the tenancy"
    expect = "allow"                # allow | ask | deny
    rule = "consent-and-exactly-one-match"      # optional
    question = { category = "housing" }
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from marshmallow import Schema, ValidationError, fields, validate

from connectors.policy.faults import DecisionFileFault
from connectors.policy.policy import Policy
from connectors.policy.question import (
    Allow,
    AskAPerson,
    Basis,
    Decision,
    Match,
    Proof,
    ReleaseQuestion,
    RequesterKind,
)

_OUTCOMES: Mapping[type[Decision], str] = {Allow: "allow", AskAPerson: "ask"}


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What one example expected and what the policy answered."""

    name: str
    expected: str
    outcome: str
    expected_rule: str | None
    rule: str

    @property
    def passed(self) -> bool:
        """Whether outcome and, where one was named, the rule are as expected."""
        return self.outcome == self.expected and self.expected_rule in (None, self.rule)


class _Question(Schema):
    agency = fields.String(required=True)
    requester = fields.String(required=True)
    requester_kind = fields.String(required=True, validate=validate.OneOf(get_args(RequesterKind)))
    purpose = fields.String(required=True)
    category = fields.String(required=True)
    fields_ = fields.List(fields.String(), load_default=list, data_key="fields")
    basis = fields.String(load_default="consent", validate=validate.OneOf(get_args(Basis)))
    proof = fields.String(load_default="portal", validate=validate.OneOf(get_args(Proof)))
    acr = fields.String(load_default="")
    match = fields.String(load_default="exact_one", validate=validate.OneOf(get_args(Match)))
    special = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    first_time = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    agreement = fields.String(required=True)
    hour = fields.Integer(load_default=None, strict=True, validate=validate.Range(0, 23))


class _Example(Schema):
    name = fields.String(required=True)
    expect = fields.String(required=True, validate=validate.OneOf(["allow", "ask", "deny"]))
    rule = fields.String(load_default=None)
    question = fields.Dict(keys=fields.String(), load_default=dict)


class _File(Schema):
    defaults = fields.Dict(keys=fields.String(), load_default=dict)
    decision = fields.List(fields.Nested(_Example), required=True, validate=validate.Length(min=1))


def run_examples(path: Path, policy: Policy) -> list[ExampleResult]:
    """Decide every example of the file. Raises DecisionFileFault when the file itself is wrong."""
    document = _load(path.name, _File(), _read(path))
    return [_run(path.name, example, document["defaults"], policy) for example in document["decision"]]


def _run(file: str, example: Mapping[str, Any], defaults: Mapping[str, Any], policy: Policy) -> ExampleResult:
    values = _load(f'{file}, "{example["name"]}"', _Question(), {**defaults, **example["question"]})
    names = frozenset(values.pop("fields_"))
    decision = policy.decide(ReleaseQuestion(fields=names, **values))
    return ExampleResult(
        name=example["name"],
        expected=example["expect"],
        outcome=_OUTCOMES.get(type(decision), "deny"),
        expected_rule=example["rule"],
        rule=decision.rule,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DecisionFileFault(f"{path.name}: {error}", file=path.name) from error


def _load(place: str, schema: Schema, document: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return dict(schema.load(document))
    except ValidationError as error:
        raise DecisionFileFault(
            f"{place}: {error.normalized_messages()}",
            remedy="Correct the keys that are named; ReleaseQuestion in the manual lists all of them.",
        ) from error
