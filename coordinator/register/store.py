"""The blobs of sealed attachments, kept and given through the one writer."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from coordinator.database.engine import reading
from coordinator.register import uploads

if TYPE_CHECKING:
    from coordinator.intake.committer import Committer


class Attachments:
    """Sealed blobs by their digest."""

    def __init__(self, engine: Engine, committer: Committer) -> None:
        """Read through the engine, write through the committer."""
        self._engine = engine
        self._committer = committer

    def keep(self, sha256: bytes, data: bytes, *, by: str, now: datetime) -> bool:
        """Keep a blob; say whether it is new. Raises Malformed or TooLarge."""
        return self._committer.run(
            lambda connection: uploads.put_attachment(
                connection, data, sha256=sha256.hex(), member=by, now=now
            )
        )

    def give(self, sha256: bytes, *, to: str) -> bytes:
        """Give a blob to one who may have it; raise AttachmentMissing."""
        with reading(self._engine) as connection:
            return uploads.get_attachment(connection, sha256.hex(), member=to)
