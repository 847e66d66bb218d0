"""Every file of ours can be read by a stranger: it says what it is, is not too long, and hides nothing."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.codebase import tree

MOST_LINES = 400

# A name that fits everything says nothing; what does not find a better one is two things in one file.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "tools"}

# Words for work left undone; written in two parts, or this file would be found.
LEFT_UNDONE = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "HACK" + ":"]))

# Addresses of one machine or one package host, wrong on every other; in two parts for the same reason.
OF_ONE_MACHINE = [
    first + second
    for first, second in (
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("/ho", "me/"),
        ("/Us", "ers/"),
        ("/t", "mp/"),
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("registry.npm", "js.org"),
        ("deb.deb", "ian.org"),
    )
]

# A suppression names its rule and gives the reason: `noqa: E501 - the quoted law is one line`.
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<rest>.*)")
REASONED = {
    "noqa": re.compile(r":\s?[A-Z]+[0-9]+(,\s?[A-Z]+[0-9]+)*\s+(-|–|#)\s*\S+\s+\S+"),
    "type": re.compile(r"\[[a-z-]+(,\s?[a-z-]+)*\]\s+(-|–|#)\s*\S+\s+\S+"),
}


def test_every_file_says_what_it_is():
    silent = [str(path) for path in tree.python_files() if not ast.get_docstring(tree.syntax(path))]
    assert silent == [], "these do not begin with a sentence that says what they are"


def test_no_file_is_too_long_to_read():
    long = {str(path): lines for path in tree.python_files() if (lines := _lines(path)) > MOST_LINES}
    assert long == {}, "split these by subject"


def _lines(path: Path) -> int:
    return len((tree.text(path) or "").splitlines())


def test_no_file_has_an_empty_name():
    assert [path for path in tree.python_files() if path.stem in EMPTY_NAMES] == []


def test_nothing_is_left_undone_in_a_comment():
    assert list(_lines_with(LEFT_UNDONE)) == []


@pytest.mark.parametrize("address", OF_ONE_MACHINE)
def test_no_file_names_one_machine_or_one_package_host(address: str):
    assert list(_lines_with(re.compile(re.escape(address)))) == []


def test_every_suppression_names_its_rule_and_its_reason():
    bare = [
        f"{path}:{line}: {comment}"
        for path in tree.python_files()
        for line, comment in _comments(path)
        if _is_bare(comment)
    ]
    assert bare == []


def test_the_test_of_suppressions_knows_good_from_bad():
    hash_sign = "#"
    good = [
        "noqa: S608 - the names are constants",
        "noqa: E501, S608 - quoted from the law",
        "type: ignore[misc]  # the library declares it on instances",
    ]
    bad = ["noqa", "noqa: S608", "type: ignore", "type: ignore[misc]", "noqa: S608 x"]
    assert [words for words in good if _is_bare(f"{hash_sign} {words}")] == []
    assert [words for words in bad if not _is_bare(f"{hash_sign} {words}")] == []


def _is_bare(comment: str) -> bool:
    found = SUPPRESSION.search(comment)
    if not found:
        return False
    kind = "noqa" if found[1] == "noqa" else "type"
    return not REASONED[kind].match(found["rest"])


def _comments(path: Path) -> Iterator[tuple[int, str]]:
    with tokenize.open(tree.ROOT / path) as lines:
        for token in tokenize.generate_tokens(lines.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def _lines_with(pattern: re.Pattern[str]) -> Iterator[str]:
    for path in tree.files():
        for number, line in enumerate((tree.text(path) or "").splitlines(), start=1):
            if pattern.search(line):
                yield f"{path}:{number}: {line.strip()[:100]}"
