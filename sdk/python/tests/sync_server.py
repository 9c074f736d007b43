"""A real gRPC server of `flagd.sync.v1`: small, and able to misbehave on purpose. The tests' stand-in for Tidegate."""

import json
import queue
import threading
from concurrent import futures
from typing import Any

import grpc
from google.protobuf.struct_pb2 import Struct
from openfeature.schemas.protobuf.flagd.sync.v1 import sync_pb2, sync_pb2_grpc


class SyncServer(sync_pb2_grpc.FlagSyncServiceServicer):
    """Serves one document to everybody who has the token, and pushes each change."""

    def __init__(self, document: Any, token: str | None = None, port: int = 0) -> None:
        self.token = token
        self.seen: list[tuple[str, dict[str, str]]] = []
        self._text = document if isinstance(document, str) else json.dumps(document)
        self._streams: set[queue.Queue[str | None]] = set()
        self._lock = threading.Lock()
        self._server = grpc.server(futures.ThreadPoolExecutor(24), options=[("grpc.so_reuseport", 0)])
        sync_pb2_grpc.add_FlagSyncServiceServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        self._server.start()

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def streams(self) -> int:
        return len(self._streams)

    def push(self, document: Any) -> None:
        with self._lock:
            self._text = document if isinstance(document, str) else json.dumps(document)
            for stream in self._streams:
                stream.put(self._text)

    def end_streams(self) -> None:
        with self._lock:
            for stream in self._streams:
                stream.put(None)

    def stop(self) -> None:
        self.end_streams()
        self._server.stop(0).wait(2)

    def SyncFlags(self, request: Any, context: Any) -> Any:
        self._admit(request, context)
        mine: queue.Queue[str | None] = queue.Queue()
        with self._lock:
            mine.put(self._text)
            self._streams.add(mine)
        context.add_callback(lambda: mine.put(None))
        about = Struct()
        about.update({"flagSetId": "production", "channel": "production"})
        try:
            while context.is_active():
                text = mine.get()
                if text is None:
                    return
                yield sync_pb2.SyncFlagsResponse(flag_configuration=text, sync_context=about)
        finally:
            with self._lock:
                self._streams.discard(mine)

    def _admit(self, request: Any, context: Any) -> None:
        headers = {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}
        self.seen.append((request.provider_id, headers))
        if self.token is not None and headers.get("authorization") != f"Bearer {self.token}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "")
