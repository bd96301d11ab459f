"""Which records a service reads next: by class, so that a backlog of new work never delays the answers to old."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, TypeVar

P = TypeVar("P")


class Class(IntEnum):
    """A record's class, most urgent first."""

    ANSWERS = 0
    EXPEDITED = 1
    STANDARD = 2
    DEFERRED = 3


NEW: Final = frozenset({Class.EXPEDITED, Class.STANDARD})
"""New work beside which the deferred waits."""


def class_of(topic: str) -> Class:
    """Give a topic's class: answers, fired waits and the desk, then expedited, standard, and deferred work."""
    if ".events." in topic or is_desk(topic):
        return Class.ANSWERS
    if ".expedited." in topic:
        return Class.EXPEDITED
    return Class.DEFERRED if ".deferred." in topic else Class.STANDARD


def is_desk(topic: str) -> bool:
    """Whether people say here what they decided."""
    return ".desk." in topic


class Floor:
    """Keeps, for one class, one in so many records of all that a service takes in, whatever the others bring.

    What a poll is too small to keep is owed to the next. A class that has nothing to read lends its places, and is owed none
    for it: behind a quiet time it has its share again, no more.
    """

    def __init__(self, one_in: int) -> None:
        self._one_in = one_in
        self._owed = 0

    def kept(self, room: int) -> int:
        """Give how many of these places the others must leave to it."""
        return min(room, (self._owed + room) // self._one_in)

    def earned(self, others: int) -> int:
        """Give how many records are its own once the others have taken so many; all of them where its floor is everything."""
        return (self._owed + others) // max(self._one_in - 1, 1)

    def took(self, others: int, own: int) -> None:
        """Take note of a poll."""
        most = self._one_in - 1
        self._owed = min(max(self._owed + others - own * most, 0), most)


def by_class(places: Iterable[tuple[str, P]]) -> dict[Class, list[P]]:
    """Group (topic, place) pairs by class."""
    grouped: dict[Class, list[P]] = {each: [] for each in Class}
    for topic, place in places:
        grouped[class_of(topic)].append(place)
    return grouped
