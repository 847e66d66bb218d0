"""`needs.expressed/1`: what the person says, in their own words, and what they ask for."""

from __future__ import annotations

from schemas.records.record import LONGEST_TEXT, Codes, RecordSchema, coded, day, rows, text, texts

THEMES: Codes = {
    "choisir-un-metier": ("choosing an occupation", "choisir un métier"),
    "creer-une-entreprise": ("starting a business", "créer une entreprise"),
    "difficultes-administratives-ou-juridiques": (
        "paperwork and law",
        "difficultés administratives ou juridiques",
    ),
    "difficultes-financieres": ("money problems", "difficultés financières"),
    "equipement-et-alimentation": ("food and equipment", "équipement et alimentation"),
    "famille": ("family", "famille"),
    "lecture-ecriture-calcul": ("reading, writing, arithmetic", "lecture, écriture, calcul"),
    "logement-hebergement": ("housing", "logement et hébergement"),
    "mobilite": ("getting around", "mobilité"),
    "numerique": ("digital skills and access", "numérique"),
    "preparer-sa-candidature": ("applying for work", "préparer sa candidature"),
    "remobilisation": ("getting going again", "remobilisation"),
    "sante": ("health", "santé"),
    "se-former": ("training", "se former"),
    "souvrir-a-linternational": ("work abroad", "s’ouvrir à l’international"),
    "trouver-un-emploi": ("finding work", "trouver un emploi"),
}
URGENCIES: Codes = {
    "today": ("today", "aujourd’hui"),
    "this_week": ("this week", "cette semaine"),
    "soon": ("soon", "bientôt"),
    "later": ("later", "plus tard"),
}
STANDINGS: Codes = {
    "open": ("open", "à traiter"),
    "helped": ("help is on the way", "pris en charge"),
    "met": ("met", "satisfait"),
    "dropped": ("no longer wished", "abandonné"),
}


class NeedSchema(RecordSchema):
    """One need."""

    theme = coded(THEMES, "About", "Thème", "data·inclusion thematiques v1")
    words = text("In their words", "Dans ses mots", "PRSB About Me", longest=1000)
    urgency = coded(URGENCIES, "How urgent", "Urgence", "Gravity ServiceRequest.priority")
    state = coded(STANDINGS, "State", "État", "Gravity Goal.achievementStatus")
    since = day("Said on", "Exprimé le", "FHIR Observation.effective")


class NeedsExpressed(RecordSchema):
    """What the person says they need."""

    needs = rows(NeedSchema, "Needs", "Besoins", "Gravity SDOH Condition; data·inclusion")
    what_matters = text("What matters to me", "Ce qui compte pour moi", "PRSB About Me", longest=LONGEST_TEXT)
    how_to_help = text("How to help me", "Comment m’aider", "PRSB About Me", longest=LONGEST_TEXT)
    what_worked = text("What worked before", "Ce qui a déjà aidé", "PRSB About Me", longest=LONGEST_TEXT)
    strengths = texts("What I am good at", "Mes points forts", "PRSB About Me; Gravity protective-factor")
    wishes = text("What I wish for", "Ce que je souhaite", "Primero child_wishes", longest=LONGEST_TEXT)
