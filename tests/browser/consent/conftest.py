"""A citizen of each test's own, in a portal that the tests of a file share."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.conftest import MakeDatabase
from tests.flow.portal.story import Story
from tests.flow.portal.visits import Visit


@pytest.fixture(scope="module")
def story(tmp_path_factory, make_sqlite_for_module: MakeDatabase) -> Iterator[Story]:
    made = Story(tmp_path_factory.mktemp("rules"), make_sqlite_for_module)
    yield made
    made.close()


@pytest.fixture
def me(story: Story) -> str:
    """A citizen of this test alone."""
    return story.account(f"citizen-{uuid4()}")


@pytest.fixture
def visit(story: Story, me: str) -> Visit:
    return story.visit(me)


@pytest.fixture
def case(story: Story, me: str) -> str:
    return story.case_of(me)
