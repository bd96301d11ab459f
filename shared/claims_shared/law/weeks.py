"""The weeks of a benefit year by number: which certified week is the waiting week, which the first payable. Pure dates, no clock.

A week is named by any of its days on the agency's calendar; the first begins on the day the claim is effective.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class FirstWeeks:
    """The numbers of the weeks served as waiting weeks, and of the first payable one; None while it is not certified."""

    waiting: tuple[int, ...]
    first_payable: int | None


def week_number(effective_on: date, on: date) -> int:
    """Give the number, from 1, of the benefit week that holds a day; ValueError before the claim is effective."""
    if on < effective_on:
        raise ValueError(f"{on} is before {effective_on}, on which the claim is effective: it is in none of its weeks")
    return (on - effective_on) // WEEK + 1


def week_begins(effective_on: date, number: int) -> date:
    """Give the first day of a week."""
    return effective_on + (number - 1) * WEEK


def first_weeks(effective_on: date, certified: Iterable[date], waiting_weeks: int) -> FirstWeeks:
    """Find waiting weeks and first payable week among those certified, in order, of which each could be paid but for the waiting.

    A week for which nothing would be payable serves no waiting (Utah Code 35A-4-403(1)(d)(iii)): leave it out. Weeks that were
    not certified in between delay, they do not count. Raises ValueError where a week stands twice or before an earlier one.
    """
    numbers = [week_number(effective_on, on) for on in certified]
    for earlier, later in pairwise(numbers):
        if later <= earlier:
            raise ValueError(f"week {later} stands after week {earlier}: certified weeks come in order, each once")
    waiting, payable = numbers[:waiting_weeks], numbers[waiting_weeks:]
    return FirstWeeks(tuple(waiting), payable[0] if payable else None)
