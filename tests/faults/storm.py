"""Claims on their way while services are killed: what was injected, what was felt, what was found."""

import asyncio
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.faults import history, mail, portal
from tests.faults.portal import Portal
from tests.faults.stack import SERVICES, Stack, send
from tests.faults.tape import LIFECYCLE, Tape

from claims_cli.stack_state import Recorded

Say = Callable[[str], None]

BUSY_S = 0.15
"""A service that wrote so recently has work in its hands."""
STRIKE_S = 60.0
STILL_S = 1.0
LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Weather:
    """How much is sent and killed. `patience` in seconds, from the last kill until everything has come to its end."""

    claims: int
    kills: int
    rate: float
    patience: float
    seed: int = 1

    def rounds(self) -> list[list[str]]:
        """Give who is killed in each round: one service or two together, all of them equally often."""
        dice = random.Random(self.seed)  # noqa: S311 - the same seed, the same storm
        victims: list[str] = []
        while len(victims) < self.kills:
            victims += dice.sample(SERVICES, len(SERVICES))
        del victims[self.kills :]
        rounds = []
        while victims:
            size = dice.choice((1, 2)) if victims[0] not in victims[1:2] else 1
            rounds.append(victims[:size])
            del victims[:size]
        return rounds or [[]]


@dataclass(frozen=True, slots=True)
class Kill:
    process: str
    pid: int
    at: datetime
    open: int
    """Claims on their way at that instant."""

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S.%f} kill -9 {self.process} (pid {self.pid}), {self.open} claims on their way"


@dataclass(slots=True)
class Report:
    """The run in three parts; `wrong` is everything for which it fails."""

    claims: int
    kills: list[Kill] = field(default_factory=list)
    restarts: Counter[str] = field(default_factory=Counter)
    redelivered: int = 0
    copies: int = 0
    seconds: float = 0.0
    findings: history.Findings = field(default_factory=history.Findings)
    left: list[str] = field(default_factory=list)

    def wrong(self) -> list[str]:
        unfelt = Counter(each.process for each in self.kills) - self.restarts
        return [
            *(f"{name} was killed {count} times more than it was started again" for name, count in unfelt.items()),
            *(f"{each.process} was killed with no claim on its way" for each in self.kills if not each.open),
            *(["no record came twice: the kills were not felt"] if self.kills and not self.twice else []),
            *(f"{each} has not come to its end" for each in self.left),
            *map(str, self.findings.violations),
        ]

    @property
    def twice(self) -> int:
        return self.redelivered + self.findings.repeats.total()

    def __str__(self) -> str:
        resent = ", ".join(f"{count} on {topic}" for topic, count in sorted(self.findings.repeats.items()))
        done = f"{self.claims - len(self.left)} of {self.claims}"
        lines = [
            f"injected: {len(self.kills)} kills during {self.claims} claims",
            *(f"  {each}" for each in self.kills),
            f"felt: {self.restarts.total()} restarts ({', '.join(f'{n} {c}' for n, c in sorted(self.restarts.items()))})",
            f"  records sent again: {self.findings.repeats.total()} ({resent or 'none'})",
            f"  records delivered again to the orchestrator and recognised: {self.redelivered}",
            f"  mails handed over again under their Message-ID: {self.copies}",
            f"found: {len(self.wrong())} violations; {done} claims at their end {self.seconds:.0f} s after the last kill",
            *(f"  {each}" for each in self.wrong()[:20]),
        ]
        return "\n".join(lines + ([str(self.findings)] if self.findings.violations else []))


async def storm(stack: Stack, weather: Weather, *, run: str, first: int = 0, say: Say = lambda _line: None) -> Report:
    """Send the claims in as many parts as there are rounds of kills, kill while they move, wait for the end, judge."""
    report = Report(weather.claims)
    before = {each.name: each.restarts for each in stack.processes()}
    logs = _duplicates(stack.processes())
    rounds, dice = weather.rounds(), random.Random(weather.seed)  # noqa: S311 - the same
    async with Tape(stack.kafka) as tape, Portal(stack.kafka, run, first=first, rate=weather.rate) as sender:
        for number, victims in enumerate(rounds, 1):
            processes = stack.processes()
            sending = asyncio.create_task(sender.submit(weather.claims * number // len(rounds)))
            for service in victims:
                process = dice.choice([each for each in processes if each.service == service])
                report.kills.append(await _kill(process, tape, sender, dice.random() * BUSY_S))
                say(f"{len(sender.sent)}/{weather.claims} sent, {len(tape.ended)} ended; {report.kills[-1]}")
            await sending
            await stack.all_ready()
        last = time.monotonic()
        await settle(stack, tape, sender.sent, weather.patience, say)
        report.seconds = time.monotonic() - last
        after = stack.processes()
        report.restarts.update({each.name: each.restarts - before[each.name] for each in after})
        report.redelivered = _duplicates(after) - logs
        await judge(report, stack, tape, sender.sent)
    return report


async def settle(
    stack: Stack, tape: Tape, claims: Sequence[str], patience: float, say: Say = lambda _line: None
) -> None:
    """Wait until every claim has ended, every effect is answered, every letter is there and nothing moves any more."""
    end, mails = time.monotonic() + patience, -1
    while time.monotonic() < end:
        left = tape.open(list(claims)) or history.unfinished(tape.records, claims)
        before, mails = mails, await mail.count(stack.sink)
        if not left and mails == before:
            left = mail.missing(await mail.received(stack.sink, _addresses(claims)), claims)
        elif not left:
            left = ["more mail"]
        if not left and time.monotonic() - max(tape.last_at.values()) > STILL_S:
            return
        say(f"{len(left)} of {len(claims)} to come: {', '.join(left[:3])}")
        await asyncio.sleep(LOOK_S)


async def judge(report: Report, stack: Stack, tape: Tape, claims: Sequence[str]) -> None:
    letters = await mail.received(stack.sink, _addresses(claims))
    report.copies = letters.copies
    report.left = tape.open(list(claims))
    report.findings = history.check(tape.records, claims, weekly=portal.WEEKLY)
    report.findings.violations += mail.check(letters, claims, history.notices(tape.records, claims))


async def _kill(process: Recorded, tape: Tape, sender: Portal, delay: float) -> Kill:
    """Wait until the service is in the middle of its work, and a moment longer, and end it without a word."""
    topic = LIFECYCLE if process.service == "orchestrator" else f"claims.{process.service}.events.v1"

    def busy() -> bool:
        return time.monotonic() - tape.last_at.get(topic, 0) < BUSY_S and bool(tape.open(sender.sent))

    await tape.until(busy, STRIKE_S, lambda: f"{process.name} at work with claims on their way")
    await asyncio.sleep(delay)
    still_open = len(tape.open(sender.sent))
    send(process, signal.SIGKILL)
    return Kill(process.name, process.pid, datetime.now(UTC), still_open)


def _addresses(claims: Sequence[str]) -> dict[str, str]:
    return {portal.address(each): each for each in claims}


def _duplicates(processes: Sequence[Recorded]) -> int:
    """Count the records that the orchestrator recognised as seen before, by the one line that it logs a batch."""
    return sum(_in_log(Path(each.log)) for each in processes if each.service == "orchestrator")


def _in_log(log: Path) -> int:
    with log.open("r", encoding="utf-8", errors="replace") as lines:
        batches = [json.loads(each) for each in lines if '"ignored:duplicate"' in each and each.endswith("}\n")]
    return sum(each["reasons"]["ignored:duplicate"] for each in batches)
