"""The operators' API as one application."""

import time
from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import FastAPI, Request, Response
from prometheus_client import Histogram
from starlette.middleware.trustedhost import TrustedHostMiddleware

from claims_orchestrator.console import acting, probing, problems, reading, tasking
from claims_orchestrator.console.desk import Desk
from claims_orchestrator.console.giver import Giver

LOOPBACK: Final = ("127.0.0.1", "localhost")
REQUESTS: Final = Histogram("claims_api_seconds", "Duration of API requests", ["method", "route", "status"])


def build(desk: Desk, giver: Giver | None = None, *, hosts: tuple[str, ...] = LOOPBACK) -> FastAPI:
    """Make the application. `hosts`: the names it answers to, so that no web page reaches it under a name of its own."""
    app = FastAPI(title="Claimworks operators' API", version="1", redoc_url=None)
    app.state.desk = desk
    app.state.giver = giver or Giver(desk)
    app.middleware("http")(_measured)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    problems.install(app)
    for module in (reading, acting, tasking, probing):
        app.include_router(module.router)
    return app


async def _measured(request: Request, following: Callable[[Request], Awaitable[Response]]) -> Response:
    """Count by route and not by path: a path names a claim."""
    started = time.perf_counter()
    response = await following(request)
    route = getattr(request.scope.get("route"), "path", "none")
    REQUESTS.labels(request.method, route, response.status_code).observe(time.perf_counter() - started)
    return response
