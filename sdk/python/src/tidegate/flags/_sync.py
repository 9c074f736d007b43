"""The stream from Tidegate: the published provider's watcher, with its known faults mended one by one.

The watcher of `openfeature-provider-flagd` 0.6 does the connecting and the waiting; what is overridden here is what
goes
wrong in production, each with its reason. All of it touches that package's inner names, hence the narrow version range.
"""

import json
import os
import random
import threading
from collections.abc import Callable, Mapping
from typing import Any, cast

# Before gRPC is imported: its fork handlers let a child open a channel of its own while the parent's stream lives on.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "1")

import grpc
from google.protobuf.json_format import MessageToDict
from openfeature.contrib.provider.flagd.config import Config, ResolverType
from openfeature.contrib.provider.flagd.resolvers.process.connector.grpc_watcher import GrpcWatcher
from openfeature.contrib.provider.flagd.resolvers.process.flags import FlagStore
from openfeature.event import ProviderEventDetails

from tidegate.flags import _quiet
from tidegate.flags._settings import Settings

# A server that is gone without a word is noticed within these two.
_KEEP_ALIVE_MS = 30_000
_KEEP_ALIVE_TIMEOUT_MS = 10_000
_CONNECT_TIMEOUT_MS = 3_000
_GRACE_S = 10


def config(settings: Settings) -> Config:
    """The provider's configuration with every value said.

    What is left out it takes from `FLAGD_*`, which are not ours.
    """
    made = Config(
        host=settings.host,
        port=settings.port,
        tls=settings.tls,
        cert_path=settings.ca or "",
        selector=f"flagSetId={settings.channel}" if settings.channel else "",
        provider_id=settings.client,
        resolver=ResolverType.IN_PROCESS,
        deadline_ms=int(settings.wait * 1000),
        # A deadline would end a healthy stream every ten minutes, and leave the process blind until it is open again.
        stream_deadline_ms=0,
        keep_alive_time=_KEEP_ALIVE_MS,
        retry_backoff_ms=200,
        # The provider waits this long after every end of a stream. Spread, or all clients would come back in the same
        # instant.
        retry_backoff_max_ms=random.randint(1000, 3000),  # noqa: S311 - no secret
        retry_grace_period=_GRACE_S,
        # Never fatal: a token that is revoked by mistake and given back is taken up without a restart.
        fatal_status_codes=[],
        # GetMetadata is deprecated, and an empty answer to it kills the provider's thread.
        sync_metadata_disabled=True,
    )
    made.default_authority = None
    made.offline_flag_source_path = None
    return made


class Watcher(GrpcWatcher):
    """Keeps a stream open and hands on each document."""

    def __init__(
        self,
        settings: Settings,
        made: Config,
        take: Callable[[object, Mapping[str, Any]], None],
        tell_error: Callable[[ProviderEventDetails], None],
        tell_stale: Callable[[ProviderEventDetails], None],
    ) -> None:
        self._settings = settings
        self._take = take
        self._life = threading.Lock()
        self.ended = False
        # The store and the word "ready" are given by `take`, after the values are in force.
        store = cast(FlagStore, None)
        super().__init__(made, store, lambda _details, _context: None, tell_error, tell_stale)

    def _generate_channel(self, config: Config) -> grpc.Channel:
        target = f"{config.host}:{config.port}"
        options = [
            ("grpc.keepalive_time_ms", _KEEP_ALIVE_MS),
            ("grpc.keepalive_timeout_ms", _KEEP_ALIVE_TIMEOUT_MS),
            # Otherwise pings stop after two, since a stream that only listens sends no data.
            ("grpc.http2.max_pings_without_data", 0),
            ("grpc.initial_reconnect_backoff_ms", config.retry_backoff_ms),
            ("grpc.max_reconnect_backoff_ms", config.retry_backoff_max_ms),
            # The provider sets the stream's deadline here, which makes an attempt to connect last ten minutes.
            ("grpc.min_reconnect_backoff_ms", _CONNECT_TIMEOUT_MS),
            # A channel of its own: gRPC shares connections between equal ones, and a replaced configuration is to be
            # gone.
            ("grpc.use_local_subchannel_pool", 1),
        ]
        if not config.tls:
            if self._settings.token and config.host not in ("127.0.0.1", "localhost", "[::1]"):
                _quiet.once("clear", "the token goes to %s in clear text: set TIDEGATE_FLAGS_TLS", target)
            return grpc.insecure_channel(target, options=options)
        authority = None
        if config.cert_path:
            with open(config.cert_path, "rb") as file:
                authority = file.read()
        return grpc.secure_channel(target, grpc.ssl_channel_credentials(authority), options=options)

    def _create_metadata(self) -> tuple[tuple[str, str], ...] | None:  # type: ignore[override]
        # The provider sends no credentials at all. A header keeps the token out of the provider's id, which is there
        # to be shown.
        metadata = [("flagd-selector", self.selector)] if self.selector else []
        if self._settings.token:
            metadata.append(("authorization", f"Bearer {self._settings.token}"))
        return tuple(metadata) or None

    def _handle_flag_response(self, flag_rsp: Any, context_values_response: Any) -> bool:
        # The provider's thread ends at the first exception that it does not expect, and the process never hears a
        # change again.
        try:
            document = json.loads(flag_rsp.flag_configuration)
            context = MessageToDict(flag_rsp.sync_context) if flag_rsp.HasField("sync_context") else {}
        except Exception as problem:  # noqa: BLE001 - bytes of others; deep nesting is a RecursionError
            _quiet.once(("json", str(problem)), "flags are no JSON, the last known values stay: %s", problem)
        else:
            self._take(document, context)
        self.connected = True
        return not self.active

    def listen(self) -> None:
        """Runs in a thread of its own until `shutdown`."""
        while self.active:
            try:
                super().listen()
            except Exception as problem:  # noqa: BLE001 - whatever it is, the process must hear of the next change
                if self.active:
                    _quiet.once(("listen", repr(problem)), "the stream of flags failed, trying again: %r", problem)
                    self._wait_before_reconnect()

    def _handle_rpc_error(self, e: grpc.RpcError) -> bool:
        code = e.code()
        if self.active:
            about = ("stream", code)
            _quiet.once(about, "no flags from %s:%s (%s), trying again", self.config.host, self.config.port, code.name)
        return False

    def _wait_before_reconnect(self) -> None:
        # Called after every end of a stream, whoever ended it.
        if self.connected:
            self.connected = False
            self.emit_provider_stale(ProviderEventDetails(message="the stream broke, connecting again"))
            self.timer = threading.Timer(self.retry_grace_period, self._tell_lost)
            # The provider's timers are no daemons and keep a process from ending.
            self.timer.daemon = True
            self.timer.start()
        super()._wait_before_reconnect()

    def _tell_lost(self) -> None:
        if self.active and not self.connected:
            self.emit_error()

    def begin(self) -> None:
        """Starts to connect, in the background.

        The provider starts its thread from a callback on the channel's state, for which gRPC wakes up five times a
        second for ever, and which fails on a channel that is being closed. A call that waits to be ready connects too.
        """
        with self._life:
            if self.ended:
                # OpenFeature begins in a thread, which may come after the end.
                return
            self.active = True
            self.thread = threading.Thread(target=self.listen, daemon=True, name="tidegate-flags")
            self.thread.start()

    def shutdown(self) -> None:
        """Ends the stream and what waits for it."""
        with self._life:
            self.ended = True
            super().shutdown()
        if self.timer is not None:
            self.timer.cancel()
        if self.thread is not None and self.thread is not threading.current_thread():
            self.thread.join(timeout=1)
        self.connected = False
