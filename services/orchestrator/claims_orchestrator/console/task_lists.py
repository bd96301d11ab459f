"""Open referrals in lists: which index answers which question, and where a list goes on. The least time left comes first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import msgspec

from claims_orchestrator.claim import Claim, Entry
from claims_orchestrator.queues import ANY_QUEUE, BY_QUEUE, FREE, HANDS
from claims_orchestrator.tasks import due_of, tasks_of
from claims_shared.ports import Page, Row, Scalar, Store

MOST_PAGES: Final = 10
"""So many pages of the store are looked through for one of ours: a filter that no index answers may leave it short."""


class Task(NamedTuple):
    """An open referral and its claim as it is stored."""

    claim: Claim
    entry: Entry


class Listing(NamedTuple):
    """What the store is asked: rows that equal `where`, by `sort`, which holds when a referral is due."""

    where: Mapping[str, Scalar]
    sort: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which referrals; what is not said is not asked."""

    queue: str | None = None
    assignee: str | None = None
    unassigned: bool = False
    overdue: bool = False

    def takes(self, entry: Entry, now: int) -> bool:
        """Whether a referral is one of them."""
        return (
            self.queue in (None, entry.owner)
            and self.assignee in (None, entry.assignee)
            and not (self.unassigned and entry.assignee)
            and not (self.overdue and due_of(entry) > now)
        )

    def listings(self) -> Sequence[Listing]:
        """Give the listings that hold them, in this order. Raises ValueError for a queue that nobody has."""
        if self.queue is not None and self.queue not in BY_QUEUE:
            raise ValueError(f"there is no queue {self.queue!r}; there are {', '.join(BY_QUEUE)}")
        if self.assignee is not None:
            return [Listing({hand: self.assignee}, ANY_QUEUE) for hand in HANDS]
        return [Listing({}, FREE if self.unassigned else BY_QUEUE.get(self.queue or "", ANY_QUEUE))]


async def listed(
    store: Store, wanted: Wanted, now: int, after: str | None, limit: int
) -> tuple[Sequence[Task], str | None]:
    """Give the referrals of about `limit` claims and the token that continues the list, None at its end.

    A claim's referrals that are wanted stand together, where the most urgent one stands. Raises ValueError for a foreign token.
    """
    listings = wanted.listings()
    number, token = _place(after, len(listings))
    found: list[Task] = []
    for _ in range(MOST_PAGES):
        where, sort = listings[number]
        page = await store.find(where, sort=sort, after=token, limit=limit)
        found += _wanted(page.rows, wanted, now)
        token = None if wanted.overdue and _is_past(page, sort, now) else page.next_after
        number += token is None
        if number == len(listings):
            return _sorted(found), None
        if len(found) >= limit:
            break
    return _sorted(found), f"{number}.{token or ''}"


def _place(after: str | None, listings: int) -> tuple[int, str | None]:
    number, dot, token = (after or "0.").partition(".")
    if not dot or not number.isdecimal() or int(number) >= listings:
        raise ValueError("this is no page token of this list: start again without one")
    return int(number), token or None


def _wanted(rows: Sequence[Row], wanted: Wanted, now: int) -> Iterator[Task]:
    for row in rows:
        claim = claim_of(row)
        yield from (Task(claim, entry) for entry in tasks_of(claim) if wanted.takes(entry, now))


def _is_past(page: Page, sort: str, now: int) -> bool:
    """Whether what follows has time left."""
    due = page.rows[-1].fields[sort] if page.rows else None
    return isinstance(due, int) and due > now


def _sorted(found: Sequence[Task]) -> Sequence[Task]:
    return sorted(found, key=lambda task: (due_of(task.entry), task.entry.id))


def claim_of(row: Row) -> Claim:
    """Read the orchestrator's document."""
    return msgspec.msgpack.decode(row.body, type=Claim)
