"""The passkeys of citizens' seats: the portal adds and ends them, an agency attests those that wait."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields as ma

from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.api.words import AnyJson, Posted, posted
from connectors.exchange.acts import seat_keys as acts
from connectors.exchange.acts.seat_keys import ShownPasskey, WaitingKeys
from connectors.exchange.errors import NotHere
from schemas.errors import (
    KeyNotInForce,
    KeyTaken,
    NoSeat,
    NotAttested,
    ProofRefused,
    TooManyKeys,
    UnknownKey,
)
from schemas.instant import format as spell
from schemas.messages import fields
from schemas.messages.fields import Several, Strict
from schemas.wire import b64u

blueprint = Blueprint("seat-keys", __name__, description="Passkeys of citizens' seats after joining.")


class PasskeyLine(Strict):
    """A passkey of a seat; the number is what two people compare face to face."""

    kid = ma.String(required=True)
    credential = ma.String(required=True)
    number = ma.String(required=True)
    message = ma.String(required=True)
    vouched_by = ma.String(required=True, allow_none=True)


class SeatPasskeysAnswer(Strict):
    """The passkeys of one seat by what they are now."""

    in_force = ma.List(ma.Nested(PasskeyLine), required=True)
    waiting = ma.List(ma.Nested(PasskeyLine), required=True)
    ended = ma.List(ma.Nested(PasskeyLine), required=True)


class WaitingLine(Strict):
    """Passkeys that one message brought into a case and that wait to be attested."""

    case = ma.String(required=True)
    message = ma.String(required=True)
    passkeys = ma.List(ma.Nested(PasskeyLine), required=True)


class WaitingAnswer(Strict):
    """Everything that waits for somebody to meet the person."""

    waiting = ma.List(ma.Nested(WaitingLine), required=True)


class ChangeBody(Strict):
    """Passkeys to add, as a seat has them, and thumbprints of those to end."""

    add = ma.List(AnyJson, load_default=list)
    end = ma.List(fields.Thumbprint(), load_default=list)


class SignedChangeBody(ChangeBody):
    """A change, with an earlier passkey's assertion over its draft and the draft's instant."""

    proof = AnyJson
    at = fields.Instant()


class DraftAnswer(Strict):
    """What an earlier passkey is to sign, and the instant for which that holds."""

    challenge = ma.String(required=True)
    at = ma.String(required=True)


class AttestBody(Strict):
    """The message that brought the passkeys, and the numbers that the person read from their own page."""

    message = fields.MessageId(required=True)
    numbers = Several(fields.Text(longest=16), most=8, required=True)


_REFUSES = (NoSeat, ProofRefused, KeyTaken, TooManyKeys, UnknownKey, KeyNotInForce)


@blueprint.route("/v1/seat-keys/waiting", methods=["GET"])
@described(Shape("List passkeys that wait to be attested", WaitingAnswer))
def list_waiting() -> dict[str, Any]:
    """Give the waiting passkeys of all cases, each with its short number."""
    return {"waiting": [_waiting(each) for each in acts.waiting_keys(edge().connector)]}


@blueprint.route("/v1/cases/<case>/seat-keys", methods=["GET"])
@described(Shape("List the passkeys of the citizen's seat", SeatPasskeysAnswer, refuses=[NoSeat]))
def get_seat_keys(case: str) -> dict[str, Any]:
    """Give those in force, those that wait and those that have ended."""
    found = acts.passkeys_in(edge().connector, case)
    return {
        name: [_shown(each) for each in getattr(found, name)] for name in ("in_force", "waiting", "ended")
    }


@blueprint.route("/v1/cases/<case>/seat-keys/draft", methods=["POST"])
@described(
    Shape("Draft a change of passkeys", DraftAnswer, body=ChangeBody, roles="portal", refuses=[NoSeat])
)
def draft(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Give what an earlier passkey is to sign; nothing is changed by it."""
    made = acts.seat_keys_draft(edge().portal(), case, body["add"], body["end"])
    return {"challenge": b64u(made.challenge), "at": spell(made.at)}


@blueprint.route("/v1/cases/<case>/seat-keys", methods=["POST"])
@described(
    Shape(
        "Add and end passkeys",
        Posted,
        status=202,
        body=SignedChangeBody,
        sends=True,
        roles="portal",
        refuses=_REFUSES,
    )
)
def change(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Bring the citizen's change; without a proof, what is added waits to be attested."""
    return posted(
        acts.add_passkeys(
            edge().portal(), case, body["add"], body["end"], body.get("proof"), at=body.get("at")
        )
    )


@blueprint.route("/v1/cases/<case>/seat-keys/attest", methods=["POST"])
@described(
    Shape(
        "Attest passkeys after comparing their numbers face to face",
        Posted,
        status=202,
        body=AttestBody,
        sends=True,
        roles="agency",
        refuses=[NotHere, NoSeat, NotAttested],
    )
)
def attest(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Vouch for the waiting passkeys whose numbers the person has read out."""
    connector = edge().agency()
    kids = acts.compared(connector, case, body["message"], body["numbers"])
    return posted(acts.attest_keys(connector, case, body["message"], kids))


def _waiting(waiting: WaitingKeys) -> dict[str, Any]:
    passkeys = [_shown(each) for each in waiting.passkeys]
    return {"case": waiting.case, "message": waiting.message, "passkeys": passkeys}


def _shown(passkey: ShownPasskey) -> dict[str, str | None]:
    return {
        "kid": passkey.kid,
        "credential": passkey.credential,
        "number": passkey.number,
        "message": passkey.message,
        "vouched_by": passkey.vouched_by,
    }
