"""How a deployment looks and is called: name, logo, colour, and where the quick exit leads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from connectors.errors import ConfigRefused

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_WHITE_CONTRAST: Final = 4.5
"""White text stands on the brand's colour, so WCAG 2.2 §1.4.3 asks for this ratio."""


@dataclass(frozen=True, slots=True)
class Brand:
    """A deployment's own name, colour and addresses; everything else is the same everywhere."""

    name: Mapping[str, str] = field(default_factory=lambda: {"en": "Accord", "fr": "Accord"})
    colour: str = "#1d4f91"
    logo: str | None = None
    exit_url: str = "https://www.wikipedia.org/"
    contact: Mapping[str, str] = field(default_factory=dict)
    """phone, email, address: the way for those who cannot or will not use the pages."""

    def __post_init__(self) -> None:
        """Refuse a colour on which white text cannot be read."""
        if not _COLOUR.fullmatch(self.colour):
            raise ConfigRefused(f"{self.colour} is no colour.", remedy="Write it as six hex digits: #1d4f91.")
        ratio = contrast_with_white(self.colour)
        if ratio < _WHITE_CONTRAST:
            raise ConfigRefused(
                f"White text cannot be read on {self.colour}: contrast {ratio:.1f}, at least 4.5 is needed.",
                remedy="Choose a darker colour.",
            )

    def called(self, language: str) -> str:
        """Give the name in a language."""
        return self.name.get(language) or self.name["en"]


def contrast_with_white(colour: str) -> float:
    """Give the contrast ratio of a colour with white (WCAG 2.2, relative luminance)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]  # noqa: PLR2004 - WCAG's numbers
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
