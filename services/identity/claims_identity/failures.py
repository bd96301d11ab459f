"""Why a check could not be made: every way an outside call goes wrong, classed once. Pure."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from claims_shared.messages.fields import FailureKind

TRANSIENT, THROTTLED, NOT_READY = FailureKind.TRANSIENT, FailureKind.THROTTLED, FailureKind.NOT_READY
PERMANENT, DENIED = FailureKind.PERMANENT, FailureKind.DENIED


@dataclass(frozen=True, slots=True)
class CheckFailure:
    """A check that could not be made, and when to ask again if the other side said so."""

    kind: FailureKind
    reason: str
    retry_after_seconds: int | None = None


class CallFailed(Exception):  # noqa: N818 - carries a classed failure, is never shown
    """A whole outside call failed."""

    def __init__(self, failure: CheckFailure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


BY_STATUS: Final = {
    401: CheckFailure(DENIED, "unauthorized"),
    403: CheckFailure(DENIED, "forbidden"),
    404: CheckFailure(
        NOT_READY, "wrong_address"
    ),  # a deployment's mistake, not the claim's: no claim is referred for it
    405: CheckFailure(NOT_READY, "wrong_address"),
    408: CheckFailure(TRANSIENT, "request_timeout"),
    425: CheckFailure(TRANSIENT, "too_early"),
    429: CheckFailure(THROTTLED, "throttled"),
    503: CheckFailure(NOT_READY, "unavailable"),
}
BY_HUNDRED: Final = {
    3: CheckFailure(NOT_READY, "wrong_address"),
    4: CheckFailure(PERMANENT, "refused"),
    5: CheckFailure(TRANSIENT, "provider_error"),
}
BY_CODE: Final = {
    "throttled": CheckFailure(THROTTLED, "throttled"),
    "unavailable": CheckFailure(TRANSIENT, "unavailable"),
    "not_ready": CheckFailure(NOT_READY, "not_ready"),
    "invalid": CheckFailure(PERMANENT, "invalid"),
}
GARBAGE: Final = CheckFailure(TRANSIENT, "garbage")
CONNECTION: Final = CheckFailure(TRANSIENT, "connection")
DEADLINE: Final = CheckFailure(NOT_READY, "deadline")

COUNTED: Final = frozenset({TRANSIENT, NOT_READY})
"""What says that the other side is down. Who throttles or refuses us is up."""
LONGEST_WAIT: Final = 86_400


def of_status(status: int, retry_after: str | None, now: datetime) -> CheckFailure:
    """Class an HTTP answer that is not 200."""
    failure = BY_STATUS.get(status) or BY_HUNDRED.get(status // 100, GARBAGE)
    return waiting(failure, _seconds(retry_after, now))


def of_code(code: str, retry_after: float | None) -> CheckFailure:
    """Class the error of one item; an unknown code is garbage."""
    return waiting(BY_CODE.get(code, GARBAGE), retry_after)


def waiting(failure: CheckFailure, seconds: float | None) -> CheckFailure:
    """Give the failure with the wait that was asked for, between none and a day."""
    if seconds is None or not math.isfinite(seconds):
        return failure
    return CheckFailure(failure.kind, failure.reason, min(max(math.ceil(seconds), 0), LONGEST_WAIT))


def _seconds(retry_after: str | None, now: datetime) -> float | None:
    """Read Retry-After: seconds, or an HTTP date."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        then = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return ((then if then.tzinfo else then.replace(tzinfo=UTC)) - now).total_seconds()
