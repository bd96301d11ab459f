"""`claims up|down|ps|stop|start|restart`: the local stack."""

import asyncio
import json
from typing import Annotated, Literal

import msgspec
import typer
from rich.console import Console

from claims_cli.commands.options import DATA, AsJson, Data
from claims_cli.local import stack
from claims_cli.local.options import READY_S, SERVICES, Options, parse_environment, parse_forwarded, parse_scale
from claims_cli.local.state import Place, State
from claims_cli.local.table import table
from claims_cli.terminal import say

Service = Annotated[str, typer.Argument(help="A service, or one process of it, as claims ps names them.")]


def add(app: typer.Typer) -> None:
    for verb in (up, down, ps, stop, start, restart):
        app.command(rich_help_panel="Local stack")(verb)


def up(  # noqa: PLR0917 - typer calls it, by name; each is an option
    data: Data = DATA,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when ready, leave it running.")] = False,
    as_json: AsJson = False,
    replicas: Annotated[int, typer.Option(min=1, max=16, help="Processes of each service.")] = 1,
    store: Annotated[
        Literal["sqlite", "mongo"] | None,
        typer.Option(
            help="mongo: the server at MONGODB_URI, else one started here. Without: mongo where MONGODB_URI is set."
        ),
    ] = None,
    env: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="For every service; repeatable.")] = None,
    partitions: Annotated[
        int | None, typer.Option(min=1, help="Of new topics, 4 without; never changed later.")
    ] = None,
    bench: Annotated[bool, typer.Option("--bench", help="Give the broker the JVM flags of a benchmark.")] = False,
    scale: Annotated[
        list[str] | None, typer.Option(metavar="SERVICE=N", help="Other than --replicas for one service; repeatable.")
    ] = None,
    forwarded: Annotated[
        str | None,
        typer.Option(
            metavar="PORT=PROXY", help="Of the broker: a second port, for clients who come through a proxy on PROXY."
        ),
    ] = None,
    within: Annotated[float, typer.Option(min=1, help="Seconds in which everything must be ready.")] = READY_S,
) -> None:
    """Start the broker, the store, the simulators, the five services and the API, and keep them running.

    KAFKA_BOOTSTRAP_SERVERS and MONGODB_URI, where set, are used instead of starting a broker and a store.
    Without --detach every process is shown until Ctrl-C.
    """
    scaled, environment = parse_scale(scale or [], SERVICES), parse_environment(env or [])
    place, behind = Place(data), parse_forwarded(forwarded)
    options = Options(replicas, store, environment, partitions, bench, within, scaled, behind)
    if detach:
        _announce(place, asyncio.run(stack.up(place, options)), as_json=as_json)
    else:
        from claims_cli.local import foreground  # noqa: PLC0415 - the supervisor is a second of imports; other verbs do without

        foreground.run(place, options, lambda state: _announce(place, state, as_json=as_json))


def down(data: Data = DATA) -> None:
    """Stop everything in order; data and logs stay."""
    place = Place(data)
    say(f"stopped; its data stay in {place.data}" if asyncio.run(stack.down(place)) else f"nothing ran on {place.data}")


def ps(data: Data = DATA, as_json: AsJson = False) -> None:
    """Show every process: what it says of its health, for how long it has run, how often it was started again."""
    state = stack.running(Place(data))
    seen = asyncio.run(stack.look(state))
    if as_json:
        _print(state.summary() | {"phase": state.phase, "processes": msgspec.to_builtins(seen)})
    else:
        Console().print(table(seen))


def stop(service: Service, data: Data = DATA) -> None:
    """Stop a service in order and keep it down until claims start."""
    asyncio.run(stack.hold(Place(data), service))
    say(f"{service} is down until: claims start {service}")


def start(service: Service, data: Data = DATA) -> None:
    """Let a stopped service run again."""
    stack.release(Place(data), service)
    say(f"{service} starts")


def restart(service: Service, data: Data = DATA) -> None:
    """Stop a service in order; it is started again at once."""
    asyncio.run(stack.restart(Place(data), service))
    say(f"{service} starts again")


def _announce(place: Place, state: State, *, as_json: bool) -> None:
    if as_json:
        _print(state.summary())
        return
    ends = state.endpoints
    say(f"ready. API {ends.api}   broker {ends.kafka}   mail {ends.mail.http}/messages   logs {place.logs}")


def _print(answer: object) -> None:
    typer.echo(json.dumps(answer))
