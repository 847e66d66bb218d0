"""The question that is put to the local policy, the three answers it can get, and what gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

RequesterKind = Literal["public", "charity", "company", "portal", "oversight", "citizen"]
Basis = Literal["consent", "statute", "emergency", "seat"]
Proof = Literal["passkey", "portal", "none"]
Match = Literal["exact_one", "more_than_one", "none", "chosen_by_person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseQuestion:
    """May `agency` release these fields of this category to `requester`?

    Holds nothing about the person but how they were found. `special` and `proof` come from the consent
    document, `hour` is the local hour that the caller gives (the policy has no clock of its own).
    """

    agency: str
    requester: str
    requester_kind: RequesterKind
    purpose: str
    category: str
    fields: frozenset[str]
    basis: Basis
    proof: Proof
    acr: str
    match: Match
    special: bool
    first_time: bool
    agreement: str
    hour: int | None = None


@dataclass(frozen=True, slots=True)
class Allow:
    """Release without asking anyone; `rule` is the @id that permitted it."""

    rule: str


@dataclass(frozen=True, slots=True)
class AskAPerson:
    """A person of the agency decides; `rule` is the @id that permits a release after review."""

    rule: str


@dataclass(frozen=True, slots=True)
class Deny:
    """Do not release; `rule` is the @id that forbade it, or NO_RULE or POLICY_ERROR."""

    rule: str


Decision = Allow | AskAPerson | Deny

NO_RULE = "no_rule_permits"
"""Nothing permits it: the default of Cedar, and ours."""
POLICY_ERROR = "policy_error"
"""The rules could not be evaluated, or the question does not fit the schema: never a release."""


class ReleaseRules(Protocol):
    """What decides on releases: an agency's `Policy`, or `ReleaseNothing`."""

    def narrow(self, question: ReleaseQuestion) -> tuple[Decision, frozenset[str]]:
        """Decide, and give the fields that may go."""


class ReleaseNothing:
    """For a connector without records of its own, as a citizens' portal is; it needs no engine for rules."""

    def narrow(self, _question: ReleaseQuestion) -> tuple[Decision, frozenset[str]]:
        """Deny, as Cedar does when nothing permits."""
        return Deny(NO_RULE), frozenset()
