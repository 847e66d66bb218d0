"""The story, scene by scene: from the first handshake to the proof that a withdrawn record was erased.

Each scene does what its title says through the members' own connectors, shows what went over the wire and who
can read it, and checks that it is so.
"""

from __future__ import annotations

from collections.abc import Callable

from ops.story.display import Display, Step
from ops.story.scenes import ending, joining, pages, sharing
from ops.story.telling import Story

Scene = Callable[[Story, Step], None]
SCENES: tuple[tuple[str, str, Scene], ...] = (
    (
        "Members enrol",
        "Each with a one-time code from the operator, and proof that it has the keys it shows.",
        joining.enrol,
    ),
    (
        "An agreement is signed",
        "The first lock: which data may flow between whom, for what, on which basis.",
        joining.agree,
    ),
    ("A case is opened", "The charity opens it and hands the citizen a code, in person.", joining.open_case),
    ("The citizen joins", "With the code, which binds the seat's keys to that meeting.", joining.join),
    (
        "The charity asks for consent",
        "One purpose; who gives what to whom, for how long, and what happens after a no.",
        sharing.ask,
    ),
    ("The citizen narrows it and grants", "The second lock: one optional field is left out.", sharing.grant),
    (
        "Records are requested from two sources",
        "The third lock: each source decides by its own policy.",
        sharing.request,
    ),
    ("The records are read", "By the charity, with a reason, and by the citizen.", sharing.read),
    (
        "The citizen sees who looked",
        "Every release and view, with role and reason.",
        sharing.who_looked,
    ),
    ("The citizen withdraws", "While a second release waits in the mailbox.", ending.withdraw),
    ("The next one is refused", "At the asking agency, and in the middle.", ending.refused),
    ("Holders erase, and say so", "In signed statements, which the citizen keeps.", ending.erase),
    (
        "The case is proved offline",
        "From one file, with the coordinator's public keys alone.",
        ending.prove,
    ),
    ("One byte is changed", "So that one sees what verification is worth.", ending.tamper),
    (
        "The citizen opens the pages",
        "The case as it went, and what waits now: a request to decide, a message, a document.",
        pages.open_pages,
    ),
)


def play(story: Story, display: Display) -> None:
    """Play all scenes in order."""
    for title, why, scene in SCENES:
        with display.step(title, why) as step:
            scene(story, step)
