"""Which records a service reads next: by class, so that a backlog of new work never delays the answers to old."""

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple, TypeVar

P = TypeVar("P")


class Class(IntEnum):
    """A record's class, most urgent first."""

    ANSWERS = 0
    EXPEDITED = 1
    STANDARD = 2


class Turn(NamedTuple):
    """How many records of each class one poll may take at most."""

    expedited: int
    standard: int


def class_of(topic: str) -> Class:
    """Give a topic's class: answers, fired waits and the desk come before expedited and standard work."""
    if ".events." in topic or ".desk." in topic:
        return Class.ANSWERS
    return Class.EXPEDITED if ".expedited." in topic else Class.STANDARD


def share(room: int, *, floor: int, standard_open: bool) -> Turn:
    """Divide what the answers left: expedited first, standard keeps one in `floor`; a closed standard lends its share."""
    if not standard_open:
        return Turn(expedited=room, standard=0)
    return Turn(expedited=room - room // floor, standard=room)


def by_class(places: Iterable[tuple[str, P]]) -> dict[Class, list[P]]:
    """Group (topic, place) pairs by class."""
    grouped: dict[Class, list[P]] = {each: [] for each in Class}
    for topic, place in places:
        grouped[class_of(topic)].append(place)
    return grouped
