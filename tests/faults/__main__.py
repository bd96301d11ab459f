"""The full form: `python -m tests.faults --plan full --claims 20000 --store sqlite`. Exits 1 on any violation.

A long run may be made in slices, each with a seed of its own and `--report FILE`; `python -m tests.faults.sums FILE…` sums them.
"""

import argparse
import asyncio
import json
import logging
import signal
import sys
import time
import uuid
from contextlib import AsyncExitStack
from pathlib import Path

from tests.faults import portal, stop
from tests.faults.campaign import campaign
from tests.faults.plan import FULL_SHARES, Plan
from tests.faults.report import Report
from tests.faults.stack import Stack, up
from tests.proof.about import about, keep

RATES = {"sqlite": 150.0, "mongo": 25.0}
"""Claims a second that are submitted at most: what each store carries with room to spare, so that faults meet work."""


def say(line: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stderr.flush()


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    add = parser.add_argument
    add(
        "--plan", choices=("kills", "full"), default="kills", help="full: also storms, rolling restarts, troubled links"
    )
    add("--claims", type=int, default=5_000)
    add("--kills", type=int, default=30, help="SIGKILLs of services")
    add("--pauses", type=int, default=0, help="SIGSTOPs of services, longer than a session")
    add("--broker-restarts", type=int, default=0, help="SIGKILLs of the broker")
    add("--store-restarts", type=int, default=0, help="SIGKILLs of the store's server; SQLite: its files locked")
    add("--proxy", action="store_true", help="services reach broker and store through a proxy that troubles them")
    add("--store", choices=sorted(RATES), default="sqlite")
    add("--replicas", type=int, default=1)
    add("--seed", type=int, default=1)
    add("--rate", type=float, help="claims a second at most; without: what suits the store")
    add("--spacing", type=float, default=1.0, help="stretches (or presses) the distances between faults of a kind")
    add("--patience", type=float, default=300.0, metavar="SECONDS", help="after the last fault all must be settled")
    add("--stop", type=float, metavar="SECONDS", help="instead: stop each service for so long")
    add("--report", type=Path, metavar="FILE", help="write the JSON record there too")
    add("--keep", action="store_true", help="keep the stack's directory")
    return parser.parse_args()


def planned(asked: argparse.Namespace) -> Plan:
    faults = {
        "kill": asked.kills,
        "pause": asked.pauses,
        "broker": asked.broker_restarts,
        "store": asked.store_restarts,
    }
    if asked.plan == "full":
        faults |= {kind: max(1, round(asked.kills * share)) for kind, share in FULL_SHARES.items()}
    if not asked.proxy:
        faults.pop("link", None)
    return Plan(asked.claims, asked.rate or RATES[asked.store], faults, asked.patience, asked.seed, asked.spacing)


async def main(asked: argparse.Namespace) -> int:
    start, running = time.monotonic(), asyncio.current_task()
    if running is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)  # and leave no stack behind
    async with AsyncExitStack() as ending:
        stack = await ending.enter_async_context(
            up(
                asked.store,
                replicas=asked.replicas,
                settings=[portal.SETTING],
                keep=lambda: asked.keep,
                proxied=asked.proxy,
            )
        )
        say(f"stack on {stack.data}")
        report = await _run(stack, asked)
    report.about = about(start) | {"store": asked.store, "seed": asked.seed, "replicas": asked.replicas}
    record = report.record()
    keep(asked.report, record)
    sys.stdout.write(f"{report}\n{json.dumps(record, indent=1)}\n")
    return 1 if report.wrong() else 0


async def _run(stack: Stack, asked: argparse.Namespace) -> Report:
    run = f"F{uuid.uuid4().hex[:8]}"
    plan = planned(asked)
    if asked.stop:
        return await stop.in_turn(stack, asked.claims, seconds=asked.stop, rate=plan.rate, run=run, say=say)
    say(f"{plan.claims} claims at {plan.pace:.0f}/s in {plan.seconds:.0f} s; faults: {dict(plan.faults)}")
    return await campaign(stack, plan, run=run, say=say)


if __name__ == "__main__":
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it says fifty times a second that the broker is away
    sys.exit(asyncio.run(main(options())))
