"""The OpenFeature provider.

Flagd's, evaluating in process, with our stream, our values and no exception that escapes.
"""

import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from openfeature.contrib.provider.flagd import FlagdProvider
from openfeature.contrib.provider.flagd.config import ResolverType
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import ErrorCode, OpenFeatureError, ProviderNotReadyError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType, Reason
from openfeature.hook import Hook
from openfeature.provider.metadata import Metadata
from openfeature.track import TrackingEventDetails

from tidegate.flags import _quiet, _sync
from tidegate.flags._lastknown import Disk
from tidegate.flags._settings import Settings
from tidegate.flags._values import FlagValues, Snapshot

Structure = Sequence[FlagValueType] | Mapping[str, FlagValueType]


class Tracker(Protocol):
    """Takes what `track` says."""

    def exposed(self, flag: str, variant: str, targeting_key: str | None) -> None:
        """Somebody was shown a variant."""


class TidegateProvider(FlagdProvider):
    """Values before the connection, and values after it is lost."""

    def __init__(self, settings: Settings, seed: Snapshot | None = None, tracker: Tracker | None = None) -> None:
        self.values = FlagValues()
        self.synced = threading.Event()
        # A forked child must not touch the parent's channel, not even to close it.
        self.abandoned = False
        self._settings = settings
        self._tracker = tracker
        self._disk = Disk(settings)
        kept = seed or self._disk.load()
        if kept is not None:
            self.values.replace(kept.document, kept.context, live=False)
        super().__init__(resolver_type=ResolverType.IN_PROCESS)

    def setup_resolver(self) -> Any:
        """Called by flagd's constructor; our resolver knows the stream only, the questions are answered here."""
        self.config = _sync.config(self._settings)
        # Weak, or the stream's thread would keep a replaced provider for ever.
        take = weakref.WeakMethod(self._take)
        self.watcher = _sync.Watcher(
            self._settings,
            self.config,
            lambda document, context: _call(take, document, context),
            self.emit_provider_error,
            self.emit_provider_stale,
        )
        return self.watcher

    def initialize(self, evaluation_context: EvaluationContext) -> None:
        """Connects. Without a connection it is ready nevertheless if there are last known values."""
        self.watcher.begin()
        if self.synced.wait(self._settings.wait) or self.watcher.ended:
            return
        known = "the last known values hold" if self.values.now else "every flag gives its default"
        _quiet.once("away", "Tidegate does not answer at %s:%s, %s", self._settings.host, self._settings.port, known)
        if self.values.now is None:
            raise ProviderNotReadyError("Tidegate does not answer yet, and there are no last known values")

    def shutdown(self) -> None:
        """Ends the stream. The values stay."""
        if not self.abandoned:
            super().shutdown()

    def get_metadata(self) -> Metadata:
        """The name under which hooks and telemetry see it."""
        return Metadata(name="tidegate")

    def get_provider_hooks(self) -> list[Hook]:
        """None. What flagd's hook adds to the context is added by the evaluation itself, with or without hooks."""
        return []

    def variant(self, key: str, context: EvaluationContext) -> str | None:
        """The variant of a flag of whatever type."""
        now = self.values.now
        variants = now.document["flags"].get(key, {}).get("variants", {}) if now else {}
        value = next(iter(variants.values()), None)
        kinds = {bool: "boolean", str: "string", int: "float", float: "float"}
        found: str | None = self._resolve(kinds.get(type(value), "object"), key, None, context).variant
        return found

    def _take(self, document: object, context: Mapping[str, Any]) -> None:
        changed = self.values.replace(document, context, live=True)
        now = self.values.now
        if changed is None or now is None:
            return
        metadata = dict(now.metadata)
        if not self.watcher.connected:
            # Also after a break, which made us stale.
            self.emit_provider_ready(ProviderEventDetails(message="flags arrived", metadata=metadata))
        # Not before: OpenFeature's client answers with defaults until it was told "ready".
        self.synced.set()
        if changed:
            self.emit_provider_configuration_changed(ProviderEventDetails(flags_changed=changed, metadata=metadata))
        # Last: nobody waits for a disk.
        self._disk.save(now.document, now.context)

    def _resolve(self, kind: str, key: str, default: Any, context: EvaluationContext | None) -> Any:
        now = self.values.now
        if now is None:
            return _error(default, ErrorCode.PROVIDER_NOT_READY, "no flags yet")
        if now.context:
            context = (context or EvaluationContext()).merge(EvaluationContext(attributes=now.context))
        try:
            found = getattr(self.values.core, f"resolve_{kind}_value")(key, default, context)
            if kind == "float" and _holds_a_bool(now, key, found.variant):
                return _error(default, ErrorCode.TYPE_MISMATCH, "expected float but got bool")
        except OpenFeatureError as problem:
            about = ("evaluate", key, problem.error_code)
            _quiet.once(about, "flag %s gives its default: %s", key, problem.error_message or problem.error_code)
            return _error(default, problem.error_code, problem.error_message)
        except Exception as problem:  # noqa: BLE001 - data of others: the caller gets its default
            _quiet.once(("evaluate", key, type(problem)), "flag %s gives its default: %r", key, problem)
            return _error(default, ErrorCode.GENERAL, repr(problem))
        if not now.live:
            found.reason = Reason.CACHED
        return found

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        """A boolean; never raises."""
        found: FlagResolutionDetails[bool] = self._resolve("boolean", flag_key, default_value, evaluation_context)
        return found

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        """A text; never raises."""
        found: FlagResolutionDetails[str] = self._resolve("string", flag_key, default_value, evaluation_context)
        return found

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        """A whole number; never raises."""
        found: FlagResolutionDetails[int] = self._resolve("integer", flag_key, default_value, evaluation_context)
        return found

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        """A number; never raises."""
        found: FlagResolutionDetails[float] = self._resolve("float", flag_key, default_value, evaluation_context)
        return found

    def resolve_object_details(
        self, flag_key: str, default_value: Structure, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[Structure]:
        """A structure; never raises."""
        found: FlagResolutionDetails[Structure] = self._resolve("object", flag_key, default_value, evaluation_context)
        return found

    def track(
        self,
        tracking_event_name: str,
        evaluation_context: EvaluationContext | None = None,
        tracking_event_details: TrackingEventDetails | None = None,
    ) -> None:
        """Takes exposures.

        An event named after a flag that says which variant was shown. Others are not for Tidegate.
        """
        variant = tracking_event_details.attributes.get("variant") if tracking_event_details else None
        if self._tracker is not None and isinstance(variant, str):
            key = evaluation_context.targeting_key if evaluation_context else None
            self._tracker.exposed(tracking_event_name, variant, key)


def _call(take: Callable[[], Callable[..., None] | None], document: object, context: Mapping[str, Any]) -> None:
    if (method := take()) is not None:
        method(document, context)


def _error(default: Any, code: ErrorCode, message: str | None) -> FlagResolutionDetails[Any]:
    return FlagResolutionDetails(default, error_code=code, error_message=message, reason=Reason.ERROR)


def _holds_a_bool(now: Snapshot, key: str, variant: str | None) -> bool:
    # flagd's engine takes `true` for 1.0, since Python does.
    return variant is not None and isinstance(now.document["flags"][key]["variants"].get(variant), bool)
