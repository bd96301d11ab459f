"""Which urgent claims machines are at work on: their answers go ahead of others, and wait for short batches only.

An answer waits for the batch that runs when it comes, for the one that is read already, and for its own: all three are short
while few urgent claims are under way. A batch of a third costs a record little more (`python -m tests.bench.urgent`).
"""

from typing import Final

from claims_orchestrator.claim import Claim, in_flight
from claims_shared.messages.lifecycle import Lane

MANY: Final = 500
"""Where more are urgent than a batch holds, nothing is gained by short ones."""


class Haste:
    """The urgent claims of one replica. `few`: the records of a short batch; `all_records`: of any other."""

    def __init__(self, few: int, all_records: int) -> None:
        self._few = min(few, all_records)
        self._all = all_records
        self.keys: set[bytes] = set()

    def moved(self, _before: Claim | None, after: Claim) -> None:
        """Take note of one claim's change."""
        if after.lane is Lane.EXPEDITED and in_flight(after):
            self.keys.add(after.id.encode())
        else:
            self.keys.discard(after.id.encode())

    def assigned(self) -> None:
        """Start anew: claims of other partitions are ours. Those under way are known again with their next step."""
        self.keys.clear()

    def batch(self) -> int:
        """Give the most records that may be read now."""
        return self._few if 0 < len(self.keys) <= MANY else self._all
