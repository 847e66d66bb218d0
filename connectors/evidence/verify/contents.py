"""Check 14: an opened statement is its issuer's own and belongs to the message it is shown with.

What cannot be shown without a private key: that exactly this statement was inside the seal. Its issuer signed
it, for this case and schema, and cannot take it back.
"""

from __future__ import annotations

from connectors.evidence.verify.history import History
from schemas import statement
from schemas.errors import StatementMismatch, UnknownSchema
from schemas.messages.envelope import Message
from schemas.messages.reading import read
from schemas.messages.table import TYPES


def check_contents(compact: str, message: Message | None, history: History) -> None:
    """Raise what is wrong with a statement that is shown for a message."""
    if message is None:
        raise StatementMismatch("The statement is shown for a message that is not in the file.")
    shown = statement.check(compact.encode(), history.key_for)
    statement.belongs_to(shown, sender=message.sender, case=message.case, schema=message.schema)
    history.check_statement_key(shown)
    schema = TYPES[message.type].statement_schemas.get(shown.schema)
    if schema is None:
        raise UnknownSchema(schema=shown.schema)
    read(schema, dict(shown.content), what="content")
