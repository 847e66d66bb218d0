"""What can be wrong with an agency's policy files: refused at load, with the file and the line."""

from __future__ import annotations

from schemas.errors import Refusal


class PolicyFault(Refusal):
    """The release policy cannot be used."""

    code = "policy_fault"


class PolicyMissing(PolicyFault):
    """There are no policy files."""

    code = "policy_missing"


class DecisionFileFault(PolicyFault):
    """The file of example decisions cannot be used."""

    code = "decision_file_fault"
