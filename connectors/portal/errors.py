"""What only the portal refuses: things that are not the visitor's, powers that a mandate does not have."""

from __future__ import annotations

from connectors.exchange.errors import NotHere
from schemas.errors import NotPermitted


class NotYours(NotHere):
    """There is nothing here that is yours."""

    # Unknown and foreign ids are refused alike, down to the last letter: nobody learns what exists.
    code = "not_yours"


class MandateNotInForce(NotPermitted):
    """You do not act for this person any more, or not yet."""

    code = "mandate_not_in_force"


class PowerMissing(NotPermitted):
    """You act for this person, but not in this."""

    code = "power_missing"


class MandateRefused(NotPermitted):
    """A mandate like this cannot be given."""

    code = "mandate_refused"


class NotYoursToEnd(NotPermitted):
    """This mandate rests on law or on a court, so that it is ended by the portal's staff."""

    code = "not_yours_to_end"


class HeldBack(NotPermitted):
    """This part is not shown to you for now, to keep somebody safe."""

    code = "held_back"
