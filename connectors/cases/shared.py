"""Notes and documents: what was written down and put into the case, newest first."""

from __future__ import annotations

from connectors.cases.entry import Entry, place
from connectors.cases.safe_contact import says_it
from connectors.cases.said import Said
from connectors.cases.view_talk import Document, Note


def notes(said: Said) -> tuple[Note, ...]:
    """Give the notes, without those that say how the citizen is reached."""
    plain = (entry for entry in said.of("note.add") if not says_it(said, entry))
    return tuple(_note(said, entry) for entry in sorted(plain, key=place, reverse=True))


def _note(said: Said, entry: Entry) -> Note:
    return Note(
        statement=entry.id,
        by=said.actor(entry),
        at=entry.at,
        log_index=entry.log_index,
        text=entry.body.get("text"),
        about=entry.body.get("about"),
        readers=said.readers(entry),
        to_citizen=said.to_citizen(entry),
    )


def documents(said: Said) -> tuple[Document, ...]:
    """Give the documents."""
    return tuple(_document(said, entry) for entry in sorted(said.of("document.add"), key=place, reverse=True))


def _document(said: Said, entry: Entry) -> Document:
    return Document(
        statement=entry.id,
        by=said.actor(entry),
        at=entry.at,
        log_index=entry.log_index,
        held=entry.held,
        title=entry.body.get("title"),
        name=entry.body.get("name"),
        media_type=entry.body.get("media_type"),
        size=entry.body.get("size"),
        sha256=entry.body.get("sha256"),
        key=entry.body.get("key"),
        text=entry.body.get("text"),
        about=entry.body.get("about"),
        readers=said.readers(entry),
        to_citizen=said.to_citizen(entry),
    )
