"""Tries out one system without sending anything: what `accord connector systems try` prints.

Reads one person's records, checks them against their schemas, and asks the release policy which fields it
would drop. What it gives holds a real person's data: for the screen of the agency's IT, never for a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.policy.policy import Policy
from connectors.policy.question import Decision, ReleaseQuestion
from connectors.systems.faults import SystemFault
from connectors.systems.source import CategoryDescription, Description, PersonKey, Source
from schemas import records


@dataclass(frozen=True, slots=True)
class TriedCategory:
    """One category of one person: the record, what is wrong with it, and what the policy would do."""

    category: str
    schema: str
    record: Mapping[str, Any] | None
    faults: tuple[str, ...]
    decision: Decision | None
    fields_dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrialRun:
    """What trying out a system has shown."""

    description: Description
    person_found: bool
    categories: tuple[TriedCategory, ...]

    @property
    def passed(self) -> bool:
        """Whether someone was found and every record is valid."""
        return self.person_found and not any(one.faults for one in self.categories)


def try_out(
    source: Source,
    *,
    identify: Mapping[str, str] | None = None,
    policy: Policy | None = None,
    question: ReleaseQuestion | None = None,
) -> TrialRun:
    """Read the person that `identify` finds (or any) and check every category. Raises SystemFault when the
    system itself cannot be read. `question` says what a partner would ask, whatever the category and fields.
    """
    source.check()
    description = source.describe()
    found = source.find(identify) if identify else [one for one in [source.some_person()] if one]
    if not found:
        return TrialRun(description, person_found=False, categories=())
    tried = (
        _try_category(source, found[0], name, one, policy=policy, question=question)
        for name, one in description.categories.items()
    )
    return TrialRun(description, person_found=True, categories=tuple(tried))


def _try_category(
    source: Source,
    person: PersonKey,
    category: str,
    held: CategoryDescription,
    *,
    policy: Policy | None,
    question: ReleaseQuestion | None,
) -> TriedCategory:
    record, faults = _read(source, person, category, held)
    decision, kept = _decide(policy, question, category, frozenset(record or ()))
    return TriedCategory(
        category=category,
        schema=held.schema,
        record=record,
        faults=faults,
        decision=decision,
        fields_dropped=tuple(name for name in record or () if name not in kept),
    )


def _read(
    source: Source, person: PersonKey, category: str, held: CategoryDescription
) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """Read all mapped fields; where one does not convert, read the others alone and tell which it was."""
    try:
        record = source.read(person, category, held.fields)
        return record, _schema_faults(held.schema, record)
    except SystemFault:
        return _read_singly(source, person, category, held)


def _read_singly(
    source: Source, person: PersonKey, category: str, held: CategoryDescription
) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    record: dict[str, Any] = {}
    faults: list[str] = []
    for name in held.fields:
        try:
            record.update(source.read(person, category, [name]) or {})
        except SystemFault as error:
            faults.append(f"{name}: {error.detail}")
    return record or None, (*faults, *_schema_faults(held.schema, record or None))


def _schema_faults(schema: str, record: Mapping[str, Any] | None) -> tuple[str, ...]:
    if record is None:
        return ()
    messages = records.schema_for(schema).validate(record)
    return tuple(f"{path}: {what}" for path, what in _flat(messages, schema))


def _flat(messages: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(messages, Mapping):
        return [one for name, inner in messages.items() for one in _flat(inner, f"{path} {name}")]
    return [(path, str(message)) for message in messages]


def _decide(
    policy: Policy | None, question: ReleaseQuestion | None, category: str, fields: frozenset[str]
) -> tuple[Decision | None, frozenset[str]]:
    if policy is None or question is None or not fields:
        return None, fields
    return policy.narrow(replace(question, category=category, fields=fields))
