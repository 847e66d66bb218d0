"""What a received message is at each step: a skipped step does not type-check.

Delivered (client) → Authentic (who signed it, that it is logged) → Opened (what is inside) → stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schemas.messages.envelope import Message
from schemas.receipt import Receipt
from schemas.statement import Statement


@dataclass(frozen=True, slots=True)
class Authentic:
    """A message signed by its sender's proven key, promised by the coordinator and found in the log."""

    index: int
    message: Message
    receipt: Receipt

    @property
    def decided_at(self) -> datetime:
        """When the coordinator admitted it: the time at which its lawfulness is judged."""
        return self.receipt.admitted_at


@dataclass(frozen=True, slots=True)
class Opened:
    """An authentic message with the statement that was sealed for us in it, if its type has one."""

    arrival: Authentic
    statement: Statement | None

    @property
    def message(self) -> Message:
        """The envelope."""
        return self.arrival.message
