"""`identity.contact/1`: who someone is and how to reach them without doing harm."""

from __future__ import annotations

from marshmallow import fields

from schemas.messages.fields import Several
from schemas.records.record import (
    LONGEST_TEXT,
    AddressSchema,
    Codes,
    LanguageTag,
    RecordSchema,
    coded,
    day,
    flag,
    rows,
    shown,
    text,
    texts,
)

QUALITIES: Codes = {
    "1": ("full", "complète"),
    "2": ("partial or approximate", "partielle ou approximative"),
    "8": ("person does not know", "la personne ne sait pas"),
    "9": ("person prefers not to say", "la personne préfère ne pas répondre"),
    "99": ("not collected", "non recueillie"),
}
GENDERS: Codes = {
    "male": ("male", "masculin"),
    "female": ("female", "féminin"),
    "other": ("other", "autre"),
    "unknown": ("not known", "inconnu"),
}
CHANNELS: Codes = {
    "phone": ("phone call", "appel téléphonique"),
    "sms": ("text message", "SMS"),
    "email": ("e-mail", "courriel"),
    "post": ("letter", "courrier"),
    "in_person": ("in person", "en personne"),
    "portal": ("citizens' portal", "portail des citoyens"),
}


class IdentifierSchema(RecordSchema):
    """A number that one agency gave; never a key across agencies."""

    system = text("Who gave the number", "Organisme émetteur", "FHIR Identifier.system")
    value = text("Number", "Numéro", "FHIR Identifier.value")
    source = text("Seen on", "Vu sur", "FHIR Identifier.assigner")


class PhoneSchema(RecordSchema):
    """A phone, and whether others can listen."""

    number = text("Phone number", "Numéro de téléphone", "FHIR ContactPoint.value, E.164", longest=40)
    shared = flag("Shared with others", "Partagé avec d’autres", "Primero safe contact")


class EmailSchema(RecordSchema):
    """A mailbox, and whether others can read it."""

    address = text("E-mail address", "Adresse électronique", "FHIR ContactPoint.value, RFC 5322")
    shared = flag("Shared with others", "Partagée avec d’autres", "Primero safe contact")


class IdentityContact(RecordSchema):
    """Who someone is and how to reach them."""

    given_names = texts("First names", "Prénoms", "FHIR HumanName.given")
    family_name = text("Last name", "Nom", "FHIR HumanName.family")
    birth_name = text("Name at birth", "Nom de naissance", "FHIR HumanName.use maiden; EU Core Person")
    birth_date = day("Date of birth", "Date de naissance", "FHIR Patient.birthDate; HMIS 3.03")
    birth_date_quality = coded(
        QUALITIES, "How sure the date is", "Fiabilité de la date", "HMIS 3.03 data quality"
    )
    birth_place = text("Place of birth", "Lieu de naissance", "EU Core Person placeOfBirth")
    gender = coded(GENDERS, "Gender", "Genre", "FHIR administrative-gender")
    pronouns = text("Pronouns", "Pronoms", "FHIR individual-pronouns", longest=40)
    languages = Several(
        LanguageTag(),
        most=10,
        metadata=shown("Languages", "Langues", "BCP 47, FHIR Patient.communication"),
    )
    interpreter_needed = flag(
        "Needs an interpreter", "Besoin d’un interprète", "FHIR patient-interpreterRequired"
    )
    identifiers = rows(
        IdentifierSchema, "Numbers at agencies", "Numéros auprès des organismes", "FHIR Identifier"
    )
    address = fields.Nested(AddressSchema, metadata=shown("Address", "Adresse", "FHIR Address"))
    no_fixed_abode = flag("No fixed address", "Sans domicile stable", "HSDS, HMIS 3.12 class Homeless")
    phones = rows(PhoneSchema, "Phones", "Téléphones", "FHIR ContactPoint")
    emails = rows(EmailSchema, "E-mail addresses", "Adresses électroniques", "FHIR ContactPoint")
    preferred_channel = coded(
        CHANNELS, "Best way to reach them", "Moyen de contact préféré", "FHIR ContactPoint.rank"
    )
    safe_contact_notes = text(
        "How to make contact safely",
        "Précautions pour prendre contact",
        "Primero safe contact",
        longest=LONGEST_TEXT,
    )
    accessibility_needs = texts(
        "Accessibility needs", "Besoins d’accessibilité", "PRSB reasonable adjustments"
    )
