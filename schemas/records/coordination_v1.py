"""`coordination.shared/1`: which parts of shared work an agreement or a consent opens between agencies.

No record and no statement has this schema: a note, a message, a document, an outcome is each a statement of
its own type. Its fields are what flows and consents name, and what people read when they decide.
"""

from __future__ import annotations

from schemas.records.record import RecordSchema, flag


class CoordinationShared(RecordSchema):
    """What one agency may share with another of its work in the case."""

    notes = flag("Notes", "Notes", "FHIR Communication; PRSB Plan and requested actions")
    messages = flag("Messages", "Messages", "FHIR Communication")
    documents = flag("Documents", "Documents", "FHIR DocumentReference")
    outcomes = flag(
        "Whether help arrived", "Si l’aide est arrivée", "Gravity SDOH Task.output; FHIR Goal.outcome"
    )
