"""The definition of the consent document and of the terms that are asked for, in marshmallow.

Fields are those of ISO/IEC TS 27560 and of GDPR articles 7 and 13, with limits a program can hold. From here
the JSON Schema is made; the values are in `consent`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from schemas.agreement_schema import Link, check_fields
from schemas.consent_proof import PROOF_SCHEMAS
from schemas.messages import fields as words
from schemas.messages.fields import LANGUAGES, InBothLanguagesSchema, Several, Strict
from schemas.records import CATEGORIES, SHAREABLE

LONGEST_VALIDITY = timedelta(days=366)
"""One year, a leap year's day included."""
VAGUE_PARTIES = frozenset(
    {"all", "any", "anyone", "affiliates", "others", "other", "partners", "third-parties", "third-party"}
    | {"agencies", "members", "everyone", "partenaires", "tiers", "autres", "tous"}
)
"""Ids that would let a consent name nobody in particular (EDPB 05/2020 § 65: recipients are named)."""
PER = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


class NamedParty(words.MemberId):
    """A member by its id, never a group of whoever may come."""

    def take(self, value: Any) -> str:
        """Refuse names that name nobody."""
        text = super().take(value)
        if text in VAGUE_PARTIES:
            raise ValidationError("A consent names each party; this is a group of unknown ones.")
        return text


class _TermsNotice(Strict):
    language = words.Choice(*LANGUAGES, required=True)
    version = words.Text(longest=64, required=True)
    sha256 = words.Sha256(required=True)


class _Notice(_TermsNotice):
    shown_at = words.Instant(required=True)


class _Purpose(Strict):
    code = words.Code(required=True)
    text = fields.Nested(InBothLanguagesSchema, required=True)


