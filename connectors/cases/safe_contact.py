"""How the citizen may safely be reached: the newest of the notes in which they say so, by the log's order.

Takes what was said; gives None when they said nothing of it. A note of anybody else is no such note.
"""

from __future__ import annotations

from connectors.cases.entry import Entry, place
from connectors.cases.said import Said
from connectors.cases.view_talk import SafeContact
from schemas.messages.coordination_v1 import SAFE_CONTACT


def safe_contact(said: Said) -> SafeContact | None:
    """Give what holds now."""
    entry = max((each for each in said.of("note.add") if says_it(said, each)), key=place, default=None)
    if entry is None:
        return None
    return SafeContact(entry.id, entry.body["text"], entry.at, said.readers(entry))


def says_it(said: Said, entry: Entry) -> bool:
    """Say whether a note is one of these; once erased, it is a note like any other."""
    return said.is_citizen(entry.sender) and entry.body.get("kind") == SAFE_CONTACT
