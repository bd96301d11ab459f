"""Whole claims through the production code of all five services, in virtual time."""

import json
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.simulation.world import World

from claims_shared import telemetry

INTAKE = "claims.intake.submissions.v1"
LIFECYCLE = "claims.lifecycle.events.v1"
HEADERS = {"ce_specversion": "1.0", "ce_source": "portal", "ce_time": "2026-11-20T15:04:05Z"}
QUARTERS = ("2025Q3", "2025Q4", "2026Q1", "2026Q2")


def submission(claim_id: str = "ada", ssn: str = "900-12-3456") -> bytes:
    person = {
        "ssn": ssn,
        "first_name": "Ada",
        "last_name": "Obi",
        "date_of_birth": "1988-04-02",
        "email": "ada@example.org",
    }
    body = {
        "claim_id": claim_id,
        "portal_ref": "UT-2026-000123",
        "jurisdiction": "UT",
        "claim_type": "new",
        "program": "UI",
        "filed_at": "2026-11-20T15:04:05Z",
        "claimant": person | {"language": "en", "time_zone": "America/Denver"},
        "veteran": False,
        "wages": [{"quarter": each, "amount": "10400.00", "employer": "E-1"} for each in QUARTERS],
        "separation": {"employer": "E-1", "last_day_worked": "2026-11-13", "reason": "lack_of_work"},
        "dependents": {"children": 0, "spouse": False},
        "able_and_available": True,
        "work_authorized": True,
    }
    return json.dumps(body).encode()


def submit(world: World, claim_id: str = "ada", **headers: str) -> None:
    wanted = HEADERS | {"ce_id": f"{claim_id}-1", "ce_type": "claim.submitted.v1"} | headers
    world.publish(
        INTAKE,
        claim_id,
        submission(claim_id, f"900-12-{len(claim_id):04d}" if claim_id != "ada" else "900-12-3456"),
        **wanted,
    )


def story(world: World) -> list[str]:
    return [json.loads(record.value)["change"] for record in world.told(LIFECYCLE)]


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.end()


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    telemetry.configure_tracing("world", ratio=1.0, processor=SimpleSpanProcessor(exporter))
    yield exporter
    telemetry.stop_tracing()


def test_a_claim_is_approved_with_its_amounts_and_its_interview(world: World) -> None:
    submit(world)
    world.settle()
    assert story(world) == [
        "accepted",
        "identity.verified",
        "eligibility.claimant-eligible",
        "benefit.benefit-computed",
        "approved",
        "notice.notice-sent",
    ]
    approved = json.loads(world.told(LIFECYCLE)[-2].value)
    assert (approved["weekly_benefit_amount"], approved["maximum_benefit_amount"]) == ("395.00", "10270.00")
    assert approved["interview_at"] > "2026-11-25"


def test_one_claim_is_one_trace_and_every_span_hangs_under_what_caused_it(
    world: World, spans: InMemorySpanExporter
) -> None:
    submit(world, traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    world.settle()
    finished = [span for span in spans.get_finished_spans() if span.name.startswith("process ")]
    assert {f"{span.context.trace_id:032x}" for span in finished} == {"4bf92f3577b34da6a3ce929d0e0e4736"}
    assert {span.attributes["claims.claim_id"] for span in finished} == {"ada"}
    known = {span.context.span_id for span in finished} | {0x00F067AA0BA902B7}
    assert {span.parent.span_id for span in finished} <= known
    names = [span.name.removeprefix("process ") for span in sorted(finished, key=lambda span: span.start_time)]
    steps = [
        name for name in names if name.partition(".")[0] != "claim" or name == "claim.submitted.v1"
    ]  # benefits follows the life cycle beside
    assert steps[:3] == ["claim.submitted.v1", "identity.verify.v1", "identity.verified.v1"]
    assert {"benefits.compute.v1", "scheduler.schedule-interview.v1", "scheduler.interview-scheduled.v1"} <= set(names)


def test_a_claim_without_a_portal_s_trace_gets_its_own(world: World, spans: InMemorySpanExporter) -> None:
    submit(world, "ada")
    submit(world, "bo")
    world.settle()
    finished = [span for span in spans.get_finished_spans() if span.name.startswith("process ")]
    traces = {span.attributes["claims.claim_id"]: span.context.trace_id for span in finished}
    assert len(set(traces.values())) == 2
    assert all(span.context.trace_id == traces[span.attributes["claims.claim_id"]] for span in finished)
