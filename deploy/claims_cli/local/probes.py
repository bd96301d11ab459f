"""Asks processes over HTTP how they are: a request by hand, as a client with its certificates costs a probe 200 ms."""

import asyncio
from typing import Final
from urllib.parse import urlsplit

POLL_S: Final = 0.1
ANSWER_S: Final = 2.0
OK: Final = 200
LONGEST: Final = 4_096


async def ask(url: str, *, whole: bool = False) -> tuple[int, str]:
    """Give status and body of a GET; raises OSError (also TimeoutError) where nothing usable answers in time.

    A probe's few words come in one piece; what is long is read to its end with `whole`.
    """
    parts = urlsplit(url)
    async with asyncio.timeout(ANSWER_S):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(f"GET {parts.path} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode())
            return _read(await reader.read(-1 if whole else LONGEST))
        finally:
            writer.close()


async def answers(url: str) -> None:
    """Return when `url` says 200."""
    while not await _says_yes(url):  # noqa: ASYNC110 - another process's state: nothing here could wake us
        await asyncio.sleep(POLL_S)


async def _says_yes(url: str) -> bool:
    try:
        return (await ask(url))[0] == OK
    except OSError:
        return False


def _read(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    protocol, _, rest = head.partition(b" ")
    status = rest[:3]
    if not protocol.startswith(b"HTTP/") or not status.isdigit():
        raise ConnectionError("no HTTP answer")
    return int(status), body.decode("utf-8", "replace")
