"""`housing.tenancy/1`: where someone lives, what it costs, and whether they may lose it."""

from __future__ import annotations

from schemas.records.record import Codes, RecordSchema, coded, count, day, flag, money, rows, text

LIVING_SITUATIONS: Codes = {
    "116": ("place not meant for living", "lieu impropre à l’habitation"),
    "101": ("emergency shelter", "hébergement d’urgence"),
    "118": ("safe haven", "lieu de répit"),
    "215": ("foster care", "famille d’accueil"),
    "206": ("hospital", "hôpital"),
    "207": ("prison", "établissement pénitentiaire"),
    "225": ("long-term care", "établissement médico-social"),
    "204": ("psychiatric hospital", "hôpital psychiatrique"),
    "205": ("addiction treatment centre", "centre de soins en addictologie"),
    "302": ("transitional housing", "hébergement de transition"),
    "329": ("supervised residence", "résidence encadrée"),
    "314": ("hotel, paid without help", "hôtel, sans aide"),
    "332": ("host home", "hébergement citoyen"),
    "336": ("with friends, for a time", "chez des amis, temporairement"),
    "335": ("with family, for a time", "en famille, temporairement"),
    "422": ("with family, lasting", "en famille, durablement"),
    "423": ("with friends, lasting", "chez des amis, durablement"),
    "410": ("rented, without subsidy", "locataire sans aide"),
    "435": ("rented, with subsidy", "locataire avec aide"),
    "411": ("owner, without subsidy", "propriétaire sans aide"),
    "421": ("owner, with subsidy", "propriétaire avec aide"),
    "8": ("person does not know", "la personne ne sait pas"),
    "9": ("person prefers not to say", "la personne préfère ne pas répondre"),
    "99": ("not collected", "non recueillie"),
}
TENURES: Codes = {
    "social": ("social tenant", "locataire du parc social"),
    "private": ("private tenant", "locataire du parc privé"),
    "sublet": ("subtenant", "sous-locataire"),
    "owner": ("owner", "propriétaire"),
    "hosted": ("hosted for free", "hébergé à titre gratuit"),
    "none": ("no right to stay", "sans droit ni titre"),
}
EVICTION_STAGES: Codes = {
    "none": ("no procedure", "aucune procédure"),
    "order_to_pay": ("order to pay", "commandement de payer"),
    "summons": ("summoned to court", "assignation"),
    "judgment": ("judgment", "jugement"),
    "order_to_leave": ("order to leave", "commandement de quitter les lieux"),
    "police_requested": ("help of the police requested", "réquisition de la force publique"),
    "evicted": ("evicted", "expulsé"),
}
APPLICATION_KINDS: Codes = {
    "social_housing": ("social housing", "logement social"),
    "emergency_shelter": ("shelter (SIAO)", "hébergement (SIAO)"),
    "right_to_housing": ("enforceable right to housing", "droit au logement opposable"),
    "housing_fund": ("housing solidarity fund", "fonds de solidarité logement"),
}
APPLICATION_STATES: Codes = {
    "filed": ("filed", "déposée"),
    "complete": ("complete", "complète"),
    "waiting": ("on a waiting list", "en attente"),
    "offered": ("offer made", "proposition faite"),
    "refused": ("refused", "refusée"),
}


class ApplicationSchema(RecordSchema):
    """A request for a home or for help to keep it."""

    kind = coded(APPLICATION_KINDS, "For what", "Nature", "HSDS service type; SIAO")
    reference = text("Reference", "Référence", "FHIR Task.identifier")
    filed_on = day("Filed on", "Déposée le", "FHIR Task.authoredOn")
    state = coded(APPLICATION_STATES, "State", "État", "Gravity program enrollment status")


class HousingTenancy(RecordSchema):
    """Where someone lives and whether they may lose it."""

    living_situation = coded(
        LIVING_SITUATIONS, "Where the person lives", "Où vit la personne", "HMIS 3.12 living situation"
    )
    since = day("Since", "Depuis", "HMIS 3.917 length of stay")
    tenure = coded(TENURES, "As what", "Statut d’occupation", "ETHOS; INSEE statut d’occupation")
    landlord = text("Landlord", "Bailleur", "FHIR Organization.name")
    lease_number = text("Number of the lease", "Numéro de bail", "FHIR Identifier.value")
    rent = money("Rent per month", "Loyer mensuel", "Gravity housing-instability; FHIR Money")
    charges = money("Charges per month", "Charges mensuelles", "FHIR Money")
    housing_benefit = money("Housing benefit per month", "Aide au logement mensuelle", "CNAF AL/APL")
    arrears = money("Rent owed", "Impayés de loyer", "Gravity housing-instability")
    arrears_months = count(
        "Months of rent owed", "Mois de loyer impayés", "Gravity housing-instability", most=600
    )
    repayment_plan = flag("A plan to repay runs", "Plan d’apurement en cours", "CCAPEX")
    eviction_stage = coded(EVICTION_STAGES, "Stage of eviction", "Étape de l’expulsion", "CCAPEX")
    eviction_date = day("Date of that stage", "Date de cette étape", "CCAPEX")
    overcrowded = flag("Too small for the household", "Suroccupation", "Gravity inadequate-housing; ETHOS 12")
    unfit = flag("Not fit to live in", "Logement indigne", "Gravity inadequate-housing; ETHOS 11")
    applications = rows(ApplicationSchema, "Applications", "Demandes en cours", "SIAO; Gravity")
    exit_destination = coded(
        LIVING_SITUATIONS, "Where the person went", "Destination à la sortie", "HMIS 3.12 destination"
    )
