"""Whether a message comes in time: by its own `until`, and by the difference between two clocks.

The errors say whose clock seems wrong and by how much, because that is what the reader can mend.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from schemas.errors import FromTheFuture, TooOld
from schemas.messages.envelope import LONGEST_WAIT
from schemas.messages.shape import Message

AHEAD = timedelta(seconds=60)
"""How far a sender's clock may go before ours (protocol, "When a message is admitted", 4)."""


def check_timely(message: Message, now: datetime) -> None:
    """Raise FromTheFuture or TooOld."""
    ahead = message.at - now
    if ahead > AHEAD:
        seconds = round(ahead.total_seconds())
        raise FromTheFuture(
            f"The message is dated {seconds} s after the coordinator's clock; {AHEAD.seconds} s are allowed.",
            remedy="Set your clock, then send a new message.",
            clock="yours",
            ahead_s=seconds,
        )
    if now > message.until or now - message.at > LONGEST_WAIT:
        late = round((now - min(message.until, message.at + LONGEST_WAIT)).total_seconds())
        raise TooOld(
            f"The message came {late} s after the time until which it was to wait.",
            remedy="Set your clock if it is behind; send a new message if its content still holds.",
            clock="yours",
            ahead_s=-late,
        )
