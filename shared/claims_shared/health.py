"""Liveness, readiness and metrics over HTTP, from a thread of its own: it answers even where the event loop is stuck."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

_PLAIN: Final = (("Content-Type", "text/plain; charset=utf-8"),)
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


@dataclass(frozen=True, slots=True)
class Probes:
    """Two questions: is the cycle turning, and does this process take work? Each answers None for yes, else why not.

    `remark`: what a process that takes work has to complain of all the same.
    """

    live: Callable[[], str | None]
    ready: Callable[[], str | None]
    remark: Callable[[], str | None] = lambda: None


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Say nothing: probes come every second."""


def serve(port: int, probes: Probes, host: str = "127.0.0.1") -> int:
    """Serve /livez, /readyz and /metrics until the process ends; give the port (0 asks for any). Raises OSError."""
    metrics = make_wsgi_app()

    def application(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/livez":
            return _answer(probes.live(), start)
        if path == "/readyz":
            return _answer(probes.ready(), start, probes.remark())
        if path == "/metrics":
            answer: Iterable[bytes] = metrics(environ, start)
            return answer
        start("404 Not Found", list(_PLAIN))
        return [b"see /livez, /readyz, /metrics\n"]

    server = make_server(host, port, application, server_class=_Server, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return int(server.server_port)


def _answer(trouble: str | None, start: StartResponse, remark: str | None = None) -> Iterable[bytes]:
    start("200 OK" if trouble is None else "503 Service Unavailable", list(_PLAIN))  # wsgiref adds to the list
    return [f"{trouble or remark or 'ok'}\n".encode()]
