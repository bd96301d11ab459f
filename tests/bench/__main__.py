"""`make bench`: throughput of preloaded claims, latency at two rates, CPU by process, mail, and the ratio to the floor.

Everything on this machine: broker, store, five services, identity over HTTP, mail, API, load. Each figure is one JSON line on
stdout; progress goes to stderr.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import httpx2
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from tests.bench import floor, load, meters

from claims_cli.local.state import Place

LIFECYCLE = "claims.lifecycle.events.v1"
APPROVED = b"claim.approved.v1"
MAILS_A_CLAIM = 2
CLI = Path(sys.executable).with_name("claims")
STALLED_SECONDS = 60.0
AMPLE = ("CLAIMS_QUOTA_RATE=1000000", "CLAIMS_QUOTA_BURST=1000000")
"""The load is one portal's: with a quota only that would be measured."""


def figure(name: str, value: float, unit: str) -> None:
    """Print one figure."""
    sys.stdout.write(json.dumps({"figure": name, "value": round(value, 3), "unit": unit}) + "\n")
    sys.stdout.flush()


def quantile(values: Sequence[float], share: float) -> float:
    """Give the value that this share of them does not exceed."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)]


def say(text: str) -> None:
    """Print progress."""
    sys.stderr.write(f"{text}\n")


@contextmanager
def stack(options: argparse.Namespace, settings: Sequence[str] = AMPLE) -> Iterator[tuple[dict[str, Any], Place]]:
    """Start a fresh stack as an operator would, stop it at the end."""
    data = Path(tempfile.mkdtemp(prefix="claims-bench-"))
    up = [CLI, "up", "--detach", "--json", "--bench", "--store", options.store, "--data", str(data)]
    up += ["--replicas", str(options.replicas)]
    for pair in ("CLAIMS_SESSION_TIMEOUT_MS=45000", "CLAIMS_LOG_LEVEL=WARNING", *settings, *options.env):
        up += ["--env", pair]
    try:
        printed = subprocess.run(up, check=True, stdout=subprocess.PIPE, text=True).stdout
        yield json.loads(printed.splitlines()[-1]), Place(data)
    finally:
        subprocess.run([CLI, "down", "--data", str(data)], check=False, stdout=sys.stderr)
        if not options.keep:
            shutil.rmtree(data, ignore_errors=True)


class Watch:
    """Reads the life-cycle stream and notes when each claim is approved."""

    def __init__(self, bootstrap: str) -> None:
        self._consumer = AIOKafkaConsumer(
            LIFECYCLE, bootstrap_servers=bootstrap, auto_offset_reset="latest", fetch_max_wait_ms=20
        )
        self.approved: dict[bytes, float] = {}

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        for partition in self._consumer.assignment():
            await self._consumer.position(partition)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._consumer.stop()

    async def until(self, count: int) -> None:
        """Return when `count` claims are approved; fail where nothing moves for a minute."""
        moved = time.monotonic()
        while len(self.approved) < count:
            polled = await self._consumer.getmany(timeout_ms=200, max_records=2_000)
            for records in polled.values():
                for record in records:
                    if dict(record.headers)["ce_type"] == APPROVED:
                        self.approved.setdefault(record.key, time.time())
            moved = time.monotonic() if polled else moved
            if time.monotonic() - moved > STALLED_SECONDS:
                sys.exit(f"stalled: {len(self.approved)} of {count} claims approved")


def producer_of(bootstrap: str) -> AIOKafkaProducer:
    """Give the load's producer."""
    return AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_batch_size=load.BATCH_BYTES)


