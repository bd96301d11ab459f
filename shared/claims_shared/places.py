"""Places for calls at a time whose number may change while they are taken; who waits longest comes next."""

import asyncio
from collections import deque


class Places:
    """As a semaphore; fewer places than are taken let nobody in until enough are given back."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> None:
        """Take a place, once there is one."""
        if self._taken < self._most and not self._waiting:
            self._taken += 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.release()  # it was given at the very moment at which nobody wanted it any more
            raise

    def release(self) -> None:
        """Give a place back."""
        self._taken -= 1
        self._admit()

    def resize(self, most: int) -> None:
        """Have so many places from now on."""
        self._most = most
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._taken < self._most:
            place = self._waiting.popleft()
            if not place.done():
                self._taken += 1
                place.set_result(None)
