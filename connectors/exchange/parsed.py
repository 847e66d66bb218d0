"""Agreements and consents, read from their documents once: a document never changes, and reading is slow."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from sqlalchemy import Row

from schemas.agreement import Agreement, load_agreement
from schemas.consent import Consent, load_consent

T = TypeVar("T")


class _Shelf(Generic[T]):
    """Keeps the last few that were read; safe for several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, read: Callable[[], T]) -> T:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = read()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found


_agreements: _Shelf[Agreement] = _Shelf(256)
_consents: _Shelf[Consent] = _Shelf(2048)


def agreement_of(row: Row[Any]) -> Agreement:
    """Give the agreement that a stored row holds; its digest names the document."""
    return _agreements.get(row.sha256, lambda: load_agreement(row.document))


def consent_of(row: Row[Any]) -> Consent:
    """Give the consent that a stored row holds; id and message name the document, in every database."""
    return _consents.get((row.id, row.grant_message), lambda: load_consent(row.document))
