"""Decides by the agency's own Cedar rules whether a record may be released: allow, ask a person, or deny.

Takes a folder of .cedar files and a ReleaseQuestion, gives a Decision. It does not check agreement or
consent (the releasing flow did that before): the policy can only take away, never add.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cedarpy

from connectors.policy.comparisons import never_true
from connectors.policy.faults import PolicyMissing
from connectors.policy.question import (
    NO_RULE,
    POLICY_ERROR,
    Allow,
    AskAPerson,
    Decision,
    Deny,
    ReleaseQuestion,
)
from connectors.policy.text import Rule, fault, rules_of
from schemas import records

SHIPPED = Path(__file__).parent
"""The folder of the schema and of the rules that an agency starts with."""
_NAMELESS = re.compile("^for policy `policy0`[:,] ")
_ACTIONS = ("release", "release_after_review")


class Policy:
    """The agency's release rules, parsed and checked once. Safe to share between threads."""

    def __init__(self, rules: Sequence[Rule], schema: str) -> None:
        """Use `Policy.load`: it checks the rules against the schema first."""
        self._rules = tuple(rules)
        # Rebuilt from JSON under their @id: from text, Cedar would name them policy0, policy1 …
        document = {"staticPolicies": {r.id: r.json for r in rules}, "templates": {}, "templateLinks": []}
        self._set = cedarpy.PolicySet.from_json_str(json.dumps(document))
        self._schema = cedarpy.Schema.from_str(schema)
        self._entities = cedarpy.Entities.from_json_str("[]")

    @classmethod
    def load(cls, folder: Path = SHIPPED, *, categories: Iterable[str] | None = None) -> Policy:
        """Read every .cedar file of `folder`, or raise PolicyFault with the file and line of what is wrong.

        `categories` are the ones that rules may name; without it, all of the record schemas.
        """
        files = sorted(folder.glob("*.cedar"))
        if not files:
            raise PolicyMissing(
                f"{folder.name}/ holds no .cedar file.",
                remedy="`accord connector init` writes one to start from; see [policy] folder.",
            )
        schema = schema_text(categories)
        rules = [rule for file in files for rule in rules_of(file)]
        _refuse_same_ids(rules)
        for rule in rules:
            _check(rule, schema)
        return cls(rules, schema)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force, in the order of files and lines."""
        return self._rules

    def decide(self, question: ReleaseQuestion) -> Decision:
        """Give the decision and the rule that made it. Only a clean `Allow` of Cedar permits anything."""
        try:
            release, review = self._ask(question)
        except Exception:  # noqa: BLE001 - whatever goes wrong in the engine must end in a denial
            return Deny(POLICY_ERROR)
        if _failed(release) or _failed(review):
            return Deny(POLICY_ERROR)
        if release.allowed is True:
            return Allow(_rule(release))
        if review.allowed is True:
            return AskAPerson(_rule(review))
        return Deny(_rule(review) if review.diagnostics.reasons else _rule(release))

    def narrow(self, question: ReleaseQuestion) -> tuple[Decision, frozenset[str]]:
        """Decide, leaving out the fields that a rule forbids by name; give the fields that may go.

        A rule such as `forbid (…) when { context.fields.contains("rent") }` thus drops that field, not the
        whole record. Every remaining set is decided again as a whole.
        """
        decision = self.decide(question)
        if not isinstance(decision, Deny):
            return decision, question.fields
        kept = frozenset(name for name in question.fields if self._single(question, name))
        if not kept or kept == question.fields:
            return decision, frozenset()
        narrowed = self.decide(replace(question, fields=kept))
        return narrowed, frozenset() if isinstance(narrowed, Deny) else kept

    def _single(self, question: ReleaseQuestion, field: str) -> bool:
        return not isinstance(self.decide(replace(question, fields=frozenset({field}))), Deny)

    def _ask(self, question: ReleaseQuestion) -> list[cedarpy.AuthzResult]:
        request = {
            "principal": {"type": "Member", "id": question.requester},
            "resource": {"type": "Category", "id": question.category},
            "context": _context(question),
        }
        requests = [{**request, "action": {"type": "Action", "id": action}} for action in _ACTIONS]
        return cedarpy.is_authorized_batch(requests, self._set, self._entities, self._schema)


def schema_text(categories: Iterable[str] | None = None) -> str:
    """Give the Cedar schema with the categories that rules may name, so that a misspelt one is refused."""
    names = sorted(set(records.CATEGORIES if categories is None else categories))
    listed = ", ".join(json.dumps(name) for name in names)
    return f"{_shipped_schema()}\nentity Category enum [{listed}];\n"


@cache
def _shipped_schema() -> str:
    return (SHIPPED / "release.cedarschema").read_text(encoding="utf-8")


def _check(rule: Rule, schema: str) -> None:
    result = cedarpy.validate_policies(rule.source, schema)
    if not result.validation_passed:
        what = "; ".join(_NAMELESS.sub("", error.error) for error in result.errors)
        raise fault(rule.file, rule.line, f'the rule "{rule.id}" does not fit the schema: {what}')
    for what in never_true(rule.json["conditions"]):
        raise fault(rule.file, rule.line, f'the rule "{rule.id}" does not fit the schema: {what}')


def _refuse_same_ids(rules: Sequence[Rule]) -> None:
    seen: dict[str, Rule] = {}
    for rule in rules:
        first = seen.setdefault(rule.id, rule)
        if first is not rule:
            where = f"{first.file}, line {first.line}"
            raise fault(rule.file, rule.line, f'the @id "{rule.id}" is used at {where} too')


def _context(question: ReleaseQuestion) -> dict[str, Any]:
    context: dict[str, Any] = {
        "agency": question.agency,
        "requester_kind": _entity("MemberKind", question.requester_kind),
        "purpose": question.purpose,
        "fields": sorted(question.fields),
        "basis": _entity("Basis", question.basis),
        "proof": _entity("Proof", question.proof),
        "acr": question.acr,
        "match": _entity("Match", question.match),
        "special": question.special,
        "first_time": question.first_time,
        "agreement": question.agreement,
    }
    return context if question.hour is None else {**context, "hour": question.hour}


def _entity(kind: str, name: str) -> dict[str, dict[str, str]]:
    return {"__entity": {"type": kind, "id": name}}


def _failed(result: cedarpy.AuthzResult) -> bool:
    """Say whether Cedar could not decide: it skips a rule that errs, and the skipped one may be a forbid."""
    return result.decision is cedarpy.Decision.NoDecision or bool(result.diagnostics.errors)


def _rule(result: cedarpy.AuthzResult) -> str:
    return min(result.diagnostics.reasons, default=NO_RULE)
