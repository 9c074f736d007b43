"""Settings: arguments before the environment, and a place in every refusal."""

import logging
from pathlib import Path
from typing import Any

import pytest

from tidegate.flags import ConfigurationError, FeatureFlags, _runtime, _settings


@pytest.mark.parametrize(
    ("target", "host", "port"),
    [
        ("flags.example:9000", "flags.example", 9000),
        ("flags.example", "flags.example", 8015),
        ("[::1]:8015", "[::1]", 8015),
        ("", None, 8015),
    ],
)
def test_addresses(target: str, host: str | None, port: int) -> None:
    read = _settings.read(target=target)
    assert (read.host, read.port) == (host, port)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"target": "http://flags:8015"}, "host:port"),
        ({"target": "flags:0"}, "host:port"),
        ({"target": "flags:99999"}, "host:port"),
        ({"channel": "../etc"}, "channel"),
        ({"wait": -1}, "wait"),
        ({"wait": "soon"}, "wait"),
        ({"exposures_url": "file:///etc/passwd"}, "exposures_url"),
    ],
)
def test_what_means_nothing_is_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        FeatureFlags.configure(**wrong)


def test_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "TIDEGATE_FLAGS_TARGET": "flags:8015",
        "TIDEGATE_TOKEN": "tg_x",
        "TIDEGATE_CHANNEL": "staging",
        "TIDEGATE_FLAGS_CACHE": str(tmp_path),
        "TIDEGATE_FLAGS_TLS": "yes",
        "TIDEGATE_FLAGS_WAIT": "1.5",
    }.items():
        monkeypatch.setenv(name, value)
    read = _settings.read(channel="production")
    assert (read.host, read.channel, read.cache, read.tls, read.wait) == ("flags", "production", tmp_path, True, 1.5)
    assert read.token == "tg_x"  # noqa: S105
    assert "tg_x" not in repr(read)
    monkeypatch.setenv("TIDEGATE_FLAGS_CACHE", "")
    assert _settings.read().cache is None
    monkeypatch.setenv("TIDEGATE_FLAGS_TLS", "perhaps")
    with pytest.raises(ConfigurationError, match="true or false"):
        _settings.read()


def test_a_wrong_environment_is_said_once_and_breaks_no_call(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TIDEGATE_FLAGS_TARGET", "http://flags")
    monkeypatch.setattr(_runtime, "_current", None)
    with caplog.at_level(logging.WARNING):
        assert [FeatureFlags.is_enabled("k") for _ in range(3)] == [False] * 3
    assert caplog.text.count("host:port") == 1


def test_without_a_target_flags_give_their_defaults_and_say_so_once(caplog: pytest.LogCaptureFixture) -> None:
    assert FeatureFlags.is_enabled("k", default=True) is True
    assert FeatureFlags.get_int("k", 3) == 3
    assert FeatureFlags.start(0) is False
    assert caplog.text.count("TIDEGATE_FLAGS_TARGET is not set") == 1


def test_it_is_used_as_it_is() -> None:
    with pytest.raises(TypeError, match="used as it is"):
        FeatureFlags()
