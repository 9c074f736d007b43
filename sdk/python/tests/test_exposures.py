"""Exposures reach an HTTP server in batches, without personal data; and nothing is sent unless asked for."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from conftest import eventually
from sync_server import SyncServer
from tidegate.flags import FeatureFlags, _settings
from tidegate.flags._exposures import Exposures, key_hash


class Inbox(ThreadingHTTPServer):
    """Keeps what is posted, and answers as told."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], Any]] = []
        self.answer = 202
        super().__init__(("127.0.0.1", 0), Post)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def events(self) -> list[dict[str, Any]]:
        return [event for _, _, body in self.posts for event in body["events"]]


class Post(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.posts.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(self.server.answer)
        if self.server.answer == 307:
            self.send_header("location", f"{self.server.url}/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    made = Inbox()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def test_an_exposure_is_the_variant_of_who_asks(
    server: SyncServer, configure: Callable[..., None], inbox: Inbox
) -> None:
    configure(server.target, channel="production", token="tg_x", exposures_url=inbox.url)  # noqa: S106
    assert FeatureFlags.start(30)
    with FeatureFlags.context(user_id="jane@example.com", plan="pro"):
        for _ in range(5):
            FeatureFlags.track("pro")
        FeatureFlags.track("text")
        FeatureFlags.track("whole")
        FeatureFlags.track("shape")
        FeatureFlags.track("disabled")
        FeatureFlags.track("nowhere")
    FeatureFlags.track("pro")
    FeatureFlags.shutdown()
    [(path, headers, body)] = inbox.posts
    assert path == "/v1/exposures"
    assert headers["authorization"] == "Bearer tg_x"
    assert [(event["flag"], event["variant"]) for event in body["events"]] == [
        ("pro", "on"),
        ("text", "a"),
        ("whole", "ten"),
        ("shape", "s"),
    ]
    for event in body["events"]:
        assert event.keys() == {"flag", "variant", "at_ms", "key_hash"}
        assert event["key_hash"] == key_hash("production", "jane@example.com")
    assert "jane" not in json.dumps(body)


def test_off_by_default(server: SyncServer, configure: Callable[..., None]) -> None:
    configure(server.target)
    assert FeatureFlags.start(30)
    with FeatureFlags.context(user_id=1):
        FeatureFlags.track("pro")
    assert not any(thread.name == "tidegate-exposures" for thread in threading.enumerate())


def sender(inbox: Inbox) -> Exposures:
    return Exposures(_settings.read(exposures_url=inbox.url, token="tg_x"), every=0.02)  # noqa: S106


def test_what_fails_is_sent_again(inbox: Inbox) -> None:
    inbox.answer = 503
    exposures = sender(inbox)
    exposures.exposed("k", "on", "u")
    eventually(lambda: len(inbox.posts) >= 2)
    inbox.answer = 202
    eventually(lambda: not exposures._waiting)
    exposures.stop()


@pytest.mark.parametrize("refusal", [400, 401])
def test_what_is_refused_is_not_sent_again(inbox: Inbox, refusal: int, caplog: pytest.LogCaptureFixture) -> None:
    inbox.answer = refusal
    exposures = sender(inbox)
    exposures.exposed("k", "on", "u")
    eventually(lambda: bool(inbox.posts) and not exposures._waiting)
    exposures.exposed("k", "on", "v")
    eventually(lambda: len(inbox.posts) == 2)
    exposures.stop()
    assert len(inbox.posts) == 2
    assert caplog.text.count("refuses exposures") == 1


def test_the_token_follows_no_redirect(inbox: Inbox) -> None:
    inbox.answer = 307
    exposures = sender(inbox)
    exposures.exposed("k", "on", "u")
    eventually(lambda: bool(inbox.posts))
    exposures.stop()
    assert {path for path, _, _ in inbox.posts} == {"/v1/exposures"}


def test_the_queue_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    exposures = Exposures(_settings.read(exposures_url="http://127.0.0.1:1"), every=60)
    for user in range(10_500):
        exposures.exposed("k", "on", str(user))
    assert len(exposures._waiting) == 10_000
    assert caplog.text.count("some are dropped") == 1
    exposures.stop()


def test_large_amounts_go_in_batches(inbox: Inbox) -> None:
    exposures = sender(inbox)
    for user in range(1_200):
        exposures.exposed("k", "on", str(user))
    exposures.stop()
    assert len({event["key_hash"] for event in inbox.events()}) == 1_200
    assert all(len(body["events"]) <= 500 for _, _, body in inbox.posts)
