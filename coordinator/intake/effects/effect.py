"""The form of an effect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from coordinator.register.register import Register
from schemas.messages.shape import Message

Effect = Callable[[Message, Register, int, datetime], None]
"""Takes an admitted message, the register, the message's place in the order of decisions, and now."""
