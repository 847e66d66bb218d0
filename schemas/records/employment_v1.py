"""`employment.situation/1`: work, the way towards it, and what someone can do."""

from __future__ import annotations

import re

from marshmallow import fields

from schemas.messages.fields import Spelled
from schemas.records.record import Codes, RecordSchema, coded, count, day, flag, money, shown, text

STATUSES: Codes = {
    "employed_full_time": ("works full time", "en emploi à temps plein"),
    "employed_part_time": ("works part time", "en emploi à temps partiel"),
    "self_employed": ("self-employed", "travailleur indépendant"),
    "integration_job": ("job in an integration enterprise", "salarié en insertion"),
    "training": ("in training", "en formation"),
    "studying": ("studying", "en études"),
    "looking": ("looking for work", "en recherche d’emploi"),
    "sick": ("on sick leave", "en arrêt maladie"),
    "parental_leave": ("on parental leave", "en congé parental"),
    "carer": ("cares for someone", "proche aidant"),
    "unable": ("not able to work", "dans l’incapacité de travailler"),
    "retired": ("retired", "retraité"),
    "other": ("other", "autre"),
}
CONTRACTS: Codes = {
    "permanent": ("permanent", "CDI"),
    "fixed_term": ("fixed term", "CDD"),
    "temporary": ("agency work", "intérim"),
    "integration": ("integration contract", "CDDI"),
    "apprenticeship": ("apprenticeship", "contrat d’apprentissage"),
    "seasonal": ("seasonal", "saisonnier"),
    "none": ("without contract", "sans contrat"),
}
LEVELS: Codes = {
    "0": ("no school leaving certificate", "sans diplôme"),
    "2": ("lower secondary", "brevet"),
    "3": ("upper secondary", "CAP, BEP ou baccalauréat"),
    "5": ("short tertiary", "bac + 2"),
    "6": ("bachelor", "licence"),
    "7": ("master", "master"),
    "8": ("doctorate", "doctorat"),
}


class RomeCode(Spelled):
    """An occupation of the ROME directory."""

    spelling = re.compile(r"[A-N][0-9]{4}", re.ASCII)
    says = "Takes a ROME code like K1304."


class RegistrationSchema(RecordSchema):
    """With which employment service someone is registered."""

    agency = text("Employment service", "Service de l’emploi", "FHIR Organization.name")
    number = text("Number", "Identifiant", "FHIR Identifier.value")
    since = day("Since", "Depuis", "carnet-de-bord registration date")


class ProjectSchema(RecordSchema):
    """What work someone is looking for."""

    occupation = RomeCode(metadata=shown("Occupation", "Métier", "ROME v4"))
    words = text("In their words", "Dans ses mots", "carnet-de-bord professional project", longest=1000)
    contract = coded(CONTRACTS, "Contract sought", "Contrat recherché", "carnet-de-bord contract type")
    hourly_rate = money("Hourly rate sought", "Taux horaire souhaité", "carnet-de-bord hourly rate")
    mobility_radius_km = count(
        "How far they can travel (km)", "Rayon de mobilité (km)", "carnet-de-bord mobility radius"
    )


class ContractSchema(RecordSchema):
    """A contract of work."""

    kind = coded(CONTRACTS, "Kind", "Nature", "carnet-de-bord contract type")
    employer = text("Employer", "Employeur", "FHIR Organization.name")
    signed_on = day("Signed on", "Signé le", "carnet-de-bord contract sign date")
    starts_on = day("Starts on", "Début", "FHIR Period.start")
    ends_on = day("Ends on", "Fin", "FHIR Period.end")


class EmploymentSituation(RecordSchema):
    """Work and the way towards it."""

    status = coded(STATUSES, "Situation", "Situation", "carnet-de-bord work situation; HMIS R6 employment")
    since = day("Since", "Depuis", "carnet-de-bord work situation date")
    last_job_ended_on = day("Last job ended on", "Fin du dernier emploi", "carnet-de-bord last job end")
    registration = fields.Nested(
        RegistrationSchema,
        metadata=shown("Registered with", "Inscription", "data·inclusion; France Travail"),
    )
    project = fields.Nested(
        ProjectSchema, metadata=shown("Work sought", "Projet professionnel", "ROME v4, ESCO")
    )
    contract = fields.Nested(
        ContractSchema, metadata=shown("Contract", "Contrat en cours", "carnet-de-bord contract")
    )
    education_level = coded(LEVELS, "Highest education", "Niveau d’études", "ISCED 2011")
    recognised_disabled_worker = flag(
        "Recognised as disabled worker", "Reconnaissance travailleur handicapé", "RQTH (CDT L5213-1)"
    )
    driving_licence = flag("Driving licence", "Permis de conduire", "Gravity transportation-insecurity")
