"""Connects a trial to a running stack."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaProducer
from tests.faults import portal
from tests.faults.stack import Stack
from tests.hostile.evidence import witness
from tests.hostile.sending import connected
from tests.hostile.trial import Range

from claims_shared.messages.catalog import BY_STREAM

SETTINGS: Final = (portal.SETTING, "CLAIMS_QUOTA_RATE=1000000", "CLAIMS_QUOTA_BURST=1000000")
"""One source sends everything, and each record's end is looked for where it was put: nothing is deferred."""


@asynccontextmanager
async def on(stack: Stack) -> AsyncIterator[Range]:
    """Open the connections and close them at the end."""
    async with (
        connected(stack.kafka, *BY_STREAM) as socket,
        witness(stack, socket) as seen,
        AIOKafkaProducer(bootstrap_servers=stack.kafka, transactional_id="tests.hostile") as aborter,
    ):
        yield Range(stack, socket, seen, aborter)
