"""Access to the service, and what it can do at the moment."""

from __future__ import annotations

from schemas.errors.refusal import Refusal


class NotSignedIn(Refusal):
    """The access token or its proof is missing, expired or not yours."""

    code = "not_signed_in"
    what_to_do = "Ask for a new token, and make a new proof for each request."


class TooMany(Refusal):
    """There were too many requests in a short time."""

    code = "too_many"
    what_to_do = "Wait for as long as Retry-After says."


class Unavailable(Refusal):
    """The service cannot do this at the moment; nothing was lost."""

    code = "unavailable"
    what_to_do = "Send the same again later."


class LogBehind(Unavailable):
    """The log's database holds less than what was signed."""

    code = "log_behind"
    what_to_do = "Bring the newer database back; if it is gone, stop and tell the members."


class LogForked(Unavailable):
    """The log's database holds another tree than the one that was signed."""

    code = "log_forked"
    what_to_do = "Bring the right database back, and never delete the guard file to make it start."


class LogDamaged(Unavailable):
    """Something in the log's database is missing or was changed."""

    code = "log_damaged"
    what_to_do = "Run `accord coordinator log check`, and restore the rows that it names from a backup."


class LogUnguarded(Unavailable):
    """The record of what was signed last is missing or unreadable."""

    code = "log_unguarded"
    what_to_do = "Restore the file beside the log's key, or see `accord coordinator log adopt --help`."


class NotFound(Refusal):
    """There is nothing at this address."""

    code = "not_found"
    what_to_do = "Check the address; every one is in /v1/openapi.json."


class MethodNotAllowed(Refusal):
    """This address does not take that method."""

    code = "method_not_allowed"
    what_to_do = "Use one of the methods that the Allow header names."


class WrongContentType(Refusal):
    """The body is of a kind, or in an encoding, that this address does not take."""

    code = "wrong_content_type"
    what_to_do = "Send the Content-Type that this address takes, and do not compress the body."


class ClockBehind(Unavailable):
    """The coordinator's own clock went backwards."""

    code = "clock_behind"
    what_to_do = "Set the coordinator's clock by NTP; it goes on by itself."
