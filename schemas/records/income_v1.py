"""`income.sources/1`: what someone lives on."""

from __future__ import annotations

from schemas.records.record import PERIODS, Codes, RecordSchema, coded, day, flag, money, rows, texts

SOURCES: Codes = {
    "1": ("earned income", "revenus d’activité"),
    "3": ("unemployment benefit", "allocation chômage"),
    "4": ("supplementary security income", "minimum social"),
    "5": ("disability insurance", "pension d’invalidité"),
    "6": ("veterans’ disability pension", "pension d’invalidité militaire"),
    "8": ("private disability insurance", "rente d’invalidité privée"),
    "9": ("compensation for an accident at work", "rente d’accident du travail"),
    "10": ("social assistance", "aide sociale"),
    "11": ("general assistance", "aide financière locale"),
    "12": ("old-age pension", "retraite de base"),
    "13": ("occupational pension", "retraite complémentaire"),
    "14": ("child support", "pension alimentaire pour enfant"),
    "15": ("alimony", "prestation compensatoire"),
    "17": ("other source", "autre ressource"),
}


class SourceSchema(RecordSchema):
    """One source of income."""

    kind = coded(SOURCES, "Kind", "Nature", "HMIS 4.02 income sources")
    amount = money("Amount", "Montant", "HMIS 4.02; FHIR Money")
    period = coded(PERIODS, "How often", "Périodicité", "HMIS 4.02 monthly amount")
    since = day("Since", "Depuis", "FHIR Period.start")
    until = day("Until", "Jusqu’au", "FHIR Period.end")


class IncomeSources(RecordSchema):
    """What someone lives on."""

    sources = rows(SourceSchema, "Sources of income", "Ressources", "HMIS 4.02")
    monthly_total = money("Total per month", "Total mensuel", "HMIS 4.02 total monthly income")
    tax_reference_income = money(
        "Income of the last tax notice", "Revenu fiscal de référence", "DGFiP avis d’impôt"
    )
    without_resources = flag("No income at all", "Sans ressources", "HMIS 4.02 no financial resources")
    pending_claims = texts("Claims not yet decided", "Demandes en attente", "Gravity financial-insecurity")
