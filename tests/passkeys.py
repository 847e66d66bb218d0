"""Passkeys for tests: an authenticator with a key of its own; how a citizen joins and consents with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.exchange.acts import cases, consents
from connectors.exchange.acts import seat_keys as acts
from schemas.consent_proof import consent_challenge
from schemas.keys import SigningKey
from schemas.vectors.assertion import assertion
from schemas.wire import b64u
from tests.flow.exchange.world import DEBT, PORTAL, World, terms

RP_ID = "portal.example.org"
ORIGIN = f"https://{RP_ID}"


@dataclass(frozen=True)
class Authenticator:
    """A device with one passkey."""

    name: str = "device-1"
    key: SigningKey = field(default_factory=SigningKey.generate)

    @property
    def passkey(self) -> dict[str, Any]:
        """The passkey as a seat has it."""
        jwk = dict(self.key.public.jwk)
        return {"credential": b64u(self.name.encode()), "jwk": jwk, "rp_id": RP_ID, "origins": [ORIGIN]}

    @property
    def kid(self) -> str:
        return self.key.public.kid

    def confirm(self, challenge: bytes, **changed: Any) -> dict[str, str]:
        """Sign a challenge as a browser would have it signed."""
        options: dict[str, Any] = {"rp_id": RP_ID, "origin": ORIGIN, **changed}
        return assertion(challenge, sign=self.key.sign, credential=self.name.encode(), **options)


def case_with(world: World, *devices: Authenticator) -> str:
    """Debt advice opens a case; the citizen joins with these passkeys."""
    asker, portal = world.members[DEBT], world.members[PORTAL]
    case = cases.open_case(asker)
    invitation = cases.invite_citizen(asker, case, PORTAL)
    world.settle()
    cases.join_case(portal, invitation.code, [each.passkey for each in devices])
    world.settle()
    return case


def change(
    world: World,
    case: str,
    add: Sequence[Authenticator] = (),
    end: Sequence[str] = (),
    *,
    by: Authenticator | None = None,
) -> str:
    """The citizen adds and ends passkeys, confirmed by an earlier one or not; gives the message."""
    portal = world.members[PORTAL]
    passkeys = [each.passkey for each in add]
    draft = acts.seat_keys_draft(portal, case, passkeys, end)
    proof = by.confirm(draft.challenge) if by else None
    said = acts.add_passkeys(portal, case, passkeys, end, proof, at=draft.at)
    world.settle()
    return said


def document(world: World, case: str, **changed: Any) -> Mapping[str, Any]:
    """Debt advice asks, and the portal makes the document that is to be confirmed."""
    why = {"en": "For your plan.", "fr": "Pour le plan."}
    request = consents.ask_consent(world.members[DEBT], case, terms(world.clock(), **changed), why)
    world.settle()
    return consents.draft(world.members[PORTAL], request, consents.Decision(shown_at=world.clock()))


def consent_by(world: World, case: str, device: Authenticator, **changed: Any) -> str:
    """The citizen says yes with a passkey; gives the consent."""
    asked = document(world, case, **changed)
    proof = device.confirm(consent_challenge(asked))
    consents.grant(world.members[PORTAL], asked, [proof])
    world.settle()
    return str(asked["id"])
