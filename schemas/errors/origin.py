"""Whose bytes they are: keys, signatures, seals, proofs, places in the log."""

from __future__ import annotations

from schemas.errors.refusal import Refusal


class Unverified(Refusal):
    """It could not be verified who made this."""

    code = "unverified"


class UnknownKey(Unverified):
    """No member has the key that this names."""

    code = "unknown_key"
    what_to_do = (
        "Let member.keys be admitted before the first message with a new key, and name yourself in `from`."
    )


class BadSignature(Unverified):
    """The signature does not fit the bytes and the key."""

    code = "bad_signature"
    what_to_do = "Send exactly the bytes that were signed; nothing in between may format JSON again."


class KeyNotInForce(Unverified):
    """The key was not in force at the time that this names."""

    code = "key_not_in_force"
    what_to_do = (
        "Sign or seal with a key in force: `accord connector keys show`, or fetch the other member again."
    )


class WeakKey(Unverified):
    """The key is not one that can protect anything."""

    code = "weak_key"
    what_to_do = "Make the key anew with an ordinary library, and ask where this one came from."


class NotForThisKey(Unverified):
    """It is not sealed for a key that is held here, or not by the sender it names."""

    code = "not_for_this_key"
    what_to_do = "Seal it for the recipient's newest key, by the key that signs the message."


class DamagedSeal(Unverified):
    """The sealed bytes were changed, or sealed for someone else."""

    code = "damaged_seal"
    what_to_do = (
        "Send it again from the original; if it stays, look for a program in between that rewrites bodies."
    )


class StatementMismatch(Unverified):
    """The statement inside does not belong to the message that carries it."""

    code = "statement_mismatch"
    what_to_do = "Ask the issuer of the statement, or name it in a message of your own."


class LogMismatch(Unverified):
    """The transparency log's proof does not fit."""

    code = "log_mismatch"
    what_to_do = "Keep both, and ask the coordinator's operator before anything else."


class InclusionMismatch(LogMismatch):
    """The entry is not in the log where the proof says it is."""

    code = "inclusion_mismatch"


class ConsistencyMismatch(LogMismatch):
    """The log's later head does not contain its earlier one."""

    code = "consistency_mismatch"


class CheckpointMismatch(LogMismatch):
    """The checkpoint is not signed by this log, or is about another one."""

    code = "checkpoint_mismatch"
    what_to_do = "Compare the pinned keys (`accord connector pin`) with the coordinator's operator."


class ReceiptMismatch(Unverified):
    """The receipt does not belong to these bytes."""

    code = "receipt_mismatch"
    what_to_do = "Keep both, and ask the coordinator's operator before anything else."


class ProofRefused(Unverified):
    """The proof of the citizen's decision does not hold."""

    code = "proof_refused"
    what_to_do = "Have the citizen decide again, on the portal's own page, with the passkey of this case."
