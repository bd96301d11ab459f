"""The identity provider over HTTP: many matches in one request, all of a batch under one deadline, every failure classed.

The contract is `provider.openapi.yaml` beside this file. What has no answer at the deadline is "not ready": the claim's
orchestrator asks again later, and no partition waits for it here.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Final

import httpx2
import msgspec
import stamina

from claims_identity.breaker import Breaker, BreakerOpen
from claims_identity.failures import (
    CONNECTION,
    COUNTED,
    DEADLINE,
    GARBAGE,
    PERMANENT,
    TRANSIENT,
    CallFailed,
    CheckFailure,
    of_code,
    of_status,
    waiting,
)
from claims_identity.verify import Match, Outcome
from claims_shared.buckets import Allowance, Bucket
from claims_shared.messages.identity import VerifyIdentity
from claims_shared.places import Places
from claims_shared.telemetry import outside_call

Found = dict[str, Match | CheckFailure]
"""What became of each check, by effect id."""

PATH: Final = "/v1/matches"
MOST: Final = 100
"""Matches in one request, by the contract."""
TRIES: Final = 3
FIRST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 0.5
LONGEST_TURN: Final = 10.0
"""Seconds that a batch waits for its turn at most: a cycle that does not turn for longer counts as dead."""


class Person(msgspec.Struct, frozen=True):
    """One match to make, as the contract spells it. The key is the effect's id: the same over all attempts."""

    idempotency_key: str
    ssn: str
    first_name: str
    last_name: str
    date_of_birth: date
    evidence: tuple[str, ...] = ()


class Request(msgspec.Struct, frozen=True):
    """The body of a request."""

    requests: list[Person]


class Error(msgspec.Struct, frozen=True):
    """Why one match of an answered request could not be made."""

    code: str
    retry_after_seconds: float | None = None


class Result(msgspec.Struct, frozen=True):
    """The answer for one person: an outcome or an error."""

    idempotency_key: str
    outcome: str | None = None
    mismatched: tuple[Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_.-]{1,80}$")], ...] = ()
    error: Error | None = None


class Answer(msgspec.Struct, frozen=True):
    """The body of an answer."""

    results: list[Result]


def is_down(error: Exception) -> bool:
    """Whether the breaker counts this."""
    return not isinstance(error, CallFailed) or error.failure.kind in COUNTED


def _now() -> datetime:
    return datetime.now(UTC)


