"""The consent: one purpose in one case, decided by the citizen. It never changes.

Takes the document that the citizen decided on and says what it covers. Its life is in `consent_life`, the
proofs of the decision in `consent_proof`; whether it was withdrawn the register knows, not the document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from schemas import instant
from schemas.agreement import Agreement, Flow
from schemas.consent_life import Event, Status, check_granted, next_status
from schemas.consent_offer import check_accepts, check_offer
from schemas.consent_proof import (
    PasskeyProof,
    PortalProof,
    SeatKeys,
    check_passkey,
    check_portal,
    consent_bytes,
    consent_challenge,
    proofs_of,
    seat_keys,
)
from schemas.consent_schema import PER, ConsentSchema, TermsSchema
from schemas.errors import ConsentDoesNotCover, ConsentNotInForce, ConsentUsedUp, Invalid, ProofRefused
from schemas.messages.reading import read

__all__ = [
    "Consent",
    "ConsentSchema",
    "ConsentedData",
    "Event",
    "Frequency",
    "Notice",
    "SeatKeys",
    "Status",
    "TermsSchema",
    "allows_another_release",
    "check_accepts",
    "check_agreed",
    "check_answers",
    "check_granted",
    "check_identifying",
    "check_offer",
    "consent_bytes",
    "consent_challenge",
    "covers",
    "load_consent",
    "load_stored",
    "load_terms",
    "next_status",
    "seat_keys",
    "terms_of",
    "verify_proof",
]


@dataclass(frozen=True, slots=True)
class Notice:
    """The exact text that was shown, by its digest, and when."""

    language: str
    version: str
    sha256: str
    shown_at: datetime


@dataclass(frozen=True, slots=True)
class ConsentedData:
    """Fields of one category, needed for the purpose or optional."""

    category: str
    schema: str
    fields: tuple[str, ...]
    necessity: str
    special: bool


@dataclass(frozen=True, slots=True)
class Frequency:
    """How many releases a period may bring."""

    count: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class Consent:
    """A decision of the citizen; `document` is what was decided on, byte for byte in its canonical form."""

    id: str
    case: str
    agreement: str
    supersedes: str | None
    request_group: str | None
    request: str | None
    notice: Notice
    purpose: str
    purpose_text: Mapping[str, str]
    sources: tuple[str, ...]
    recipients: tuple[str, ...]
    data: tuple[ConsentedData, ...]
    data_period: tuple[date, date] | None
    fetch: str
    frequency: Frequency | None
    data_life: timedelta
    identify_with: tuple[str, ...]
    on_withdrawal: Mapping[str, Any]
    consequence_of_refusal: Mapping[str, str]
    valid_from: datetime
    valid_until: datetime
    review_due: datetime | None
    withdrawal: Mapping[str, Any]
    rights_url: str
    authority: str
    jurisdiction: str
    controllers: Mapping[str, str]
    actor: str
    mandate: str | None
    preview: bool
    proof: tuple[PortalProof | PasskeyProof, ...]
    document: Mapping[str, Any]

    @property
    def categories(self) -> tuple[str, ...]:
        """The kinds of data that it names."""
        return tuple(dict.fromkeys(each.category for each in self.data))

    def parties(self) -> frozenset[str]:
        """Everyone who may hear of it: its sources and recipients."""
        return frozenset((*self.sources, *self.recipients))

    def fields_for(self, category: str) -> tuple[str, ...]:
        """Give the fields of a category that it names; raise ConsentDoesNotCover."""
        return _covered(self, category).fields


_SCHEMA = ConsentSchema()
_TERMS = TermsSchema()
_UNCHANGED = (
    *("id", "case", "agreement", "supersedes", "request_group", "request", "fetch", "on_withdrawal"),
    *("consequence_of_refusal", "valid_from", "valid_until", "review_due", "withdrawal", "rights_url"),
    *("authority", "jurisdiction"),
)
"""Members of the document that are attributes of the consent as they are."""
_DECIDED = ("id", "proof", "actor", "valid_from")
"""What only the decision adds to the terms, besides the moment at which the notice was shown."""


def load_consent(document: Mapping[str, Any]) -> Consent:
    """Check a document and give the consent; raise Invalid. Its proofs are not checked here."""
    return _consent(read(_SCHEMA, document, what="consent"), document)


def load_stored(document: Mapping[str, Any]) -> Consent:
    """Give the consent of a document that `load_consent` took before it was stored; nothing is checked twice.

    A register holds more consents than fit into memory, and the checks take ten times as long as this.
    """
    period, review = document["data_period"], document["review_due"]
    notice = {**document["notice"], "shown_at": instant.parse(document["notice"]["shown_at"])}
    found = {
        **document,
        "notice": notice,
        "data": [
            {("field_names" if name == "fields" else name): value for name, value in each.items()}
            for each in document["data"]
        ],
        "data_period": period
        and {
            "since": date.fromisoformat(period["from"]),
            "until": date.fromisoformat(period["to"]),
        },
        "valid_from": instant.parse(document["valid_from"]),
        "valid_until": instant.parse(document["valid_until"]),
        "review_due": review and instant.parse(review),
    }
    return _consent(found, document)


def _consent(found: Mapping[str, Any], document: Mapping[str, Any]) -> Consent:
    frequency = found["frequency"]
    period = found["data_period"]
    return Consent(
        **{name: found[name] for name in _UNCHANGED},
        notice=Notice(**found["notice"]),
        purpose=found["purpose"]["code"],
        purpose_text=found["purpose"]["text"],
        sources=tuple(found["sources"]),
        recipients=tuple(found["recipients"]),
        data=tuple(_data(each) for each in found["data"]),
        data_period=(period["since"], period["until"]) if period else None,
        frequency=Frequency(frequency["count"], PER[frequency["per"]]) if frequency else None,
        data_life=timedelta(days=found["data_life"]["days"]),
        identify_with=tuple(found["identify_with"]),
        controllers={each["member"]: each["name"] for each in found["controllers"]},
        actor=found["actor"]["kind"],
        mandate=found["actor"].get("id"),
        preview=found.get("preview", False),
        proof=proofs_of(document["proof"]),
        document=document,
    )


def _data(found: Mapping[str, Any]) -> ConsentedData:
    rest = {name: value for name, value in found.items() if name != "field_names"}
    return ConsentedData(**rest, fields=tuple(found["field_names"]))


def covers(
    consent: Consent,
    *,
    source: str,
    recipient: str,
    purpose: str,
    categories: Collection[str],
    agreement: str,
    at: datetime,
) -> tuple[ConsentedData, ...]:
    """Give the data of the categories if the consent names all of this at this time.

    Raises ConsentNotInForce or ConsentDoesNotCover, with what it does not name. Not checked here: that it is
    still granted (its status), and that its proofs hold.
    """
    if not consent.valid_from <= at < consent.valid_until:
        raise ConsentNotInForce(
            "The consent starts later or has ended.",
            consent=consent.id,
            valid_from=consent.document["valid_from"],
            valid_until=consent.document["valid_until"],
        )
    if source not in consent.sources:
        raise ConsentDoesNotCover("It does not name this source.", consent=consent.id, source=source)
    if recipient not in consent.recipients or source == recipient:
        raise ConsentDoesNotCover("It does not name this recipient.", consent=consent.id, recipient=recipient)
    if agreement != consent.agreement or purpose != consent.purpose:
        raise ConsentDoesNotCover(
            "It is for another purpose.", consent=consent.id, agreement=agreement, purpose=purpose
        )
    return tuple(_covered(consent, category) for category in categories)


def _covered(consent: Consent, category: str) -> ConsentedData:
    """Join what is needed and what is optional of a category: once decided, both are consented to."""
    named = [each for each in consent.data if each.category == category]
    if not named:
        raise ConsentDoesNotCover("It does not name this category.", consent=consent.id, category=category)
    return replace(
        named[0],
        fields=tuple(field for each in named for field in each.fields),
        special=any(each.special for each in named),
    )


def check_identifying(consent: Consent, attributes: Iterable[str]) -> None:
    """Raise ConsentDoesNotCover if a request would show a source more about the person than consented."""
    if not set(attributes) <= set(consent.identify_with):
        raise ConsentDoesNotCover("It does not let people be found by this.", consent=consent.id)


def check_agreed(consent: Consent, agreement: Agreement) -> None:
    """Raise unless the agreement has everything that the consent names.

    Every category has a flow between some of its parties, every party is in some flow, and no limit of the
    agreement is passed. Raises ConsentDoesNotCover or one of the agreement's refusals.
    """
    if consent.agreement != agreement.ref or agreement.purpose(consent.purpose).basis != "consent":
        raise ConsentDoesNotCover("The agreement has no such purpose by consent.", consent=consent.id)
    if consent.data_life > timedelta(days=agreement.data_life_max_days):
        raise ConsentDoesNotCover("The agreement keeps data for a shorter time.", consent=consent.id)
    agreement.check_purpose_text(consent.purpose, consent.purpose_text)
    agreement.check_identifying(consent.identify_with)
    if not consent.preview:
        agreement.check_preview(consent.categories)
    named: set[str] = set()
    for each in consent.data:
        flows = _flows(consent, agreement, each)
        if not set(each.fields) <= {field for flow in flows for field in flow.fields}:
            raise ConsentDoesNotCover(
                "The agreement has no flow of these fields.", consent=consent.id, category=each.category
            )
        named |= {flow.source for flow in flows} | {flow.recipient for flow in flows}
    if named != consent.parties():
        raise ConsentDoesNotCover("It names a party that has no part in it.", consent=consent.id)


def _flows(consent: Consent, agreement: Agreement, data: ConsentedData) -> list[Flow]:
    keys = [(s, r, consent.purpose, data.category) for s in consent.sources for r in consent.recipients]
    return [f for key in keys if (f := agreement.flows.get(key)) is not None and f.schema == data.schema]


def allows_another_release(consent: Consent, previous: Iterable[datetime], now: datetime) -> None:
    """Raise ConsentUsedUp if the limits that the citizen set allow no further release now.

    `previous` are the instants of earlier releases by this consent from the same source to the same recipient
    in the same category. Periods are rolling, so that two releases around midnight are not two days.
    """
    if consent.frequency is None:
        if any(True for _ in previous):
            raise ConsentUsedUp("The consent is for one time.", consent=consent.id)
        return
    since = now - consent.frequency.per
    if sum(since < instant <= now for instant in previous) >= consent.frequency.count:
        raise ConsentUsedUp(
            "The consent allows the next release later.", consent=consent.id, count=consent.frequency.count
        )


def verify_proof(
    consent: Consent, seat: SeatKeys, agreement: Agreement, *, sent_by: str, at: datetime
) -> None:
    """Raise ProofRefused unless every proof holds and the strongest that the agreement demands is there.

    `sent_by` and `at` are those of the message that granted.
    1. every proof that is there holds           (a bad one beside a good one is an attack or a fault)
    2. the portal's word comes from the seat's own portal, about a sign-in of that day
    3. if one category demands a passkey, a passkey proof is there
    """
    challenge = consent_challenge(consent.document)
    for proof in consent.proof:
        if isinstance(proof, PasskeyProof):
            check_passkey(proof, seat.passkeys, challenge)
        else:
            check_portal(proof, seat, sent_by=sent_by, at=at)
    kinds = {"passkey" if isinstance(proof, PasskeyProof) else "portal" for proof in consent.proof}
    for category in consent.categories:
        if agreement.required_proof(category) == "passkey" and "passkey" not in kinds:
            raise ProofRefused(
                "The agreement demands a passkey for this.",
                remedy="Ask the citizen to confirm with a passkey.",
                reason="passkey_demanded",
                category=category,
            )


def load_terms(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the terms of a request back if they fit their schema; raise Invalid."""
    read(_TERMS, document, what="terms")
    return document


