"""What e-mails say: that something is new and where to look, in English and French; never what, who or which.

Anybody may read somebody else's e-mail, on a telephone that lies on a table: so there are no names of people
or organisations, no purposes, no numbers of cases in here, and a test looks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SPACE = "\u202f"

SUBJECTS: Final[Mapping[str, str]] = {
    "en": "There is something new in your {name} space",
    "fr": "Il y a du nouveau dans votre espace {name}",
}
BODIES: Final[Mapping[str, Mapping[str, str]]] = {
    "receipt": {
        "en": "A decision was recorded. A receipt is in your {name} space.",
        "fr": "Une décision a été enregistrée. Un reçu se trouve dans votre espace {name}.",
    },
    "waits": {
        "en": "There is something new in your {name} space. It waits for your answer.",
        "fr": "Il y a du nouveau dans votre espace {name}. Votre réponse est attendue.",
    },
    "ending": {
        "en": "A reminder: permissions in your {name} space are in force ({count}). "
        "You can look at them, keep them or take them back.",
        "fr": "Un rappel" + _SPACE + ": des autorisations sont en cours dans votre espace {name} ({count}). "
        "Vous pouvez les consulter, les garder ou les retirer.",
    },
    "passkey_added": {
        "en": "A new passkey was added to your {name} space. If it was not you, sign in and remove it, "
        "or contact us.",
        "fr": "Une nouvelle clé d’accès a été ajoutée à votre espace {name}. Si ce n’est pas vous, "
        "connectez-vous et supprimez-la, ou contactez-nous.",
    },
    "delegate_acted": {
        "en": "Somebody who acts for you did something in your {name} space. You can see what it was there.",
        "fr": "Une personne qui agit pour vous a fait quelque chose dans votre espace {name}. "
        "Vous pouvez y voir ce que c’était.",
    },
    "ended": {
        "en": "The time of a permission is over, so it has ended. "
        "You can see which one in your {name} space.",
        "fr": "La durée d’une autorisation est écoulée, elle a donc pris fin. "
        "Vous pouvez voir laquelle dans votre espace {name}.",
    },
    "emergency": {
        "en": "Data in your {name} space was opened in an emergency. You can see there by whom and why.",
        "fr": "Des données de votre espace {name} ont été ouvertes en urgence. "
        "Vous pouvez y voir par qui et pourquoi.",
    },
}
ENDS: Final[Mapping[str, str]] = {
    "en": "Sign in to see it:\n{address}\n\n"
    "We never ask for a password by e-mail. You can turn these e-mails off in your settings there.\n",
    "fr": "Connectez-vous pour voir" + _SPACE + ":\n{address}\n\n"
    "Nous ne demandons jamais de mot de passe par e-mail. "
    "Vous pouvez désactiver ces e-mails dans vos réglages.\n",
}
