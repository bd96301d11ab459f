"""Batches of Kafka's log read by hand, where the client library gives up: header names that are no UTF-8 are spelt out. Pure.

Format v2 (KIP-98): https://kafka.apache.org/documentation/#recordbatch.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import codec
from aiokafka.record.util import calc_crc32c

from claims_shared.wire import Record

HEAD: Final = struct.Struct(">qiibIhiqqqhii")
LENGTH_FROM: Final = 12
"""The batch's length counts from here: base offset and the length itself come before it."""
CRC_FROM: Final = 21
MAGIC: Final = 2
CODECS: Final[Mapping[int, Any]] = {
    1: codec.gzip_decode,
    2: codec.snappy_decode,
    3: codec.lz4_decode,
    4: codec.zstd_decode,
}
_CODEC, _APPEND_TIME, _CONTROL = 0x07, 0x08, 0x20


class Unreadable(Exception):  # noqa: N818 - a finding about bytes, not a defect of ours
    """These bytes are no batch of records, not even to us; says why."""


@dataclass(frozen=True, slots=True)
class RawBatch:
    """One batch as it lies in the log: offsets `first` to `last`."""

    first: int
    last: int
    content: bytes


def batch_at(fetched: bytes, offset: int) -> RawBatch | None:
    """Give the batch that holds this offset, or the first one behind it; None where nothing whole was fetched."""
    start = 0
    while len(fetched) >= start + HEAD.size:
        first, length, _, _, _, _, delta, *_ = HEAD.unpack_from(fetched, start)
        end = start + LENGTH_FROM + length
        if length < HEAD.size - LENGTH_FROM or end > len(fetched):
            return None
        if first + delta >= offset:
            return RawBatch(first, first + max(delta, 0), fetched[start:end])
        start = end
    return None


def records(batch: RawBatch, topic: str, partition: int) -> list[Record]:
    """Read every record of a batch. Raises Unreadable where the bytes are not what was once written."""
    _, _, _, magic, crc, attributes, _, first_at, last_at, _, _, _, count = HEAD.unpack_from(batch.content)
    if magic != MAGIC:
        raise Unreadable(f"the format of the batch is {magic}, not {MAGIC}")
    if calc_crc32c(batch.content[CRC_FROM:]) != crc:
        raise Unreadable("the checksum of the batch is wrong")
    if attributes & _CONTROL:
        return []
    at = last_at if attributes & _APPEND_TIME else None
    try:
        body = bytes(_decompressed(attributes & _CODEC, batch.content[HEAD.size :]))
        return list(_records(body, batch.first, count, (first_at, at), (topic, partition)))
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"the records of the batch cannot be taken apart: {type(error).__name__}") from error


def _decompressed(name: int, content: bytes) -> bytes:
    if name == 0:
        return content
    if name not in CODECS:
        raise Unreadable(f"the batch is compressed in a way that does not exist ({name})")
    found: bytes = CODECS[name](content)
    return found


def _records(
    body: bytes, first: int, count: int, times: tuple[int, int | None], place: tuple[str, int]
) -> Iterator[Record]:
    reader = _Reader(body)
    for _ in range(count):
        reader.varint()  # the record's length
        reader.skip(1)  # attributes, unused
        at, offset = times[0] + reader.varint(), first + reader.varint()
        key, value = reader.block(), reader.block()
        headers = [(reader.name(), reader.block()) for _ in range(reader.varint())]
        yield Record(*place, offset, key, value, headers, at if times[1] is None else times[1])


class _Reader:
    """Walks over the bytes; a length beyond their end is an error."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def varint(self) -> int:
        """Give the next number, seven bits a byte and zigzag; IndexError behind the end (the client's own reads on there)."""
        found = shift = 0
        while True:
            byte = self._body[self._at]
            self._at += 1
            found |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follow
                return (found >> 1) ^ -(found & 1)

    def skip(self, count: int) -> None:
        self._at += count

    def block(self) -> bytes | None:
        """Give the next block: its length, then so many bytes; a negative length stands for none."""
        length = self.varint()
        if length < 0:
            return None
        start, self._at = self._at, self._at + length
        if self._at > len(self._body):
            raise Unreadable("a record of the batch ends behind the batch")
        return self._body[start : self._at]

    def name(self) -> str:
        """Give a header's name; bytes that are no UTF-8 are spelt out."""
        return (self.block() or b"").decode(errors="backslashreplace")
