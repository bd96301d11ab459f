"""A run: claims on their way while faults of many kinds come upon the stack, each kind in a lane of its own."""

import asyncio
import random
import time
from collections.abc import Callable

from tests.faults import felt
from tests.faults.faults import Fault, Scene, by_kind
from tests.faults.plan import Plan
from tests.faults.portal import Portal
from tests.faults.report import Report
from tests.faults.settling import Say, judge, settle
from tests.faults.stack import Stack
from tests.faults.tape import Tape


async def campaign(stack: Stack, plan: Plan, *, run: str, first: int = 0, say: Say = lambda _line: None) -> Report:
    """Send the claims while the faults come, wait for the end, judge."""
    report, marks = Report(plan.claims), felt.mark(stack.processes())
    before = {each.name: each.restarts for each in stack.processes()}
    links = {name: proxy.felt.copy() for name, proxy in stack.links.items()}
    async with Tape(stack.kafka) as tape, Portal(stack.kafka, run, first=first, rate=plan.pace) as sender:
        scene = _scene(stack, plan, tape, sender)
        start = time.monotonic()
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(sender.submit(plan.claims))
            for kind, fault in by_kind(stack.store).items():
                lanes.create_task(_lane(scene, plan, kind, fault, report, start, say))
        await settle(stack, tape, sender.sent, plan.patience, say)
        report.seconds = time.monotonic() - (scene.last or start)
        await stack.all_ready()
        await judge(report, stack, tape, sender.sent)
    report.restarts.update({each.name: each.restarts - before[each.name] for each in stack.processes()})
    report.felt.update(felt.since({**marks, **{str(log): 0 for log in scene.logs}}))
    for name, proxy in stack.links.items():
        report.felt.update(proxy.felt - links[name])
    report.complaints += felt.complaints(marks)
    return report


def _scene(stack: Stack, plan: Plan, tape: Tape, sender: Portal) -> Scene:
    victims = {kind: plan.victims(kind) for kind in by_kind(stack.store)}
    dice = random.Random(plan.seed)  # noqa: S311 - the same seed, the same choices
    return Scene(stack, tape, sender, victims, dice, session_s=stack.session_s)


async def _lane(  # noqa: PLR0917 - what a lane is
    scene: Scene, plan: Plan, kind: str, fault: Fault, report: Report, start: float, say: Callable[[str], None]
) -> None:
    """Inject the faults of one kind when their instants come; one that lasts puts the next one off."""
    earliest = start
    for number, instant in enumerate(plan.instants(kind), 1):
        await asyncio.sleep(max(earliest, start + instant) - time.monotonic())
        await scene.something_moves()
        report.injected.append(await fault(scene))
        earliest = time.monotonic() + plan.rest(kind)
        done = f"{len(scene.sender.sent)}/{plan.claims} sent, {len(scene.tape.ended)} ended"
        say(f"{done}; {kind} {number}/{plan.faults[kind]}: {report.injected[-1]}")
