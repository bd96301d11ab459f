"""One of each trouble that a claim can meet, and how it must end. Pure."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, Final

from claims_cli.demo import expectations as expect
from claims_cli.demo.course import Course
from claims_cli.demo.examples import named
from claims_cli.demo.filings import encoded, filing, quit_job
from claims_cli.demo.parts import Act, Part, Post, Publish
from claims_cli.demo.people import People
from claims_shared.messages.intake import EvidenceProvided, WithdrawalRequested

NO_MATCH, PARTLY, ANOTHER_NAME = 0, 1, 7
"""Groups of test numbers; deploy/claims_cli/outside/matching.py has the table."""
CASEWORKER: Final = "the demo's caseworker"
DURING_OUTAGE: Final = 3
EXAMPLE: Final = named("O0379")
PAID: Final = expect.as_published(EXAMPLE)


def troubles(run: str, people: People) -> Iterator[Part]:
    """Give them all; several ask for more than one claim."""
    yield from _identity(run, people)
    yield from _people(run, people)
    yield from _repeats(run, people)
    yield from _outage(run, people)


def _identity(run: str, people: People) -> Iterator[Part]:
    """What the record match finds."""
    yield Part(
        f"{run}-no-match",
        "no match, papers sent",
        (_body(run, "no-match", people, NO_MATCH),),
        expect.went_through("identity.evidence-needed", "asked for papers") & PAID,
        (Act(partial(_open, "evidence"), partial(_papers, f"{run}-no-match")),),
    )
    yield Part(
        f"{run}-partial",
        "partial match, answered in time",
        (_body(run, "partial", people, PARTLY),),
        expect.went_through("identity.evidence", "papers taken") & PAID,
        (Act(partial(_open, "evidence"), partial(_papers, f"{run}-partial")),),
    )
    yield Part(
        f"{run}-silent",
        "partial match, never answered",
        (_body(run, "silent", people, ANOTHER_NAME),),
        expect.went_through("identity.due", "the clock ran out") & expect.referred("no_answer"),
    )
    yield Part(
        f"{run}-denied",
        "no match, never answered, a person denies",
        (_body(run, "denied", people, NO_MATCH),),
        expect.referred("no_answer") & expect.denied_by_a_person(),
        (Act(partial(_open, "referral"), partial(_decision, "deny")),),
    )
    yield Part(
        f"{run}-withdrawn",
        "withdrawn on the way",
        (_body(run, "withdrawn", people, PARTLY),),
        expect.withdrawn_and_undone(),
        (Act(partial(_open, "evidence"), partial(_withdrawal, f"{run}-withdrawn")),),
    )


def _people(run: str, people: People) -> Iterator[Part]:
    """What only a person may decide."""
    yield Part(
        f"{run}-quit",
        "quit",
        (encoded(quit_job(filing(f"{run}-quit", EXAMPLE, people.next()))),),
        expect.went_through("eligibility.issue-found", "an issue, not a denial") & expect.waits_for("interview"),
    )
    yield Part(
        f"{run}-heard",
        "quit, heard, a person allows it",
        (encoded(quit_job(filing(f"{run}-heard", EXAMPLE, people.next()))),),
        expect.referred("adjudicate") & PAID,
        (Act(partial(_open, "interview"), _held), Act(partial(_open, "referral"), partial(_decision, "continue"))),
    )
    yield Part(
        f"{run}-nowhere",
        "unknown state",
        (encoded(filing(f"{run}-nowhere", EXAMPLE, people.next(), jurisdiction="ZZ")),),
        expect.referred("no_pack"),
    )
    same = people.next()
    for name in ("first", "second"):
        yield Part(
            f"{run}-person-{name}",
            f"one person, two claims: the {name}",
            (encoded(filing(f"{run}-person-{name}", EXAMPLE, same)),),
            expect.referred("identity"),
        )


def _repeats(run: str, people: People) -> Iterator[Part]:
    """What portals do wrong."""
    body = _body(run, "twice", people)
    yield Part(f"{run}-twice", "submitted twice", (body, body), expect.accepted_once() & PAID)
    first = filing(f"{run}-other", EXAMPLE, people.next())
    yield Part(
        f"{run}-other",
        "same id, another body",
        (encoded(first), encoded(first | {"portal_ref": "DEMO-OTHER"})),
        expect.refused("claim_id_taken") & PAID,
    )
    yield Part(
        f"{run}-malformed",
        "malformed event",
        (b'{"claim_id": "' + run.encode() + b'-malformed", ',),
        expect.refused("not_json"),
    )


def _outage(run: str, people: People) -> Iterator[Part]:
    """Claims that arrive while the identity provider is down."""
    for number in range(1, DURING_OUTAGE + 1):
        name = f"outage-{number}"
        yield Part(
            f"{run}-{name}",
            f"provider down for a while ({number})",
            (_body(run, name, people),),
            expect.went_through("identity.check-failed", "asked again later") & PAID,
            during_outage=True,
        )


def _body(run: str, name: str, people: People, group: int | None = None) -> bytes:
    return encoded(filing(f"{run}-{name}", EXAMPLE, people.next(group)))


# --- what people do ---------------------------------------------------------------------------------


def _open(kind: str, course: Course) -> str | None:
    return next((str(each["id"]) for each in course.open(kind)), None)


def _papers(claim_id: str, entry: str, now: datetime) -> Publish:
    documents = ("store/passport-1", "store/birth-certificate-1")
    return Publish(EvidenceProvided(claim_id=claim_id, answers=entry, provided_at=now, documents=documents))


def _withdrawal(claim_id: str, _entry: str, now: datetime) -> Publish:
    return Publish(WithdrawalRequested(claim_id=claim_id, requested_at=now, reason="found work"))


def _decision(decision: str, entry: str, _now: datetime) -> Post:
    body: dict[str, Any] = {"decision": decision, "reason": "looked at in the demo", "decided_by": CASEWORKER}
    return Post("decisions", body | {"answers": entry})


def _held(entry: str, now: datetime) -> Post:
    return Post("interviews", {"answers": entry, "held_by": CASEWORKER, "held_at": now.isoformat()})
