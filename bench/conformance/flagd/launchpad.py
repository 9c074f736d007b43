"""What the testbed's scenarios ask for over HTTP, answered with our server: start it, stop it for a while, change a flag."""

import json
import shutil
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

MERGED, ALONE, COMBINED = "flags/allFlags.json", "rawflags/selector-flags.json", "rawflags/selector-flag-combined-metadata.json"
SOURCES = {
    "default": [MERGED, ALONE],
    "sync-payload": [MERGED, ALONE],
    "metadata": [COMBINED],
}


class Launchpad:
    """The server under test, with the files that it serves, and another that lets nobody in."""

    def __init__(self, place: Path, flags: Path, serve: Path, bucketing: str) -> None:
        self.home, self.serve, self.bucketing = place / "home", serve, bucketing
        self.flags = self.home / "flags"
        self.flags.mkdir(parents=True)
        shutil.copytree(flags, self.home / "rawflags")
        self.ports = {str(name): free_port() for name in (8013, 8015, 9212)}
        self.config, self.server, self.later = "default", None, None
        self.lock = threading.Lock()
        self.merge()

    def __enter__(self) -> "Launchpad":
        self.start("default")
        self.refusing = self.spawn(self.ports["9212"], free_port(), ["--nobody", ALONE])
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.ports["8080"] = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.http.shutdown()
        with self.lock:
            self.end()
        self.refusing.kill()
        self.refusing.wait()

    def start(self, config: str) -> None:
        with self.lock:
            self.end()
            self.config = config or self.config
            arguments = ["--bucketing", self.bucketing, *SOURCES[self.config]]
            if self.config != "metadata":
                arguments = ["--context", "injectedmetadata=set", *arguments]
            self.server = self.spawn(self.ports["8013"], self.ports["8015"], arguments)

    def restart(self, seconds: float) -> None:
        with self.lock:
            self.end()
            self.later = threading.Timer(seconds, self.start, [""])
            self.later.start()

    def change(self) -> None:
        path = self.home / "rawflags/changing-flag.json"
        document = json.loads(path.read_text())
        flag = document["flags"]["changing-flag"]
        flag["defaultVariant"] = "bar" if flag["defaultVariant"] == "foo" else "foo"
        path.write_text(json.dumps(document))
        self.merge()

    def merge(self) -> None:
        merged: dict = {}
        for path in sorted((self.home / "rawflags").glob("*.json")):
            if not path.name.startswith("selector-"):
                merge_into(merged, json.loads(path.read_text()))
        whole = self.home / (MERGED + ".new")
        whole.write_text(json.dumps(merged, indent=2))
        whole.rename(self.home / MERGED)

    def end(self) -> None:
        if self.later:
            self.later.cancel()
            self.later = None
        if self.server:
            self.server.kill()
            self.server.wait()
            self.server = None

    def spawn(self, evaluation: int, sync: int, arguments: list[str]) -> subprocess.Popen:
        listeners = ["--evaluation", f"127.0.0.1:{evaluation}", "--sync", f"127.0.0.1:{sync}"]
        process = subprocess.Popen([self.serve, *listeners, *arguments], cwd=self.home)
        for port in (evaluation, sync):
            wait_for(port, process)
        return process


def handler(launchpad: Launchpad) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            url = urlparse(self.path)
            query = parse_qs(url.query)
            if url.path == "/start" and query.get("config", [""])[0] in ("", *SOURCES):
                launchpad.start(query.get("config", [""])[0])
            elif url.path == "/restart":
                launchpad.restart(float(query.get("seconds", ["5"])[0]))
            elif url.path == "/stop":
                launchpad.restart(threading.TIMEOUT_MAX)
            elif url.path == "/change":
                launchpad.change()
            else:
                return self.send_error(404, "this server is not started that way")
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_) -> None:
            pass

    return Handler


def merge_into(into: dict, more: dict) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge_into(into[key], value)
        else:
            into[key] = value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen) -> None:
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        time.sleep(0.02)
    raise RuntimeError(f"nobody listens on {port}")
