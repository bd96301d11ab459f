"""Where the verbs find a running system: what the environment names, else the stack on the data directory."""

import os
from pathlib import Path

from claims_cli.local import stack
from claims_cli.local.state import Endpoints, Place


def endpoints(data: Path) -> Endpoints:
    """Give the addresses of the stack on `data`; raise ClaimsError where none runs."""
    return stack.running(Place(data)).endpoints


def kafka(data: Path) -> str:
    """Give the broker: KAFKA_BOOTSTRAP_SERVERS, else the stack's."""
    return os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or endpoints(data).kafka


def api(data: Path) -> str:
    """Give the operators' API: CLAIMS_API_URL, else the stack's."""
    return (os.environ.get("CLAIMS_API_URL") or endpoints(data).api).rstrip("/")
