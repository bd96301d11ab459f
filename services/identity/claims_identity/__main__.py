"""Builds and runs the identity service."""

import httpx2

from claims_identity.breaker import PurgatoryBreaker
from claims_identity.claim import IDENTITY
from claims_identity.decider import Identity
from claims_identity.persons import PERSONS, Persons
from claims_identity.provider import HttpProvider, is_down
from claims_identity.settings import IdentitySecrets, IdentitySettings
from claims_identity.throttle import Throttle
from claims_identity.tokens import Tokens
from claims_shared.documents import Documents
from claims_shared.flow import Flow, follow
from claims_shared.service import Built, Kit, run, store_of, streams_of

MOST_CONNECTIONS = 64
"""As many as the flow file may allow at a time; how many there are, the provider's places say."""


def client_of(settings: IdentitySettings, secrets: IdentitySecrets) -> httpx2.AsyncClient:
    """Give the pooled connections to the provider; our own deadline is the only timeout."""
    headers = {"user-agent": "claims.identity"}
    if token := secrets.provider_token.get_secret_value():
        headers["authorization"] = f"Bearer {token}"
    limits = httpx2.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=settings.concurrency)
    return httpx2.AsyncClient(base_url=str(settings.provider_url), headers=headers, limits=limits, timeout=None)


async def build(kit: Kit) -> Built:
    """Build everything by hand; both lanes share the one fold."""
    settings, secrets = IdentitySettings(), IdentitySecrets()
    tokens = Tokens(secrets.token_key(settings.environment))
    claims, persons = await store_of(kit, IDENTITY), await store_of(kit, PERSONS)
    client = client_of(settings, secrets)
    breaker = PurgatoryBreaker(
        "identity_provider", is_down, threshold=settings.breaker_failures, ttl=settings.breaker_seconds
    )
    provider = HttpProvider(
        client, breaker, deadline_seconds=settings.deadline_seconds, concurrency=settings.concurrency, now=kit.clock
    )
    flow = Flow(kit.settings.flow_file)
    throttle = Throttle(kit, provider, breaker)
    follow(flow, lambda found: found.identity.over(settings.limits()), throttle.take)
    identity = Identity(provider, Persons(persons, kit.writer), tokens)
    documents = Documents(identity, claims, writer=kit.writer, partitions=kit.partitions)
    return Built(
        processors=dict.fromkeys(streams_of("identity"), documents),
        tasks=(flow.watch,),
        batch=throttle.batch,
        close=(client.aclose, claims.close, persons.close),
    )


def main() -> None:
    """Run until SIGTERM."""
    run("identity", build)


if __name__ == "__main__":
    main()
