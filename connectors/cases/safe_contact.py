"""How the citizen may safely be reached: the newest of the notes in which they say so, by the log's order.

Takes what was said; gives None when they said nothing of it. A note of anybody else is no such note.
"""

from __future__ import annotations

from itertools import takewhile

from connectors.cases.entry import Entry, place
from connectors.cases.said import Said
from connectors.cases.view_talk import SafeContact
from schemas.messages.coordination_v1 import SAFE_CONTACT


def safe_contact(said: Said) -> SafeContact | None:
    """Give what holds now."""
    words = sorted((each for each in said.of("note.add") if says_it(said, each)), key=place, reverse=True)
    if not words:
        return None
    newest = words[0]
    # Who joins later is told the same once more.
    same = takewhile(lambda each: each.body["text"] == newest.body["text"], words)
    readers = {reader for each in same for reader in said.readers(each)}
    return SafeContact(newest.id, newest.body["text"], newest.at, tuple(sorted(readers)))


def says_it(said: Said, entry: Entry) -> bool:
    """Say whether a note is one of these; once erased, it is a note like any other."""
    return said.is_citizen(entry.sender) and entry.body.get("kind") == SAFE_CONTACT
