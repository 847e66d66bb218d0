"""Fourth step: may this be, in this place, from this sender, by this right? One rule for each type of
message.

A type without a rule is refused. A rule writes what follows from the message in the transaction it is given,
and raises the refusal with which the message is turned away; then what it wrote is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy import Connection

from connectors.exchange.connector import Connector
from connectors.exchange.incoming import (
    judge_access,
    judge_agreement,
    judge_case,
    judge_consent,
    judge_coordination,
    judge_offer,
    judge_preview,
    judge_record,
)
from connectors.exchange.incoming.arrival import Opened
from schemas.errors import UnknownType

Rule = Callable[[Connector, Connection, Opened], None]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        **judge_agreement.RULES,
        **judge_case.RULES,
        **judge_consent.RULES,
        **judge_offer.RULES,
        **judge_record.RULES,
        **judge_preview.RULES,
        **judge_access.RULES,
        **judge_coordination.RULES,
    }
)


def judge(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Apply the rule of the message's type; raise a Refusal when it cannot be accepted."""
    rule = RULES.get(opened.message.type)
    if rule is None:
        raise UnknownType("This connector has no rule for such a message.", type=opened.message.type)
    rule(connector, connection, opened)
