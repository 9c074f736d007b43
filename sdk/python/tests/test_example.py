"""The backend of `examples/sarvanom`, started as its README says, and flipped."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from conftest import eventually
from documents import HALF, document, switch, targeted
from sync_server import SyncServer

BACKEND = Path(__file__).parents[3] / "examples" / "sarvanom" / "backend"


def test_a_flip_changes_the_engine_without_a_restart(server: SyncServer, tmp_path: Path) -> None:
    server.push(document(new_query_engine=switch(False)))
    settings = {"TIDEGATE_FLAGS_TARGET": server.target, "TIDEGATE_FLAGS_CACHE": str(tmp_path)}
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", "0"]
    log = tmp_path / "log"
    with log.open("w") as file:
        service = subprocess.Popen(command, cwd=BACKEND, env={**os.environ, **settings}, stdout=file, stderr=file)
    try:
        eventually(lambda: bool(re.search(r"running on http", log.read_text())))
        found = re.search(r"running on (http://[\d.:]+)", log.read_text())
        assert found

        def get(path: str) -> Any:
            with urllib.request.urlopen(f"{found[1]}{path}", timeout=5) as answer:  # noqa: S310
                return json.load(answer)

        check(get, server)
    finally:
        service.terminate()
        assert service.wait(10) in (0, -15)
    assert "Traceback" not in log.read_text()


def check(get: Callable[[str], Any], server: SyncServer) -> None:
    assert get("/healthz") == {"status": "ok", "flags": {"source": "live", "revision": "7"}}
    assert get("/query?q=moon+tides") == {"query": "moon tides", "engine": "legacy", "results": []}

    server.push(document(new_query_engine=switch(True)))
    eventually(lambda: get("/query?q=moon+tides")["engine"] == "new")
    assert get("/query?q=moon+tides")["results"][0]["title"] == "Spring tides"

    server.push(document(new_query_engine=targeted(HALF)))
    users = [f"user-{number}" for number in range(60)]

    def engines() -> list[str]:
        return [get(f"/query?q=sea&user={user}")["engine"] for user in users]

    eventually(lambda: set(engines()) == {"new", "legacy"})
    assert engines() == engines(), "a user stays where he is"

    with pytest.raises(HTTPError, match="400"):
        get("/query?q=")
