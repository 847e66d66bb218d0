"""Types of the family `consent`: asking and deciding. Open, because the coordinator decides by them."""

from __future__ import annotations

from marshmallow import fields

from schemas.consent_schema import ConsentSchema, TermsSchema
from schemas.errors import Invalid
from schemas.messages import fields as words
from schemas.messages.fields import CITIZEN, InBothLanguagesSchema, Strict
from schemas.messages.shape import Message
from schemas.messages.type_rule import AGENCY, opened
from schemas.messages.type_rule import CITIZEN as BY_CITIZEN


class RequestBody(Strict):
    """`consent.request/1`: the terms, and why, in plain words."""

    terms = fields.Nested(TermsSchema, required=True)
    why = fields.Nested(InBothLanguagesSchema, required=True)


class GrantBody(Strict):
    """`consent.grant/1`: the consent itself."""

    consent = fields.Nested(ConsentSchema, required=True)


class RefuseBody(Strict):
    """`consent.refuse/1`: no reason is asked for."""


class OfferBody(Strict):
    """`consent.offer/1`: narrower terms, on which the asker may ask again."""

    terms = fields.Nested(TermsSchema, required=True)


class ConsentIdBody(Strict):
    """`consent.withdraw/1`, `consent.suspend/1`, `consent.resume/1`."""

    consent = words.Uuid(required=True)


def _terms_are_of_this_case(message: Message) -> None:
    if (message.body or {})["terms"]["case"] != message.case:
        raise Invalid("The terms are those of another case.", path="body.terms.case")


def _offer_answers_one_request(message: Message) -> None:
    _terms_are_of_this_case(message)
    if len(message.to) != 1:
        raise Invalid("An offer goes to who asked, and to nobody else.", path="message.to")


def _grant_is_told_to_those_it_names(message: Message) -> None:
    consent = (message.body or {})["consent"]
    if consent["case"] != message.case:
        raise Invalid("The consent is that of another case.", path="body.consent.case")
    if consent["request"] != message.re:
        raise Invalid("`re` names the request that the consent answers.", path="body.consent.request")
    if set(message.to) != {*consent["sources"], *consent["recipients"]} - {message.sender}:
        raise Invalid("A consent goes to every source and recipient that it names.", path="message.to")


RULES = (
    opened(
        "consent.request/1",
        AGENCY,
        RequestBody,
        to=(CITIZEN,),
        check=_terms_are_of_this_case,
        why_not_citizen="Nobody asks themselves: a citizen who wants to share grants without a request.",
    ),
    opened("consent.grant/1", BY_CITIZEN, GrantBody, check=_grant_is_told_to_those_it_names),
    opened("consent.refuse/1", BY_CITIZEN, RefuseBody, needs=frozenset({"re"}), after_closing=True),
    opened(
        "consent.offer/1", BY_CITIZEN, OfferBody, needs=frozenset({"re"}), check=_offer_answers_one_request
    ),
    opened("consent.withdraw/1", BY_CITIZEN, ConsentIdBody, after_closing=True),
    opened("consent.suspend/1", BY_CITIZEN, ConsentIdBody, after_closing=True),
    opened("consent.resume/1", BY_CITIZEN, ConsentIdBody),
)
