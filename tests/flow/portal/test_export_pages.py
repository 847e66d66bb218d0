"""The copy that somebody takes along, as a file: whole, readable, verifiable, and nothing of it left behind."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from connectors.exchange.acts import access, coordination
from connectors.exchange.acts import cases as seats
from connectors.exchange.store import statements
from connectors.portal.mandate_rules import Terms
from connectors.portal.store import accounts
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, HOUSING
from tests.flow.portal.test_acting_pages import Life
