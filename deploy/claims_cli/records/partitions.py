"""Checks, before anything is read or sent, that the broker is there with every topic."""

from collections.abc import Collection

from claims_cli.errors import ClaimsError
from claims_shared.cluster import Unusable, partitions_of
from claims_shared.settings import KafkaSettings


async def count(settings: KafkaSettings, topics: Collection[str]) -> int:
    """Give the topics' partition count; raises ClaimsError: a missing topic would be waited for in silence."""
    try:
        return await partitions_of(settings, topics)
    except Unusable as unusable:
        raise ClaimsError(str(unusable)) from unusable
