"""What can be wrong with an agency's own systems or their mapping. Names places, never values of persons."""

from __future__ import annotations

from schemas.errors import Fact, Refusal


class SystemFault(Refusal):
    """The agency's own system could not be read."""

    code = "system_fault"


class MappingFault(SystemFault):
    """The mapping file is not usable."""

    code = "mapping_fault"


class UnknownSystem(SystemFault):
    """No system of this kind or name is configured."""

    code = "unknown_system"


class Unreachable(SystemFault):
    """The agency's own system does not answer as its mapping says."""

    code = "system_unreachable"


class UnknownCategory(SystemFault):
    """This system holds no such category or field."""

    code = "unknown_category"


class NotEnoughToIdentify(SystemFault):
    """The attributes given do not suffice to look for a person here."""

    code = "not_enough_to_identify"


class TooManyRows(SystemFault):
    """The system gives more rows than can be meant."""

    code = "too_many_rows"


class NotConvertible(SystemFault):
    """A value of the system is not what its mapping says."""

    code = "not_convertible"

    def __init__(self, fault: str, expected: str, **facts: Fact) -> None:
        """Keep a code for the fault and what was expected; the value itself is never kept."""
        place = " ".join(f"{name} {value}," for name, value in facts.items() if value)
        super().__init__(
            f"{place} {fault}: expected {expected}.".lstrip(),
            remedy="Correct the value in the system, or its conversion in the mapping file.",
            fault=fault,
            expected=expected,
            **facts,
        )
        self.fault = fault
        self.expected = expected

    def at(self, **facts: Fact) -> NotConvertible:
        """Give the same fault with the place where it was found."""
        known = {name: value for name, value in self.facts.items() if name not in ("fault", "expected")}
        return NotConvertible(self.fault, self.expected, **{**known, **facts})
