"""What only a connector can run into: no way to the coordinator, open key files, an alarm that stops
releases.

Each is a Refusal with a code of its own, so that the local API, the pages and the command line show them
alike.
"""

from __future__ import annotations

from schemas.errors import NotPermitted, Refusal, Unavailable, Unverified


class Unreachable(Unavailable):
    """The coordinator cannot be reached; what waits is kept and sent later."""

    code = "unreachable"


class TryLater(Unavailable):
    """The coordinator answered that it cannot do this at the moment; nothing was lost."""

    code = "try_later"


class UnreadableAnswer(Unavailable):
    """The coordinator's answer is not one that this version understands."""

    code = "unreadable_answer"


class ClockAhead(Unavailable):
    """Our clock is ahead of the coordinator's."""

    code = "clock_ahead"


class KeyringRefused(Refusal):
    """The key files are not kept as keys must be kept."""

    code = "keyring_refused"


class NoKey(Refusal):
    """There is no key in force for this."""

    code = "no_key"


class KeysSwapped(Unverified):
    """The keys given out for a member do not begin with the key that was pinned."""

    code = "keys_swapped"


class HistoryChanged(Unverified):
    """The log that the coordinator shows is not the one that it showed before."""

    code = "history_changed"


class MessageHidden(Unverified):
    """The coordinator says that it has messages for us which it does not give."""

    code = "message_hidden"


class AlarmRaised(NotPermitted):
    """Releases are stopped by an alarm that an operator has to look at."""

    code = "alarm_raised"


class HeadTooOld(Unavailable):
    """The last word about consents is older than the agreement allows; the release waits."""

    code = "head_too_old"


class SeatNotKnown(NotPermitted):
    """The citizen's seat is not known here yet, so that no proof of a decision can be checked."""

    code = "seat_not_known"


class NotHere(NotPermitted):
    """This connector has no such thing."""

    code = "not_here"


class AlreadyErased(NotPermitted):
    """The record was erased; only the fact that it existed is left."""

    code = "already_erased"


class AlreadyDecided(NotPermitted):
    """This was decided before and cannot be decided again."""

    code = "already_decided"


class ReplayedMessage(Unverified):
    """The log gives the same message a second time, or another message under its id."""

    code = "replayed_message"
