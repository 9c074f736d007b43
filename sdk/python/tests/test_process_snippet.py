"""The release process's own lines, word for word."""

import importlib
import re
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Server, eventually
from documents import document, switch
from tidegate.flags import FeatureFlags

SNIPPET = """
from shared.core.feature_flags import FeatureFlags

@FeatureFlags.require("new_query_engine")
async def process_query(query: str):
    # New implementation
    pass

@FeatureFlags.fallback("new_query_engine")
async def process_query_legacy(query: str):
    # Legacy implementation
    pass
"""


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shared" / "core").mkdir(parents=True)
    (tmp_path / "shared" / "core" / "feature_flags.py").write_text("from tidegate.flags import FeatureFlags\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] in ("shared", "queries")]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path


async def test_the_snippet_runs_as_it_is_written(
    application: Path, any_server: Server, configure: Callable[..., None]
) -> None:
    says = re.sub(r"# (New|Legacy) implementation\n    pass", r'return "\1", query', SNIPPET)
    (application / "queries.py").write_text(textwrap.dedent(says))
    queries = importlib.import_module("queries")
    configure(any_server.target)
    assert await FeatureFlags.ready(30)
    assert await queries.process_query("tides") == ("New", "tides")

    any_server.push(document(new_query_engine=switch(False)))
    eventually(lambda: not FeatureFlags.is_enabled("new_query_engine"))
    assert await queries.process_query("tides") == ("Legacy", "tides")


async def test_the_snippet_verbatim_needs_no_configuration(application: Path) -> None:
    (application / "queries.py").write_text(SNIPPET)
    queries = importlib.import_module("queries")
    assert await queries.process_query("tides") is None
    assert await queries.process_query_legacy("tides") is None
