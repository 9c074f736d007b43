"""Each test has its own folder, its own server and a configuration that is gone afterwards."""

import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from openfeature import api

from documents import ALL_KINDS
from sync_server import SyncServer
from tidegate.flags import FeatureFlags, _runtime, _settings


class Server(Protocol):
    """What the tests need of a server, ours in Python or the real one."""

    @property
    def target(self) -> str: ...
    def push(self, document: Any) -> None: ...
    def stop(self) -> None: ...


class Binary:
    """Tidegate's own gRPC server over a file that it watches: `cargo build -p flagd --example serve`."""

    def __init__(self, program: str, file: Path, document: Any) -> None:
        self._file = file
        self.push(document)
        command = [program, "--sync", "127.0.0.1:0", "--evaluation", "127.0.0.1:0", str(file)]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        said = re.search(r"sync on ([\d.:]+)", self._process.stderr.readline())
        assert said, "the server does not say where it listens"
        self.target = said[1]
        threading.Thread(target=self._process.stderr.read, daemon=True).start()

    def push(self, document: Any) -> None:
        beside = self._file.with_suffix(".new")
        beside.write_text(document if isinstance(document, str) else json.dumps(document))
        beside.replace(self._file)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()


@pytest.fixture(autouse=True)
def hermetic(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [
        name for name in os.environ if name.startswith(("TIDEGATE_", "FLAGD_")) and "FLAGD_SERVER" not in name
    ]:
        monkeypatch.delenv(name)
    _runtime.replace(_settings.Settings())
    yield
    _runtime.replace(_settings.Settings())
    api.shutdown()


@pytest.fixture
def server() -> Iterator[SyncServer]:
    """The server in Python, which can also misbehave."""
    made = SyncServer(ALL_KINDS)
    yield made
    made.stop()


@pytest.fixture(params=["python", "binary"])
def any_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """Both servers, one after the other; the real one where `TIDEGATE_FLAGD_SERVER` names its program."""
    program = os.environ.get("TIDEGATE_FLAGD_SERVER")
    if request.param == "binary" and not program:
        pytest.skip("TIDEGATE_FLAGD_SERVER names no server")
    made: Server = SyncServer(ALL_KINDS)
    if request.param == "binary" and program:
        made.stop()
        made = Binary(program, tmp_path / "flags.json", ALL_KINDS)
    yield made
    made.stop()


@pytest.fixture
def configure(tmp_path: Path) -> Callable[..., None]:
    def configured(target: str, **more: Any) -> None:
        FeatureFlags.configure(**{"target": target, "cache": tmp_path / "cache", "wait": 30.0, **more})

    return configured


def eventually(true: Callable[[], bool], within: float = 30.0) -> None:
    """Waits for what a thread or another process does; fails if it never does."""
    ends = time.monotonic() + within
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)
