"""`benefits.entitlements/1`: which benefits someone has, and why one was stopped."""

from __future__ import annotations

from schemas.records.record import PERIODS, Codes, RecordSchema, coded, day, flag, money, rows, text

SCHEMES: Codes = {
    "rsa": ("minimum income (RSA)", "RSA"),
    "prime_activite": ("in-work benefit", "prime d’activité"),
    "aah": ("disability allowance", "AAH"),
    "ass": ("solidarity allowance", "ASS"),
    "are": ("unemployment benefit", "ARE"),
    "housing": ("housing benefit", "aide au logement"),
    "family": ("family benefit", "allocations familiales"),
    "aspa": ("minimum old-age income", "ASPA"),
    "apa": ("care allowance", "APA"),
    "health_cover": ("health cover", "complémentaire santé solidaire"),
    "other": ("other benefit", "autre prestation"),
}
STATES: Codes = {
    "claimed": ("claimed", "demandé"),
    "open": ("open and paid", "droit ouvert et versable"),
    "open_suspended": ("open and suspended", "droit ouvert et suspendu"),
    "open_unpaid": ("open, not payable", "droit ouvert non versable"),
    "refused": ("refused", "refusé"),
    "closed": ("closed", "droit clos"),
    "closed_older": ("closed in an earlier month", "droit clos sur mois antérieur"),
}
SUSPENSION_REASONS: Codes = {
    "declaration_missing": ("declaration of income missing", "déclaration de ressources manquante"),
    "income_too_high": ("income too high", "ressources trop élevées"),
    "contract_missing": ("no contract of engagements", "contrat d’engagement absent"),
    "contract_broken": ("engagements not kept", "engagements non respectés"),
    "in_hospital": ("in hospital", "hospitalisation"),
    "in_prison": ("in prison", "incarcération"),
    "abroad": ("stay abroad", "séjour à l’étranger"),
    "check_running": ("check running", "contrôle en cours"),
    "other": ("other reason", "autre motif"),
}
CLOSURE_REASONS: Codes = {
    "at_request": ("at the person’s request", "à la demande de la personne"),
    "income_too_high": ("income too high for months", "ressources trop élevées durablement"),
    "moved": ("moved away", "déménagement"),
    "conditions_not_met": ("conditions no longer met", "conditions non remplies"),
    "suspended_too_long": ("suspended too long", "suspension prolongée"),
    "died": ("person died", "décès"),
    "other": ("other reason", "autre motif"),
}


class EntitlementSchema(RecordSchema):
    """One benefit."""

    scheme = coded(SCHEMES, "Benefit", "Prestation", "HMIS 4.03 non-cash benefits; CNAF")
    state = coded(STATES, "State", "État du droit", "carnet-de-bord RSA rights; CAF flux vrsb0801")
    amount = money("Amount", "Montant", "FHIR Money")
    period = coded(PERIODS, "How often", "Périodicité", "CNAF")
    since = day("Since", "Depuis", "FHIR Coverage.period")
    until = day("Until", "Jusqu’au", "FHIR Coverage.period")
    suspension_reason = coded(
        SUSPENSION_REASONS, "Why suspended", "Motif de suspension", "carnet-de-bord RSA suspension reasons"
    )
    closure_reason = coded(
        CLOSURE_REASONS, "Why closed", "Motif de clôture", "carnet-de-bord RSA closure reasons"
    )
    next_review = day("Next review", "Prochain réexamen", "CNAF")


class BenefitEntitlements(RecordSchema):
    """Which benefits someone has."""

    claimant_number = text("Claimant number", "Numéro d’allocataire", "FHIR Identifier.value; CAF")
    entitlements = rows(EntitlementSchema, "Benefits", "Prestations", "Gravity program enrollment status")
    overpayment = money("To be paid back", "Indu à rembourser", "CNAF; Gravity financial-insecurity")
    engagements_apply = flag(
        "Engagements are a condition", "Soumis aux droits et devoirs", "RSA droits et devoirs (CASF L262-28)"
    )
