"""The identity provider's simulator, a process of its own; its contract is the identity service's OpenAPI file."""

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import uvicorn
from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from claims_cli.local.addresses import LOOPBACK
from claims_cli.outside.matching import SLOW, SLOW_S, Entry, Question, Questions, Result, answer, failed, group_of
from claims_cli.outside.provider_switch import Setting, Switch

REMEMBERED = 100_000
"""Keys whose results are kept; far more than a saga has open at once."""
NONSENSE = Response("<html><body>Scheduled maintenance</body></html>", media_type="text/html")


class Kept(Struct):
    """What the provider remembers of a key."""

    question: Question
    calls: int = 0
    result: Result | None = None


class Provider:
    """Answers questions, each key the same way for as long as it is remembered, and counts."""

    def __init__(self, slow_s: float = SLOW_S) -> None:
        self.switch = Switch()
        self._slow_s = slow_s
        self.stats: Counter[str] = Counter()
        self._kept: dict[str, Kept] = {}

    def answer(self, question: Question, setting: Setting, now: datetime) -> Entry:
        entry = self._troubled(question, setting) or self._remembered(question, now)
        self.stats[entry.outcome if isinstance(entry, Result) else entry.error.code] += 1
        return entry

    def delay(self, questions: Sequence[Question], setting: Setting) -> float:
        """Give the seconds to wait before answering: by the switch, and for the first call of a slow number."""
        by_switch = setting.mode == "slow" and (setting.scope == "all" or any(map(_is_test_number, questions)))
        slow = any(_group(each) == SLOW and each.idempotency_key not in self._kept for each in questions)
        return max(setting.delay_ms / 1000 if by_switch else 0.0, self._slow_s if slow else 0.0)

    def _troubled(self, question: Question, setting: Setting) -> Entry | None:
        """Give what the switch does to one test number; it leaves no trace, so that the key starts afresh after it."""
        if setting.scope == "all" or not _is_test_number(question):
            return None
        key = question.idempotency_key
        if setting.mode == "throttled":
            return failed(key, "throttled", after=setting.retry_after_s)
        if setting.mode == "failing":
            return failed(key, "unavailable")
        return Result(key, "perhaps", (), datetime.now(UTC)) if setting.mode == "wrong" else None

    def _remembered(self, question: Question, now: datetime) -> Entry:
        kept = self._kept.setdefault(question.idempotency_key, Kept(question))
        if kept.question != question:
            return failed(question.idempotency_key, "invalid", detail="this key was used for another question")
        if kept.result is not None:
            self.stats["repeated"] += 1
            return kept.result
        kept.calls += 1
        entry = answer(question, kept.calls, now)
        kept.result = entry if isinstance(entry, Result) else None
        self._forget()
        return entry

    def _forget(self) -> None:
        if len(self._kept) > REMEMBERED:
            del self._kept[next(iter(self._kept))]


def _group(question: Question) -> str | None:
    try:
        return group_of(question.ssn)
    except ValueError:
        return None


def _is_test_number(question: Question) -> bool:
    return _group(question) is not None


class Http:
    """The provider's routes and the simulator's own: `/control`, `/stats`, `/livez`."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def matches(self, request: Request) -> Response:
        stats, setting = self._provider.stats, self._provider.switch.use()
        stats["requests"] += 1
        try:
            questions = msgspec.json.decode(await request.body(), type=Questions).requests
        except msgspec.DecodeError as wrong:
            return self._problem(400, "the request breaks the contract", str(wrong))
        stats["questions"] += len(questions)
        await asyncio.sleep(self._provider.delay(questions, setting))
        return self._refused(setting) or self._answered(questions, setting)

    async def control(self, request: Request) -> Response:
        if request.method == "PUT":
            try:
                self._provider.switch.turn(msgspec.json.decode(await request.body(), type=Setting))
            except msgspec.DecodeError as wrong:
                return self._problem(400, "no such setting", str(wrong))
        return _json(self._provider.switch.now)

    async def stats(self, _request: Request) -> Response:
        return _json(dict(sorted(self._provider.stats.items())))

    async def livez(self, _request: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    def _refused(self, setting: Setting) -> Response | None:
        """Give what the switch does to the whole request, None where it lets it pass."""
        if setting.scope == "group" or setting.mode in {"normal", "slow"}:
            return None
        if setting.mode == "wrong":
            self._provider.stats["status_200_nonsense"] += 1
            return NONSENSE
        headers = {"Retry-After": str(setting.retry_after_s)} if setting.mode == "throttled" else {}
        status = 429 if setting.mode == "throttled" else setting.status
        return self._problem(status, f"told to be {setting.mode}", headers=headers)

    def _answered(self, questions: Sequence[Question], setting: Setting) -> Response:
        now = datetime.now(UTC)
        return _json({"results": [self._provider.answer(each, setting, now) for each in questions]})

    def _problem(
        self, status: int, title: str, detail: str | None = None, headers: dict[str, str] | None = None
    ) -> Response:
        self._provider.stats[f"status_{status}"] += 1
        body = {"title": title, "status": status} | ({"detail": detail} if detail else {})
        return Response(msgspec.json.encode(body), status, headers, "application/problem+json")


def app(provider: Provider) -> Starlette:
    http = Http(provider)
    return Starlette(
        routes=[
            Route("/v1/matches", http.matches, methods=["POST"]),
            Route("/control", http.control, methods=["GET", "PUT"]),
            Route("/stats", http.stats),
            Route("/livez", http.livez),
        ]
    )


def _json(body: Any) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, required=True)
    uvicorn.run(app(Provider()), host=LOOPBACK, port=arguments.parse_args().port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
