"""How busy this process is with its topics: mail is sent at full speed only beside little work. The clock is an argument."""

from datetime import datetime, timedelta
from typing import Final

SPAN: Final = timedelta(seconds=1)


class Pace:
    """Counts records by the second; from `busy_from` in one second on, the next one is busy."""

    def __init__(self, busy_from: int) -> None:
        self._busy_from = busy_from
        self._since: datetime | None = None
        self._records = 0
        self._busy_until: datetime | None = None

    def took(self, records: int, now: datetime) -> None:
        """Note a batch."""
        if self._since is None or now - self._since >= SPAN:
            self._since, self._records = now, 0
        self._records += records
        if self._records >= self._busy_from:
            self._busy_until = now + SPAN

    def busy(self, now: datetime) -> bool:
        """Whether the engine has much to do."""
        return self._busy_until is not None and now < self._busy_until
