"""The mail sink, a process of its own: takes everything over SMTP, delivers nothing, shows it over HTTP."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import islice
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from claims_cli.local.addresses import LOOPBACK
from claims_cli.outside import mailbox_page
from claims_cli.outside.bouncing import Bouncer, bounces
from claims_cli.outside.mail_store import Mail, MailStore
from claims_cli.outside.smtp_sink import Sink

SHOWN: Final = 100
MISSING: Final = JSONResponse({"title": "no such mail", "status": 404}, 404)


class View:
    """For people `GET /` and `GET /mails/{n}`; for scripts `GET /messages?to=&limit=` (newest first), `GET /messages/{n}`,
    `/messages/{n}/raw`, `DELETE /messages`, `/stats`.
    """

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def page(self, _request: Request) -> Response:
        newest = list(islice(self._store.newest(), SHOWN))
        return HTMLResponse(mailbox_page.listed(newest, len(self._store)))

    async def mail(self, request: Request) -> Response:
        number = request.path_params["number"]
        mail = self._store.get(number)
        part = request.query_params.get("part", "html")
        return HTMLResponse(mailbox_page.shown(number, mail, part)) if mail else MISSING

    async def messages(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._store.clear()
            return Response(status_code=204)
        wanted, limit = request.query_params.get("to"), request.query_params.get("limit", str(SHOWN))
        if not limit.isdecimal():
            return JSONResponse({"title": "limit is no number", "status": 400}, 400)
        found = ((number, mail) for number, mail in self._store.newest() if wanted is None or wanted in mail.recipients)
        return JSONResponse([_summary(number, mail) for number, mail in islice(found, int(limit))])

    async def message(self, request: Request) -> Response:
        number = request.path_params["number"]
        mail = self._store.get(number)
        return JSONResponse(_summary(number, mail) | _content(mail.parsed())) if mail else MISSING

    async def raw(self, request: Request) -> Response:
        mail = self._store.get(request.path_params["number"])
        return Response(mail.raw, media_type="message/rfc822") if mail else MISSING

    async def stats(self, _request: Request) -> Response:
        first, last = self._store.get(1), self._store.get(len(self._store))
        return JSONResponse(
            {
                "mails": len(self._store),
                "bytes": self._store.size,
                "first_at": first and first.received_at.isoformat(),
                "last_at": last and last.received_at.isoformat(),
            }
        )

    async def livez(self, _request: Request) -> Response:
        return Response("ok\n", media_type="text/plain")


def app(store: MailStore) -> Starlette:
    view = View(store)
    return Starlette(
        routes=[
            Route("/", view.page),
            Route("/mails/{number:int}", view.mail),
            Route("/messages", view.messages, methods=["GET", "DELETE"]),
            Route("/messages/{number:int}", view.message),
            Route("/messages/{number:int}/raw", view.raw),
            Route("/stats", view.stats),
            Route("/livez", view.livez),
        ]
    )


async def serve_smtp(store: MailStore, port: int, bouncer: Bouncer | None = None) -> asyncio.Server:
    """Take mail on loopback; it is acknowledged once it is in the file, and some of it comes back later."""

    def take(sender: str, recipients: tuple[str, ...], raw: bytes) -> None:
        store.append(Mail(datetime.now(UTC), sender, recipients, raw))
        if bouncer is not None:
            for recipient in filter(bounces, recipients):
                bouncer.send_back(sender, recipient, raw)

    return await asyncio.get_running_loop().create_server(lambda: Sink(take), LOOPBACK, port)


def _summary(number: int, mail: Mail) -> dict[str, Any]:
    parsed = mail.parsed()
    return {
        "number": number,
        "from": mail.sender,
        "to": list(mail.recipients),
        "subject": str(parsed["subject"] or ""),
        "message_id": str(parsed["message-id"] or ""),
        "received_at": mail.received_at.isoformat(),
        "has_calendar": mail.has_calendar,
    }


def _content(parsed: EmailMessage) -> dict[str, Any]:
    return {
        "headers": {name: str(value) for name, value in parsed.items()},
        "parts": [
            {"type": part.get_content_type(), "text": part.get_content()}
            for part in parsed.walk()
            if part.get_content_maintype() == "text"
        ],
    }


async def run(smtp_port: int, http_port: int, directory: Path, returns: Sequence[int] = ()) -> None:
    store = MailStore(directory)
    smtp = await serve_smtp(store, smtp_port, Bouncer(returns) if returns else None)
    config = uvicorn.Config(app(store), host=LOOPBACK, port=http_port, access_log=False, log_level="warning")
    await uvicorn.Server(config).serve()
    smtp.close()
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--returns", type=int, action="append", default=[], help="ports that take what comes back")
    parser.add_argument("--data", type=Path, required=True, help="directory for mails.jsonl")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.smtp_port, arguments.http_port, arguments.data, arguments.returns))


if __name__ == "__main__":
    main()
