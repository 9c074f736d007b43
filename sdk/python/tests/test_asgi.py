"""The middleware under a real ASGI framework and a real server."""

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from conftest import eventually
from documents import ALL_KINDS
from sync_server import SyncServer
from tidegate.flags import FeatureFlags, FlagsMiddleware
from tidegate.flags._asgi import Attributes, Scope


@FeatureFlags.require("pro")
async def answer() -> str:
    return "pro"


@FeatureFlags.fallback("pro")
async def answer_legacy() -> str:
    return "free"


async def page(request: Request) -> JSONResponse:
    return JSONResponse({"answer": await answer()})


def plan_of(scope: Scope) -> Attributes:
    plan = scope["query_string"].decode()
    if plan == "broken":
        raise KeyError("user")
    return {"targeting_key": "somebody", "plan": plan}


async def plan_of_async(scope: Scope) -> Attributes:
    return plan_of(scope)


@contextmanager
def served(app: Starlette) -> Iterator[Callable[[str], Any]]:
    """Gives what fetches a page of it."""
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", ws="none"))
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        eventually(lambda: running.started)
        port = running.servers[0].sockets[0].getsockname()[1]

        def get(path: str) -> Any:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return json.load(answer)

        yield get
    finally:
        running.should_exit = True
        thread.join()


@pytest.mark.parametrize("context", [plan_of, plan_of_async])
def test_each_request_has_its_context(
    configure: Callable[..., None], context: Callable[[Scope], Attributes], caplog: pytest.LogCaptureFixture
) -> None:
    server = SyncServer(ALL_KINDS)
    try:
        configure(server.target)
        app = Starlette(routes=[Route("/", page)])
        app.add_middleware(FlagsMiddleware, context=context)
        with served(app) as get:
            assert FeatureFlags.status().source == "live", "ready before the first request"
            for _ in range(2):
                assert get("/?pro") == {"answer": "pro"}
                assert get("/?free") == {"answer": "free"}
                assert get("/?broken") == {"answer": "free"}
        assert caplog.text.count("no flag context") == 1
    finally:
        server.stop()
