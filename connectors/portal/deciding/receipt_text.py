"""A receipt as plain text in English and French, to be read, printed and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from connectors.portal.deciding.by_whom import DELEGATE, IN_YOUR_NAME, OTHER, decided_by
from schemas import instant
from schemas.records import CATEGORIES, label_of

_LANGUAGES: Final = ("en", "fr")
_WIDE: Final = "\u202f"
"""French sets a narrow space before : ; ? and !"""
_DONE: Final[Mapping[str, tuple[str, str]]] = {
    "granted": ("You allowed this.", "Vous avez donné votre accord."),
    "narrowed": ("You allowed a part of this.", "Vous avez donné votre accord pour une partie."),
    "refused": ("You did not allow this.", "Vous avez refusé."),
    "withdrawn": ("You took this permission back.", "Vous avez retiré cette autorisation."),
    "suspended": ("You paused this permission.", "Vous avez suspendu cette autorisation."),
    "resumed": ("You let this permission go on.", "Vous avez rétabli cette autorisation."),
    "expired": ("This permission has ended.", "Cette autorisation a pris fin."),
    "passed": ("You passed the data on.", "Vous avez transmis les données."),
    "stopped": ("You did not pass the data on.", "Vous n’avez pas transmis les données."),
}
_DONE_BY_OTHERS: Final[Mapping[str, tuple[str, str]]] = {
    "granted": ("allowed this.", "a donné l’accord."),
    "narrowed": ("allowed a part of this.", "a donné l’accord pour une partie."),
    "refused": ("did not allow this.", "a refusé."),
    "withdrawn": ("took this permission back.", "a retiré cette autorisation."),
    "suspended": ("paused this permission.", "a suspendu cette autorisation."),
    "resumed": ("let this permission go on.", "a rétabli cette autorisation."),
    "passed": ("passed the data on.", "a transmis les données."),
    "stopped": ("did not pass the data on.", "n’a pas transmis les données."),
}
_DONE_IN_YOUR_NAME: Final[Mapping[str, tuple[str, str]]] = {
    "granted": ("This was allowed in your name.", "L’accord a été donné en votre nom."),
    "narrowed": (
        "A part of this was allowed in your name.",
        "L’accord a été donné en votre nom pour une partie.",
    ),
    "refused": ("This was not allowed, in your name.", "Cela a été refusé en votre nom."),
    "withdrawn": (
        "This permission was taken back in your name.",
        "Cette autorisation a été retirée en votre nom.",
    ),
    "suspended": (
        "This permission was paused in your name.",
        "Cette autorisation a été suspendue en votre nom.",
    ),
    "resumed": (
        "This permission was let go on in your name.",
        "Cette autorisation a été rétablie en votre nom.",
    ),
    "passed": ("The data was passed on in your name.", "Les données ont été transmises en votre nom."),
    "stopped": (
        "The data was not passed on, in your name.",
        "Les données n’ont pas été transmises, en votre nom.",
    ),
}
"""Where it is held back for now who decided."""
_SOMEBODY: Final[Mapping[str, tuple[str, str]]] = {
    DELEGATE: ("Somebody who acts for you", "Une personne qui agit pour vous"),
    OTHER: ("Somebody else", "Une autre personne"),
}
_LINES: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Receipt", "Reçu"),
    "number": ("Number", "Numéro"),
    "at": ("Date", "Date"),
    "from": ("Who gives the data", "Qui donne les données"),
    "to": ("Who gets the data", "Qui reçoit les données"),
    "purpose": ("What for", "Pour quoi faire"),
    "data": ("Which data", "Quelles données"),
    "left_out": ("Left out", "Laissé de côté"),
    "how_often": ("How often", "Combien de fois"),
    "until": ("Permission ends", "Fin de l’autorisation"),
    "life": ("How long copies are kept", "Durée de conservation des copies"),
    "after": ("When it is taken back", "Après un retrait"),
    "withdraw": ("How to take it back", "Comment la retirer"),
    "complaint": ("Where to complain", "Où faire une réclamation"),
}


_NOT_FOR: Final[Mapping[str, frozenset[str]]] = {
    "refused": frozenset({"how_often", "until", "life", "after", "withdraw"}),
    "stopped": frozenset({"how_often", "life", "after"}),
    "withdrawn": frozenset({"how_often", "until", "withdraw"}),
    "expired": frozenset({"how_often", "withdraw"}),
}
"""What would say the wrong thing after such a decision; the document has it all the same."""


def as_text(document: Mapping[str, Any], language: str, zone: str = "UTC", mandate: str | None = None) -> str:
    """Write a receipt's document as plain text in `en` or `fr`, with times of the time zone `zone`.

    `mandate` is the one by which the reader acts for the person, if they do.
    """
    which = _LANGUAGES.index(language)
    colon = f"{_WIDE}:" if language == "fr" else ":"
    written = [
        f"{document['portal'][language]} – {_LINES['title'][which]}",
        "",
        done(document, language, mandate),
        "",
    ]
    written += [f"{heading}{colon} {text}" for heading, text in lines(document, language, zone)]
    return "\n".join(written) + "\n"


def lines(document: Mapping[str, Any], language: str, zone: str = "UTC") -> list[tuple[str, str]]:
    """Give heading and text of each line, for a page."""
    which = _LANGUAGES.index(language)
    return [(_LINES[name][which], text) for name, text in _rows(document, language, ZoneInfo(zone))]


def done(document: Mapping[str, Any], language: str, mandate: str | None = None) -> str:
    """Say in one sentence what was decided and by whom; who acts by `mandate` is "you" in what they did."""
    which, kind = _LANGUAGES.index(language), document["kind"]
    by = decided_by(document, mandate)
    if by == IN_YOUR_NAME:
        return _DONE_IN_YOUR_NAME[kind][which]
    if by in _SOMEBODY:
        return f"{_SOMEBODY[by][which]} {_DONE_BY_OTHERS[kind][which]}"
    return _DONE[kind][which]


def _rows(document: Mapping[str, Any], language: str, zone: ZoneInfo) -> list[tuple[str, str]]:
    rows = [
        ("number", document["number"]),
        ("at", _moment(document["at"], language, zone)),
        ("from", ", ".join(each["name"] for each in document["from"])),
        ("to", ", ".join(each["name"] for each in document["to"])),
        ("purpose", document["purpose"]["text"][language]),
        ("data", _data(document["data"], language)),
        ("left_out", _data(document["left_out"], language)),
        ("how_often", _how_often(document, language)),
        ("until", _day(document["valid_until"], language, zone)),
        ("life", _days(document["data_life_days"], language)),
        ("after", _after(document["on_withdrawal"], language)),
        ("withdraw", _ways(document["withdraw"], language)),
        ("complaint", f"{document['complaint']['authority']}, {document['complaint']['rights_url']}"),
    ]
    left = _NOT_FOR.get(document["kind"], frozenset())
    return [(name, text) for name, text in rows if text and name not in left]


def _data(entries: Sequence[Mapping[str, Any]], language: str) -> str:
    which = _LANGUAGES.index(language)
    return "; ".join(
        f"{CATEGORIES[each['category']][which]} ("
        + ", ".join(label_of(each["schema"], field, language) for field in each["fields"])
        + ")"
        for each in entries
    ).replace("; ", f"{_WIDE}; " if language == "fr" else "; ")


def _how_often(document: Mapping[str, Any], language: str) -> str:
    french = language == "fr"
    if document["fetch"] == "once":
        return "une seule fois" if french else "once"
    count, per = document["frequency"]["count"], document["frequency"]["per"]
    if not french:
        return f"at most {count} times per {per}" if count > 1 else f"at most once per {per}"
    times = "une" if count == 1 else count
    return f"au plus {times} fois par {({'day': 'jour', 'week': 'semaine', 'month': 'mois'})[per]}"


def _days(days: int, language: str) -> str:
    if language == "fr":
        return f"{days} jour" + ("s" if days > 1 else "")
    return f"{days} day" + ("s" if days != 1 else "")


def _after(on_withdrawal: Mapping[str, Any], language: str) -> str:
    if on_withdrawal["why"] is None:
        return "les copies sont effacées" if language == "fr" else "copies are deleted"
    return str(on_withdrawal["why"][language])


def _ways(withdraw: Mapping[str, Any], language: str) -> str:
    others = [each[language] for each in withdraw["other_channels"]]
    ways = [withdraw["portal"], *others, *withdraw["contact"].values()]
    return ", ".join(dict.fromkeys(ways))


def _day(text: str, language: str, zone: ZoneInfo) -> str:
    return str(format_date(_local(text, zone), "d MMMM y", locale=language))


def _moment(text: str, language: str, zone: ZoneInfo) -> str:
    pattern = "d MMMM y 'à' HH:mm" if language == "fr" else "d MMMM y 'at' HH:mm"
    return str(format_datetime(_local(text, zone), pattern, locale=language))


def _local(text: str, zone: ZoneInfo) -> datetime:
    return instant.parse(text).astimezone(zone)
