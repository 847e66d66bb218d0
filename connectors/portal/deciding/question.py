"""What a request for consent asks, as plain facts for a page: who, what, what for, until when, what if not.

Takes the terms as they came and the agreement as it was verified; decides nothing. Everything that a person
must know before deciding is here (GDPR articles 7 and 13), so that page, notice and receipt cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from connectors.portal.deciding.before import Replaced
from schemas import instant, records
from schemas.agreement import Agreement
from schemas.consent_life import ANSWER_WITHIN
from schemas.errors import Invalid
from schemas.vague_purpose import vague_words

_USUAL_TIMES_A_DAY: Final = 1
"""More often than once a day is called out (consent rule 14)."""
_DAYS: Final = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class Field:
    """One field that is asked for, with the name by which a form leaves it out."""

    name: str
    label: str
    special: bool = False
    """Whether the law protects it specially (GDPR article 9)."""
    passkey: bool = False
    """Whether the agreement lets nobody allow it without a passkey."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One kind of data: what is needed of it, and what the person may add."""

    category: str
    label: str
    needed: tuple[Field, ...]
    optional: tuple[Field, ...]
    special: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One request, one purpose, one decision."""

    id: str
    case: str
    asker: str
    asker_id: str
    state: str
    """open, granted, refused, expired or replaced."""
    answer_by: datetime
    """When it lapses without an answer."""
    sources: tuple[str, ...]
    recipients: tuple[str, ...]
    purpose: str
    why: str
    data: tuple[Asked, ...]
    until: datetime
    kept_days: int
    once: bool
    count: int | None
    per: str | None
    data_from: str | None
    data_to: str | None
    found_by: tuple[str, ...]
    if_no: str
    erased: bool
    kept_why: str | None
    other_ways: tuple[str, ...]
    controllers: tuple[str, ...]
    rights_url: str
    authority: str
    jurisdiction: str
    outside: tuple[str, ...]
    """Who is named and has not signed the agreement: their keeping of it binds nobody (consent rule 25)."""
    preview: bool
    terms: Mapping[str, Any]
    replaces: Replaced | str | None = None
    """The permission that a yes would end; NEVER if it asks for the place of one that it cannot take."""

    @property
    def unusual(self) -> bool:
        """Whether it asks for data more often than once a day."""
        return bool(self.per and self.count and self.count / _DAYS[self.per] > _USUAL_TIMES_A_DAY)

    @property
    def vague(self) -> bool:
        """Whether what for or why is said in a phrase that fits everything (consent rule 9)."""
        return bool(vague_words((self.purpose, self.why)))

    @property
    def optional(self) -> tuple[Field, ...]:
        """Every field that may be left out."""
        return tuple(field for asked in self.data for field in asked.optional)

    @property
    def passkey(self) -> bool:
        """Whether no yes counts without a passkey, because something that is needed demands one."""
        return any(field.passkey for asked in self.data for field in asked.needed)

    def confirms(self, added: Iterable[str]) -> bool:
        """Say whether a yes to what is needed and to these optional fields demands a passkey."""
        return self.passkey or any(field.passkey for field in self.optional if field.name in set(added))

    @property
    def only_optional(self) -> bool:
        """Whether nothing is needed: a yes then says to what."""
        return not any(asked.needed for asked in self.data)

    @property
    def special(self) -> bool:
        """Whether some of the data is specially protected (GDPR article 9)."""
        return any(asked.special for asked in self.data)


def question(
    request: Any,
    agreement: Agreement,
    names: Mapping[str, str],
    language: str,
    replaces: Replaced | str | None = None,
) -> Question:
    """Put a stored request for consent into the words of a language; `names` are those of members."""
    terms = request.terms
    controllers = {each["member"]: each["name"] for each in terms["controllers"]}

    def named(members: Iterable[str]) -> tuple[str, ...]:
        # The register's name is proven; that of the terms is only what who asks has written there.
        return tuple(names.get(member) or controllers.get(member) or member for member in members)

    frequency, period = terms["frequency"], terms["data_period"]
    return Question(
        id=request.id,
        case=request.case,
        asker=named([request.sender])[0],
        asker_id=request.sender,
        state=request.state,
        answer_by=instant.from_ms(request.at) + ANSWER_WITHIN,
        sources=named(terms["sources"]),
        recipients=named(terms["recipients"]),
        purpose=_in(agreement.purpose(terms["purpose"]["code"]).text, language),
        why=_in(request.why, language),
        data=tuple(
            _asked(category, terms["data"], language, agreement) for category in _categories(terms["data"])
        ),
        until=instant.parse(terms["valid_until"]),
        kept_days=terms["data_life"]["days"],
        once=terms["fetch"] == "once",
        count=frequency["count"] if frequency else None,
        per=frequency["per"] if frequency else None,
        data_from=period["from"] if period else None,
        data_to=period["to"] if period else None,
        found_by=tuple(attribute_label(each, language) for each in terms["identify_with"]),
        if_no=_in(terms["consequence_of_refusal"], language),
        erased=terms["on_withdrawal"]["erased"],
        kept_why=_in(terms["on_withdrawal"]["why"] or {}, language) or None,
        other_ways=tuple(_in(each, language) for each in terms["withdrawal"]["other_channels"]),
        controllers=tuple(controllers.values()),
        rights_url=terms["rights_url"],
        authority=terms["authority"],
        jurisdiction=terms["jurisdiction"],
        outside=named(sorted({*terms["sources"], *terms["recipients"]} - agreement.members())),
        preview=bool(terms.get("preview")),
        terms=terms,
        replaces=replaces,
    )


def _in(texts: Mapping[str, str], language: str) -> str:
    """Give a text in this language, or in whichever there is."""
    return texts.get(language) or next(iter(texts.values()), "")


def _categories(data: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(each["category"] for each in data))


def _asked(category: str, data: Iterable[Mapping[str, Any]], language: str, agreement: Agreement) -> Asked:
    mine = [each for each in data if each["category"] == category]
    passkey = agreement.required_proof(category) == "passkey"
    return Asked(
        category,
        category_label(category, language),
        needed=_fields(mine, "needed", language, passkey=passkey),
        optional=_fields(mine, "optional", language, passkey=passkey),
        special=any(each["special"] for each in mine),
    )


def _fields(
    data: Iterable[Mapping[str, Any]], necessity: str, language: str, *, passkey: bool
) -> tuple[Field, ...]:
    return tuple(
        Field(
            f"{each['category']}.{name}",
            records.label_of(each["schema"], name, language),
            each["special"],
            passkey,
        )
        for each in data
        if each["necessity"] == necessity
        for name in each["fields"]
    )


def category_label(category: str, language: str) -> str:
    """Give what people call a kind of data."""
    english, french = records.CATEGORIES[category]
    return french if language == "fr" else english


def attribute_label(attribute: str, language: str) -> str:
    """Give what people call an attribute by which a source finds somebody."""
    try:
        return records.label_of("identity.contact/1", attribute, language)
    except Invalid:
        return attribute.replace("_", " ")
