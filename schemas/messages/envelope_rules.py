"""The rules between the fields of an envelope, and those that its type brings. Pure; takes a Message.

Whether the parties may say this to each other now is the coordinator's and the receiver's question, not this.
"""

from __future__ import annotations

from datetime import timedelta

from schemas.errors import Invalid
from schemas.messages.fields import CITIZEN, COORDINATOR
from schemas.messages.shape import Message
from schemas.messages.type_rule import TypeRule

LONGEST_WAIT = timedelta(days=7)
"""How long a message may wait to be admitted: a long week-end without network, and no replay later."""


def check_envelope(message: Message, rule: TypeRule) -> None:
    """Raise Invalid unless the fields fit each other and the type.

    1. it waits at most seven days                        (replay of an old message)
    2. nobody is their own recipient; the coordinator speaks and is spoken to only where the type says so
    3. a case where the type belongs into one, and nowhere else
    4. open types carry a body, sealed types sealed entries, one for each recipient in the same order
    5. the citizen is a recipient of everything sealed, or left out by a named ground
    6. what moves by consent, statute or emergency names agreement, purpose and categories
    7. what else the type needs
    """
    if not message.at < message.until <= message.at + LONGEST_WAIT:
        raise _wrong("until", "A message waits at least a moment and at most seven days.")
    _check_parties(message, rule)
    if (message.case is not None) is not rule.in_case and not rule.anywhere:
        raise _wrong("case", f"{rule.name} {'belongs into' if rule.in_case else 'has no'} case.")
    if rule.sealed:
        _check_sealed(message, rule)
    else:
        _check_open(message)
    for name in rule.needs:
        if not getattr(message, name):
            raise _wrong(name, f"{rule.name} needs {name}.")
    if rule.check is not None:
        rule.check(message)


def _check_parties(message: Message, rule: TypeRule) -> None:
    if message.sender in message.to:
        raise _wrong("to", "Nobody writes to themselves.")
    if message.sender == CITIZEN:
        raise _wrong("from", "A citizen speaks through their portal.")
    if (message.sender == COORDINATOR) is not (COORDINATOR in rule.by):
        raise _wrong("from", f"{rule.name} is not from this sender.")
    if rule.to is not None and message.to != rule.to:
        raise _wrong("to", f"{rule.name} goes to {', '.join(rule.to)}.")
    if rule.to is None and COORDINATOR in message.to and not (rule.alone and len(message.to) == 1):
        raise _wrong("to", "This is not for the coordinator.")


def _check_open(message: Message) -> None:
    if message.body is None:
        raise _wrong("body", "A message of this type has a body.")
    if message.sealed or message.attachments or message.withheld or message.schema:
        raise _wrong("sealed", "A message of this type has nothing sealed.")


def _check_sealed(message: Message, rule: TypeRule) -> None:
    if message.body is not None:
        raise _wrong("body", "A message of this type is sealed.")
    if tuple([each.to for each in message.sealed]) != message.to:
        raise _wrong("sealed", "There is one sealed entry for each recipient, in their order.")
    if message.schema not in rule.statement_schemas:
        raise _wrong("schema", f"{rule.name} carries no statement of this schema.")
    authority = message.authority
    if authority is None:
        raise _wrong("authority", "What is sealed names its authority.")
    if authority.basis != "seat" and not (message.agreement and message.purpose and message.categories):
        raise _wrong("agreement", "What moves on this basis names agreement, purpose and categories.")
    _check_citizen(message, by_seat=authority.basis == "seat")


def _check_citizen(message: Message, *, by_seat: bool) -> None:
    """Without the ground there would be messages about a person that they never see."""
    if CITIZEN in message.to:
        if message.withheld is not None:
            raise _wrong("withheld", "Nothing is withheld from one who receives it.")
    elif message.withheld is None and not by_seat:
        raise _wrong("to", "The citizen is a recipient, or `withheld` says on which ground not.")


def _wrong(path: str, detail: str) -> Invalid:
    return Invalid(detail, path=f"message.{path}")
