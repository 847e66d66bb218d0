"""Purposes and reasons that say nothing: a short list of phrases, English and French, that fit everything.

A permission for "improving the service" or "future research" is not specific, so that it is none (GDPR
article 4(11); EDPB guidelines 05/2020 §55 to 57). The list finds the usual phrases; whether other words are
concrete enough it cannot judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from schemas.errors import Invalid

_PHRASES: Final = (
    r"improv\w+ (?:(?:our|the|your|its|this|quality of) )*(?:services?|experience|quality|products?)",
    r"(?:future|further|later|scientific|market) research",
    r"research purposes?",
    r"(?:other|further|future|any|various|general|business|commercial|marketing|administrative) purposes?",
    r"(?:our|its|selected|trusted) partners",
    r"third parties",
    r"and so on",
    r"etc\b",
    (
        r"amélior\w+ (?:(?:de|des|du|de la|la|le|les|nos|notre|vos|votre|qualité) )*"
        r"(?:services?|expérience|qualité|produits?)"
    ),
    r"(?:futures?|autres) recherches?|recherches? (?:futures?|ultérieures?|scientifiques?)",
    r"(?:fins?|finalités?) (?:de recherche|de marketing|administratives?|commerciales?|générales?|diverses)",
    r"(?:autres?|toutes?|diverses) (?:autres? )?(?:fins?|finalités?)",
    r"(?:nos|ses|leurs) partenaires",
)
_VAGUE: Final = re.compile(rf"\b(?:{'|'.join(_PHRASES)})", re.IGNORECASE)


def vague_words(texts: Iterable[str]) -> list[str]:
    """List the phrases in some texts that fit everything, in their order."""
    return [found[0] for text in texts for found in _VAGUE.finditer(text)]


def check_concrete(texts: Mapping[str, str]) -> None:
    """Raise Invalid when one of these texts, by language, says nothing that a person could decide on."""
    found = vague_words(texts.values())
    if found:
        raise Invalid(
            "What for is not said clearly enough for a person to decide on.",
            phrases=", ".join(found),
            remedy="Say what is done with the data, for whom, in the words that you would use at the desk.",
        )
