"""Who files beyond a portal's quota waits; what belongs to claims that we have does not; what waits has the room that is left."""

from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY

from claims_orchestrator.lending import QUIET_SECONDS, Lending
from claims_orchestrator.quotas import CALM_SECONDS, MOST, NAMED, Quotas
from claims_orchestrator.store import put_aside
from claims_orchestrator.window import Window
from claims_shared.buckets import Allowance, Bucket
from claims_shared.messages.catalog import BY_WIRE, INTAKE
from claims_shared.wire import Deferred, Record

SUBMITTED = "claim.submitted.v1"


class Time:
    now = 0.0

    def __call__(self):
        return self.now


def record(source="flood", kind=SUBMITTED, topic=INTAKE.name):
    return Record(
        topic, 2, 7, b"c1", b"{}", [("ce_id", b"m1"), ("ce_source", source.encode()), ("ce_type", kind.encode())]
    )


USUAL = Allowance(10, 20)


def quotas(time, usual=USUAL, own=None, partitions=4, share=4):
    made = Quotas(partitions, time)
    made.take(usual, own or {})
    made.assigned(frozenset(range(share)))
    return made


def let_through(made, count, **more):
    return sum(not made.defers(record(**more)) for _ in range(count))


def test_a_burst_goes_through_and_then_the_rate():
    time = Time()
    made = quotas(time)
    assert let_through(made, 100) == 20
    time.now = 1.0
    assert let_through(made, 100) == 10


def test_one_portal_s_flood_leaves_another_s_quota_alone():
    made = quotas(Time())
    assert let_through(made, 5_000) == 20
    assert let_through(made, 20, source="steady") == 20


def test_a_replica_has_its_share_of_the_quota_and_lets_at_least_one_through():
    assert let_through(quotas(Time(), share=1), 100) == 5
    assert let_through(quotas(Time(), usual=Allowance(1, 1), share=1), 100) == 1


def test_a_portal_may_have_a_quota_of_its_own():
    made = quotas(Time(), own={"large": Allowance(1_000, 50)})
    assert let_through(made, 100, source="large") == 50


@pytest.mark.parametrize(
    "kind",
    [
        "claim.withdrawal-requested.v1",
        "claim.evidence-provided.v1",
        "claim.reschedule-requested.v1",
        "claim.appeal-filed.v1",
    ],
)
def test_what_belongs_to_a_claim_that_we_have_is_never_deferred(kind):
    assert let_through(quotas(Time()), 100, kind=kind) == 100


def test_who_floods_may_have_few_claims_in_machines_hands_until_he_was_calm_for_a_while():
    time = Time()
    made = quotas(time)
    for _ in range(8):
        made.moved("flood", in_flight=True)
    assert let_through(made, 5) == 5, "nobody floods yet"
    assert let_through(made, 100) == 15
    time.now = 1.0
    assert let_through(made, 1) == 0
    made.moved("flood", in_flight=False)
    assert let_through(made, 1) == 1
    made.moved("flood", in_flight=True)
    time.now = 1.0 + CALM_SECONDS + 1
    assert let_through(made, 10) == 10


def test_who_stays_within_his_quota_may_have_any_number_in_machines_hands():
    made = quotas(Time())
    for _ in range(1_000):
        made.moved("steady", in_flight=True)
    assert let_through(made, 20, source="steady") == 20


def test_what_is_in_flight_is_forgotten_with_the_partitions_and_never_below_nothing():
    made = quotas(Time())
    made.moved("flood", in_flight=True)
    made.assigned(frozenset({0, 1, 2, 3}))
    made.moved("flood", in_flight=False)
    made.moved("flood", in_flight=True)
    assert made._in_flight == {b"flood": 1}


def test_what_has_no_readable_type_counts_as_a_claim():
    assert let_through(quotas(Time()), 100, kind="claim.submitted.v9") == 20


@pytest.mark.parametrize("topic", [INTAKE.expedited, INTAKE.deferred, "claims.desk.submissions.v1"])
def test_only_the_standard_intake_has_quotas(topic):
    assert let_through(quotas(Time()), 100, topic=topic) == 100


def test_a_clock_that_is_set_back_refills_nothing():
    bucket = Bucket(Allowance(10, 1), 100.0)
    assert bucket.take(Allowance(10, 1), 100.0)
    assert not bucket.take(Allowance(10, 1), 50.0)
    assert bucket.take(Allowance(10, 1), 50.1)


def test_what_is_owed_is_waited_for_by_the_next():
    allowance = Allowance(10, 1)
    bucket = Bucket(allowance, 0.0)
    assert [bucket.owe(allowance, 0.0, 6), bucket.owe(allowance, 0.0, 1)] == [0, 0.5]


def test_sources_are_counted_by_name_up_to_a_bound_and_remembered_up_to_another():
    made = quotas(Time(), usual=Allowance(1, 1))
    for number in range(MOST + 10):
        let_through(made, 2, source=f"made-up-{number}")
    assert len(made._buckets) == MOST
    named = REGISTRY.get_sample_value("claims_deferred_total", {"source": "made-up-0"})
    others = REGISTRY.get_sample_value("claims_deferred_total", {"source": "others"})
    assert (named, others) == (1, MOST + 10 - NAMED)


def test_the_deferred_copy_is_the_record_in_another_topic():
    came = record()
    copy = Deferred(came).copy.record
    assert (copy.topic, copy.partition) == ("claims.intake.submissions.deferred.v1", came.partition)
    assert (copy.key, copy.value, copy.headers) == (came.key, came.value, came.headers)


def test_who_sent_what_cannot_be_read_is_told_under_his_own_name_also_behind_a_deferral():
    came = record()
    (letter, told) = put_aside(
        Deferred(came).copy.record, None, "not_json", ("body",), datetime(2026, 11, 24, tzinfo=UTC)
    )
    assert letter.topic == "claims.intake.submissions.deferred.v1.dlq.claims.orchestrator"
    assert letter.record.headers == came.headers
    said = BY_WIRE[told.type].model.model_validate_json(told.body)
    assert (said.ce_id, said.key, said.topic) == ("m1", "c1", INTAKE.deferred)


async def lending(time, in_flight=0, size=5_000, beside=8):
    async def count(_partitions):
        return in_flight

    window = Window(size, 4, count)
    made = Lending(window, beside, time)
    await window.recount(frozenset(range(4)))
    return made, window


async def test_beside_other_work_few_deferred_claims_start():
    made, window = await lending(Time())
    assert made.room(3) == 8
    window.in_flight = 6
    assert made.room(1) == 2


async def test_where_nothing_else_comes_they_have_a_tenth_of_the_window():
    time = Time()
    made, _ = await lending(time)
    made.room(1)
    time.now = QUIET_SECONDS + 1
    assert made.room(0) == 500
    assert made.room(1) == 8


async def test_however_busy_it_is_one_in_twenty_is_deferred_work():
    made, window = await lending(Time())
    window.in_flight = 4_000
    assert sum(made.room(1) for _ in range(200)) == 10


async def test_nothing_starts_before_it_is_known_what_is_in_flight():
    made = Lending(Window(5_000, 4, None), 8, Time())
    assert made.room(100) == 0
