"""Hostile batches: compressed, lying, transactional, in old formats. Most of this is the broker's part, and is held here."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from tests.hostile.batches import CONTROL, GZIP, LZ4, SNAPPY, ZSTD, Raw, batch, bomb
from tests.hostile.shots import APPROVED, Hostile, Shot, Victim, turned_away

CODECS: Final = {"gzip": GZIP, "snappy": SNAPPY, "lz4": LZ4, "zstd": ZSTD}
MEBIBYTE: Final = 1024 * 1024
TOO_LARGE: Final = turned_away("MessageSizeTooLargeError")
UNREADABLE: Final = turned_away("UnknownError")
CORRUPT: Final = turned_away("CorruptRecordException")
UNPACKED: Final = "the broker unpacks it, so that no reader must know the codec"
DAY_MS: Final = 86_400_000


def framed(
    name: str, outcome: Any, frame: Callable[[Sequence[Raw]], bytes], why: str = "", *, heavy: bool = False
) -> Hostile:
    return Hostile(name, lambda victim: [victim.claim(outcome, shot__frame=frame)], why, heavy=heavy)


def bombed(name: str, codec: int, size: int) -> Hostile:
    """Give a class of a small batch that unpacks to `size`."""
    why = f"{size // MEBIBYTE} MiB in a few bytes; the broker unpacks it, so that no reader does"
    return framed(name, TOO_LARGE, lambda raws: bomb(replace(raws[0], value=None), codec, size), why, heavy=True)


def stamped(name: str, instant: int) -> Hostile:
    def make(victim: Victim) -> list[Shot]:
        shot = victim.claim(APPROVED)
        return [replace(shot, raw=replace(shot.raw, timestamp=instant))]

    return Hostile(name, make, "the broker's clock stamps records")


def _broken(raws: Sequence[Raw]) -> bytes:
    whole = bytearray(batch(raws))
    whole[-1] ^= 0xFF
    return bytes(whole)


COMPRESSED: Final = tuple(
    framed(f"a claim in a batch of {name}", APPROVED, partial(batch, codec=codec), UNPACKED)
    for name, codec in CODECS.items()
)
BOMBS: Final = tuple(
    bombed(f"a bomb of {name}", codec, 8 * MEBIBYTE if codec == SNAPPY else 24 * MEBIBYTE)
    for name, codec in CODECS.items()
)
FORMATS: Final = (
    framed("a batch whose checksum is wrong", CORRUPT, _broken),
    framed("a batch of format 1", UNREADABLE, partial(batch, magic=1)),
    framed("a batch of format 9", CORRUPT, partial(batch, magic=9)),
    framed("a control batch", UNREADABLE, partial(batch, attributes=CONTROL)),
    framed("bytes that are no batch", CORRUPT, lambda _: b"GET / HTTP/1.1\r\n\r\n" * 8),
)
OTHERS: Final = (
    Hostile(
        "larger than the broker takes",
        lambda victim: [victim.claim(TOO_LARGE, victim.text() + b" " * 2 * MEBIBYTE)],
        heavy=True,
    ),
    Hostile(
        "a claim in a transaction that is given up",
        lambda victim: [victim.claim(APPROVED, shot__aborted=True)],
        "what is written is filed: to wait for transactions would let one that hangs hold up everybody in its partition",
    ),
    stamped("stamped in the year 1970", 1),
    stamped("stamped in a hundred years", 36_500 * DAY_MS + 1_763_478_245_000),
)
FRAMES: Final = (*COMPRESSED, *BOMBS, *FORMATS, *OTHERS)
