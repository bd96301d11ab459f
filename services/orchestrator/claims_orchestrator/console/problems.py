"""Errors as `application/problem+json` (RFC 9457): what, where, why, what to do; never what the caller sent."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from claims_shared.ports import StoreUnavailable

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 5


class Problem(Exception):  # noqa: N818 - what the caller reads is its sentence
    """What the caller is told instead of an answer; `code` is for programs."""

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


def unknown_claim(claim_id: str) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "unknown_claim", f"no claim {claim_id} is known here; look at /claims")


def away(what: str) -> Problem:
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "away", f"{what} does not answer now; try again")


def install(app: FastAPI) -> None:
    """Make every error of the application a problem document."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(StoreUnavailable, _store_away)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def _problem(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return document(error.status, error.detail, code=error.code)


def _store_away(request: Request, _error: Exception) -> JSONResponse:
    return _problem(request, away("the claims' store"))


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Say which fields are wrong and why, without their values."""
    assert isinstance(error, RequestValidationError)
    wrong = [{"field": ".".join(map(str, each["loc"])), "why": each["msg"]} for each in error.errors()]
    detail = "; ".join(f"{each['field']}: {each['why']}" for each in wrong)
    return document(HTTPStatus.UNPROCESSABLE_ENTITY, detail, code="invalid", errors=wrong)


def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return document(HTTPStatus(error.status_code), str(error.detail), code="http", headers=error.headers)


def document(
    status: HTTPStatus,
    detail: str,
    *,
    code: str,
    errors: Sequence[Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Make the answer; what may work later says when to try again."""
    body = {"title": status.phrase, "status": int(status), "detail": detail, "code": code}
    later = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    return JSONResponse(
        body if errors is None else body | {"errors": list(errors)},
        status,
        {**(headers or {}), **later},
        MEDIA_TYPE,
    )
