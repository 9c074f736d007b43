"""Where Tidegate is and who we are.

Arguments of `FeatureFlags.configure`, else the environment. Nothing is guessed in silence.
"""

import os
import re
import socket
from dataclasses import dataclass, field
from pathlib import Path

SYNC_PORT = 8015


class ConfigurationError(ValueError):
    """A setting that means nothing. Raised by `configure`, never by an evaluation."""


@dataclass(frozen=True)
class Settings:
    """All that is known about the way to Tidegate. Immutable: a forked child begins with the same."""

    host: str | None = None
    port: int = SYNC_PORT
    # Not in the representation: settings end up in logs and stack traces.
    token: str | None = field(default=None, repr=False)
    channel: str | None = None
    cache: Path | None = None
    tls: bool = False
    ca: str | None = None
    service: str = "python"
    wait: float = 0.5
    exposures_url: str | None = None

    @property
    def client(self) -> str:
        """How this process is named in Tidegate's list of clients.

        Asked after a fork, so the process id is the child's.
        """
        return f"{self.service}@{socket.gethostname()}/{os.getpid()}"


def read(
    *,
    target: str | None = None,
    token: str | None = None,
    channel: str | None = None,
    cache: str | os.PathLike[str] | None = None,
    tls: bool | None = None,
    ca: str | None = None,
    service: str | None = None,
    wait: float | None = None,
    exposures_url: str | None = None,
) -> Settings:
    """Settings from arguments, and from the environment where there is no argument."""
    env = os.environ.get
    host, port = _address(target if target is not None else env("TIDEGATE_FLAGS_TARGET"))
    channel = channel if channel is not None else env("TIDEGATE_CHANNEL")
    if channel and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", channel):
        raise ConfigurationError(f"channel {channel!r}: letters, digits, dot, dash and underscore, at most 100")
    exposures_url = exposures_url if exposures_url is not None else env("TIDEGATE_EXPOSURES_URL")
    if exposures_url and not exposures_url.startswith(("http://", "https://")):
        raise ConfigurationError(f"exposures_url {exposures_url!r}: begins with http:// or https://")
    ca = ca or env("TIDEGATE_FLAGS_CA") or None
    return Settings(
        host=host,
        port=port,
        token=(token if token is not None else env("TIDEGATE_TOKEN")) or None,
        channel=channel or None,
        cache=_cache(cache if cache is not None else env("TIDEGATE_FLAGS_CACHE")),
        tls=_yes_or_no("TIDEGATE_FLAGS_TLS", env("TIDEGATE_FLAGS_TLS"), ca is not None) if tls is None else tls,
        ca=ca,
        service=service or env("TIDEGATE_SERVICE") or "python",
        wait=_seconds(wait if wait is not None else env("TIDEGATE_FLAGS_WAIT")),
        exposures_url=exposures_url or None,
    )


def _address(target: str | None) -> tuple[str | None, int]:
    if not target:
        return None, SYNC_PORT
    # An IPv6 address stands in brackets, as everywhere.
    parts = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+)(?::(\d{1,5}))?", target)
    port = int(parts[2]) if parts and parts[2] else SYNC_PORT
    if not parts or not 0 < port < 65536:
        raise ConfigurationError(f"target {target!r}: expected host or host:port, for example 127.0.0.1:{SYNC_PORT}")
    return parts[1], port


def _cache(folder: str | os.PathLike[str] | None) -> Path | None:
    if folder is None:
        home = os.environ.get("XDG_CACHE_HOME")
        return (Path(home) if home else Path("~/.cache")).expanduser() / "tidegate"
    # Empty means: keep nothing. A program that may not write says so by it.
    return Path(folder).expanduser() if os.fspath(folder) else None


def _yes_or_no(name: str, text: str | None, otherwise: bool) -> bool:
    if text is None or text == "":
        return otherwise
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ConfigurationError(f"{name}={text!r}: expected true or false")


def _seconds(value: float | str | None) -> float:
    try:
        seconds = 0.5 if value is None or value == "" else float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 60:
        raise ConfigurationError(f"wait {value!r}: expected seconds between 0 and 60")
    return seconds
