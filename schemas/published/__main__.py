"""Writes the published schemas: `python -m schemas.published`."""

from __future__ import annotations

from schemas.published.generate import write

if __name__ == "__main__":
    write()
