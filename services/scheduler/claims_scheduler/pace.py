"""How busy this process is with its topics: mail is sent at full speed only beside little work. The clock is an argument."""

import sys
from datetime import datetime, timedelta
from typing import Final

SPAN: Final = timedelta(seconds=1)


class Pace:
    """Counts records by the second; from `busy_from` in one second on, or behind a full batch, the next one is busy."""

    def __init__(self, busy_from: int, full: int = sys.maxsize) -> None:
        """`full`: the records of a batch behind which more wait."""
        self._busy_from = busy_from
        self._full = full
        self._since: datetime | None = None
        self._records = 0
        self._batch_at: datetime | None = None
        self._batch = 0
        self._busy_until: datetime | None = None

    def took(self, records: int, now: datetime) -> None:
        """Note a batch, or a part of one: parts have the same instant."""
        if self._since is None or now - self._since >= SPAN:
            self._since, self._records = now, 0
        if now != self._batch_at:
            self._batch_at, self._batch = now, 0
        self._records += records
        self._batch += records
        if self._records >= self._busy_from or self._batch >= self._full:
            self._busy_until = now + SPAN

    def busy(self, now: datetime) -> bool:
        """Whether the engine has much to do."""
        return self._busy_until is not None and now < self._busy_until
