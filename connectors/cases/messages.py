"""Threads: messages that answer one another, put together by what they answer and never by when they came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from connectors.cases.chains import first_of
from connectors.cases.entry import Entry, place
from connectors.cases.said import Said
from connectors.cases.view_talk import Post, Thread

_SEND: Final = "message.send"
_WANTS_AN_ANSWER: Final = frozenset({"question", "complaint"})


def threads(said: Said) -> tuple[Thread, ...]:
    """Give the threads, the one with the newest message first."""
    entries = sorted([*said.of(_SEND), *(each for each in said.failed if each.name == _SEND)], key=place)
    parent = {entry.id: str(entry.body["answers"]) for entry in entries if entry.body.get("answers")}
    by_root: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_root[first_of(entry.id, parent)].append(entry)
    newest_first = sorted(by_root.items(), key=lambda each: place(each[1][-1]), reverse=True)
    return tuple(_thread(said, root, found) for root, found in newest_first)


def _thread(said: Said, root: str, entries: Sequence[Entry]) -> Thread:
    posts = tuple(_post(said, entry) for entry in entries)
    first = next((entry for entry in entries if entry.id == root), entries[0])
    subjects = (entry.body.get("subject") for entry in (first, *entries))
    parties = {party for post in posts for party in (post.by.name, *post.to)}
    return Thread(
        id=root,
        kind=str(first.body.get("kind", "message")),
        subject=next((str(each) for each in subjects if each), None),
        about=first.body.get("about"),
        with_=tuple(sorted(parties)),
        posts=posts,
        last_at=posts[-1].at,
        last_by=posts[-1].by,
        unanswered=_unanswered(posts),
    )


def _unanswered(posts: Sequence[Post]) -> bool:
    """A question stands open until somebody else says something after it."""
    heard = [post for post in posts if post.trouble is None]
    asked = [at for at, post in enumerate(heard) if post.kind in _WANTS_AN_ANSWER]
    if not asked:
        return False
    question = heard[asked[-1]]
    return all(later.by.name == question.by.name for later in heard[asked[-1] + 1 :])


def _post(said: Said, entry: Entry) -> Post:
    return Post(
        statement=entry.id,
        by=said.actor(entry),
        at=entry.at,
        log_index=entry.log_index,
        text=entry.body.get("text"),
        kind=str(entry.body.get("kind", "message")),
        answers=entry.body.get("answers"),
        to=tuple(said.party(to) for to in entry.to or ()),
        on_its_way=entry.on_its_way,
        trouble=entry.trouble,
    )
