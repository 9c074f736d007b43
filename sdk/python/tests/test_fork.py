"""Servers that fork: the child has a connection of its own, and no lock or thread of its parent."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from conftest import eventually
from documents import document, switch
from sync_server import SyncServer

KEY = "new_query_engine"

PARENT = """
import os, sys, threading, time
from tidegate.flags import FeatureFlags

assert FeatureFlags.is_enabled("new_query_engine") is True
stop = threading.Event()
def ask():
    while not stop.is_set():
        FeatureFlags.is_enabled("pro")
for _ in range(2):
    threading.Thread(target=ask, daemon=True).start()
children = []
for number in range(4):
    child = os.fork()
    if child == 0:
        # Known at once, from the parent; then by its own stream.
        known = FeatureFlags.is_enabled("new_query_engine")
        assert known is True, "before the child is connected"
        assert FeatureFlags.start(30), FeatureFlags.status()
        print("child ready", flush=True)
        end = time.monotonic() + 30
        while FeatureFlags.is_enabled("new_query_engine") and time.monotonic() < end:
            time.sleep(0.01)
        os._exit(0 if time.monotonic() < end else 1)
    children.append(child)
statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
end = time.monotonic() + 30
while FeatureFlags.is_enabled("new_query_engine") and time.monotonic() < end:
    time.sleep(0.01)
stop.set()
assert not FeatureFlags.is_enabled("new_query_engine"), "the parent hears as well"
print("statuses", statuses, flush=True)
"""

APPLICATION = """
import os
from tidegate.flags import FeatureFlags

# With --preload this runs in the parent, and so does this question.
WARM = FeatureFlags.is_enabled("new_query_engine")

@FeatureFlags.require("new_query_engine")
def answer():
    return "new"

@FeatureFlags.fallback("new_query_engine")
def answer_legacy():
    return "legacy"

def app(environ, start_response):
    start_response("200 OK", [("content-type", "text/plain")])
    return [f"{answer()} {os.getpid()}".encode()]
"""


def environment(server: SyncServer, tmp_path: Path) -> dict[str, str]:
    ours = {"TIDEGATE_FLAGS_TARGET": server.target, "TIDEGATE_FLAGS_CACHE": str(tmp_path / "cache")}
    return {**os.environ, **ours, "TIDEGATE_FLAGS_WAIT": "30", "PYTHONUNBUFFERED": "1"}


def test_children_of_a_connected_parent(server: SyncServer, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        env=environment(server, tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stderr is not None
        killer = threading.Timer(90, parent.kill)
        killer.start()
        try:
            ready = [parent.stdout.readline() for _ in range(4)]
            assert ready == ["child ready\n"] * 4, parent.stderr.read()
            server.push(document(new_query_engine=switch(False)))
            assert parent.stdout.readline() == "statuses [0, 0, 0, 0]\n", parent.stderr.read()
        finally:
            killer.cancel()
            parent.kill()


def test_gunicorn_with_preload(server: SyncServer, tmp_path: Path) -> None:
    (tmp_path / "application.py").write_text(APPLICATION)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", "2", "--threads", "2", "--bind", address]
    command += ["--chdir", str(tmp_path), "--no-control-socket", "application:app"]
    with (tmp_path / "log").open("w") as log:
        gunicorn = subprocess.Popen(command, env=environment(server, tmp_path), stdout=log, stderr=log)

    def ask() -> tuple[str, str]:
        with urllib.request.urlopen(f"http://{address}/", timeout=5) as answer:
            what, worker = answer.read().decode().split()
            return what, worker

    def asked_of_both(what: str) -> Callable[[], bool]:
        def all_say_so() -> bool:
            try:
                answers = {ask() for _ in range(20)}
            except OSError:
                return False
            return len(answers) == 2 and {said for said, _ in answers} == {what}

        return all_say_so

    try:
        eventually(asked_of_both("new"))
        eventually(lambda: server.streams >= 2)
        server.push(document(new_query_engine=switch(False)))
        eventually(asked_of_both("legacy"))
        began = time.monotonic()
        gunicorn.send_signal(signal.SIGTERM)
        assert gunicorn.wait(timeout=15) == 0
        assert time.monotonic() - began < 10
    finally:
        gunicorn.kill()
        gunicorn.wait()
    assert "Traceback" not in (tmp_path / "log").read_text()
