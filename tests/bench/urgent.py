"""`python -m tests.bench.urgent`: how long urgent claims take behind a backlog of standard ones, and whether these go on.

Three things, each on a whole system at full load: claims that their portals ask to be expedited; standard claims, already
accepted, that the desk expedites; and a flood of urgent ones beside standard claims that must keep their floor. Each figure is
one JSON line on stdout; `--plot FILE` draws how many of the urgent claims were done after how long, as SVG.
"""

import argparse
import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from aiokafka import AIOKafkaProducer
from tests.bench import load
from tests.bench.__main__ import (
    APPROVED,
    Watch,
    figure,
    hold,
    latency,
    partitions_of,
    producer_of,
    quantile,
    say,
    stack,
)

from claims_shared.wire import partition_of

DESK: Final = "claims.desk.submissions.v1"
ACCEPTED: Final = b"claim.accepted.v1"
FULL_LOAD_S: Final = 5.0
PATIENCE_S: Final = 600.0
WIDTH, HEIGHT, EDGE = 640, 320, 48


class Stream(Watch):
    """The life cycle as it is told, read beside whatever else is done: when each claim was accepted, and approved."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(bootstrap)
        self.accepted: dict[bytes, float] = {}
        self._news = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._reading is not None:
            self._reading.cancel()
        await super().__aexit__(*exc)

    async def _read(self) -> None:
        known = {ACCEPTED: self.accepted, APPROVED: self.approved}
        while True:
            for records in (await self._consumer.getmany(timeout_ms=50, max_records=2_000)).values():
                now = time.time()
                for record in records:
                    told = known.get(dict(record.headers)["ce_type"])
                    if told is not None:
                        told.setdefault(record.key, now)
            self._news.set()
            self._news.clear()

    async def until_approved(self, keys: Sequence[bytes] | Mapping[bytes, float]) -> None:
        """Return when all of these are approved."""
        async with asyncio.timeout(PATIENCE_S):
            while any(key not in self.approved for key in keys):
                await self._news.wait()


def told(name: str, took: Sequence[float]) -> None:
    for label, share in (("p50", 0.5), ("p99", 0.99)):
        figure(f"{name}_{label}_ms", 1000 * quantile(took, share), "ms")


@asynccontextmanager
async def pace_told(name: str, stream: Stream) -> AsyncIterator[None]:
    """Tell how many claims a second were approved meanwhile."""
    before, began = len(stream.approved), time.monotonic()
    yield
    figure(name, (len(stream.approved) - before) / (time.monotonic() - began), "claims/s")


async def asked_by_portals(
    stream: Stream, producer: AIOKafkaProducer, asked: argparse.Namespace, partitions: int
) -> list[float]:
    planned = await load.submit_at(
        producer, "urgent", asked.rate, asked.urgent / asked.rate, partitions, topic=load.EXPEDITED
    )
    await stream.until_approved(planned)
    return [stream.approved[key] - at for key, at in planned.items()]


async def expedited_at_the_desk(
    stream: Stream, producer: AIOKafkaProducer, asked: argparse.Namespace, partitions: int
) -> list[float]:
    """Expedite claims of the backlog, those that were accepted last."""
    said: dict[bytes, float] = {}
    while len(said) < asked.urgent:
        key = next(
            (each for each in reversed(stream.accepted) if each not in said and each not in stream.approved), None
        )
        if key is None:
            sys.exit("the backlog is gone before enough of it was expedited. Give a larger --backlog.")
        said[key] = time.time()
        await producer.send(
            DESK,
            _expedite(key),
            key,
            partition_of(key.decode(), partitions),
            headers=load.headers("claim.expedited.v1", f"{key.decode()}/expedited", "bench.desk"),
        )
        await asyncio.sleep(1 / asked.rate)
    await stream.until_approved(said)
    return [max(stream.approved[key] - at, 0) for key, at in said.items()]


def _expedite(key: bytes) -> bytes:
    body = {
        "claim_id": key.decode(),
        "reason": "eviction",
        "expedited_by": "Kim",
        "expedited_at": datetime.now(UTC).isoformat(),
    }
    return json.dumps(body).encode()


async def flooded(
    running: Mapping[str, Any], stream: Stream, producer: AIOKafkaProducer, asked: argparse.Namespace
) -> None:
    """Standard claims behind a flood of urgent ones: how many of those that end while it lasts are theirs."""
    partitions = await partitions_of(running["kafka"])
    hold(running["services"]["orchestrator"], signal.SIGSTOP)
    try:
        await load.preload(producer, "patient", asked.flood // 4, partitions)
        await load.preload(producer, "flood", asked.flood, partitions, load.EXPEDITED)
    finally:
        hold(running["services"]["orchestrator"], signal.SIGCONT)
    started = time.time()
    flood = [load.record("flood", number)[0] for number in range(asked.flood)]
    await stream.until_approved(flood)
    over = max(stream.approved[key] for key in flood)
    patient = [at for key, at in stream.approved.items() if key.startswith(b"patient-") and at <= over]
    figure("standard_share_in_flood", len(patient) / (len(patient) + asked.flood), "share")
    figure("oldest_standard_in_flood_ms", 1000 * (min(patient, default=over) - started), "ms")


async def bench(asked: argparse.Namespace) -> None:
    with stack(asked) as (running, _):
        say("warming up")
        await latency(running, "warm-up", 100, 5)
        partitions = await partitions_of(running["kafka"])
        async with producer_of(running["kafka"]) as producer, Stream(running["kafka"]) as stream:
            hold(running["services"]["orchestrator"], signal.SIGSTOP)
            try:
                say(f"preloading {asked.backlog:,} standard claims")
                await load.preload(producer, "throughput", asked.backlog, partitions)
            finally:
                hold(running["services"]["orchestrator"], signal.SIGCONT)
            await asyncio.sleep(FULL_LOAD_S)
            async with pace_told("claims_per_second_before", stream):
                await asyncio.sleep(FULL_LOAD_S)
            say(f"{len(stream.approved):,} approved, {asked.urgent} urgent ones come")
            async with pace_told("claims_per_second_beside_urgent", stream):
                portals = await asked_by_portals(stream, producer, asked, partitions)
                told("urgent_asked_by_portals", portals)
                desk = await expedited_at_the_desk(stream, producer, asked, partitions)
                told("urgent_expedited_at_the_desk", desk)
            left = asked.backlog - sum(key.startswith(b"throughput-") for key in stream.approved)
            figure("standard_claims_left_then", left, "claims")
            if asked.plot:
                asked.plot.write_text(svg({"asked by portals": portals, "expedited at the desk": desk}), "utf-8")
        if left <= 0:
            sys.exit(
                "the backlog was gone before the urgent claims were done: it measures nothing. Give a larger --backlog."
            )
    if asked.flood:
        with stack(asked) as (running, _):
            await latency(running, "warm-up", 100, 5)
            async with producer_of(running["kafka"]) as producer, Stream(running["kafka"]) as stream:
                say(f"a flood of {asked.flood:,} urgent claims beside {asked.flood // 4:,} standard ones")
                await flooded(running, stream, producer, asked)


def svg(curves: Mapping[str, Sequence[float]]) -> str:
    """Draw, for each, how many of a hundred were done after how many milliseconds."""
    most = max(max(took) for took in curves.values()) * 1.05
    lines, colours = [], ("#1f6feb", "#d1242f")
    for number, (name, took) in enumerate(curves.items()):
        ordered = sorted(took)
        points = " ".join(
            f"{EDGE + (WIDTH - 2 * EDGE) * at / most:.1f},{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (each + 1) / len(ordered):.1f}"
            for each, at in enumerate(ordered)
        )
        lines.append(f'<polyline fill="none" stroke="{colours[number]}" stroke-width="2" points="{points}"/>')
        lines.append(f'<text x="{EDGE + 8}" y="{EDGE + 16 * number}" fill="{colours[number]}">{name}</text>')
    for share in (0, 0.25, 0.5, 0.75, 1):
        x, y = EDGE + (WIDTH - 2 * EDGE) * share, HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share
        lines.append(
            f'<text x="{x:.0f}" y="{HEIGHT - EDGE + 18}" text-anchor="middle">{most * share * 1000:.0f} ms</text>'
        )
        lines.append(f'<text x="{EDGE - 6}" y="{y + 4:.0f}" text-anchor="end">{share:.0%}</text>')
        lines.append(f'<line x1="{EDGE}" x2="{WIDTH - EDGE}" y1="{y:.0f}" y2="{y:.0f}" stroke="#d0d7de"/>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">'
    return "\n".join((head, '<rect width="100%" height="100%" fill="white"/>', *lines, "</svg>")) + "\n"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.urgent", description=__doc__)
    parser.add_argument("--backlog", type=int, default=100_000, help="standard claims that wait")
    parser.add_argument("--urgent", type=int, default=100, help="urgent claims of each kind")
    parser.add_argument("--rate", type=float, default=10, help="urgent claims a second")
    parser.add_argument("--flood", type=int, default=10_000, help="urgent claims of the flood; 0 leaves it out")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the urgent claims there, as SVG")
    parser.add_argument("--store", choices=("sqlite", "mongo"), default="sqlite")
    parser.add_argument("--env", action="append", default=[], metavar="KEY=VALUE", help="passed on to the services")
    parser.add_argument("--replicas", type=int, default=1, help="processes of each service")
    parser.add_argument("--keep", action="store_true", help="keep the data directory")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(bench(options())))
