"""Services that stand still and wake up again, and services that are stopped in order and started anew, under load."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from functools import partial

from tests.faults.portal import Portal
from tests.faults.report import Report
from tests.faults.settling import Say, judge, settle
from tests.faults.sqlite_lock import locked
from tests.faults.stack import READY_S, SERVICES, Stack, probe, send, until
from tests.faults.tape import Tape

from claims_cli.local.state import Recorded

PATIENCE_S = 90.0
MOVES_S = 30.0
AGAIN_S = 0.03
OK = 200
EACH_ALONE: Sequence[Sequence[str]] = tuple((each,) for each in SERVICES)


@asynccontextmanager
async def frozen(
    processes: Collection[Recorded], in_the_way: Callable[[], bool] = lambda: False
) -> AsyncIterator[None]:
    """Let processes stand still, as a paused machine would: their sockets stay open, their sessions run out.

    `in_the_way`: whether they hold what others cannot do without; then they go on for a moment, and are stopped again.
    """
    _stop(processes)
    try:
        while await asyncio.to_thread(in_the_way):
            _wake(processes)
            await asyncio.sleep(AGAIN_S)
            _stop(processes)
        yield
    finally:
        _wake(processes)


def _stop(processes: Collection[Recorded]) -> None:
    for each in processes:
        send(each, signal.SIGSTOP)


def _wake(processes: Collection[Recorded]) -> None:
    for each in processes:
        if living := each.process():
            living.send_signal(signal.SIGCONT)


async def in_turn(
    stack: Stack,
    claims: int,
    *,
    seconds: float,
    rate: float,
    run: str,
    first: int = 0,
    groups: Sequence[Sequence[str]] = EACH_ALONE,
    say: Say = lambda _line: None,
) -> Report:
    """Freeze each group of services for so long while claims come in: they wait, and are done when it wakes up."""
    report = Report(claims)
    async with Tape(stack.kafka) as tape, Portal(stack.kafka, run, first=first, rate=rate) as sender:
        for number, group in enumerate(groups, 1):
            part = claims * number // len(groups)
            await sender.submit(part - claims // len(groups) // 2)
            await _moves(tape, sender)
            async with frozen([each for each in stack.processes() if each.service in group]):
                say(f"{' and '.join(group)} stand still with {len(tape.open(sender.sent))} claims on their way")
                await asyncio.gather(sender.submit(part), asyncio.sleep(seconds))
                waiting = tape.open(sender.sent)
            assert waiting, f"{group} stood still for {seconds} s and no claim waited"
            await tape.until(lambda: not tape.open(sender.sent), PATIENCE_S, lambda: ", ".join(tape.open(sender.sent)))
            say(f"{len(waiting)} claims waited, all are done")
        await _end(report, stack, tape, sender, say)
    return report


async def half(stack: Stack, claims: int, *, seconds: float, rate: float, run: str, first: int = 0) -> Report:
    """Freeze one replica of every service in the middle of its work: the others take over, and its waking changes nothing.

    Not in the middle of a write to an SQLite file: nobody else can write for as long as that one stands still.
    """
    report, files = Report(claims), sorted((stack.data / "store").glob("*.db"))
    async with Tape(stack.kafka) as tape, Portal(stack.kafka, run, first=first, rate=rate) as sender:
        sending = asyncio.create_task(sender.submit(claims))
        await _moves(tape, sender)
        replicas = [each for each in stack.processes() if each.name.endswith(".1")]
        async with frozen(replicas, partial(locked, files)):
            await asyncio.gather(sending, asyncio.sleep(seconds))
            await tape.until(
                lambda: not tape.open(sender.sent), PATIENCE_S, lambda: f"taken over: {tape.open(sender.sent)[:5]}"
            )
        await _end(report, stack, tape, sender)
    return report


async def rolling(stack: Stack, claims: int, *, rate: float, run: str, first: int = 0) -> Report:
    """Restart every service under load, one replica after the other; all services at once."""
    report = Report(claims)
    async with Tape(stack.kafka) as tape, Portal(stack.kafka, run, first=first, rate=rate) as sender:
        sending = asyncio.create_task(sender.submit(claims))
        await _moves(tape, sender)
        await asyncio.gather(*(roll(stack, service) for service in SERVICES))
        await sending
        await _end(report, stack, tape, sender)
    return report


async def roll(stack: Stack, service: str, spared: Collection[int] = ()) -> None:
    """Restart the replicas of a service in order, each when the one before takes work again; those `spared` stay."""
    for name in [each.name for each in stack.processes() if each.service == service]:
        old = next(each for each in stack.processes() if each.name == name)
        if old.process() and old.pid not in spared:
            send(old, signal.SIGTERM)
            await until(lambda: _not_yet(stack, old), READY_S, "not started again")  # noqa: B023 - awaited here


def _not_yet(stack: Stack, old: Recorded) -> list[str]:
    new = next(each for each in stack.processes() if each.name == old.name)
    if new.pid == old.pid:
        return [f"{old.name} is still pid {old.pid}"]
    status, words = probe(new.address)
    return [] if status == OK else [f"{new.name}: {status} {words}"]


async def _moves(tape: Tape, sender: Portal) -> None:
    """Return when some claims have ended and others are on their way."""
    done = len(tape.ended)
    await tape.until(
        lambda: len(tape.ended) > done and bool(tape.open(sender.sent)), MOVES_S, lambda: "claims on their way"
    )


async def _end(report: Report, stack: Stack, tape: Tape, sender: Portal, say: Say = lambda _line: None) -> None:
    start = time.monotonic()
    await stack.all_ready()
    await settle(stack, tape, sender.sent, PATIENCE_S, say)
    report.seconds = time.monotonic() - start
    await judge(report, stack, tape, sender.sent)
