"""The bytes themselves, what they say, and when it was said."""

from __future__ import annotations

from schemas.errors.refusal import Refusal


class Malformed(Refusal):
    """The bytes are not what this place takes."""

    code = "malformed"
    what_to_do = "Compare it with the protocol and its test vectors: there is one spelling for everything."


class TooLarge(Malformed):
    """The bytes are more than this place takes."""

    code = "too_large"
    what_to_do = "Put documents into attachments, and send a batch in halves."


class TooDeep(Malformed):
    """The JSON is nested deeper than allowed."""

    code = "too_deep"
    what_to_do = "No message needs that; look for an object that was wrapped by mistake."


class TooManyNames(Malformed):
    """The JSON has more members than allowed."""

    code = "too_many_names"
    what_to_do = "Divide it: one message for each category."


class DuplicateName(Malformed):
    """The JSON has the same name twice in one object."""

    code = "duplicate_name"
    what_to_do = "Make JSON with a library that writes each name once."


class NotInteroperable(Malformed):
    """The JSON holds a value that not every implementation reads alike (RFC 7493)."""

    code = "not_interoperable"
    what_to_do = "Send amounts as whole minor units and everything else as text."


class WrongHeader(Malformed):
    """The protected header is not exactly the one that this kind of token has."""

    code = "wrong_header"
    what_to_do = "Write exactly the members that the protocol lists for this kind of token."


class Invalid(Refusal):
    """The content does not fit its schema."""

    code = "invalid"
    what_to_do = "Compare it with the published schema; unknown members are refused, too."


class UnknownType(Invalid):
    """No message of this type and version exists."""

    code = "unknown_type"
    what_to_do = "Use a type of the published table, or update the coordinator if your side is newer."


class UnknownSchema(Invalid):
    """No record schema of this name and version exists."""

    code = "unknown_schema"
    what_to_do = "Use a published record schema, or update the side that is older."


class Untimely(Refusal):
    """The time that this names is not acceptable now."""

    code = "untimely"


class FromTheFuture(Untimely):
    """The message is dated later than the coordinator's clock allows."""

    code = "from_the_future"
    what_to_do = "Set the clock by NTP and say it again; a connector does so by itself."


class TooOld(Untimely):
    """The message waited longer than it says it may."""

    code = "too_old"
    what_to_do = "Say it anew if it is still wanted: `accord connector queue list`."
