"""What happens when Tidegate is away, comes back, refuses, or sends nonsense. Servers are real, and killed for real."""

import asyncio
import json
import logging
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import Reason
from openfeature.provider import ProviderStatus

from conftest import eventually
from documents import ALL_KINDS, document, switch
from sync_server import SyncServer
from tidegate.flags import FeatureFlags

NOBODY = "127.0.0.1:1"
KEY = "new_query_engine"


def the_cache(tmp_path: Path) -> Path:
    """The file, once it is there: values are in force before they are on the disk."""
    folder = tmp_path / "cache"
    eventually(lambda: len(list(folder.glob("flags-*.json"))) == 1)
    return next(folder.glob("flags-*.json"))


def test_away_at_start_gives_what_was_known_last(
    server: SyncServer, configure: Callable[..., None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    configure(server.target)
    assert FeatureFlags.is_enabled(KEY)
    the_cache(tmp_path)
    server.stop()
    configure(server.target, wait=0.1)
    assert FeatureFlags.is_enabled(KEY), "the first question in a process without Tidegate"
    assert FeatureFlags.details(KEY, False).reason == Reason.CACHED
    with FeatureFlags.context(user_id=1, plan="pro"):
        assert FeatureFlags.details("pro", False).reason == Reason.CACHED
        assert FeatureFlags.is_enabled("pro"), "rules work as well"
    assert FeatureFlags.status().source == "cached"
    assert FeatureFlags.start(wait=0.01) is False

    eventually(lambda: "the last known values hold" in caplog.text)
    back = SyncServer(document(new_query_engine=switch(False)), port=server.port)
    try:
        eventually(lambda: not FeatureFlags.is_enabled(KEY))
        assert FeatureFlags.details(KEY, True).reason == Reason.STATIC
        eventually(lambda: FeatureFlags.status().connected)
    finally:
        back.stop()


async def test_in_an_event_loop_they_hold_at_once(
    server: SyncServer, configure: Callable[..., None], tmp_path: Path
) -> None:
    configure(server.target)
    assert await FeatureFlags.ready(30)
    the_cache(tmp_path)
    server.stop()
    for _ in range(20):
        configure(server.target, wait=60)
        assert FeatureFlags.is_enabled(KEY), "while it still connects"
        assert FeatureFlags.details(KEY, False).reason == Reason.CACHED


def test_values_are_in_force_when_they_are_there(server: SyncServer, configure: Callable[..., None]) -> None:
    for _ in range(20):
        configure(server.target, cache="")
        assert FeatureFlags.is_enabled(KEY)


def test_away_at_start_and_nothing_known_gives_the_default(configure: Callable[..., None]) -> None:
    configure(NOBODY, wait=0.1)
    began = time.monotonic()
    assert FeatureFlags.is_enabled(KEY) is False
    assert FeatureFlags.is_enabled(KEY, default=True) is True
    assert time.monotonic() - began < 1, "it waits once, and not long"
    eventually(lambda: FeatureFlags.client().get_provider_status() == ProviderStatus.ERROR)
    assert FeatureFlags.details(KEY, False).error_code == ErrorCode.PROVIDER_NOT_READY


async def test_the_event_loop_is_not_held_up(configure: Callable[..., None]) -> None:
    configure(NOBODY, wait=5)
    FeatureFlags.client()
    began = time.monotonic()
    assert FeatureFlags.is_enabled(KEY) is False
    assert time.monotonic() - began < 0.5
    beats = 0
    waiting = asyncio.create_task(FeatureFlags.ready(0.3))
    while not waiting.done():
        await asyncio.sleep(0.01)
        beats += 1
    assert await waiting is False
    assert beats > 5


def test_a_broken_stream_keeps_the_values_and_comes_back(server: SyncServer, configure: Callable[..., None]) -> None:
    configure(server.target)
    assert FeatureFlags.start(30)
    server.stop()
    eventually(lambda: not FeatureFlags.status().connected)
    eventually(lambda: FeatureFlags.client().get_provider_status() == ProviderStatus.STALE)
    assert FeatureFlags.is_enabled(KEY)
    assert FeatureFlags.details(KEY, False).reason == Reason.STATIC
    back = SyncServer(document(new_query_engine=switch(False)), port=server.port)
    try:
        eventually(lambda: not FeatureFlags.is_enabled(KEY))
        eventually(lambda: FeatureFlags.client().get_provider_status() == ProviderStatus.READY)
    finally:
        back.stop()


def test_a_stream_that_the_server_ends_is_opened_again(server: SyncServer, configure: Callable[..., None]) -> None:
    configure(server.target)
    assert FeatureFlags.start(30)
    server.end_streams()
    eventually(lambda: server.streams == 0)
    server.push(document(new_query_engine=switch(False)))
    eventually(lambda: not FeatureFlags.is_enabled(KEY))


NONSENSE: list[Any] = [
    "",
    "no JSON",
    "[" * 100_000,
    "null",
    "[]",
    '{"flags": []}',
    '{"flags": null}',
    {"flags": {"new_query_engine": 7}},
    {"flags": {"new_query_engine": {"state": "MAYBE", "variants": {"on": True}}}},
    {"flags": {"new_query_engine": {"state": "ENABLED", "variants": {}}}},
    {"flags": {"new_query_engine": switch(False, metadata=5, targeting=[1])}},
    {"flags": {"new_query_engine": switch(False, defaultVariant=["x"])}},
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_changes_nothing_and_the_stream_lives_on(
    server: SyncServer, configure: Callable[..., None], nonsense: Any, caplog: pytest.LogCaptureFixture
) -> None:
    configure(server.target)
    assert FeatureFlags.is_enabled(KEY)
    for _ in range(3):
        server.push(nonsense)
    # What comes after it on the same stream is heard, so the nonsense was heard as well.
    server.push({**ALL_KINDS, "metadata": {"version": "8"}})
    eventually(lambda: FeatureFlags.status().revision == "8")
    assert FeatureFlags.is_enabled(KEY)
    assert len(server.seen) == 1, "it was not opened again"
    ours = [record for record in caplog.records if record.name == "tidegate.flags"]
    assert len(ours) == 1, "said once"


def test_one_bad_flag_does_not_hold_up_the_others(
    server: SyncServer, configure: Callable[..., None], tmp_path: Path
) -> None:
    configure(server.target)
    assert FeatureFlags.start(30)
    bad: dict[str, Any] = {"state": "ENABLED", "variants": 7}
    news = document(
        new_query_engine=bad,
        off=switch(True),
        never_seen=bad,
        extra=switch(True, kind="release", metadata={"owner": "search", "nested": {"a": 1}}),
    )
    server.push(news)
    eventually(lambda: FeatureFlags.is_enabled("off"))
    assert FeatureFlags.is_enabled(KEY), "its last known definition stays"
    assert FeatureFlags.is_enabled("never_seen", default=True) is True
    assert FeatureFlags.is_enabled("extra"), "what is new in a flag is passed over"
    assert FeatureFlags.details("extra", False).flag_metadata["owner"] == "search"


def test_the_token_goes_into_a_header_and_never_into_an_id(
    configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = SyncServer(ALL_KINDS, token="tg_secret")  # noqa: S106
    monkeypatch.setenv("TIDEGATE_TOKEN", "tg_secret")
    monkeypatch.setenv("TIDEGATE_CHANNEL", "production")
    try:
        configure(server.target, service="search")
        assert FeatureFlags.start(30)
        [(provider_id, headers)] = server.seen
        assert headers["authorization"] == "Bearer tg_secret"
        assert headers["flagd-selector"] == "flagSetId=production"
        assert provider_id.startswith("search@")
        assert provider_id.endswith(f"/{os.getpid()}")
    finally:
        server.stop()


def test_a_refused_token_is_said_once_and_tried_again(
    configure: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    server = SyncServer(ALL_KINDS, token="tg_right")  # noqa: S106
    try:
        configure(server.target, token="tg_wrong", wait=0.1)  # noqa: S106
        with caplog.at_level(logging.WARNING):
            assert FeatureFlags.is_enabled(KEY) is False
            eventually(lambda: len(server.seen) >= 2)
        said = [record.getMessage() for record in caplog.records if "UNAUTHENTICATED" in record.getMessage()]
        assert len(said) == 1
        assert "tg_wrong" not in caplog.text
        server.token = "tg_wrong"  # noqa: S105
        eventually(lambda: FeatureFlags.is_enabled(KEY))
    finally:
        server.stop()


def test_settings_of_flagd_are_not_ours(
    server: SyncServer, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "FLAGD_OFFLINE_FLAG_SOURCE_PATH": "/nowhere.json",
        "FLAGD_TLS": "true",
        "FLAGD_HOST": "nowhere.invalid",
        "FLAGD_SOURCE_SELECTOR": "other",
        "FLAGD_FATAL_STATUS_CODES": "UNAVAILABLE",
        "FLAGD_DEFAULT_AUTHORITY": "nowhere.invalid",
    }.items():
        monkeypatch.setenv(name, value)
    configure(server.target)
    assert FeatureFlags.start(30)


def test_the_cache_is_private_whole_and_per_channel(
    server: SyncServer, configure: Callable[..., None], tmp_path: Path
) -> None:
    for channel in ("production", "staging"):
        configure(server.target, channel=channel)
        assert FeatureFlags.start(30)
    eventually(lambda: len(list((tmp_path / "cache").glob("flags-*.json"))) == 2)
    files = sorted((tmp_path / "cache").iterdir())
    assert [file.name.split("-")[1] for file in files] == ["production", "staging"]
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert json.loads(file.read_text())["document"]["flags"][KEY]
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700


def spoil_mode(file: Path) -> None:
    file.chmod(0o666)


def spoil_text(file: Path) -> None:
    file.write_text(file.read_text()[:50])


def spoil_kind(file: Path) -> None:
    real = file.with_suffix(".real")
    file.rename(real)
    file.symlink_to(real)


def spoil_owner(file: Path) -> None:
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({**kept, "of": "another.example:8015/"}))


@pytest.mark.parametrize("spoil", [spoil_mode, spoil_text, spoil_kind, spoil_owner])
def test_a_cache_that_is_not_ours_is_not_used(
    server: SyncServer, configure: Callable[..., None], tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    configure(server.target)
    assert FeatureFlags.start(30)
    spoiled = the_cache(tmp_path)
    FeatureFlags.shutdown()
    server.stop()
    spoil(spoiled)
    configure(server.target, wait=0.1)
    assert FeatureFlags.is_enabled(KEY) is False


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(
    server: SyncServer, configure: Callable[..., None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    configure(server.target, cache=tmp_path / "file" / "cache")
    assert FeatureFlags.start(30)
    assert FeatureFlags.is_enabled(KEY)
    eventually(lambda: "cannot be written" in caplog.text)


def test_shutdown_ends_the_stream_and_keeps_the_values(server: SyncServer, configure: Callable[..., None]) -> None:
    configure(server.target)
    assert FeatureFlags.start(30)
    FeatureFlags.shutdown()
    FeatureFlags.shutdown()
    eventually(lambda: server.streams == 0)
    assert FeatureFlags.is_enabled(KEY)
    assert not any(thread.name == "tidegate-flags" for thread in threading.enumerate())


@pytest.mark.parametrize("target", ["SERVER", NOBODY])
def test_the_process_ends_at_once(server: SyncServer, tmp_path: Path, target: str) -> None:
    program = (
        "import time; from tidegate.flags import FeatureFlags\n"
        "print(FeatureFlags.is_enabled('new_query_engine')); time.sleep(0.6); print('end', time.time())"
    )
    environment = {
        **os.environ,
        "TIDEGATE_FLAGS_TARGET": server.target if target == "SERVER" else target,
        "TIDEGATE_FLAGS_CACHE": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout.startswith("True" if target == "SERVER" else "False")
    # A timer of the provider's would hold it for ten.
    assert time.time() - float(done.stdout.split()[-1]) < 5
    assert "Traceback" not in done.stderr


def test_importing_brings_no_grpc() -> None:
    program = "import sys, tidegate.flags; sys.exit('grpc' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=20)