async def partitions_of(bootstrap: str) -> int:
    """Give the partition count of the claim topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return len((await admin.describe_topics([load.INTAKE]))[0]["partitions"])
    finally:
        await admin.close()


def hold(pids: list[int], what: signal.Signals) -> None:
    """Stop or continue the orchestrator, so that the clock starts with all claims in place."""
    for pid in pids:
        os.kill(pid, what)


async def throughput(running: dict[str, Any], place: Place, claims: int) -> tuple[float, float]:
    """Preload, let go, time until the last approval; give that rate and the instant at which the clock started."""
    partitions = await partitions_of(running["kafka"])
    async with producer_of(running["kafka"]) as producer, Watch(running["kafka"]) as watch:
        hold(running["services"]["orchestrator"], signal.SIGSTOP)
        try:
            await load.preload(producer, "throughput", claims, partitions)
        finally:
            hold(running["services"]["orchestrator"], signal.SIGCONT)
        before, started = meters.spent(place), time.time()
        await watch.until(claims)
        seconds = max(watch.approved.values()) - started
        used = meters.per_claim(before, meters.spent(place), claims)
    figure("claims_per_second", claims / seconds, "claims/s")
    figure("cpu_us_per_claim", sum(used.values()), "us")
    for role, value in sorted(used.items()):
        figure(f"cpu_us_per_claim_{role}", value, "us")
    return claims / seconds, started


async def mails(running: dict[str, Any], count: int, started: float) -> None:
    """Wait until the mail of the throughput run has drained and say when that was."""
    async with httpx2.AsyncClient(base_url=running["mail"]["http"], timeout=10, trust_env=False) as client:
        seen, moved = 0, time.monotonic()
        while seen < count and time.monotonic() - moved < STALLED_SECONDS:
            now = (await client.get("/stats")).json()["mails"]
            moved = time.monotonic() if now != seen else moved
            seen = now
            await asyncio.sleep(0.25)
    if seen < count:
        sys.exit(f"mail stalled: {seen} of {count}")
    seconds = time.time() - started
    say(f"mail: all {count} delivered {seconds:.1f} s after the clock of claims_per_second started")
    figure("mails_per_second", count / seconds, "mails/s")


async def latency(running: dict[str, Any], run: str, rate: float, seconds: float) -> tuple[float, float]:
    """Submit at `rate`; give median and 99th percentile from the planned instant to the approval, in ms."""
    partitions = await partitions_of(running["kafka"])
    async with producer_of(running["kafka"]) as producer, Watch(running["kafka"]) as watch:
        submitting = asyncio.create_task(load.submit_at(producer, run, rate, seconds, partitions))
        await watch.until(int(rate * seconds))
        planned = await submitting
    took = [watch.approved[key] - at for key, at in planned.items()]
    settled = took[len(took) // 10 :]  # the first tenth warms the processes up
    return 1000 * quantile(settled, 0.50), 1000 * quantile(settled, 0.99)


async def bench(options: argparse.Namespace) -> None:
    """Measure everything in one run."""
    with stack(options) as (running, place):
        say(f"warming up with {options.warm_up} claims")
        await latency(running, "warm-up", 100, options.warm_up / 100)
        already = await delivered(running)
        say(f"throughput: {options.claims} claims")
        rate, started = await throughput(running, place, options.claims)
        await mails(running, already + MAILS_A_CLAIM * options.claims, started)
        say("latency at 20/s")
        p50, p99 = await latency(running, "slow", 20, options.seconds)
        figure("latency_p50_ms_at_20", p50, "ms")
        figure("latency_p99_ms_at_20", p99, "ms")
        say(f"latency at half of the rate: {rate / 2:.0f}/s")
        p50, p99 = await latency(running, "half", rate / 2, options.seconds)
        figure("latency_p50_ms", p50, "ms")
        figure("latency_p99_ms", p99, "ms")
        say("the floor: bare relay over the same broker")
        for pids in running["services"].values():
            hold(pids, signal.SIGSTOP)
        bare = await floor.claims_per_second(running["kafka"], options.claims, await partitions_of(running["kafka"]))
        for pids in running["services"].values():
            hold(pids, signal.SIGCONT)
        say(f"floor: {bare:.0f} claims/s")
        figure("ratio_to_floor", rate / bare, "ratio")


async def delivered(running: dict[str, Any]) -> int:
    """Wait until the warm-up's mail is quiet; give how many there are."""
    async with httpx2.AsyncClient(base_url=running["mail"]["http"], timeout=10, trust_env=False) as client:
        last = -1
        while (now := int((await client.get("/stats")).json()["mails"])) != last:
            last = now
            await asyncio.sleep(2)
        return last


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--store", choices=("sqlite", "mongo"), default="sqlite")
    parser.add_argument("--seconds", type=float, default=20, help="how long each latency run submits")
    parser.add_argument("--warm-up", type=int, default=500)
    parser.add_argument("--env", action="append", default=[], metavar="KEY=VALUE", help="passed on to the services")
    parser.add_argument("--replicas", type=int, default=1, help="processes of each service")
    parser.add_argument("--keep", action="store_true", help="keep the data directory")
    asyncio.run(bench(parser.parse_args()))


if __name__ == "__main__":
    main()
