"""One of each letter, as production writes it, for somebody who does not exist."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any, Final

import msgspec

from claims_scheduler.effects import Effect, Kind
from claims_scheduler.letters import MOVED, Letters
from claims_scheduler.slots import Slot
from claims_shared.messages.scheduler import InterviewKind, NoticeKind, ScheduleInterview, SendNotice
from claims_shared.wire import millis

NOW: Final = datetime(2026, 11, 20, 15, tzinfo=UTC)
AT, BEFORE = datetime(2026, 12, 2, 16, 30, tzinfo=UTC), "2026-12-01T21:00:00Z"
PEOPLE: Final = {"en": ("Ada", "Obi"), "es": ("Carmen", "Díaz")}
VALUES: Final = {
    "due_at": "2026-12-01T06:59:59Z",
    "reference": "UT-2026-000123/evidence/3",
    "interview_at": "2026-12-02T16:30:00Z",
    "determination_number": "1",
    "effective_on": "2026-11-15",
    "weekly_benefit_amount": "395.00",
    "maximum_benefit_amount": "10270.00",
    "weeks": "26",
    "appeal_by": "2026-12-05",
    "received_at": "2026-11-20T15:00:00Z",
    "received_on": "2026-11-20",
    "decision": "reverse",
    "wages": "2025Q3=9750.00 2025Q4=10400.00 2026Q1=10400.00 2026Q2=9100.00",
}
SENTENCES: Final = {
    NoticeKind.EVIDENCE_WANTED: ("ssn", "date_of_birth"),
    NoticeKind.EVIDENCE_REMINDER: ("ssn", "date_of_birth"),
    NoticeKind.DENIED: (
        "You earned $4,150.00 in your base period; the law asks for at least $5,500.00. (Utah Code 35A-4-403)",
    ),
}


def letters() -> Iterator[tuple[str, bytes]]:
    """Give each letter's name, in both languages, and its mail."""
    writer = Letters("Unemployment Insurance <no-reply@agency.example>", "agency.example")
    for language in PEOPLE:
        for kind in NoticeKind:
            yield f"{kind.value}-{language}", writer.render(_notice(kind, language))
        yield f"interview_invite-{language}", writer.render(_interview(language))
        yield f"interview_cancelled-{language}", writer.render(_interview(language, cancelled=True, sequence=1))


def moved() -> Iterator[tuple[str, str]]:
    """Give the HTML of a changed invite in both languages."""
    writer = Letters("Unemployment Insurance <no-reply@agency.example>", "agency.example")
    for language in PEOPLE:
        effect = _interview(language)
        asked = ScheduleInterview.model_validate_json(effect.asked)
        facts = {"interview_at": VALUES["interview_at"], "previous_at": BEFORE, "minutes": 30, "kind": "orientation"}
        _, (_, html) = writer._written(MOVED, effect, asked, facts)
        yield f"{MOVED}-{language}", html.content.decode()


def html_of(mail: bytes) -> str:
    """Give the HTML that a mail shows."""
    body = message_from_bytes(mail, policy=policy.default).get_body(("html",))
    assert body is not None
    return str(body.get_content())


def _notice(kind: NoticeKind, language: str) -> Effect:
    effect = f"UT-2026-000123/notice-{kind.value}/8"
    sentences = SENTENCES.get(kind, ())
    more = {"notice": kind, "portal_ref": "UT-2026-000123", "values": VALUES, "sentences": sentences}
    asked = SendNotice(claim_id="UT-2026-000123", effect_id=effect, attempt=1, **_person(language), **more)
    return _effect(effect, Kind.NOTICE, asked.model_dump_json().encode())


def _interview(language: str, **more: Any) -> Effect:
    effect = "UT-2026-000123/orientation/4"
    facts = {"kind": InterviewKind.ORIENTATION} | _person(language)
    asked = ScheduleInterview(claim_id="UT-2026-000123", effect_id=effect, attempt=1, **facts)
    made = _effect(effect, Kind.INTERVIEW, asked.model_dump_json().encode())
    return msgspec.structs.replace(made, slot=Slot("UT-0001", millis(AT), 30), **more)


def _effect(effect: str, kind: Kind, asked: bytes) -> Effect:
    head = {"claim_id": "UT-2026-000123", "command": f"{effect}/1", "attempt": 1, "asked_at": millis(NOW)}
    return Effect(id=effect, kind=kind, asked=asked, recipient="ada@example.org", **head)


def _person(language: str) -> dict[str, Any]:
    first, last = PEOPLE[language]
    place = {"jurisdiction": "UT", "language": language, "time_zone": "America/Denver"}
    return place | {"first_name": first, "last_name": last, "email": "ada@example.org"}
