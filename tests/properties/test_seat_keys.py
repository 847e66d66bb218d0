"""Whatever is said about a seat's passkeys, in whatever order: a model of a few lines gives the same answer.

What counts at a place of the log never changes by what is said later; an ended passkey never counts again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from schemas.errors import Refusal
from schemas.seat_keys import MOST_AT_A_TIME, Said, SeatPasskeys, seat_keys_challenge
from tests.passkeys import Authenticator

CASE = "0d4c2f4e-6f3a-4f5b-9a60-1f2e3d4c5b6a"
AT = datetime(2031, 3, 10, tzinfo=UTC)
DEVICES = [Authenticator(f"device-{number}") for number in range(12)]
DEVICE = st.integers(0, len(DEVICES) - 1)


class SeatKeys(RuleBasedStateMachine):
    """Adds with and without proof, ends, attests, and remembers what counted where."""

    def __init__(self) -> None:
        """Begin with one passkey from the joining."""
        super().__init__()
        self.keys = SeatPasskeys.begin([DEVICES[0].passkey], brought_by="join")
        self.states: dict[int, str] = {0: "in_force"}
        self.brought: dict[int, str] = {0: "join"}
        self.place = 0
        self.counted: dict[int, set[str]] = {0: {DEVICES[0].kid}}

    def _said(self) -> Said:
        self.place += 1
        return Said(f"message-{self.place}", "somebody", AT, self.place)

    def _try(self, keys: Any, *, may: bool) -> bool:
        try:
            self.keys = keys()
        except Refusal:
            assert not may
            return False
        assert may
        return True

    @rule(new=DEVICE, ended=st.none() | DEVICE, by=st.none() | DEVICE, own_word=st.booleans())
    def change(self, new: int, ended: int | None, by: int | None, *, own_word: bool) -> None:
        """Add one, perhaps end another, perhaps confirmed by a third."""
        if ended == new:
            return
        add, end = [DEVICES[new].passkey], [] if ended is None else [DEVICES[ended].kid]
        body: dict[str, Any] = {"add": add, "end": end}
        if by is not None:
            body["proof"] = DEVICES[by].confirm(seat_keys_challenge(CASE, add, end, AT))
        said = self._said()
        ends = ended is None or self.states.get(ended) in {"waiting", "in_force"}
        fresh = self.states.get(new) in {None, "waiting"}
        live = sum(state != "ended" for device, state in self.states.items() if device != ended)
        room = live + (new not in self.states) <= MOST_AT_A_TIME
        proven = by is None or self.states.get(by) == "in_force"
        if self._try(
            lambda: self.keys.changed(body, case=CASE, said=said, own_word=own_word),
            may=ends and fresh and room and proven,
        ):
            if ended is not None:
                self.states[ended] = "ended"
            self.states[new] = "in_force" if by is not None or own_word else "waiting"
            self.brought[new] = said.message

    @rule(device=DEVICE)
    def end(self, device: int) -> None:
        """End one; nothing but its not being there speaks against it."""
        body = {"add": [], "end": [DEVICES[device].kid]}
        may = self.states.get(device) in {"waiting", "in_force"}
        said = self._said()
        if self._try(lambda: self.keys.changed(body, case=CASE, said=said, own_word=False), may=may):
            self.states[device] = "ended"

    @rule(device=DEVICE, other=st.booleans())
    def attest(self, device: int, *, other: bool) -> None:
        """Attest one, under the message that brought it or under another."""
        named = "another" if other else self.brought.get(device, "another")
        body = {"keys": named, "passkeys": [DEVICES[device].kid]}
        may = self.states.get(device) == "waiting" and not other
        said = self._said()
        if self._try(lambda: self.keys.attested(body, said=said), may=may):
            self.states[device] = "in_force"

    @invariant()
    def states_agree(self) -> None:
        """Model and fold say the same of every passkey, also after being stored."""
        assert SeatPasskeys.from_json(self.keys.to_json()) == self.keys
        assert {each.kid: each.state for each in self.keys.keys} == {
            DEVICES[device].kid: state for device, state in self.states.items()
        }

    @invariant()
    def what_counted_stays(self) -> None:
        """Whoever looks at an earlier place of the log later sees what counted then."""
        self.place += 1
        self.counted[self.place] = {
            DEVICES[device].kid for device, state in self.states.items() if state == "in_force"
        }
        for place, kids in self.counted.items():
            named = {each["credential"] for each in self.keys.at(place)}
            assert named == {each.passkey["credential"] for each in DEVICES if each.kid in kids}


SeatKeys.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestSeatKeys = SeatKeys.TestCase
