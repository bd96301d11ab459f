"""How everybody outside publishes: with the headers that the contract asks for; some twice, some by another partitioner."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
from tests.simulation.timeline import DAY, MINUTE

if TYPE_CHECKING:
    from tests.simulation.world import World

INTAKE: Final = "claims.intake.submissions.v1"
EXPEDITED: Final = "claims.intake.submissions.expedited.v1"
DESK: Final = "claims.desk.submissions.v1"

encode: Final = msgspec.json.Encoder().encode


class Voice:
    """The one through which portals and the desk speak; every message has an id of its own."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._ids: Counter[str] = Counter()

    def say(self, topic: str, claim: str, kind: str, **body: Any) -> None:
        """Publish a message; a portal that is not sure whether it did says the same again."""
        name = self.name(claim)
        written = encode({"claim_id": claim, **body})
        self.publish(topic, claim, kind, written, name)
        weather, random = self._world.weather, self._world.random
        if "submitted twice" in weather.classes and random.random() < 0.2:
            weather.injected["submitted twice"] += 1
            later = random.choice((0, MINUTE, 2 * DAY))
            self._world.timeline.after(later, self.publish, topic, claim, kind, written, name)

    def publish(self, topic: str, claim: str, kind: str, body: bytes, name: str) -> None:
        """Some portals choose the partition by another rule, and so not the one in which the claim lives."""
        topics, weather = self._world.topics, self._world.weather
        if "another partitioner" in weather.classes and topic != DESK:
            weather.injected["another partitioner"] += 1
            partition = self._world.random.randrange(topics.partitions)
            topics.append(topic, partition, claim.encode(), body, self.headers(kind, name))
        else:
            topics.publish(topic, claim.encode(), body, self.headers(kind, name))

    def name(self, claim: str) -> str:
        """Give the claim's next message its id."""
        self._ids[claim] += 1
        return f"{claim}-{self._ids[claim]}"

    def now(self, later: int = 0) -> str:
        return (
            (self._world.now + timedelta(microseconds=later)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        )

    def headers(self, kind: str, name: str) -> list[tuple[str, bytes]]:
        values = {
            "ce_specversion": "1.0",
            "ce_id": name,
            "ce_source": "portal",
            "ce_type": kind,
            "ce_time": self.now(),
        }
        return [(header, value.encode()) for header, value in values.items()]
