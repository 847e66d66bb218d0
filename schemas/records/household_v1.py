"""`household.members/1`: who lives with whom, and who speaks for whom."""

from __future__ import annotations

from marshmallow import fields

from schemas.records.record import Codes, RecordSchema, coded, count, day, flag, rows, shown, text

RELATIONS: Codes = {
    "self": ("the person", "la personne"),
    "partner": ("husband, wife or partner", "conjoint ou partenaire"),
    "child": ("child", "enfant"),
    "parent": ("parent", "parent"),
    "sibling": ("brother or sister", "frère ou sœur"),
    "other_relative": ("other relative", "autre membre de la famille"),
    "not_related": ("not related", "sans lien de parenté"),
}
MANDATES: Codes = {
    "power_of_attorney": ("power of attorney", "mandat"),
    "guardian": ("guardian", "tutelle"),
    "curator": ("curator", "curatelle"),
    "family_authorisation": ("family authorisation", "habilitation familiale"),
    "parental": ("parental authority", "autorité parentale"),
}


class MemberSchema(RecordSchema):
    """One person of the household."""

    relation = coded(RELATIONS, "Relation", "Lien", "HMIS 3.15 relationship to head of household")
    given_name = text("First name", "Prénom", "FHIR RelatedPerson.name")
    birth_date = day("Date of birth", "Date de naissance", "FHIR RelatedPerson.birthDate")
    dependent = flag("Depends on the person", "À charge", "Primero family details")
    lives_with = flag("Lives with the person", "Vit avec la personne", "Primero family details")


class RepresentativeSchema(RecordSchema):
    """Who may act for the person."""

    name = text("Name", "Nom", "FHIR RelatedPerson.name")
    mandate = coded(MANDATES, "On what ground", "À quel titre", "FHIR RelatedPerson.relationship")
    since = day("Since", "Depuis", "FHIR RelatedPerson.period")
    until = day("Until", "Jusqu’au", "FHIR RelatedPerson.period")


class HouseholdMembers(RecordSchema):
    """Who lives with whom."""

    size = count("People in the household", "Personnes dans le foyer", "HMIS 3.15", most=50)
    dependants = count("People who depend on them", "Personnes à charge", "HMIS 3.15", most=50)
    single_parent = flag("Parent alone with children", "Parent isolé", "CNAF RSA parent isolé")
    members = rows(MemberSchema, "Members of the household", "Membres du foyer", "FHIR RelatedPerson")
    representative = fields.Nested(
        RepresentativeSchema,
        metadata=shown("Who acts for the person", "Représentant", "FHIR RelatedPerson"),
    )
