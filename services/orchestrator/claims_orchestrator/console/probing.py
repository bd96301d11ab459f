"""The probes: is the process there, can it serve, its figures."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from claims_orchestrator.console.parameters import TheDesk
from claims_orchestrator.console.problems import RETRY_AFTER_SECONDS

router = APIRouter(tags=["probes"], include_in_schema=False)


@router.get("/livez")
async def livez() -> PlainTextResponse:
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def readyz(desk: TheDesk) -> PlainTextResponse:
    """Ask the store and the broker; where one is away, readers and deciders had better wait."""
    trouble = await desk.trouble()
    if trouble is None:
        return PlainTextResponse("ok\n")
    return PlainTextResponse(f"{trouble}\n", 503, {"Retry-After": str(RETRY_AFTER_SECONDS)})


@router.get("/metrics")
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