class _Data(Strict):
    category = words.Choice(*CATEGORIES, required=True)
    schema = words.Choice(*SHAREABLE, required=True)
    field_names = Several(words.Code(), most=64, required=True, data_key="fields")
    necessity = words.Choice("needed", "optional", required=True)
    special = words.Flag(required=True)

    @validates_schema
    def has_its_fields(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse fields that no record of the schema has: the person would consent to nothing."""
        check_fields(data)


class _Period(Strict):
    since = words.Day(required=True, data_key="from")
    until = words.Day(required=True, data_key="to")

    @validates_schema
    def ends_after_it_starts(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse an empty period."""
        if data["since"] > data["until"]:
            raise ValidationError("A period of data ends after it starts.", "to")


class _Frequency(Strict):
    count = words.Whole(least=1, most=1000, required=True)
    per = words.Choice(*PER, required=True)


class _DataLife(Strict):
    days = words.Whole(least=1, most=3660, required=True)


class _OnWithdrawal(Strict):
    erased = words.Flag(required=True)
    kept = Several(words.Code(), fewest=0, most=16, required=True)
    why = fields.Nested(InBothLanguagesSchema, required=True, allow_none=True)

    @validates_schema
    def says_why_it_is_kept(self, data: Mapping[str, Any], **_: Any) -> None:
        """What stays after a withdrawal stays for a reason that the person reads before deciding."""
        if (data["kept"] or not data["erased"]) and data["why"] is None:
            raise ValidationError("What is kept after a withdrawal is kept for a reason.", "why")


class _Withdrawal(Strict):
    url = Link(required=True)
    other_channels = Several(fields.Nested(InBothLanguagesSchema), most=8, required=True)


class _Controller(Strict):
    member = NamedParty(required=True)
    name = words.Text(required=True)


class _Citizen(Strict):
    kind = words.Exactly("citizen")


class _Mandate(Strict):
    kind = words.Exactly("mandate")
    id = words.Text(longest=64, required=True)


def _check_decided_once(data: list[Mapping[str, Any]]) -> None:
    """Let a category stand once as needed and once as optional, of one schema, with no field in both."""
    if len({(each["category"], each["necessity"]) for each in data}) != len(data):
        raise ValidationError("A category stands once as needed and once as optional.", "data")
    if len({(each["category"], each["schema"]) for each in data}) != len({each["category"] for each in data}):
        raise ValidationError("A category has one schema.", "data")
    named = [(each["category"], field) for each in data for field in each["field_names"]]
    if len(set(named)) != len(named):
        raise ValidationError("Each field is decided on once.", "data")


class TermsSchema(Strict):
    """What an agency asks for: the consent without what only the decision adds."""

    schema = words.Exactly("consent/1")
    case = words.Uuid(required=True)
    agreement = words.AgreementRef(required=True)
    supersedes = words.Uuid(required=True, allow_none=True)
    request_group = words.Uuid(required=True, allow_none=True)
    request = words.MessageId(required=True, allow_none=True)
    notice = fields.Nested(_TermsNotice, required=True)
    purpose = fields.Nested(_Purpose, required=True)
    lawful_basis = words.Exactly("consent")
    explicit = words.Exactly(True)
    sources = Several(NamedParty(), most=16, required=True)
    recipients = Several(NamedParty(), most=16, required=True)
    data = Several(fields.Nested(_Data), most=16, required=True)
    data_period = fields.Nested(_Period, required=True, allow_none=True)
    fetch = words.Choice("once", "repeated", required=True)
    frequency = fields.Nested(_Frequency, required=True, allow_none=True)
    data_life = fields.Nested(_DataLife, required=True)
    identify_with = Several(words.Code(), fewest=0, most=16, required=True)
    on_withdrawal = fields.Nested(_OnWithdrawal, required=True)
    consequence_of_refusal = fields.Nested(InBothLanguagesSchema, required=True)
    valid_until = words.Instant(required=True)
    review_due = words.Instant(required=True, allow_none=True)
    withdrawal = fields.Nested(_Withdrawal, required=True)
    rights_url = Link(required=True)
    authority = words.Text(required=True)
    jurisdiction = words.Text(longest=64, required=True)
    controllers = Several(fields.Nested(_Controller), most=16, required=True)
    nonce = words.Bytes64(shortest=16, longest=64, required=True)
    # Absent means no; an absent member is not written, so that older documents keep their bytes.
    preview = words.Flag()

    @validates_schema
    def hangs_together(self, data: Mapping[str, Any], **_: Any) -> None:
        """Check what one part says about another: someone gives to someone else, each field once."""
        if len({*data["sources"], *data["recipients"]}) == 1:
            raise ValidationError("Data goes from one party to another.", "recipients")
        _check_decided_once(data["data"])
        if (data["fetch"] == "repeated") is not (data["frequency"] is not None):
            raise ValidationError("Repeated fetching, and no other, says how often.", "frequency")
        review = data["review_due"]
        if review is not None and review > data["valid_until"]:
            raise ValidationError("A review is due before the consent ends.", "review_due")


class ConsentSchema(TermsSchema):
    """The document that the citizen decides on."""

    id = words.Uuid(required=True)
    notice = fields.Nested(_Notice, required=True)
    valid_from = words.Instant(required=True)
    actor = words.Tagged("kind", {"citizen": _Citizen, "mandate": _Mandate}, required=True)
    proof = Several(words.Tagged("kind", PROOF_SCHEMAS), most=4, required=True)

    @validates_schema
    def starts_after_it_was_read_and_ends_within_a_year(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a consent to what was not shown yet, and one without an end."""
        if data["valid_from"] < data["notice"]["shown_at"]:
            raise ValidationError("A consent starts after its notice was shown.", "valid_from")
        if not data["valid_from"] < data["valid_until"] <= data["valid_from"] + LONGEST_VALIDITY:
            raise ValidationError("A consent lasts at most one year.", "valid_until")
        if data["supersedes"] == data["id"]:
            raise ValidationError("A consent supersedes another one.", "supersedes")
