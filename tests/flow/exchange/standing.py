"""A world of the exchange's tests that stands still: made once for a worker, gone on from in copies.

To make it takes a second and more; to copy it takes a few hundredths of one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import MakeDatabase

if TYPE_CHECKING:
    from tests.flow.exchange.world import World


@dataclass(frozen=True, slots=True)
class Standing:
    """A stopped world to go on from in copies: its folder, its databases, what is in it."""

    folder: Path
    coordinator: str
    """The URL of its database."""
    members: Mapping[str, tuple[str, str]]
    """Kind and URL of each."""
    case: str = ""
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a world begins: JSON of what differs from the usual agreement, and from the usual consent."""

    world: type[World]
    agreement: str
    consent: str | None = None
    """None: nobody has consented to anything yet."""
    with_case: bool = False
    """Whether there is a case where nobody has consented to anything."""

    def __call__(self, make_database: MakeDatabase, folder: Path) -> Standing:
        """Make it, step by step."""
        world, case, consent = self.world(folder, make_database), "", ""
        world.agencies()
        world.agree(**json.loads(self.agreement))
        if self.with_case or self.consent is not None:
            case = world.case()
        if self.consent is not None:
            consent = world.consent(case, **json.loads(self.consent))
            world.invite_source(case, consent)
        return world.stand_still(case, consent)
