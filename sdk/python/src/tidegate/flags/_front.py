"""`FeatureFlags`: everything that an application says to its flags."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from openfeature.client import OpenFeatureClient
from openfeature.flag_evaluation import FlagEvaluationDetails
from openfeature.track import TrackingEventDetails

from tidegate.flags import _context, _decorate, _quiet, _runtime, _settings
from tidegate.flags._runtime import Status

F = TypeVar("F", bound=Callable[..., Any])


class FeatureFlags:
    """The flags of this process. There is one set of them, so this is never instantiated."""

    def __new__(cls) -> "FeatureFlags":
        raise TypeError("FeatureFlags is used as it is: FeatureFlags.is_enabled(...)")

    @staticmethod
    def configure(**settings: Any) -> None:
        """Says where Tidegate is, instead of the environment.

        Connects to nothing: the first question does, in its own process.

        target (`TIDEGATE_FLAGS_TARGET`), token (`TIDEGATE_TOKEN`), channel (`TIDEGATE_CHANNEL`), cache
        (`TIDEGATE_FLAGS_CACHE`; empty keeps nothing), tls (`TIDEGATE_FLAGS_TLS`), ca (`TIDEGATE_FLAGS_CA`), service
        (`TIDEGATE_SERVICE`), wait (`TIDEGATE_FLAGS_WAIT`), exposures_url (`TIDEGATE_EXPOSURES_URL`).
        """
        _runtime.replace(_settings.read(**settings))

    @staticmethod
    def require(key: str, *, default: bool = False) -> Callable[[F], F]:
        """The decorated function runs where the flag is on.

        Evaluated once per call; for a generator, when it is first asked.
        """
        return _decorate.require(key, lambda: _runtime.current().is_enabled(key, default))

    @staticmethod
    def fallback(key: str, *, of: str | None = None) -> Callable[[F], F]:
        """The decorated function runs in place of its required one where the flag is off.

        See `PairingError` for who is whose.
        """
        return _decorate.fallback(key, of)

    @staticmethod
    def is_enabled(key: str, default: bool = False) -> bool:
        """Whether a boolean flag is on, for who asks here."""
        return _runtime.current().is_enabled(key, default)

    @staticmethod
    def get_string(key: str, default: str) -> str:
        """The value of a text flag."""
        value: str = _runtime.current().details("string", key, default).value
        return value

    @staticmethod
    def get_int(key: str, default: int) -> int:
        """The value of a flag of whole numbers."""
        value: int = _runtime.current().details("integer", key, default).value
        return value

    @staticmethod
    def get_float(key: str, default: float) -> float:
        """The value of a flag of numbers."""
        value: float = _runtime.current().details("float", key, default).value
        return value

    @staticmethod
    def get_object(key: str, default: Mapping[str, Any]) -> Mapping[str, Any]:
        """The value of a structured flag. Do not change it: it is the flag's own."""
        value: Mapping[str, Any] = _runtime.current().details("object", key, default).value
        return value

    @staticmethod
    def details(key: str, default: Any) -> FlagEvaluationDetails[Any]:
        """Value, variant, reason and metadata; the type is the default's."""
        # `bool` first, since it is an `int` in Python.
        kinds = {bool: "boolean", str: "string", int: "integer", float: "float"}
        return _runtime.current().details(kinds.get(type(default), "object"), key, default)

    @staticmethod
    def context(*, targeting_key: object = None, **attributes: object) -> _context.Entered:
        """`with FeatureFlags.context(user_id=7, plan="pro"):` says who asks until the end of the block.

        Also across `await`; a thread begins without a context, unless `asyncio.to_thread` started it.

        `user_id` is the targeting key unless `targeting_key` is given. Blocks nest; the inner one adds to the outer
        one.
        """
        return _context.Entered(targeting_key, attributes)

    @staticmethod
    def track(key: str) -> None:
        """Says that who asks here was exposed to the flag's variant. Does nothing unless exposures have a URL."""
        runtime = _runtime.current()
        if not runtime.settings.exposures_url:
            return
        try:
            context = _context.current()
            if (variant := runtime.variant(key, context)) is not None:
                runtime.client().track(key, context, TrackingEventDetails(attributes={"variant": variant}))
        except Exception as problem:  # noqa: BLE001 - telemetry must never be why a request fails
            _quiet.once(("track", type(problem)), "an exposure of %s is lost: %r", key, problem)

    @staticmethod
    def start(wait: float = 5.0) -> bool:
        """Connects and waits.

        True once Tidegate's values are in force; false if it is away, and last known values hold.
        """
        return _runtime.current().start(wait)

    @staticmethod
    async def ready(wait: float = 5.0) -> bool:
        """As `start`, without holding up the event loop."""
        return await asyncio.to_thread(_runtime.current().start, wait)

    @staticmethod
    def shutdown() -> None:
        """Ends the connection. Also happens by itself when the process ends."""
        _runtime.stop()

    @staticmethod
    def status() -> Status:
        """Where the values come from, and of which revision they are."""
        return _runtime.current().status()

    @staticmethod
    def client() -> OpenFeatureClient:
        """OpenFeature's client behind all of this, for hooks and event handlers."""
        return _runtime.current().client()

    @staticmethod
    @contextmanager
    def override(**values: Any) -> Iterator[None]:
        """For tests.

        These flags have these values in this process until the end of the block, whatever Tidegate says.
        """
        runtime = _runtime.current()
        before = runtime.overrides
        runtime.overrides = {**before, **values}
        try:
            yield
        finally:
            runtime.overrides = before