def terms_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give a consent document without what only the decision added."""
    terms = {name: value for name, value in document.items() if name not in _DECIDED}
    terms["notice"] = {n: v for n, v in document["notice"].items() if n != "shown_at"}
    return terms


_FREE = frozenset({"request", "nonce", "data", "valid_until", "notice", "preview"})
"""Members that a decision sets by itself (the notice: as it was read) or may narrow."""


def check_answers(document: Mapping[str, Any], terms: Mapping[str, Any]) -> None:
    """Raise Invalid unless a consent gives what was asked for, or less of it."""
    given = terms_of(document)
    for name in terms:
        if name not in _FREE and given.get(name) != terms[name]:
            raise Invalid("The consent is not what was asked for.", path=f"consent.{name}")
    if given["valid_until"] > terms["valid_until"]:
        raise Invalid("The consent lasts longer than was asked for.", path="consent.valid_until")
    if terms.get("preview", False) and not given.get("preview", False):
        raise Invalid("The person was to see everything first.", path="consent.preview")
    if given["data"] != [narrowed for each in terms["data"] if (narrowed := _kept(each, given["data"]))]:
        raise Invalid("Only optional data may be left out, and none added.", path="consent.data")


def _kept(asked: Mapping[str, Any], given: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Give what an answer may have kept of one entry: all of it if needed, else some fields or nothing."""
    if asked["necessity"] == "needed":
        return asked
    fields = {
        field
        for each in given
        if (each["category"], each["necessity"]) == (asked["category"], "optional")
        for field in each["fields"]
    }
    kept = [field for field in asked["fields"] if field in fields]
    return {**asked, "fields": kept} if kept else None
