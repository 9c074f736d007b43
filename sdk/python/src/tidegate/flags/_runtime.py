"""The life of the flags in one process.

Begun at the first question, begun anew in a forked child, ended with the process.
"""

import asyncio
import atexit
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.flag_evaluation import FlagEvaluationDetails, Reason
from openfeature.hook import get_hooks

from tidegate.flags import _context, _quiet
from tidegate.flags._settings import Settings

if TYPE_CHECKING:
    # Not on import: it brings gRPC, and a server that forks is better off without it in the parent.
    from tidegate.flags._exposures import Exposures
    from tidegate.flags._provider import TidegateProvider
    from tidegate.flags._values import Snapshot

# The name under which the provider is registered; the application's own default provider stays what it is.
DOMAIN = "tidegate"


@dataclass(frozen=True)
class Status:
    """What this process knows, for a health page."""

    source: str  # "live", "cached" (from the disk or the parent process) or "none"
    connected: bool
    channel: str | None
    revision: str | None
    flags: int


class Runtime:
    """One configuration in one process."""

    def __init__(self, settings: Settings, seed: "Snapshot | None" = None) -> None:
        self.settings = settings
        self.overrides: dict[str, Any] = {}
        self._seed = seed
        self._lock = threading.Lock()
        self._provider: TidegateProvider | None = None
        self._exposures: Exposures | None = None
        self._client = OpenFeatureClient(DOMAIN, None)
        # Until then, the first questions wait for the first answer. Infinite: not begun.
        self._patience_ends = float("inf")
        self._settled = False

    def is_enabled(self, key: str, default: bool) -> bool:
        """The question of every guarded call, with as little as possible in between."""
        try:
            if self.overrides or not self._settled:
                return bool(self.details("boolean", key, default).value)
            provider = self._provider
            if provider is None:
                return default
            if not get_hooks() and not self._client.hooks and (now := provider.values.now) is not None:
                constant = now.constants.get(key)
                if constant is not None and (constant.value is True or constant.value is False):
                    return bool(constant.value)
                return provider.resolve_boolean_details(key, default, _context.current()).value
            return self._client.get_boolean_value(key, default, _context.current())
        except Exception as problem:  # noqa: BLE001 - a flag must never be why a request fails
            _quiet.once(("is_enabled", type(problem)), "flag %s gives its default: %r", key, problem)
            return default

    def details(self, kind: str, key: str, default: Any) -> FlagEvaluationDetails[Any]:
        """The whole answer, through OpenFeature's client, so that every hook sees it."""
        try:
            if key in self.overrides:
                return FlagEvaluationDetails(key, self.overrides[key], variant="override", reason=Reason.STATIC)
            if self._begun() is None:
                return FlagEvaluationDetails(key, default, reason=Reason.DEFAULT)
            self._wait_once()
            ask = getattr(self._client, f"get_{kind}_details")
            found: FlagEvaluationDetails[Any] = ask(key, default, _context.current())
        except Exception as problem:  # noqa: BLE001 - as above
            _quiet.once(("details", type(problem)), "flag %s gives its default: %r", key, problem)
            return FlagEvaluationDetails(key, default, reason=Reason.ERROR, error_message=repr(problem))
        return found

    def variant(self, key: str, context: EvaluationContext) -> str | None:
        """Which variant somebody has, for telemetry: no hook hears of this evaluation, and errors are no variant."""
        provider = self._begun()
        return provider.variant(key, context) if provider is not None else None

    def client(self) -> OpenFeatureClient:
        """The client that asks; hooks and event handlers are added to it."""
        self._begun()
        return self._client

    def start(self, wait: float) -> bool:
        """Connects; true once values from Tidegate are in force."""
        provider = self._begun()
        return provider is not None and provider.synced.wait(wait)

    def stop(self) -> None:
        """Ends the stream and sends what is left to send. The values stay, for what is asked on the way out."""
        with self._lock:
            provider, exposures = self._provider, self._exposures
        if provider is not None:
            provider.shutdown()
        if exposures is not None:
            exposures.stop()

    def status(self) -> Status:
        """What is known now. Does not connect."""
        provider = self._provider
        now = provider.values.now if provider else None
        if provider is None or now is None:
            return Status("none", False, self.settings.channel, None, 0)
        revision = now.metadata.get("version")
        return Status(
            source="live" if now.live else "cached",
            connected=bool(provider.watcher.connected),
            channel=self.settings.channel,
            revision=None if revision is None else str(revision),
            flags=len(now.document["flags"]),
        )

    def of_a_child(self) -> "Runtime":
        """What a forked child begins with.

        The same settings and what the parent knew, but no thread and no connection.
        """
        provider = self._provider
        if provider is not None:
            provider.abandoned = True
            if provider.values.now is not None:
                return Runtime(self.settings, provider.values.now)
        return Runtime(self.settings, self._seed)

    def _begun(self) -> "TidegateProvider | None":
        if self._provider is not None or self.settings.host is None:
            if self.settings.host is None:
                _quiet.once("target", "TIDEGATE_FLAGS_TARGET is not set: every flag gives its default")
                self._settled = True
            return self._provider
        with self._lock:
            if self._provider is None:
                from tidegate.flags._provider import TidegateProvider  # noqa: PLC0415 - see TYPE_CHECKING

                if self.settings.exposures_url:
                    from tidegate.flags._exposures import Exposures  # noqa: PLC0415 - off by default

                    self._exposures = Exposures(self.settings)
                _quiet.quieten_the_engine()
                provider = TidegateProvider(self.settings, self._seed, self._exposures)
                self._patience_ends = time.monotonic() + self.settings.wait
                # Connects in a thread of its own.
                api.set_provider(provider, DOMAIN)
                if provider.values.now is not None:
                    # Until it is told so, OpenFeature's client does not ask, and gives defaults.
                    provider.emit_provider_ready(ProviderEventDetails(message="last known flags"))
                self._provider = provider
            return self._provider

    def _wait_once(self) -> None:
        provider = self._provider
        if self._settled or provider is None:
            return
        patience = self._patience_ends - time.monotonic()
        if not provider.synced.is_set() and patience > 0:
            if _in_event_loop():
                # Nobody else would run meanwhile: last known values or the default, and `ready()` for who wants to
                # wait.
                return
            provider.synced.wait(patience)
        self._settled = True


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


_current: Runtime | None = None
_current_lock = threading.Lock()


def current() -> Runtime:
    """The runtime of this process, configured by the environment if nobody did."""
    return _current or _by_environment()


def _by_environment() -> Runtime:
    global _current  # noqa: PLW0603 - one per process
    from tidegate.flags._settings import ConfigurationError, read  # noqa: PLC0415

    with _current_lock:
        if _current is None:
            try:
                settings = read()
            except ConfigurationError as problem:
                # Asked for by an evaluation, which does not raise. `configure()` at start-up would have.
                _quiet.once("environment", "flags are off: %s", problem, level=40)
                settings = Settings()
            _current = Runtime(settings)
        return _current


def replace(settings: Settings) -> None:
    """Another configuration from now on."""
    global _current
    with _current_lock:
        before, _current = _current, Runtime(settings)
        _quiet.forget_all()
    if before is not None:
        before.stop()


def stop() -> None:
    """Ends what runs, if anything does."""
    if _current is not None:
        _current.stop()


def _in_a_child() -> None:
    global _current, _current_lock  # noqa: PLW0603 - locks that threads of the parent held have nobody to release them
    _current_lock = threading.Lock()
    _quiet.forget_all()
    if _current is not None:
        _current = _current.of_a_child()


atexit.register(stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_a_child)
