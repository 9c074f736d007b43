"""ASGI middleware: says for each request who asks, and has the flags ready before the first one."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from tidegate.flags import _quiet
from tidegate.flags._context import Entered
from tidegate.flags._front import FeatureFlags

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Attributes = Mapping[str, object]


class FlagsMiddleware:
    """`FlagsMiddleware(app, context=lambda scope: {"user_id": scope["user"].id})`.

    There is no default for `context`: what a client writes into a header is its own word, and may not choose its
    variants.
    """

    def __init__(
        self, app: App, context: Callable[[Scope], Attributes | Awaitable[Attributes]], wait: float = 2.0
    ) -> None:
        self._app = app
        self._context = context
        self._wait = wait

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request, a websocket or the lifespan."""
        if scope["type"] == "lifespan":
            await FeatureFlags.ready(self._wait)
            await self._app(scope, receive, send)
            return
        attributes = await self._attributes(scope)
        async with Entered(
            attributes.get("targeting_key"), {k: v for k, v in attributes.items() if k != "targeting_key"}
        ):
            await self._app(scope, receive, send)

    async def _attributes(self, scope: Scope) -> Attributes:
        try:
            found = self._context(scope)
            return await found if inspect.isawaitable(found) else found
        except Exception as problem:  # noqa: BLE001 - the application's function; the request goes on
            _quiet.once(("asgi", type(problem)), "no flag context for a request: %r", problem)
            return {}
