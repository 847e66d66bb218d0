"""What the tests about the code itself look at: the files of this checkout, read once.

Gives paths relative to the checkout's root, and the parsed form of our own Python files.
"""

from __future__ import annotations

import ast
import os
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "coordinator", "connectors")

_NOT_OURS = frozenset(
    {
        ".git",
        ".venv",
        ".environments",
        ".hypothesis",
        "__pycache__",
        "build",
        "dist",
        "node_modules",
        "vendor",
    }
)
"""Folders that hold no text of ours: environments, what tools keep, and what others wrote."""


@cache
def files() -> tuple[Path, ...]:
    """All files of the checkout."""
    found: list[Path] = []
    for folder, names, leaves in os.walk(ROOT):
        names[:] = sorted(name for name in names if name not in _NOT_OURS and not name.endswith("_cache"))
        found += [Path(folder, leaf).relative_to(ROOT) for leaf in sorted(leaves)]
    return tuple(found)


@cache
def python_files(*tops: str) -> tuple[Path, ...]:
    """Our Python files, or those below these top folders."""
    chosen = tops or (*PACKAGES, "ops", "tests")
    return tuple(path for path in files() if path.suffix == ".py" and path.parts[0] in chosen)


@cache
def text(path: Path) -> str | None:
    """The words of a file; nothing for one that is not text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


@cache
def syntax(path: Path) -> ast.Module:
    """The parsed form of a Python file."""
    return ast.parse((ROOT / path).read_bytes(), filename=str(path))


def module_name(path: Path) -> str:
    """Name the module that a file is."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Name every module that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found
