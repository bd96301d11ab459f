"""Many things through the operators' API: listed over all pages, acted on one by one until stopped."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from claims_cli.api import Api, Away
from claims_cli.errors import ClaimsError
from claims_cli.pacing import Course, Pace, shown, stoppable

PAGE: Final = 500

Request = tuple[str, Mapping[str, Any]]
"""A claim, and what is asked of it."""


def listed(ask: Callable[..., Mapping[str, Any]], name: str, **filters: str | None) -> Iterator[Mapping[str, Any]]:
    """Give everything that a listing of the API holds under this name, page by page."""
    after: str | None = None
    while True:
        page = ask(limit=PAGE, after=after, **filters)
        yield from page[name]
        if (after := page["next"]) is None:
            return


async def act(api: Api, what: str, requests: Sequence[Request], rate: float, *, doing: str) -> tuple[Course, list[str]]:
    """Ask it of each claim; give how far it came, and what the API said of those that it refused."""
    course, refused = Course(len(requests)), list[str]()
    with stoppable() as stop, shown(doing, course) as advance:
        async for part in Pace(rate, stop).parts(requests):
            for claim, asked in part:
                refused += await asyncio.to_thread(_act, api, claim, what, asked)
                advance(1)
        course.stopped = stop.is_set()
    return course, refused


def _act(api: Api, claim: str, what: str, asked: Mapping[str, Any]) -> list[str]:
    """Ask it of one claim; one that moved on meanwhile is no reason to stop."""
    try:
        api.act(claim, what, asked)
    except Away:
        raise
    except ClaimsError as refusal:
        return [f"{claim}: {refusal}"]
    return []
