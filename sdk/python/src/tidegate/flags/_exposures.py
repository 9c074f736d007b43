"""Who was shown which variant, sent in batches to `POST /v1/exposures`. Off unless it has a URL.

Nothing personal leaves the process: of the targeting key a hash is sent, salted with the channel. Lost events are fewer
events, never a slower request: the queue is bounded, and what does not fit is counted and dropped.
"""

import hashlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from typing import Any

from tidegate.flags import _quiet
from tidegate.flags._settings import Settings

_BATCH = 500
_MOST_WAITING = 10_000
_EVERY_S = 5.0
_TIMEOUT_S = 5.0
_FAREWELL_S = 2.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes where it was meant to go and nowhere else."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Refuses."""


class Exposures:
    """A queue and the thread that empties it."""

    def __init__(self, settings: Settings, every: float = _EVERY_S) -> None:
        self._settings = settings
        self._url = f"{(settings.exposures_url or '').rstrip('/')}/v1/exposures"
        self._every = every
        self._waiting: deque[dict[str, Any]] = deque()
        # One exposure of the same to the same is enough in each batch.
        self._known: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ending = False
        self._opener = urllib.request.build_opener(_NoRedirect)
        self._thread = threading.Thread(target=self._run, daemon=True, name="tidegate-exposures")
        self._thread.start()

    def exposed(self, flag: str, variant: str, targeting_key: str | None) -> None:
        """Remembers it, without waiting for anything."""
        if targeting_key is None:
            # Nobody in particular: it would count as one user.
            return
        seen = (flag, variant, key_hash(self._settings.channel, targeting_key))
        with self._lock:
            if seen in self._known or self._ending:
                return
            if len(self._waiting) >= _MOST_WAITING:
                _quiet.once("exposures", "%s takes no exposures fast enough, some are dropped", self._url)
                return
            if len(self._known) >= _MOST_WAITING:
                self._known.clear()
            self._known.add(seen)
            self._waiting.append(
                {"flag": seen[0], "variant": seen[1], "at_ms": int(time.time() * 1000), "key_hash": seen[2]}
            )
            full = len(self._waiting) >= _BATCH
        if full:
            self._wake.set()

    def stop(self) -> None:
        """Sends what is left, for at most two seconds."""
        with self._lock:
            self._ending = True
        self._wake.set()
        self._thread.join(timeout=_FAREWELL_S)

    def _run(self) -> None:
        while True:
            self._wake.wait(self._every)
            self._wake.clear()
            delivered = self._empty()
            if self._ending:
                return
            if not delivered:
                # Full batches must not turn an outage into a tight loop.
                time.sleep(self._every)

    def _empty(self) -> bool:
        while True:
            with self._lock:
                batch = [self._waiting[n] for n in range(min(_BATCH, len(self._waiting)))]
                if not batch:
                    self._known.clear()
                    return True
            if not self._post(batch):
                return False
            with self._lock:
                for _ in batch:
                    self._waiting.popleft()

    def _post(self, batch: list[dict[str, Any]]) -> bool:
        """True if the batch is done with: taken, or refused for good."""
        headers = {"content-type": "application/json"}
        if self._settings.token:
            headers["authorization"] = f"Bearer {self._settings.token}"
        body = json.dumps({"events": batch}).encode()
        # The settings refuse every scheme but HTTP.
        request = urllib.request.Request(self._url, data=body, headers=headers, method="POST")  # noqa: S310
        try:
            with self._opener.open(request, timeout=_TIMEOUT_S):
                _quiet.forget("exposures sent")
                return True
        except urllib.error.HTTPError as refusal:
            refusal.close()
            _quiet.once("exposures sent", "%s refuses exposures: %s", self._url, refusal.code)
            # Sent again it would be refused again, unless it was merely too much or too early.
            return 400 <= refusal.code < 500 and refusal.code not in (408, 425, 429)
        except Exception as problem:  # noqa: BLE001 - telemetry must never be why a process fails
            _quiet.once("exposures sent", "exposures do not reach %s: %r", self._url, problem)
            return False


def key_hash(channel: str | None, targeting_key: str) -> str:
    """The same for the same key in every service of a channel, and different in another channel."""
    return hashlib.sha256(f"tidegate/{channel or ''}/{targeting_key}".encode()).hexdigest()[:32]
