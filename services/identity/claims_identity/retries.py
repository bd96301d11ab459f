"""What is done when the identity provider fails, by class of error: read off the classes themselves."""

from collections.abc import Iterable, Iterator
from typing import Final

from claims_identity.failures import BY_CODE, BY_HUNDRED, BY_STATUS, CONNECTION, DEADLINE, GARBAGE, LONGEST_WAIT
from claims_identity.provider import FIRST_PAUSE, LONGEST_PAUSE, TRIES
from claims_shared.messages.fields import FailureKind
from claims_shared.retries import Outside, Retry, lasting

SAGA: Final = "the claim's plan (README, steps): asked again as planned, then a person is asked"
_LATER: Final = "the check is answered as failed; the claim's orchestrator asks again later, no partition waits"


def _known_by(kind: FailureKind) -> str:
    return "; ".join(_signs(kind))


def _signs(kind: FailureKind) -> Iterator[str]:
    yield from _listed("HTTP", (str(each) for each, failure in BY_STATUS.items() if failure.kind is kind))
    yield from _listed("any other HTTP", (f"{each}xx" for each, failure in BY_HUNDRED.items() if failure.kind is kind))
    yield from _listed("error code", (each for each, failure in BY_CODE.items() if failure.kind is kind))
    said = {"no connection": CONNECTION, "an answer that is none": GARBAGE, "no answer at the deadline": DEADLINE}
    yield from (words for words, failure in said.items() if failure.kind is kind)
    if kind is DEADLINE.kind:
        yield "the breaker is open"


def _listed(what: str, signs: Iterable[str]) -> Iterator[str]:
    if found := ", ".join(signs):
        yield f"{what} {found}"


PROVIDER: Final = Outside(
    "the identity provider",
    "matching people against the record, up to a hundred a request",
    (
        Retry(
            FailureKind.TRANSIENT,
            _known_by(FailureKind.TRANSIENT),
            f"asked again within the same call; then {_LATER}",
            f"{TRIES} tries, {lasting(FIRST_PAUSE)} to {lasting(LONGEST_PAUSE)} apart",
            f"CLAIMS_IDENTITY_DEADLINE_SECONDS; then {SAGA}",
        ),
        Retry(
            FailureKind.THROTTLED,
            _known_by(FailureKind.THROTTLED),
            _LATER,
            f"not before Retry-After, at most {lasting(LONGEST_WAIT)}",
            SAGA,
        ),
        Retry(
            FailureKind.NOT_READY, _known_by(FailureKind.NOT_READY), _LATER, "not before Retry-After, where given", SAGA
        ),
        Retry(
            FailureKind.PERMANENT,
            _known_by(FailureKind.PERMANENT),
            "the request is split until the check that spoils it is alone; that one is answered as failed for good",
            "never",
            "a person decides at once",
        ),
        Retry(
            FailureKind.DENIED,
            _known_by(FailureKind.DENIED),
            "every check of the request is answered as failed for good",
            "never",
            "a person decides at once",
        ),
    ),
)
