"""The query service: `GET /query?q=` and `GET /healthz`, on any ASGI server (`uvicorn app:app`)."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tidegate.flags import FlagsMiddleware

from queries import process_query
from shared.core.feature_flags import FeatureFlags

LONGEST_QUERY = 200


async def query(request: Request) -> JSONResponse:
    """Answers a query with the engine that is on for this user."""
    text = request.query_params.get("q", "").strip()
    if not text or len(text) > LONGEST_QUERY:
        return JSONResponse({"error": f"q: 1 to {LONGEST_QUERY} characters"}, status_code=400)
    return JSONResponse({"query": text, **await process_query(text)})


async def healthz(request: Request) -> JSONResponse:
    """Healthy also while Tidegate is away: then the last known values hold."""
    known = FeatureFlags.status()
    return JSONResponse({"status": "ok", "flags": {"source": known.source, "revision": known.revision}})


def who_asks(scope) -> dict[str, str]:
    """The demo has no login, so a query parameter plays the user. A real service takes the user of its session."""
    user = Request(scope).query_params.get("user") if scope["type"] == "http" else None
    return {"user_id": user[:100]} if user else {}


app = Starlette(
    routes=[Route("/query", query), Route("/healthz", healthz)],
    middleware=[
        # The page of this example is served from another port of this machine.
        Middleware(CORSMiddleware, allow_origin_regex=r"http://(localhost|127\.0\.0\.1)(:\d+)?", allow_methods=["GET"]),
        Middleware(FlagsMiddleware, context=who_asks),
    ],
)
