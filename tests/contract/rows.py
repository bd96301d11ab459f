"""The ack contract: what FastStream and aiokafka do about acknowledging, committing, rebalancing and sending, row by row.

Our engine stands on these rows, good and bad: where an upgrade changes one, its test fails and says which, and what of ours
was built on it.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from importlib.metadata import version
from typing import Final, ParamSpec

P = ParamSpec("P")
Check = Callable[P, Awaitable[None]]
PINNED: Final = {"faststream": "0.7.8", "aiokafka": "0.14"}
"""What the rows were measured with."""


def row(library: str, does: str, so: str) -> Callable[[Check[P]], Check[P]]:
    """Name a test's row: what the library does, and what we do because of it."""

    def named(check: Check[P]) -> Check[P]:
        @wraps(check)
        async def checked(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                await check(*args, **kwargs)
            except BaseException as error:
                error.add_note(_broken(library, does, so))
                raise

        return checked

    return named


def _broken(library: str, does: str, so: str) -> str:
    return (
        f"The ack contract is broken. {library} {version(library)} no longer does what {PINNED[library]} did:\n"
        f"  {does}.\nOf ours stands on it: {so}."
    )
