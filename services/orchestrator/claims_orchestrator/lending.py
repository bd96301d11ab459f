"""How much of the deferred work may start now: what the others leave, and a small floor where they leave nothing.

Beside other new work few deferred claims are in machines' hands at a time, so that nobody waits behind them; where nothing
else has come for a while they have a tenth of the window, which keeps every machine busy.
"""

from collections.abc import Callable
from typing import Final

from claims_orchestrator.window import Window
from claims_shared.lanes import Floor

QUIET_SECONDS: Final = 10.0
QUIET_PART: Final = 10
"""This part of the window is theirs where nothing else comes."""
FLOOR: Final = 20
"""One in so many of all that is taken in is deferred work, however busy it is."""


class Lending:
    """Asked before each reading of the deferred stream. `beside`: claims in machines' hands beside which one may start."""

    def __init__(self, window: Window, beside: int, clock: Callable[[], float]) -> None:
        """`clock`: seconds."""
        self._window = window
        self._beside = beside
        self._clock = clock
        self._floor = Floor(FLOOR)
        self._lent = 0
        self._disturbed = clock()

    def room(self, taken: int) -> int:
        """Give how many may be read now, where so many of other new work were taken since this was asked last."""
        if taken:
            self._disturbed = self._clock()
        self._floor.took(taken, self._lent)
        self._lent = max(self.free, self._floor.earned(0)) if self._window.counted else 0
        return self._lent

    @property
    def free(self) -> int:
        """Give for how many there is room without the floor."""
        quiet = self._clock() - self._disturbed > QUIET_SECONDS
        most = max(self._beside, self._window.share // QUIET_PART) if quiet else self._beside
        return max(min(most, self._window.share) - self._window.in_flight, 0)
