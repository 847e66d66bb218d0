"""The root of all refusals: what failed, what to do, and facts for a program."""

from __future__ import annotations

from typing import ClassVar

Fact = str | int


class Refusal(Exception):
    """The request was refused."""

    code: ClassVar[str] = "refused"
    what_to_do: ClassVar[str | None] = None
    """What usually helps; who raises it says it better where they know more."""

    def __init__(self, detail: str | None = None, *, remedy: str | None = None, **facts: Fact) -> None:
        """Keep the reason in words, what to do about it, and the facts that a program can read.

        `facts` name ids, codes, clocks and limits; never names of persons or contents of records.
        """
        self.title = (type(self).__doc__ or "Refused.").strip().splitlines()[0]
        self.detail = detail or self.title
        self.remedy = remedy or self.what_to_do
        self.facts: dict[str, Fact] = facts
        super().__init__(self.detail)

    def to_problem(self) -> dict[str, Fact]:
        """Give the problem document of RFC 9457, without the status that only the coordinator knows."""
        problem: dict[str, Fact] = {
            "type": f"urn:accord:problem:{self.code}",
            "title": self.title,
            "detail": self.detail,
            "code": self.code,
        }
        if self.remedy:
            problem["remedy"] = self.remedy
        return {**self.facts, **problem}
