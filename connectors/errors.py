"""What only the connector's outer side refuses: its settings, its local API, its commands and evidence files.

Each is a Refusal with a stable code. Which HTTP status it gets is said in `connectors.api.problems`.
"""

from __future__ import annotations

from schemas.errors import Invalid, NotPermitted, NotSignedIn, Refusal, TooMany, Unavailable, Unverified


class ConfigRefused(Refusal):
    """The settings are incomplete or wrong."""

    code = "config_refused"


class NotRunning(Unavailable):
    """The connector is not running here."""

    code = "not_running"


class WrongToken(NotSignedIn):
    """The local API takes its token, and this is not it."""

    code = "wrong_token"


class LockedOut(TooMany):
    """Too many wrong tokens were tried; the local API answers again after a while."""

    code = "locked_out"


class ReasonMissing(NotPermitted):
    """Whoever looks at a record says why, and the citizen is told."""

    code = "reason_missing"


class KeyReused(NotPermitted):
    """This Idempotency-Key came before with another request."""

    code = "key_reused"


class StillWorking(Unavailable):
    """The same request is being worked on at this moment."""

    code = "still_working"


class NotAPortal(NotPermitted):
    """Only a portal, which acts for citizens, does this."""

    code = "not_a_portal"


class NotAnAgency(NotPermitted):
    """Only an agency does this; a portal acts for citizens."""

    code = "not_an_agency"


class EvidenceUnreadable(Invalid):
    """The file is not an evidence file that this version reads."""

    code = "evidence_unreadable"


class KeysNotTrusted(Unverified):
    """The coordinator's keys in the file are not the ones that you trust."""

    code = "keys_not_trusted"


class EvidenceIncomplete(Unavailable):
    """Some messages of the case have no place in the log yet, so that nothing proves them."""

    code = "evidence_incomplete"


class OutcomeUnknown(NotPermitted):
    """The connector stopped in the middle of this request; whether it was done is for you to look up."""

    code = "outcome_unknown"
