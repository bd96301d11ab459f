"""What a local stack consists of: every process with its command, variables and test of readiness; starts nothing."""

import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from claims_cli.local.addresses import LOOPBACK, free_ports
from claims_cli.local.options import SERVICES, Options
from claims_cli.local.probes import answers
from claims_cli.local.processes import Spec
from claims_cli.local.state import Endpoints, Mailbox, Place
from claims_cli.servers import broker, mongo_server

API: Final = "api"
STAFF: Final = "staff.yaml"
# Where nobody said otherwise. Sessions are short, so that the claims of a killed replica are soon another's.
DEFAULTS: Final = {
    "CLAIMS_ENV": "local",
    "CLAIMS_SESSION_TIMEOUT_MS": "6000",
    "CLAIMS_HEARTBEAT_INTERVAL_MS": "1000",
    "CLAIMS_LOG_FORMAT": "json",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The foundation is ready before the rest starts. `endpoints` is what the world is told."""

    endpoints: Endpoints
    foundation: Sequence[Spec]
    services: Sequence[Spec]


Planner = Callable[[Path, Options], Awaitable[Plan]]


async def plan(data: Path, options: Options) -> Plan:
    """Choose ports, fetch what is missing, and say what to run."""
    kafka, broker_specs = await _broker(data, options)
    store, store_specs = await _store(data, options)
    smtp, mail_http, provider, api = free_ports(4)
    api = int(options.environment.get("CLAIMS_API_PORT") or os.environ.get("CLAIMS_API_PORT") or api)
    endpoints = Endpoints(
        kafka,
        store,
        f"http://{LOOPBACK}:{api}",
        Mailbox(f"smtp://{LOOPBACK}:{smtp}", f"http://{LOOPBACK}:{mail_http}"),
        f"http://{LOOPBACK}:{provider}",
    )
    returns = free_ports(options.count("scheduler"))
    simulators = [_provider(provider), _mailbox(data, smtp, mail_http, returns)]
    ours = {"CLAIMS_BOUNCE_KEY": bounce_key(data), "CLAIMS_FLOW": str(Place(data).flow)}
    shared = environment(endpoints, ours | options.environment) | staff_file(data)
    return Plan(
        endpoints, [*broker_specs, *store_specs, *simulators], [*_services(options, shared, returns), _api(api, shared)]
    )


def environment(endpoints: Endpoints, extra: Mapping[str, str]) -> dict[str, str | None]:
    """Give the variables of the services; what the user set stands, the wiring of this stack does not bend to it."""
    defaults = {name: value for name, value in DEFAULTS.items() if name not in os.environ}
    mongo = endpoints.store if endpoints.store.startswith("mongodb") else None
    wiring = {
        "KAFKA_BOOTSTRAP_SERVERS": endpoints.kafka,
        "MONGODB_URI": mongo,  # services let it go before CLAIMS_STORE_URL
        "CLAIMS_STORE_URL": endpoints.store,
        "CLAIMS_IDENTITY_PROVIDER_URL": endpoints.identity_provider,
        "CLAIMS_SMTP_URL": endpoints.mail.smtp,
        "CLAIMS_API_PORT": endpoints.api.rpartition(":")[2],
    }
    return defaults | wiring | dict(extra)


def staff_file(data: Path) -> dict[str, str | None]:
    """Name the agency's staff file to the services, where one lies in the stack's directory and no other was named."""
    file = data.resolve() / STAFF
    return {"CLAIMS_STAFF": str(file)} if file.exists() and "CLAIMS_STAFF" not in os.environ else {}


async def _broker(data: Path, options: Options) -> tuple[str, list[Spec]]:
    if running := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return running, []
    port = free_ports(1)[0]
    bootstrap = f"{LOOPBACK}:{port}"
    forwarded = broker.Forwarded(*options.forwarded) if options.forwarded else None
    command = await broker.command(data / "broker", port, bench=options.bench, forwarded=forwarded)
    return bootstrap, [
        Spec("broker", "broker", "broker", tuple(command), partial(broker.ready, bootstrap), {}, bootstrap, tries=3)
    ]


async def _store(data: Path, options: Options) -> tuple[str, list[Spec]]:
    uri = os.environ.get("MONGODB_URI")
    if (options.store or ("mongo" if uri else "sqlite")) == "sqlite":
        return f"sqlite://{data / 'store'}", []
    if uri:
        return uri, []
    port = free_ports(1)[0]
    command = await mongo_server.command(port, data / "mongo")
    address = f"{LOOPBACK}:{port}"
    return mongo_server.url(port), [
        Spec("mongo", "mongo", "store", tuple(command), partial(mongo_server.ready, port), {}, address)
    ]


def _provider(port: int) -> Spec:
    url = f"http://{LOOPBACK}:{port}"
    command = _python("claims_cli.outside.provider", "--port", str(port))
    return Spec(
        "identity-provider", "identity-provider", "simulator", command, partial(answers, f"{url}/livez"), {}, url
    )


def bounce_key(data: Path) -> str:
    """Give the stack's own key of its return addresses: made once, so that mail of an earlier run still comes back."""
    path = data / "bounce-key"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text()


def _mailbox(data: Path, smtp: int, http: int, returns: Sequence[int]) -> Spec:
    url = f"http://{LOOPBACK}:{http}"
    ports = ("--smtp-port", str(smtp), "--http-port", str(http), *(f"--returns={port}" for port in returns))
    command = _python("claims_cli.outside.mailbox", *ports, "--data", str(data / "mail"))
    return Spec("mail", "mail", "simulator", command, partial(answers, f"{url}/livez"), {}, url)


def _services(options: Options, shared: Mapping[str, str | None], returns: Sequence[int]) -> list[Spec]:
    ports = iter(free_ports(sum(map(options.count, SERVICES))))
    listening = {"scheduler": iter(returns)}
    return [
        _service(service, f"{service}.{number}", next(ports), shared, next(listening.get(service, iter(())), None))
        for service in SERVICES
        for number in range(1, options.count(service) + 1)
    ]


def _service(service: str, name: str, port: int, shared: Mapping[str, str | None], returns: int | None) -> Spec:
    url = f"http://{LOOPBACK}:{port}"
    own = {"CLAIMS_HEALTH_PORT": str(port), "CLAIMS_INSTANCE": name}
    own |= {"CLAIMS_BOUNCE_PORT": str(returns)} if returns else {}
    command = _python(f"claims_{service}")
    return Spec(name, service, "service", command, partial(answers, f"{url}/readyz"), {**shared, **own}, url)


def _api(port: int, shared: Mapping[str, str | None]) -> Spec:
    url = f"http://{LOOPBACK}:{port}"
    command = _python("claims_orchestrator.console")
    return Spec(API, API, "api", command, partial(answers, f"{url}/readyz"), {**shared, "CLAIMS_INSTANCE": API}, url)


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)
