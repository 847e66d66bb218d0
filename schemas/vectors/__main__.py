"""Writes the vectors: `python -m schemas.vectors`."""

from __future__ import annotations

from schemas.vectors.generate import write

if __name__ == "__main__":
    write()
