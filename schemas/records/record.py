"""What the records of all categories share: one schema class, labels in two languages, amounts, coded values.

Every field may be left out, because what is not named by agreement and consent is dropped before release;
a record with nothing in it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from schemas.messages.fields import Choice, Country, Day, Flag, Several, Spelled, Strict, Text, Whole

Codes = Mapping[str, tuple[str, str]]
"""Code → label in English and in French."""

LONGEST_TEXT = 4000
PERIODS: Codes = {
    "once": ("once", "une fois"),
    "week": ("per week", "par semaine"),
    "month": ("per month", "par mois"),
    "quarter": ("per quarter", "par trimestre"),
    "year": ("per year", "par an"),
}


def shown(en: str, fr: str, standard: str) -> dict[str, Any]:
    """Give a field's metadata: its label for people, and the public standard it follows."""
    return {"description": en, "x-label": {"en": en, "fr": fr}, "x-standard": standard}


class Coded(Choice):
    """A value of a code list whose labels are shown instead of the code."""

    def __init__(self, codes: Codes, *, metadata: Mapping[str, Any]) -> None:
        """Take one of the codes; publish their labels beside them."""
        labels = {code: {"en": en, "fr": fr} for code, (en, fr) in codes.items()}
        super().__init__(*codes, metadata={**metadata, "x-codes": labels})


class RecordSchema(Strict):
    """A record that one agency shares: any of its fields, but at least one."""

    @validates_schema
    def something_is_there(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse the empty record: it would claim that there was something to share."""
        if not data:
            raise ValidationError("A record has at least one field.")


class Currency(Spelled):
    """A currency by ISO 4217."""

    spelling = re.compile(r"[A-Z]{3}", re.ASCII)
    says = "Takes a currency of three capital letters."


class LanguageTag(Spelled):
    """A language by BCP 47, with its region at most."""

    spelling = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?", re.ASCII)
    says = "Takes a language like fr or pt-BR."


class MoneySchema(RecordSchema):
    """An amount in the currency's minor unit: cents, so that nothing is ever rounded."""

    amount = Whole(
        required=True,
        most=10**12,
        metadata=shown("Amount in cents", "Montant en centimes", "FHIR Money, in minor units"),
    )
    currency = Currency(required=True, metadata=shown("Currency", "Devise", "ISO 4217"))


class AddressSchema(RecordSchema):
    """Where someone can be reached or lives."""

    line = Text(metadata=shown("Street and number", "Numéro et voie", "FHIR Address.line"))
    city = Text(metadata=shown("Town", "Commune", "FHIR Address.city"))
    postal_code = Text(longest=20, metadata=shown("Postcode", "Code postal", "FHIR Address.postalCode"))
    country = Country(metadata=shown("Country", "Pays", "ISO 3166-1, FHIR Address.country"))


def money(en: str, fr: str, standard: str) -> fields.Nested:
    """Make a field that holds an amount."""
    return fields.Nested(MoneySchema, metadata=shown(en, fr, standard))


def rows(schema: type[RecordSchema], en: str, fr: str, standard: str) -> Several:
    """Make a field that holds up to fifty lines of the same kind."""
    return Several(fields.Nested(schema), most=50, metadata=shown(en, fr, standard))


def day(en: str, fr: str, standard: str) -> Day:
    """Make a field that holds a day."""
    return Day(metadata=shown(en, fr, standard))


def text(en: str, fr: str, standard: str, *, longest: int = 200) -> Text:
    """Make a field that holds words."""
    return Text(longest=longest, metadata=shown(en, fr, standard))


def texts(en: str, fr: str, standard: str) -> Several:
    """Make a field that holds up to ten short texts."""
    return Several(Text(), most=10, metadata=shown(en, fr, standard))


def flag(en: str, fr: str, standard: str) -> Flag:
    """Make a field that is yes or no."""
    return Flag(metadata=shown(en, fr, standard))


def count(en: str, fr: str, standard: str, *, most: int = 1000) -> Whole:
    """Make a field that counts."""
    return Whole(most=most, metadata=shown(en, fr, standard))


def coded(codes: Codes, en: str, fr: str, standard: str) -> Coded:
    """Make a field of a code list."""
    return Coded(codes, metadata=shown(en, fr, standard))
