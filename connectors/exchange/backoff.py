"""How long to wait after trouble: doubling with jitter up to five minutes, for ever, and never giving up.

Without jitter all connectors would come back in the same instant after an outage.
"""

from __future__ import annotations

from datetime import timedelta
from random import SystemRandom

_FIRST_S = 0.5
_MOST_S = 300.0
_DOUBLINGS = 12
"""More doublings than this change nothing, and the number stays small after weeks."""

_random = SystemRandom()


def delay(failures: int) -> timedelta:
    """Give a random wait for this many failures in a row; zero for none."""
    if failures <= 0:
        return timedelta(0)
    most = min(_MOST_S, _FIRST_S * 2 ** min(failures, _DOUBLINGS))
    return timedelta(seconds=_random.uniform(most / 2, most))
