"""Plays the demo against a running system: publishes, reads, lets citizens and caseworkers act, takes the provider down."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import httpx2

from claims_cli.api import Api
from claims_cli.demo.course import STREAMS
from claims_cli.demo.parts import Deed, Part, Publish
from claims_cli.demo.play import Play
from claims_cli.errors import ClaimsError
from claims_cli.local.state import Endpoints
from claims_cli.portal import Portal, connected
from claims_cli.records.stream import Stream, reading

SOURCE: Final = "claims.demo-portal"
SLICES: Final = 40
SLICE_S: Final = 0.1
POLL_MS: Final = 100
QUIET_S: Final = 45.0
"""With nothing heard for so long nothing more will come: retries and the short clock are shorter."""
OUTAGE_S: Final = 6.0
"""Longer than identity's own patience with the provider, so that its answer is a failure; the next try is 10 s later."""

Show = Callable[[Play, float], None]


class Director:
    """One run. `show` is called with the play and the seconds since its beginning, a few times a second."""

    def __init__(self, parts: Sequence[Part], where: Endpoints, show: Show) -> None:
        self.play = Play(parts)
        self.seconds = 0.0
        self._where = where
        self._api = Api(where.api)
        self._show = show
        self._started = time.monotonic()
        self._heard = self._started

    async def run(self, timeout_s: float) -> None:
        """Play until everything is as expected, nothing moves any more, or the time is over."""
        async with (
            reading(self._where.kafka, STREAMS, from_start=False) as coming,
            connected(self._where.kafka, SOURCE) as portal,
        ):
            self._started = self._heard = time.monotonic()
            publishing = asyncio.create_task(self._publish(portal))
            try:
                await self._watch(coming, portal, publishing, timeout_s)
            finally:
                publishing.cancel()

    async def _watch(self, coming: Stream, portal: Portal, publishing: asyncio.Task[None], timeout_s: float) -> None:
        while not (publishing.done() and self.play.done) and not self._over(timeout_s):
            events = await coming.poll(POLL_MS)
            for event in events:
                for part, deed in self.play.take(event, datetime.now(UTC)):
                    await self._do(portal, part, deed)
            self._tick(heard=bool(events))
            if publishing.done():
                publishing.result()

    def _tick(self, *, heard: bool) -> None:
        now = time.monotonic()
        self._heard = now if heard else self._heard
        self.seconds = now - self._started
        self.play.note(self.seconds)
        self._show(self.play, self.seconds)

    def _over(self, timeout_s: float) -> bool:
        return self.seconds > timeout_s or time.monotonic() - self._heard > QUIET_S

    async def _publish(self, portal: Portal) -> None:
        """Send in slices, so that the board can be watched; the outage comes when the ordinary claims are through."""
        usual = [part for part in self.play.parts if not part.during_outage]
        size = math.ceil(len(usual) / SLICES)
        for start in range(0, len(usual), size):
            await _send(portal, usual[start : start + size])
            await asyncio.sleep(SLICE_S)
        while self.play.moving:  # noqa: ASYNC110 - what the other task hears
            await asyncio.sleep(SLICE_S)
        await self._take_provider_down()
        await _send(portal, [part for part in self.play.parts if part.during_outage])

    async def _take_provider_down(self) -> None:
        url = f"{self._where.identity_provider}/control"
        try:
            async with httpx2.AsyncClient(trust_env=False) as client:
                answer = await client.put(url, json={"mode": "failing", "for_seconds": OUTAGE_S})
                answer.raise_for_status()
        except httpx2.HTTPError as error:
            raise ClaimsError(f"the identity provider's simulator at {url} does not answer: {error}") from error

    async def _do(self, portal: Portal, part: Part, deed: Deed) -> None:
        if isinstance(deed, Publish):
            await portal.send([portal.message(deed.message, f"{part.claim_id}/{type(deed.message).__name__}")])
        else:
            await asyncio.to_thread(self._api.act, part.claim_id, deed.what, deed.body)


async def _send(portal: Portal, parts: Sequence[Part]) -> None:
    outputs = [portal.claim(part.claim_id, body, expedited=part.expedited) for part in parts for body in part.bodies]
    await portal.send(outputs)
