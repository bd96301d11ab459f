"""How the tests of a whole system ask it: by its verbs, and again until there is an answer."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any


async def verb(claims: Callable[..., Awaitable[str]], system: dict[str, Any], *arguments: str) -> Any:
    """Run a verb on this system; give what it prints."""
    return json.loads(await claims(*arguments, "--data", system["data"], "--json"))


async def until(ask: Callable[[], Awaitable[Any]], seconds: float) -> Any:
    """Ask until the answer is one."""
    async with asyncio.timeout(seconds):
        while not (found := await ask()):
            await asyncio.sleep(0.2)
    return found


async def shown(
    claims: Callable[..., Awaitable[str]], system: dict[str, Any], claim: str, field: str, value: Any
) -> Any:
    """Show a claim; None where this field of it is not yet so."""
    told = await verb(claims, system, "show", claim)
    return told if told[field] == value else None
