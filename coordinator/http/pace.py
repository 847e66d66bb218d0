"""How often one address or member may ask this process in a minute; both doors count in the same place."""

from __future__ import annotations

import threading
from collections import Counter as Tally
from dataclasses import dataclass, field

from schemas.errors import TooMany


@dataclass(slots=True)
class Pace:
    """Counts requests of this minute and process; it forgets all when the minute ends, so it stays small."""

    limit: int
    minute: int = 0
    seen: Tally[str] = field(default_factory=Tally)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, who: str, now: float) -> None:
        """Count one; raise TooMany above the limit."""
        if not self.limit:
            return
        minute = int(now) // 60
        with self.lock:
            if minute != self.minute:
                self.minute, self.seen = minute, Tally()
            self.seen[who] += 1
            count = self.seen[who]
        if count > self.limit:
            raise TooMany(f"At most {self.limit} requests a minute.", retry_after_s=60 - int(now) % 60)
