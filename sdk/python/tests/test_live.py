"""Unmodified, published clients against a running Tidegate: each sees a flip, by push or at its next question.

`tools/clients` starts the server and says where it is; without that these tests have nothing to ask.
"""

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import eventually
from openfeature import api
from openfeature.contrib.provider.flagd import FlagdProvider
from openfeature.contrib.provider.flagd.config import ResolverType
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

from tidegate.flags import FeatureFlags

# Read before each test gets an environment of its own.
SYNC = os.environ.get("TIDEGATE_FLAGS_LIVE", "")
EVALUATION = os.environ.get("TIDEGATE_FLAGS_LIVE_EVALUATION", "")
URL = os.environ.get("TIDEGATE_FLAGS_LIVE_URL", "")
TOKEN = os.environ.get("TIDEGATE_FLAGS_LIVE_TOKEN", "")
FLIP = os.environ.get("TIDEGATE_FLAGS_LIVE_FLIP", "")

pytestmark = pytest.mark.skipif(not SYNC, reason="no server is running: see tools/clients")


def flip(to: str) -> None:
    subprocess.run([FLIP, "new_query_ui", to], check=True)


def host_and_port(target: str) -> dict[str, Any]:
    host, port = target.rsplit(":", 1)
    return {"host": host, "port": int(port)}


@pytest.fixture(autouse=True)
def off_at_the_end() -> Iterator[None]:
    flip("off")
    yield
    flip("off")


def in_process() -> FlagdProvider:
    return FlagdProvider(
        **host_and_port(SYNC), resolver_type=ResolverType.IN_PROCESS, provider_id=TOKEN, deadline_ms=5000
    )


def rpc() -> FlagdProvider:
    return FlagdProvider(**host_and_port(EVALUATION), resolver_type=ResolverType.RPC, selector=TOKEN, deadline_ms=5000)


def ofrep() -> OFREPProvider:
    return OFREPProvider(URL, headers_factory=lambda: {"Authorization": f"Bearer {TOKEN}"})


@pytest.mark.parametrize("make", [in_process, rpc, ofrep])
def test_a_published_provider_follows_a_flip(make: Any) -> None:
    api.set_provider_and_wait(make(), domain=make.__name__)
    client = api.get_client(domain=make.__name__)
    assert client.get_boolean_value("new_query_ui", True) is False
    flip("on")
    eventually(lambda: client.get_boolean_value("new_query_ui", False) is True)
    pro = EvaluationContext("ada", {"plan": "pro"})
    assert client.get_string_value("greeting", "?", pro) == "welcome back"
    assert client.get_string_value("greeting", "?") == "hello"
    assert client.get_integer_value("page_size", 0) == 20


def test_the_package_follows_a_flip() -> None:
    FeatureFlags.configure(target=SYNC, token=TOKEN, wait=5.0)
    assert FeatureFlags.is_enabled("new_query_ui", True) is False
    flip("on")
    eventually(lambda: FeatureFlags.is_enabled("new_query_ui"))
