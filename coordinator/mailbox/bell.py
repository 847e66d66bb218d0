"""Wakes those who wait for mail when there is some for them, and nobody else.

A member listens first and looks then, so that nothing is missed in between. With SQLite the committer rings;
with PostgreSQL each process looks every few milliseconds whether the log grew, as long as anybody listens.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Bell:
    """Who waits, by member."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._listening: dict[str, list[threading.Event]] = {}
        self._lock = threading.Lock()
        self._silenced = False

    @contextmanager
    def listening(self, member: str) -> Iterator[threading.Event]:
        """Give an event that is set whenever there may be mail for the member."""
        event = threading.Event()
        with self._lock:
            self._listening.setdefault(member, []).append(event)
        if self._silenced:
            event.set()
        try:
            yield event
        finally:
            with self._lock:
                events = self._listening[member]
                events.remove(event)
                if not events:
                    del self._listening[member]

    @property
    def is_silenced(self) -> bool:
        """Whether nobody shall wait any more, because the process stops."""
        return self._silenced

    @property
    def anybody(self) -> bool:
        """Whether somebody waits."""
        return bool(self._listening)

    def ring(self, members: Iterable[str]) -> None:
        """Wake those who wait for these mailboxes."""
        with self._lock:
            for member in members:
                for event in self._listening.get(member, ()):
                    event.set()

    def silence(self) -> None:
        """Wake everybody, for good."""
        self._silenced = True
        with self._lock:
            everybody = list(self._listening)
        self.ring(everybody)
