"""`debts.bills/1`: what someone owes, to whom, and what happens next."""

from __future__ import annotations

from marshmallow import fields

from schemas.records.record import PERIODS, Codes, RecordSchema, coded, day, money, rows, shown, text

KINDS: Codes = {
    "rent": ("rent", "loyer"),
    "energy": ("energy", "énergie"),
    "water": ("water", "eau"),
    "telecom": ("phone and internet", "téléphone et internet"),
    "tax": ("tax", "impôts"),
    "consumer": ("consumer credit", "crédit à la consommation"),
    "mortgage": ("mortgage", "crédit immobilier"),
    "benefit_overpayment": ("overpaid benefit", "indu de prestation"),
    "medical": ("medical bill", "frais de santé"),
    "fine": ("fine", "amende"),
    "family": ("owed to family or friends", "dette familiale ou amicale"),
    "other": ("other", "autre"),
}
STAGES: Codes = {
    "due": ("due", "échue"),
    "reminder": ("reminder sent", "relance"),
    "formal_notice": ("formal notice", "mise en demeure"),
    "bailiff": ("with a bailiff", "huissier saisi"),
    "court": ("at court", "procédure judiciaire"),
    "seizure": ("seizure", "saisie"),
    "plan": ("repaid by plan", "plan de remboursement"),
    "settled": ("settled", "soldée"),
}
OVER_INDEBTEDNESS: Codes = {
    "none": ("no procedure", "aucune procédure"),
    "filed": ("file sent", "dossier déposé"),
    "admissible": ("admissible", "dossier recevable"),
    "plan": ("plan or measures", "plan ou mesures"),
    "recovery": ("debts cancelled", "rétablissement personnel"),
    "refused": ("not admissible", "dossier irrecevable"),
}


class PlanSchema(RecordSchema):
    """How a debt is paid back."""

    amount = money("Amount", "Montant", "FHIR Money")
    period = coded(PERIODS, "How often", "Périodicité", "UK Standard Financial Statement")
    until = day("Until", "Jusqu’au", "FHIR Period.end")


class DebtSchema(RecordSchema):
    """One debt."""

    creditor = text("Creditor", "Créancier", "UK Standard Financial Statement")
    kind = coded(KINDS, "Kind", "Nature", "Gravity utility-insecurity, medical-cost-burden")
    outstanding = money("Still owed", "Reste dû", "UK Standard Financial Statement")
    stage = coded(STAGES, "Stage", "Étape", "UK Standard Financial Statement")
    since = day("Since", "Depuis", "FHIR Period.start")
    plan = fields.Nested(PlanSchema, metadata=shown("Plan", "Plan", "UK Standard Financial Statement"))


class DebtsAndBills(RecordSchema):
    """What someone owes."""

    debts = rows(DebtSchema, "Debts", "Dettes", "data·inclusion difficultes-financieres")
    total = money("Total owed", "Total dû", "UK Standard Financial Statement")
    over_indebtedness = coded(
        OVER_INDEBTEDNESS, "Over-indebtedness procedure", "Procédure de surendettement", "Banque de France"
    )
    disconnection_on = day(
        "Energy may be cut on", "Coupure d’énergie possible le", "Gravity utility-insecurity"
    )
    budget_adviser = text("Budget adviser", "Point conseil budget", "data·inclusion difficultes-financieres")
