"""What is sent: every class once, or many records of all classes drawn and changed by a seed; always among good claims."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from tests.hostile.batches import Raw
from tests.hostile.shots import APPROVED, Fate, Hostile, Shot, Victim
from tests.hostile.table import TABLE
from tests.hostile.trial import Range

from claims_shared.messages.catalog import BY_STREAM

INNOCENT: Final = "a claim that means no harm"
INNOCENTS: Final = 20
APART: Final = 2
"""Numbers that a class may use: its victim's and the next."""
FIRST_VICTIM, FIRST_OF_MANY = 20_000, 40_000
"""Numbers are people: two claims of one person would be a conflict."""
AT_ONCE: Final = 2_000
SSN_BYTES: Final = len('"ssn": "900-00-0000"')
Drawn = tuple[str, Shot, bool]


async def everything_once(shooting: Range, run: str = "H") -> None:
    """Send every class's records, then those that must meet a claim on its way."""
    drawn: list[Drawn] = [_innocent(f"{run}good", number) for number in range(INNOCENTS)]
    for number, hostile in enumerate(TABLE.values()):
        drawn += _of(hostile, Victim(FIRST_VICTIM + number * APART, run))
    await _in_waves(shooting, drawn)


async def many(shooting: Range, count: int, seed: int, say: Callable[[str], None], run: str = "M") -> None:
    """Send so many records, drawn and changed by the seed, one good claim in ten."""
    dice = random.Random(seed)  # noqa: S311 - the same seed, the same records
    stream = _many(dice, run)
    sent = 0
    while sent < count:
        drawn = [next(stream) for _ in range(min(AT_ONCE, count - sent))]
        await _in_waves(shooting, drawn)
        sent += len(drawn)
        say(f"{sent} of {count} sent at random")


async def _in_waves(shooting: Range, drawn: Sequence[Drawn]) -> None:
    await shooting.fire([each for each in drawn if each[1].after is None])
    later = [each for each in drawn if each[1].after is not None]
    await shooting.accepted([each[1].after for each in later if each[1].after], 60.0)
    await shooting.fire(later)


def _innocent(run: str, number: int) -> Drawn:
    return INNOCENT, Victim(number, run).claim(APPROVED), False


def _of(hostile: Hostile, victim: Victim) -> list[Drawn]:
    return [(hostile.name, shot, False) for shot in hostile.make(victim)]


def _many(dice: random.Random, run: str) -> Iterator[Drawn]:
    """Heavy ones seldom; three in ten are changed in one place more."""
    light = [each for each in TABLE.values() if not each.heavy]
    heavy = [each for each in TABLE.values() if each.heavy]
    number = FIRST_OF_MANY
    while True:
        number += APART
        if dice.random() < 0.1:
            yield _innocent(run, number)
            continue
        hostile = dice.choice(heavy if dice.random() < 0.005 else light)
        *before, (of, last, _) = _of(hostile, Victim(number, run))
        yield from before
        changed = dice.random() < 0.3 and _may_change(last)
        yield of, mutated(last, dice, moves=not before) if changed else last, changed


def _may_change(shot: Shot) -> bool:
    """What is no plain record stays as it is; so do header names that no client reads, or this test could not read on."""
    plain = shot.frame is None and not shot.aborted and shot.outcome.fate is not Fate.TURNED_AWAY
    return plain and all(name.isascii() for name, _ in shot.raw.headers)


def mutated(shot: Shot, dice: random.Random, *, moves: bool = True) -> Shot:
    """Change one thing: bytes of the body, its length, a header's value, its absence, the key, or the stream.

    What belongs to others stays on its stream: on another it may be read before them, and rightly be the one that counts.
    """
    raw, place = shot.raw, shot.place
    how = dice.randrange(6 if moves else 5)
    if how == 0 and raw.value:
        raw = replace(raw, value=_flipped(raw.value, dice))
    elif how == 1 and raw.value:
        raw = replace(raw, value=raw.value[: dice.randrange(len(raw.value))])
    elif how == 2 and raw.headers:
        raw = replace(raw, headers=_one_changed(raw, dice))
    elif how == 3 and raw.headers:
        left_out = dice.randrange(len(raw.headers))
        raw = replace(raw, headers=[each for number, each in enumerate(raw.headers) if number != left_out])
    elif how == 4:
        raw = replace(raw, key=dice.choice((None, b"", dice.randbytes(8), b"another-claim")))
    else:
        return replace(shot, topic=dice.choice(sorted(READ)), partition=place, claim=None)
    return replace(shot, raw=raw, partition=place, claim=None)


READ: Final = frozenset(stream for stream in BY_STREAM if ".refusals." not in stream)


def _flipped(content: bytes, dice: random.Random) -> bytes:
    """Change some bytes, but not those of the number by which people are told apart: it could become another's here."""
    changed = bytearray(content)
    for _ in range(dice.randint(1, 8)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    kept = content.find(b'"ssn"')
    if kept >= 0:
        changed[kept : kept + SSN_BYTES] = content[kept : kept + SSN_BYTES]
    return bytes(changed)


def _one_changed(raw: Raw, dice: random.Random) -> list[tuple[bytes, bytes | None]]:
    headers = list(raw.headers)
    number = dice.randrange(len(headers))
    headers[number] = headers[number][0], dice.choice((None, b"", dice.randbytes(12), b"x" * 600))
    return headers
