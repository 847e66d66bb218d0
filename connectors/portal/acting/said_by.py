"""Who said what in a case, to one reader: themselves, somebody who acts for the person, or nobody for now.

The exchange says that the citizen's portal brought a message; that somebody else said it for them is known
here alone, from deeds and receipts. Takes a case that the visitor may see, gives it with that; only who did
something changes, never what it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from connectors.cases.lines import MadeLater
from connectors.cases.view import Actor, Case, Line, Outcome, Permission, Thread, Turn, Voice
from connectors.portal.accounts import Visitor
from connectors.portal.acting import held_back
from connectors.portal.store import deeds, receipts


def case(connection: Connection, visitor: Visitor, found: Case, held: frozenset[str]) -> Case:
    """Give the case as this reader is told of it; `held` as `held_back.from_the` gives it for them."""
    said = _Said.of(connection, visitor, found.id, held)
    if not said.by and not said.held:
        return found
    return replace(
        found,
        timeline=MadeLater(found.timeline, said.line),
        permissions=tuple(said.permission(each) for each in found.permissions),
        notes=tuple(replace(each, by=said.actor(each.by, each.statement)) for each in found.notes),
        documents=tuple(replace(each, by=said.actor(each.by, each.statement)) for each in found.documents),
        threads=tuple(said.thread(each) for each in found.threads),
        outcome=None if found.outcome is None else said.outcome(found.outcome),
        outcomes=tuple(said.outcome(each) for each in found.outcomes),
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """Mandates by what was said with them (messages and statements), those held back, the reader's own."""

    by: Mapping[str, str]
    held: frozenset[str]
    mine: str | None

    @classmethod
    def of(cls, connection: Connection, visitor: Visitor, case_id: str, held: frozenset[str]) -> _Said:
        found = {}
        for row in deeds.said_in(connection, visitor.principal, case_id):
            found[row.about] = row.mandate
            if row.statement is not None:
                found[row.statement] = row.mandate
        if found:  # nobody else ever acted in most cases: then there is nothing to read
            for row in receipts.of_case(connection, visitor.principal, case_id):
                by = row.document.get("decided_by", {})
                if row.message and by.get("kind") == "mandate":
                    found[row.message] = by["id"]
        mine = None if visitor.mandate is None else str(visitor.mandate.id)
        return cls(found, held, mine)

    def actor(self, actor: Actor, said: str | None) -> Actor:
        """Give who it was to the reader; `said` is the message or statement."""
        mandate = actor.mandate if actor.kind == "delegate" else None
        if actor.kind == "citizen" and said is not None:
            mandate = self.by.get(said)
        if mandate is None:
            return actor
        if mandate in self.held:
            return Actor(held_back.HELD, actor.member)
        if mandate == self.mine:
            return Actor("citizen", actor.member)
        return Actor("delegate" if self.mine is None else "other", actor.member, mandate)

    def line(self, line: Line) -> Line:
        return replace(line, actor=self.actor(line.actor, line.message))

    def thread(self, thread: Thread) -> Thread:
        posts = tuple(replace(post, by=self.actor(post.by, post.statement)) for post in thread.posts)
        last = max(posts, key=lambda post: (post.at, post.statement), default=None)
        by = last.by if last is not None and last.at == thread.last_at else thread.last_by
        return replace(thread, posts=posts, last_by=by)

    def outcome(self, outcome: Outcome) -> Outcome:
        citizen = None if outcome.citizen is None else self._voice(outcome.citizen)
        return replace(outcome, citizen=citizen, earlier=tuple(self._voice(each) for each in outcome.earlier))

    def _voice(self, voice: Voice) -> Voice:
        return replace(voice, by=self.actor(voice.by, voice.statement))

    def permission(self, found: Permission) -> Permission:
        """Give a permission without the mandate in what was signed, too, where it is held back."""
        document = found.document
        if document["actor"].get("id") in self.held:
            document = {**document, "actor": {"kind": held_back.HELD}}
        turns = tuple(self._turn(turn) for turn in found.turns)
        return replace(found, document=document, granted_by=self.actor(found.granted_by, None), turns=turns)

    def _turn(self, turn: Turn) -> Turn:
        """Leave out who is held back; the rest is said by `deciding.by_whom`."""
        is_held = turn.by is not None and turn.by.mandate is not None and turn.by.mandate in self.held
        return replace(turn, by=Actor(held_back.HELD, turn.by.member)) if is_held and turn.by else turn
