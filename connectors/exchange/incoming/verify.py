"""First and second step for one message: who made it and that it is logged, then what is inside.

Takes what the mailbox gave under a checked page. Raises the Refusal that says what does not hold; whether the
content may be is not judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.exchange.client import Delivered
from connectors.exchange.connector import Connector
from connectors.exchange.errors import NoKey
from connectors.exchange.incoming.arrival import Authentic, Opened
from connectors.exchange.incoming.page import CheckedPage
from schemas import log, message, receipt, seal, statement
from schemas.errors import (
    KeyNotInForce,
    NotForThisKey,
    ReceiptMismatch,
    Refusal,
    StatementMismatch,
    WrongRecipients,
)
from schemas.keys import SealingKey, VerifyingKey
from schemas.messages import envelope
from schemas.messages.content import check_content
from schemas.messages.envelope import Message
from schemas.messages.fields import CITIZEN, COORDINATOR
from schemas.messages.table import TYPES
from schemas.receipt import Receipt


def verify(connector: Connector, page: CheckedPage, delivered: Delivered) -> Authentic:
    """Check one message's origin; raise Unverified, Malformed, Invalid or WrongRecipients.

    1. the signature is by a key in the sender's proven chain       (forged sender, swapped key)
    2. envelope and body fit their schemas                          (what only looks like a message)
    3. the receipt is for these bytes, and the log holds them       (a message that others cannot see)
    4. it is addressed to us                                        (a message moved to another mailbox)
    5. the key was in force, and not ended when it was admitted     (stolen old key)
    """

    def key_for(kid: str, payload: Mapping[str, Any]) -> VerifyingKey:
        theirs = payload.get("from") == COORDINATOR
        return (
            connector.coordinator.pinned.key_for(kid, payload)
            if theirs
            else connector.directory.key_for(kid, payload)
        )

    loaded = envelope.load(message.verify(delivered.message, key_for))
    promised = check_logged(connector, page, delivered, loaded)
    _check_addressed(connector, loaded)
    if loaded.sender != COORDINATOR:
        member = connector.directory.member(loaded.sender)
        member.check_in_force(loaded.kid, loaded.at, promised.admitted_at)
    return Authentic(delivered.index, loaded, promised)


def check_logged(connector: Connector, page: CheckedPage, delivered: Delivered, loaded: Message) -> Receipt:
    """Check the receipt, and the proof that the log of this page's checkpoint holds the message at its
    index.
    """
    try:
        promised = receipt.check(
            delivered.receipt, connector.coordinator.pinned.key_for, id=loaded.id, sha256=loaded.sha256
        )
    except Refusal as refusal:
        raise ReceiptMismatch(refusal.detail, id=loaded.id) from refusal
    checkpoint = page.checkpoint
    leaf = log.leaf_hash(promised.commitment)
    log.verify_inclusion(leaf, delivered.index, checkpoint.size, delivered.inclusion, checkpoint.root)
    return promised


def _check_addressed(connector: Connector, loaded: Message) -> None:
    for_citizen = CITIZEN in loaded.to and connector.acts_for_citizens
    if connector.id not in loaded.to and not for_citizen:
        raise WrongRecipients("The message is not addressed to this member.")


def open_statement(connector: Connector, arrival: Authentic) -> Opened:
    """Open what was sealed for us and check that it belongs to the message around it.

    1. sealed for a key of ours, by the message's signer            (re-sealed by someone else)
    2. the statement is signed by its issuer's proven key
    3. issuer, case and schema are the message's                    (surreptitious forwarding)
    4. the content fits its schema
    """
    loaded = arrival.message
    if not TYPES[loaded.type].sealed:
        return Opened(arrival, None)
    reader = connector.id if connector.id in loaded.to else CITIZEN
    sealed = next(each for each in loaded.sealed if each.to == reader)
    plaintext = seal.open_sealed(sealed.jwe, keys=_keys(connector, reader, loaded), sender_kid=loaded.kid)
    asserted = statement.check(plaintext, connector.directory.key_for)
    statement.belongs_to(asserted, sender=loaded.sender, case=loaded.case, schema=loaded.schema)
    if asserted.kid != loaded.kid:
        _check_statement_key(connector, arrival, asserted)
    check_content(asserted.schema, asserted.content)
    return Opened(arrival, asserted)


def _check_statement_key(connector: Connector, arrival: Authentic, asserted: statement.Statement) -> None:
    """A statement may be signed by another key of the same member than the message, if it was in force."""
    try:
        issuer = connector.directory.member(asserted.iss)
        issuer.check_in_force(asserted.kid, asserted.at, arrival.decided_at)
    except KeyNotInForce as error:
        raise StatementMismatch("The statement was signed with a key that was not in force.") from error


def _keys(connector: Connector, reader: str, loaded: Message) -> Mapping[str, SealingKey]:
    if reader != CITIZEN:
        return connector.keyring.opening_keys()
    try:
        key = connector.keyring.seat_key(loaded.case or "")
    except NoKey as error:
        raise NotForThisKey("No seat of a citizen in this case is held here.") from error
    return {key.kid: key}
