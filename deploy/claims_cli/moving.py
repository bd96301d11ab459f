"""Moves tasks in bulk through the operators' API: page by page, each finished before the next begins, until stopped."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from claims_cli.api import Api
from claims_cli.pacing import Course, shown, stoppable

PAGE: Final = 100


async def move(api: Api, what: str, body: Mapping[str, Any], total: int) -> tuple[Course, list[Mapping[str, Any]]]:
    """Have them assigned or reassigned; give how far it came and what became of each."""
    course, moved = Course(total), list[Mapping[str, Any]]()
    after: str | None = None
    with stoppable() as stop, shown("assigning", course) as advance:
        while not stop.is_set():
            page = await asyncio.to_thread(api.move_tasks, what, {**body, "after": after, "limit": PAGE})
            moved += page["tasks"]
            advance(len(page["tasks"]))
            if (after := page["next"]) is None:
                break
        course.stopped = after is not None
    return course, moved
