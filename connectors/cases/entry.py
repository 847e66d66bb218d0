"""One fact of a case as the fold takes it: a statement, an open message, or what this connector knows itself.

It says nothing about whether the fact is lawful: whoever makes entries takes them from what was judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from connectors.cases.view_parties import Basis, Held

HERE: Final = "here."
"""Types that begin so were never said: they are what the connector's own tables say of a thing.

here.case, here.seat, here.invitation, here.consent, here.consent_request, here.request, here.view,
here.aside.
"""

State = Literal["logged", "waiting", "failed"]
"""In the log, on its way to it, or refused by the coordinator (or too late): said, but never heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact. `id` is the statement's where there is one, else the message's; `content` statement or body.

    `content` None means erased, or kept in our own system (`held` says which). `log_index` None: on its way.
    `to` None: the envelope was erased, and with it to whom it went.
    """

    case: str
    id: str
    message: str
    type: str
    sender: str
    at: datetime
    log_index: int | None
    content: Mapping[str, Any] | None = field(repr=False)
    to: tuple[str, ...] | None = None
    statement: bool = False
    re: str | None = None
    basis: Basis | None = None
    categories: tuple[str, ...] = ()
    schema: str | None = None
    withheld: str | None = None
    held: Held = "here"
    erased_at: datetime | None = None
    erased_why: str | None = None
    contested: bool | None = None
    """The mark that the connector keeps on a record; None where it keeps none."""
    state: State = "logged"
    trouble: str | None = None
    """Code of the refusal, or of a reader's rejection."""
    after: int | None = None
    """Set by the fold: the index after which something stands that is in the log at a place not known yet."""

    @property
    def name(self) -> str:
        """The type without its version."""
        return self.type.partition("/")[0]

    @property
    def body(self) -> Mapping[str, Any]:
        """The content, empty where it is gone."""
        return self.content if self.content is not None else _NOTHING

    @property
    def on_its_way(self) -> bool:
        """Whether the log does not hold it yet."""
        return self.state == "waiting"


_NOTHING: Final[Mapping[str, Any]] = {}

Place = tuple[bool, int, bool, datetime, str, str]


def place(entry: Entry) -> Place:
    """Where an entry stands: by the log; what is on its way comes after, by its own date, then id.

    The log's index is the one order of a case (protocol, "One order for everything"), never the arrival. What
    was admitted, and whose index we have not learnt yet, stands `after` the last that was said before it.
    """
    unplaced = entry.log_index is None
    index = entry.after if unplaced else entry.log_index
    return (index is None, -1 if index is None else index, unplaced, entry.at, entry.id, entry.type)
