"""Record batches (format 2) written by hand, so that they can be wrong in every way that a socket lets through.

The layout: https://kafka.apache.org/documentation/#recordbatch
"""

import gzip
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka.record.util import calc_crc32c, encode_varint

NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)
CONTROL = 0x20
NOBODY: Final = -1
_BEFORE_CRC: Final = struct.Struct(">qiib")
_AFTER_CRC: Final = struct.Struct(">hiqqqhii")
_RLE_BLOCK: Final = 128 * 1024
_LZ4_BLOCK: Final = 64 * 1024

Header = tuple[bytes, bytes | None]


@dataclass(frozen=True, slots=True)
class Raw:
    """One record as bytes; header names are bytes too, since nobody on the way checks that they are text."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[Header] = ()
    timestamp: int = 0


def batch(
    records: Sequence[Raw], *, codec: int = NONE, attributes: int = 0, magic: int = 2, payload: bytes | None = None
) -> bytes:
    """Give a batch of these records; `payload` stands instead of their bytes where it is given."""
    first = records[0].timestamp
    written = b"".join(_record(each, place, each.timestamp - first) for place, each in enumerate(records))
    times = [each.timestamp for each in records]
    head = (attributes | codec, len(records) - 1, first, max(times), NOBODY, NOBODY, NOBODY, len(records))
    rest = _AFTER_CRC.pack(*head) + (PACKERS[codec](written) if payload is None else payload)
    length = len(rest) + _BEFORE_CRC.size + 4 - 12
    return _BEFORE_CRC.pack(0, length, NOBODY, magic) + struct.pack(">I", calc_crc32c(rest)) + rest


def bomb(record: Raw, codec: int, size: int) -> bytes:
    """Give a batch of one record whose value of zeros unpacks to `size` bytes, as small as the codec can say that."""
    start = _record_start(record, size)
    return batch([record], codec=codec, payload=BOMBS[codec](start, size, _headers(record.headers)))


def _record(record: Raw, offset: int, later: int) -> bytes:
    body = b"\0" + _varint(later) + _varint(offset) + _sized(record.key) + _sized(record.value)
    body += _headers(record.headers)
    return _varint(len(body)) + body


def _record_start(record: Raw, size: int) -> bytes:
    """Write everything up to the value, of which only the length is there."""
    body = b"\0" + _varint(0) + _varint(0) + _sized(record.key) + _varint(size)
    return _varint(len(body) + size + len(_headers(record.headers))) + body


def _headers(headers: Sequence[Header]) -> bytes:
    return _varint(len(headers)) + b"".join(_sized(name) + _sized(value) for name, value in headers)


def _sized(content: bytes | None) -> bytes:
    return _varint(-1) if content is None else _varint(len(content)) + content


def _varint(number: int) -> bytes:
    written = bytearray()
    encode_varint(number, written.append)
    return bytes(written)


# --- codecs, as far as they are needed: the client library here need not know them ------------------------


def _gzip_bomb(start: bytes, size: int, end: bytes) -> bytes:
    return gzip.compress(start + bytes(size) + end, 9)


def _zstd(content: bytes) -> bytes:
    blocks = [content[at : at + _RLE_BLOCK] for at in range(0, len(content), _RLE_BLOCK)]
    return _zstd_frame([(_zstd_block(0, len(each), last=False), each) for each in blocks])


def _zstd_bomb(start: bytes, size: int, end: bytes) -> bytes:
    """A run of one byte is a block of its own: 128 KiB in four bytes."""
    sizes = [*[_RLE_BLOCK] * (size // _RLE_BLOCK), *([size % _RLE_BLOCK] if size % _RLE_BLOCK else [])]
    runs = [(_zstd_block(1, each, last=False), b"\0") for each in sizes]
    raw = [(_zstd_block(0, len(each), last=False), each) for each in (start, end)]
    return _zstd_frame([raw[0], *runs, raw[1]])


def _zstd_frame(blocks: Sequence[tuple[bytes, bytes]]) -> bytes:
    """No content size, no checksum, a window of 1 MiB; an empty last block."""
    head = b"\x28\xb5\x2f\xfd\x00\x50"
    return head + b"".join(header + content for header, content in blocks) + _zstd_block(0, 0, last=True)


def _zstd_block(kind: int, size: int, *, last: bool) -> bytes:
    return (int(last) | kind << 1 | size << 3).to_bytes(3, "little")


def _lz4(content: bytes) -> bytes:
    """Blocks of 64 KiB that are stored as they are (the highest bit of their size says so), independent, no checksums."""
    blocks = [content[at : at + _LZ4_BLOCK] for at in range(0, len(content), _LZ4_BLOCK)]
    stored = b"".join(struct.pack("<I", len(each) | 1 << 31) + each for each in blocks)
    return b"\x04\x22\x4d\x18\x60\x40\x82" + stored + bytes(4)


def _lz4_bomb(start: bytes, size: int, end: bytes) -> bytes:
    """A match that copies the zero before it, 64 KiB less a little in 260 bytes."""
    runs, left = b"", size
    while left:
        run = min(left, _LZ4_BLOCK)
        runs += _lz4_run(run)
        left -= run
    head = b"\x04\x22\x4d\x18\x60\x40\x82"
    stored = [struct.pack("<I", len(each) | 1 << 31) + each for each in (start, end)]
    return head + stored[0] + runs + stored[1] + bytes(4)


def _lz4_run(size: int) -> bytes:
    """One literal zero, a match of the rest at offset 1, and the five literals that must end a block."""
    if size < 64:
        return struct.pack("<I", size | 1 << 31) + bytes(size)
    match = size - 1 - 5
    long = match - 19
    block = b"\x1f\0\x01\0" + b"\xff" * (long // 255) + bytes([long % 255]) + b"\x50" + bytes(5)
    return struct.pack("<I", len(block)) + block


def _snappy(content: bytes) -> bytes:
    """One raw block of literals of up to 64 KiB."""
    literals = b"".join(
        b"\xf4" + struct.pack("<H", len(each) - 1) + each
        for each in (content[at : at + _LZ4_BLOCK] for at in range(0, len(content), _LZ4_BLOCK))
    )
    return _xerial([_unsigned(len(content)) + literals])


def _snappy_bomb(start: bytes, size: int, end: bytes) -> bytes:
    """Copies of 64 bytes at offset 1 in three bytes each: 21 to one, the most that snappy can say."""
    copies, rest = divmod(size - 1, 64)
    zeros = _unsigned(size) + b"\0\0" + b"\xfe\x01\0" * copies + (b"\0\0" * rest)
    plain = [_unsigned(len(each)) + b"\xf4" + struct.pack("<H", len(each) - 1) + each for each in (start, end)]
    return _xerial([plain[0], zeros, plain[1]])


def _xerial(blocks: Sequence[bytes]) -> bytes:
    """Java's framing: its magic, two versions, then blocks with their size."""
    head = b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1)
    return head + b"".join(struct.pack(">i", len(each)) + each for each in blocks)


def _unsigned(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])


PACKERS: Final[dict[int, Callable[[bytes], bytes]]] = {
    NONE: lambda content: content,
    GZIP: lambda content: gzip.compress(content, 6),
    SNAPPY: _snappy,
    LZ4: _lz4,
    ZSTD: _zstd,
}
BOMBS: Final[dict[int, Callable[[bytes, int, bytes], bytes]]] = {
    GZIP: _gzip_bomb,
    SNAPPY: _snappy_bomb,
    LZ4: _lz4_bomb,
    ZSTD: _zstd_bomb,
}
