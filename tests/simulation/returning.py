"""People whom no mail reaches: their server takes it, and sends it back later, at times twice, or first only as late.

What comes back is given to some scheduler's receiver until one says that it is noted, as a mail server does.
"""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any, Final

from tests.simulation.timeline import DAY, HOUR, MINUTE, SECOND
from tests.simulation.weather import MAIL_BOUNCES

from claims_scheduler.returns import Taken
from claims_shared.ports import StoreUnavailable

if TYPE_CHECKING:
    from tests.simulation.world import World

AGAIN: Final = 5 * MINUTE
"""A server that got no answer tries again after so long."""
FAILED, DELAYED = ("failed", "5.1.1"), ("delayed", "4.4.1")
ANSWER: Final = b"From: ada@example.org\r\nAuto-Submitted: auto-replied\r\n\r\nI am away until 5.5.2030.\r\n"


class Returning:
    """The servers of the unreachable. `returned`: the Message-IDs of what came back for good, once somebody has taken it."""

    def __init__(self, world: "World", seed: int) -> None:
        self._world = world
        self._random = Random(f"{seed}: {MAIL_BOUNCES}")  # noqa: S311 - a simulation's
        self._after = world.timeline.after
        self.unreachable: set[str] = set()
        self.returned: list[str] = []

    def meet(self, address: str) -> None:
        """Let some people be unreachable."""
        if self._random.random() < 0.3:
            self.unreachable.add(address)

    def took(self, sender: str, recipient: str, message_id: str) -> None:
        """A server took a mail for somebody."""
        random = self._random
        if recipient not in self.unreachable:
            return
        self._world.weather.injected[MAIL_BOUNCES] += 1
        later = round(SECOND // 10 * (2 * DAY // SECOND) ** random.random())
        if random.random() < 0.2:  # and then it is delivered
            self._after(later, self._offer, sender, report(*DELAYED), "")
            return
        if random.random() < 0.3:
            self._after(random.randrange(later), self._offer, sender, report(*DELAYED), "")
        if random.random() < 0.2:
            self._after(random.randrange(later), self._offer, sender, ANSWER, "")
        self._after(later, self._offer, sender, report(*FAILED), message_id)
        if random.random() < 0.3:
            again = later + random.choice((0, SECOND, HOUR))
            self._after(again, self._offer, sender, report(*FAILED), message_id)

    def _offer(self, sender: str, content: bytes, message_id: str) -> None:
        """Give it to whoever is up; to nobody, or to one that says nothing, it is given again."""
        places = [each.process for each in self._world.replicas if each.service == "scheduler"]
        up = [each for each in places if not each.loop.dead and not each.loop.frozen and each.returns is not None]
        answered: list[bool] = []
        if up:
            process = self._random.choice(up)
            process.loop.create_task(_give(process.returns, sender, content, answered.append))
        self._after(AGAIN, self._heard, answered, sender, content, message_id)

    def _heard(self, answered: list[bool], sender: str, content: bytes, message_id: str) -> None:
        if answered != [True]:
            self._offer(sender, content, message_id)
        elif message_id:
            self.returned.append(message_id)


async def _give(returns: Any, sender: str, content: bytes, answer: Callable[[bool], None]) -> None:
    try:
        taken = await returns.take(sender, content)
    except StoreUnavailable:
        taken = Taken.LATER
    answer(taken is not Taken.LATER)


def report(action: str, status: str) -> bytes:
    """Write a report by hand, as RFC 3464 has it."""
    return (
        "From: MAILER-DAEMON@mx.example.org\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; ada@example.org\r\nAction: {action}\r\nStatus: {status}\r\n\r\n--b--\r\n"
    ).encode()
