"""What identity's tests share: commands about test people, records of them, and an HTTP server that does as it is told."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from claims_identity.tokens import Tokens
from claims_shared.decoding import decode
from claims_shared.messages.catalog import BY_MODEL
from claims_shared.messages.identity import ReleaseIdentity, VerifyIdentity
from claims_shared.wire import Received, Record

NOW = datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)
KEY = b"a-key-for-tests-only-of-32-bytes"

Reply = tuple[int, dict[str, str], bytes]
Behaviour = Callable[[Any], Awaitable[Reply | None]]


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def tokens():
    return Tokens(KEY)


@pytest.fixture
def verify_ada():
    """Build Ada Obi's first check, changed as asked."""

    def build(**changes):
        usual = {
            "claim_id": "A",
            "attempt": 1,
            "jurisdiction": "UT",
            "claim_type": "new",
            "filed_at": NOW,
            "ssn": "900-12-3456",
            "first_name": "Ada",
            "last_name": "Obi",
            "date_of_birth": date(1988, 4, 2),
        }
        wanted = usual | changes
        return VerifyIdentity(**{"effect_id": f"{wanted['claim_id']}/identity/2"} | wanted)

    return build


@pytest.fixture
def release():
    def build(effect_id, *, attempt=1, nr=9):
        claim_id = effect_id.partition("/")[0]
        return ReleaseIdentity(claim_id=claim_id, effect_id=f"{claim_id}/undo/{nr}", attempt=attempt, undoes=effect_id)

    return build


@pytest.fixture
def arrive():
    """Let a command arrive as a record: encoded, then read as the engine reads it."""
    offsets = itertools.count()

    def received(command, ce_id=None):
        listing = BY_MODEL[type(command)]
        headers = {
            "ce_specversion": "1.0",
            "ce_id": ce_id or f"{command.effect_id}/{command.attempt}",
            "ce_source": "claims.orchestrator",
            "ce_type": listing.wire,
            "ce_time": NOW.isoformat(),
        }
        pairs = [(name, text.encode()) for name, text in headers.items()]
        body = command.model_dump_json().encode()
        record = Record(listing.topic.name, 0, next(offsets), command.claim_id.encode(), body, pairs)
        message = decode(record)
        assert isinstance(message, Received), message
        return message

    return received


@dataclass
class Server:
    """A provider on loopback that does as `script` says, request by request, then as `usual`. `asked` are the bodies."""

    usual: Behaviour
    script: list[Behaviour] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    url: str = ""
    now_open: int = 0
    most_open: int = 0
    connections: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader, writer):
        self.connections.add(asyncio.current_task())
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._one(head.decode(), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, head, reader, writer):
        length = next(int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:"))
        body = json.loads(await reader.readexactly(length))
        self.asked.append(body)
        self.heads.append(head)
        self.now_open += 1
        self.most_open = max(self.most_open, self.now_open)
        try:
            reply = await (self.script.pop(0) if self.script else self.usual)(body)
        finally:
            self.now_open -= 1
        if reply is None:
            raise ConnectionError("hung up without an answer")
        status, headers, content = reply
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*lines, f"content-length: {len(content)}", "", ""]).encode() + content)
        await writer.drain()


def results(*each: dict[str, Any]) -> Reply:
    return 200, {"content-type": "application/json"}, json.dumps({"results": each}).encode()


async def match_all(body):
    return results(*({"idempotency_key": each["idempotency_key"], "outcome": "match"} for each in body["requests"]))


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    running = Server(match_all)
    listening = await asyncio.start_server(running.serve, "127.0.0.1", 0)
    host, port = listening.sockets[0].getsockname()
    running.url = f"http://{host}:{port}"
    yield running
    listening.close()
    for connection in running.connections:
        connection.cancel()
    await asyncio.gather(*running.connections, return_exceptions=True)