class HttpProvider:
    """The adapter. `client` knows the base address and the credentials; it and the breaker live as long as the process."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        breaker: Breaker,
        *,
        deadline_seconds: float = 3.0,
        concurrency: int = 4,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._client = client
        self._breaker = breaker
        self._seconds = deadline_seconds
        self._places = Places(concurrency)
        self._rate: Allowance | None = None
        self._bucket = Bucket(Allowance(1, 1), 0)
        self._now = now
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(Answer).decode

    def limit(self, concurrency: int, rate: float | None) -> None:
        """Make so many requests at a time, of so many checks a second (None: as many as come), from now on."""
        self._places.resize(concurrency)
        self._rate = None if rate is None else Allowance(rate, max(rate, 1))

    async def match(self, asked: Sequence[VerifyIdentity]) -> Found:
        """Match these people against the record; every effect id has an entry within the deadline, whatever happens.

        Where checks are limited, they wait their turn first: the deadline is the provider's, and commands wait in their topic.
        """
        if self._rate is not None:
            now = asyncio.get_running_loop().time()
            await asyncio.sleep(min(self._bucket.owe(self._rate, now, len(asked)), LONGEST_TURN))
        deadline = asyncio.get_running_loop().time() + self._seconds
        people = iter([_person(each) for each in asked])
        chunks = iter(lambda: list(itertools.islice(people, MOST)), [])
        found: Found = {}
        for part in await asyncio.gather(*(self._chunk(chunk, deadline) for chunk in chunks)):
            found |= part
        return found

    async def _chunk(self, people: list[Person], deadline: float) -> Found:
        """Ask for up to a hundred. A refused request is split until the one that spoils it is alone: the others are harmless."""
        try:
            async with self._slot(deadline):
                return await self._patiently(people, deadline)
        except CallFailed as failed:
            if failed.failure.kind is not PERMANENT or len(people) == 1:
                return {person.idempotency_key: failed.failure for person in people}
        half = len(people) // 2
        return await self._chunk(people[:half], deadline) | await self._chunk(people[half:], deadline)

    @asynccontextmanager
    async def _slot(self, deadline: float) -> AsyncIterator[None]:
        """Wait for one of the few places of a request, not beyond the deadline."""
        with _deadline_classed():
            async with asyncio.timeout_at(deadline):
                await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()

    async def _patiently(self, people: list[Person], deadline: float) -> Found:
        """Ask again, soon and seldom, where only the connection or the moment was bad."""
        left = max(deadline - asyncio.get_running_loop().time(), 0.001)
        tries = stamina.retry_context(
            _is_transient,
            attempts=TRIES,
            timeout=left,
            wait_initial=FIRST_PAUSE,
            wait_max=LONGEST_PAUSE,
            wait_jitter=FIRST_PAUSE,
        )
        async for attempt in tries:
            with attempt:
                return await self._logged(people, deadline)
        raise AssertionError("stamina raises the last failure itself")

    async def _logged(self, people: list[Person], deadline: float) -> Found:
        """Make one call with its one log line, its count and its span."""
        with outside_call("identity_provider", requests=len(people)) as call:
            try:
                return await self._guarded(people, deadline)
            except CallFailed as failed:
                call.outcome = failed.failure.reason
                raise

    async def _guarded(self, people: list[Person], deadline: float) -> Found:
        try:
            async with self._breaker.guard():
                return await self._post(people, deadline)
        except BreakerOpen as closed:
            raise CallFailed(waiting(CheckFailure(DEADLINE.kind, "breaker_open"), closed.seconds)) from None

    async def _post(self, people: list[Person], deadline: float) -> Found:
        """Make the request; raise CallFailed, classed, for whatever is not an answer of the contract's shape."""
        body = self._encode(Request(people))
        with _deadline_classed(), _transport_classed():
            async with asyncio.timeout_at(deadline):
                response = await self._client.post(PATH, content=body, headers={"content-type": "application/json"})
        if response.status_code != httpx2.codes.OK:
            raise CallFailed(of_status(response.status_code, response.headers.get("retry-after"), self._now()))
        try:
            answer = self._decode(response.content)
        except msgspec.DecodeError:
            raise CallFailed(GARBAGE) from None  # the library's text would quote the answer
        return {**dict.fromkeys(_keys(people), GARBAGE), **_read(answer, frozenset(_keys(people)))}


def _person(asked: VerifyIdentity) -> Person:
    return Person(asked.effect_id, asked.ssn, asked.first_name, asked.last_name, asked.date_of_birth, asked.evidence)


def _keys(people: Iterable[Person]) -> list[str]:
    return [person.idempotency_key for person in people]


def _read(answer: Answer, wanted: frozenset[str]) -> Found:
    """Class each result; what nobody asked for is dropped."""
    return {each.idempotency_key: _result(each) for each in answer.results if each.idempotency_key in wanted}


def _result(result: Result) -> Match | CheckFailure:
    if result.error is not None:
        return of_code(result.error.code, result.error.retry_after_seconds)
    try:
        return Match(Outcome(result.outcome or ""), result.mismatched)
    except ValueError:
        return GARBAGE


def _is_transient(error: Exception) -> bool:
    return isinstance(error, CallFailed) and error.failure.kind is TRANSIENT


@contextmanager
def _deadline_classed() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise CallFailed(DEADLINE) from None


@contextmanager
def _transport_classed() -> Iterator[None]:
    try:
        yield
    except httpx2.TimeoutException:
        raise CallFailed(DEADLINE) from None
    except httpx2.DecodingError:
        raise CallFailed(GARBAGE) from None
    except httpx2.RequestError:
        raise CallFailed(CONNECTION) from None
