"""Gives open referrals to caseworkers, a bounded page at a time: what nobody has, and what somebody has who leaves."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from claims_orchestrator.console.desk import Desk
from claims_orchestrator.console.giving import candidates, given
from claims_orchestrator.console.problems import Problem
from claims_orchestrator.console.requests import Moved, Moves, Reassign, Spread
from claims_orchestrator.console.task_lists import Task, Wanted
from claims_shared.messages.desk import TaskAssigned, TaskReleased
from claims_shared.messages.fields import Message
from claims_shared.ports import StoreUnavailable
from claims_shared.telemetry import log

AUTOMATIC: Final = Spread(assigned_by="automatic assignment", limit=500)
NOBODY_FITS: Final = "nobody_fits"


class Sent(NamedTuple):
    """Who was given something of a claim, when the claim stood at this number."""

    claim: str
    number: int
    ref: str


class Giver:
    """One at a time. What was just given and is not folded yet is not given again, and counts as somebody's load."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turn = asyncio.Lock()
        self._sent: dict[str, Sent] = {}

    async def keep(self, seconds: float) -> None:
        """Assign what nobody has, again and again; where something is away, the next time."""
        while True:
            try:
                await self.spread(AUTOMATIC)
            except (StoreUnavailable, Problem) as away:
                log().warning("not_assigned", why=str(away))
            await asyncio.sleep(seconds)

    async def spread(self, asked: Spread) -> Moves:
        """Assign a page of what nobody has, the least time left first."""
        async with self._turn:
            free, following = await self._desk.tasks(
                Wanted(queue=asked.queue, unassigned=True), asked.after, asked.limit
            )
            await self._forget_folded()
            fresh = [task for task in free if task.entry.id not in self._sent]
            to = await self._placed(fresh)
            messages = [self._assigned(task, to[task.entry.id], asked) for task in fresh if task.entry.id in to]
            return await self._moved(fresh, to, messages, following, dry_run=asked.dry_run)

    async def reassign(self, asked: Reassign) -> Moves:
        """Give a page of what one caseworker has to somebody else; what nobody fits for goes back to its queue."""
        async with self._turn:
            held, following = await self._desk.tasks(Wanted(assignee=asked.caseworker_ref), asked.after, asked.limit)
            await self._forget_folded()
            to = (
                dict.fromkeys((task.entry.id for task in held), asked.to)
                if asked.to is not None
                else await self._placed(held, without=asked.caseworker_ref)
            )
            messages = [
                self._assigned(task, to[task.entry.id], asked) if task.entry.id in to else self._released(task, asked)
                for task in held
            ]
            return await self._moved(held, to, messages, following, dry_run=asked.dry_run)

    async def _placed(self, tasks: Sequence[Task], without: str | None = None) -> dict[str, str]:
        desk, now = self._desk, self._desk.now()
        workers = candidates(tasks, desk.staff, now, without)
        sent = Counter(each.ref for each in self._sent.values())
        loads = {each.ref: await desk.load_of(each) + sent[each.ref] for each in workers}
        return await asyncio.to_thread(given, tasks, workers, desk.staff, loads, now)

    async def _moved(
        self,
        tasks: Sequence[Task],
        to: dict[str, str],
        messages: Sequence[tuple[str, Message, str]],
        following: str | None,
        *,
        dry_run: bool,
    ) -> Moves:
        codes = await self._desk.publish_all(messages, dry_run=dry_run)
        refused = {_about(message): code for (_, message, _), code in zip(messages, codes, strict=True)}
        if not dry_run:
            self._remember(tasks, to, refused)
        return Moves(tasks=[_move(task, to, refused) for task in tasks], next=following, dry_run=dry_run)

    def _remember(self, tasks: Sequence[Task], to: dict[str, str], refused: dict[str, str | None]) -> None:
        for task in tasks:
            entry = task.entry.id
            if entry in to and refused.get(entry) is None:
                self._sent[entry] = Sent(task.claim.id, task.claim.number, to[entry])

    async def _forget_folded(self) -> None:
        """What is on its way is kept in mind until its claim has moved."""
        numbers = await self._desk.numbers({each.claim for each in self._sent.values()})
        self._sent = {entry: sent for entry, sent in self._sent.items() if numbers.get(sent.claim) == sent.number}

    def _assigned(self, task: Task, ref: str, asked: Spread | Reassign) -> tuple[str, Message, str]:
        claim, entry = task
        message = TaskAssigned(
            claim_id=claim.id,
            answers=entry.id,
            caseworker_ref=ref,
            instead_of=entry.assignee,
            assigned_by=asked.assigned_by,
            reason=asked.reason,
            assigned_at=self._desk.now(),
        )
        return claim.id, message, move_id(task, "assigned", ref)

    def _released(self, task: Task, asked: Reassign) -> tuple[str, Message, str]:
        claim, entry = task
        message = TaskReleased(
            claim_id=claim.id,
            answers=entry.id,
            caseworker_ref=asked.caseworker_ref,
            released_by=asked.assigned_by,
            reason=asked.reason,
            released_at=self._desk.now(),
        )
        return claim.id, message, move_id(task, "released", asked.caseworker_ref)


def move_id(task: Task, what: str, ref: str) -> str:
    """Compose the id of what is done about a referral: the same to the claim as it stands is the same message."""
    return f"{task.entry.id}/{what}/{ref}/{task.claim.number}"


def _about(message: Message) -> str:
    return str(getattr(message, "answers", ""))


def _move(task: Task, to: dict[str, str], refused: dict[str, str | None]) -> Moved:
    entry = task.entry.id
    code = refused.get(entry) or (None if entry in to else NOBODY_FITS)
    return Moved(
        task=entry,
        claim_id=task.claim.id,
        queue=task.entry.owner,
        was=task.entry.assignee,
        to=to.get(entry),
        why_not=code,
    )
