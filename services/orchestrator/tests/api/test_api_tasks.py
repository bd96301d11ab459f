"""Tasks through the API: lists with the least time left first, who has what, and a page given away at once.

What is published is folded into the store at once, by the orchestrator's own decision.
"""

import itertools
import json
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import httpx2
import msgspec
import pytest

from claims_orchestrator import queues
from claims_orchestrator.console.app import build
from claims_orchestrator.console.desk import Desk
from claims_orchestrator.console.giver import Giver
from claims_orchestrator.console.requests import Reassign, Spread
from claims_orchestrator.console.task_lists import claim_of
from claims_orchestrator.process import Clocks
from claims_orchestrator.store import SHAPE, ClaimDecider
from claims_orchestrator.tasks import tasks_of
from claims_orchestrator.window import Window
from claims_shared.decoding import decode
from claims_shared.memory import MemoryStore
from claims_shared.messages import desk as desk_messages
from claims_shared.messages import identity, intake, scheduler
from claims_shared.ports import Row
from claims_shared.settings import KafkaSettings
from claims_shared.staff.people import UNITS, Caseworker, Leave, staff_of
from claims_shared.wire import Received, Record, headers_of, millis, output

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def worker(ref, **more):
    known = {"jurisdictions": frozenset({"UT"}), "zone": "America/Denver", "units": frozenset(UNITS)}
    known |= {"languages": frozenset({"en"}), "supervisor": "bo", "tasks": 4}
    return Caseworker(ref, ref.title(), **(known | more))


STAFF = staff_of(
    [
        worker("kim"),
        worker("lin"),
        worker("bo", supervisor=None, tasks=2),
        worker("ray", leave=(Leave(date(2026, 3, 1), date(2026, 3, 8)),)),
        worker("mo", units=frozenset({"mail room"})),
        worker("ny", jurisdictions=frozenset({"NY"})),
    ]
)


async def nobody(_assigned):
    return 0


class Office:
    """A desk over a store, into which what is published is folded; `holds`: not yet."""

    def __init__(self, staff=STAFF):
        self.clocks, self.now, self.holds, self.sent = Clocks(staff=staff), NOW, False, []
        self.store = MemoryStore(SHAPE)
        self.decider = ClaimDecider(self.clocks, Window(1, 1, nobody))
        self.desk = Desk(self.store, self, KafkaSettings(), self.clocks, lambda: self.now)
        self.giver = Giver(self.desk)
        self.offsets = itertools.count()

    async def produce(self, outs):
        self.sent += outs
        if not self.holds:
            await self.fold(outs)

    async def fold(self, outs):
        for out in outs:
            record = Record(out.topic, 0, next(self.offsets), out.key.encode(), out.body, headers_of(out), out.at)
            message = decode(record)
            assert isinstance(message, Received), message
            stored = (await self.store.load([out.key])).get(out.key)
            folding = self.decider.fold(claim_of(stored) if stored else None, message, self.now)
            assert folding.document is not None, folding
            after = replace_version(folding.document, stored)
            row = Row(out.key, after.version, "w", 0, msgspec.msgpack.encode(after), None, self.decider.fields(after))
            assert not await self.store.write([row])

    async def say(self, *messages):
        for message in messages:
            name = f"m{next(self.offsets)}"
            await self.fold([output(message, id=name, source="test", at=self.now)])

    async def conflict(self, claims, *names, **claimant):
        """File claims, each of which somebody must decide."""
        for name in names:
            filed = claims("identity", name, **claimant)
            facts = intake.ClaimSubmitted.model_validate_json(filed.facts)
            found = identity.IdentityConflictFound(
                claim_id=name, answers=f"{name}/identity/1", attempt=1, kind="overlapping_claim", detected_at=self.now
            )
            await self.say(facts, found)

    async def escalate(self, name):
        claim = claim_of((await self.store.load([name]))[name])
        (entry,) = tasks_of(claim)
        self.now = max(self.now, datetime.fromtimestamp(entry.due / 1000, UTC))
        armed = datetime.fromtimestamp(entry.due / 1000, UTC)
        await self.say(scheduler.DeadlinePassed(claim_id=name, answers=entry.id, wait="due", armed_for=armed))

    @asynccontextmanager
    async def client(self):
        transport = httpx2.ASGITransport(build(self.desk, self.giver))
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client


def replace_version(document, stored):
    return msgspec.structs.replace(document, version=stored.version + 1 if stored else 1, outbox=())


def task(name):
    return f"{name}/referral-identity/2"


async def listed(client, **query):
    """Give the tasks of all pages, by claim."""
    found, after = [], None
    while True:
        more = {"after": after} if after else {}
        page = (await client.get("/tasks", params=query | more)).raise_for_status().json()
        found += page["tasks"]
        if (after := page["next"]) is None:
            return found


def ids(tasks):
    return [each["claim_id"] for each in tasks]


async def test_tasks_are_listed_with_the_least_time_left_first(claims):
    office = Office()
    for day, name in enumerate(("C-2", "C-1", "C-3")):
        office.now = NOW + timedelta(days=day)
        await office.conflict(claims, name)
    async with office.client() as client:
        for limit in (1, 2, 50):
            assert ids(await listed(client, limit=limit)) == ["C-2", "C-1", "C-3"]
            assert ids(await listed(client, limit=limit, queue="identity unit")) == ["C-2", "C-1", "C-3"]
        assert await listed(client, queue="appeals") == []
        (first, *_) = await listed(client)
    assert (first["task"], first["queue"], first["unit"]) == (task("C-2"), "identity unit", "identity unit")
    assert (first["due_at"], first["overdue"], first["assignee"]) == ("2026-03-06T06:59:59.999000Z", False, None)
    assert first["left_seconds"] == int(timedelta(days=1, hours=12, minutes=59, seconds=59).total_seconds())


async def test_a_claim_with_several_tasks_stands_in_each_of_its_queues(claims):
    office = Office()
    await office.conflict(claims, "C-1")
    asked = intake.RescheduleRequested(claim_id="C-1", requested_at=NOW)
    await office.say(asked)
    async with office.client() as client:
        assert len(await listed(client)) == 2
        for queue, reason in (("identity unit", "identity"), ("scheduling", "reschedule")):
            (found,) = await listed(client, queue=queue)
            assert found["reason"] == reason
        done = {"answers": task("C-1"), "caseworker_ref": "kim", "assigned_by": "bo", "reason": "r"}
        (await client.post("/claims/C-1/tasks/assign", json=done)).raise_for_status()
        assert [each["reason"] for each in await listed(client, assignee="kim")] == ["identity"]
        assert [each["reason"] for each in await listed(client, unassigned=True)] == ["reschedule"]
        assert await listed(client, unassigned=True, queue="identity unit") == []
        done = {"answers": "C-1/referral-reschedule/3", "caseworker_ref": "lin", "assigned_by": "bo", "reason": "r"}
        (await client.post("/claims/C-1/tasks/assign", json=done)).raise_for_status()
        assert [each["reason"] for each in await listed(client, assignee="lin")] == ["reschedule"]


async def test_what_is_overdue_is_found_and_is_the_supervisors(claims):
    office = Office()
    await office.conflict(claims, "C-1")
    await office.escalate("C-1")
    await office.conflict(claims, "C-2")
    async with office.client() as client:
        (found,) = await listed(client, overdue=True)
        assert (found["claim_id"], found["queue"], found["unit"]) == ("C-1", "supervisors", "identity unit")
        assert ids(await listed(client, queue="supervisors")) == ["C-1"]
        assert ids(await listed(client)) == ["C-1", "C-2"]


@pytest.mark.parametrize("query", [{"queue": "cooking"}, {"after": "x"}, {"after": "7."}, {"after": "0.x"}])
async def test_a_list_that_makes_no_sense_is_refused(query):
    async with Office().client() as client:
        answer = await client.get("/tasks", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_page")


async def test_a_task_is_claimed_released_assigned_and_each_request_is_one_message(claims):
    office = Office()
    await office.conflict(claims, "C-1")
    async with office.client() as client:
        office.holds = True
        body = {"answers": task("C-1"), "caseworker_ref": "kim"}
        first = (await client.post("/claims/C-1/tasks/claim", json=body)).raise_for_status()
        second = (await client.post("/claims/C-1/tasks/claim", json=body)).raise_for_status()
        assert first.json()["ce_id"] == second.json()["ce_id"] == f"{task('C-1')}/claimed/kim/2"
        assert first.headers["location"] == "/claims/C-1"
        office.holds = False
        await office.fold(office.sent[:1])
        again = await client.post("/claims/C-1/tasks/claim", json=body)
        assert (again.status_code, again.json()["code"]) == (409, "already_held")
        other = await client.post("/claims/C-1/tasks/claim", json=body | {"caseworker_ref": "lin"})
        assert (other.status_code, other.json()["detail"]) == (409, "kim has it")
        let_go = body | {"released_by": "kim", "reason": "I know them"}
        (await client.post("/claims/C-1/tasks/release", json=let_go)).raise_for_status()
        (await client.post("/claims/C-1/tasks/claim", json=body)).raise_for_status()
        opened = (await client.get("/claims/C-1")).json()["open"]
        (shown,) = (each for each in opened if each["kind"] == "referral")
        assert (shown["assignee"], shown["claimed_at"]) == ("kim", "2026-03-02T18:00:00Z")


async def test_a_key_makes_a_request_one_message_whatever_became_of_the_claim(claims):
    office = Office()
    await office.conflict(claims, "C-1")
    async with office.client() as client:
        body = {"answers": task("C-1"), "caseworker_ref": "kim"}
        for published in (True, False):
            answer = await client.post("/claims/C-1/tasks/claim", json=body, headers={"Idempotency-Key": "k1"})
            assert answer.json()["published"] is published


@pytest.mark.parametrize(
    ("ref", "code"),
    [("ray", "on_leave"), ("mo", "not_their_queue"), ("ny", "not_their_queue"), ("x", "unknown_caseworker")],
)
async def test_who_must_not_have_it_is_refused_with_a_sentence(claims, ref, code):
    office = Office()
    await office.conflict(claims, "C-1")
    async with office.client() as client:
        answer = await client.post("/claims/C-1/tasks/claim", json={"answers": task("C-1"), "caseworker_ref": ref})
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert ref in answer.json()["detail"]
    assert not office.sent


async def test_what_nobody_has_is_assigned_within_capacity_and_never_to_who_must_not_have_it(claims):
    office = Office()
    names = [f"C-{number:02}" for number in range(12)]
    await office.conflict(claims, *names)
    planned = await office.giver.spread(Spread(assigned_by="bo", dry_run=True))
    assert not office.sent
    done = await office.giver.spread(Spread(assigned_by="bo"))
    assert [each.to for each in planned.tasks] == [each.to for each in done.tasks]
    assert Counter(each.to for each in done.tasks) == {"kim": 4, "lin": 4, "bo": 2, None: 2}
    assert {each.why_not for each in done.tasks if each.to is None} == {"nobody_fits"}
    assert len(office.sent) == 10
    again = await office.giver.spread(Spread(assigned_by="bo"))
    assert [each.to for each in again.tasks] == [None, None]
    assert [await office.desk.load_of(STAFF.get(ref)) for ref in ("kim", "lin", "bo", "ray")] == [4, 4, 2, 0]


async def test_what_was_given_and_is_not_folded_yet_is_not_given_again_and_counts(claims):
    office = Office()
    await office.conflict(claims, *(f"C-{number}" for number in range(6)))
    office.holds = True
    first = await office.giver.spread(Spread(assigned_by="bo", limit=4))
    assert len(office.sent) == 4
    await office.giver.spread(Spread(assigned_by="bo"))
    assert len(office.sent) == 6
    assert len({out.id.rsplit("/", 3)[0] for out in office.sent}) == 6
    assert max(Counter(json.loads(out.body)["caseworker_ref"] for out in office.sent).values()) <= 4
    await office.fold(office.sent)
    assert first.next is not None
    assert (await office.giver.spread(Spread(assigned_by="bo"))).tasks == []


async def test_a_language_is_kept_to_where_somebody_speaks_it(claims):
    spanish = worker("luz", languages=frozenset({"es"}))
    office = Office(staff_of([*STAFF, spanish]))
    await office.conflict(claims, "C-1", language="es")
    await office.conflict(claims, "C-2", language="so")
    done = {each.claim_id: each.to for each in (await office.giver.spread(Spread(assigned_by="bo"))).tasks}
    assert done["C-1"] == "luz"
    assert done["C-2"] is not None


async def test_what_is_overdue_is_assigned_to_supervisors(claims):
    office = Office()
    await office.conflict(claims, "C-1")
    await office.escalate("C-1")
    (done,) = (await office.giver.spread(Spread(assigned_by="automatic"))).tasks
    assert (done.to, done.queue) == ("bo", "supervisors")


async def test_all_that_somebody_has_who_leaves_is_given_to_others_page_by_page(claims):
    office = Office()
    await office.conflict(claims, *(f"C-{number}" for number in range(8)))
    await office.giver.spread(Spread(assigned_by="bo"))
    had = await office.desk.load_of(STAFF.get("kim"))
    asked = Reassign(caseworker_ref="kim", assigned_by="bo", reason="leaves", limit=1)
    moved, after = [], None
    while not moved or after:
        page = await office.giver.reassign(asked.model_copy(update={"after": after}))
        assert len(page.tasks) <= 1
        moved += page.tasks
        after = page.next
    assert len(moved) == had > 0
    assert "kim" not in {each.to for each in moved}
    assert await office.desk.load_of(STAFF.get("kim")) == 0


async def test_what_nobody_fits_for_goes_back_to_its_queue(claims):
    office = Office(staff_of([worker("kim", tasks=9, supervisor=None), worker("lin", tasks=1, supervisor=None)]))
    await office.conflict(claims, "C-1", "C-2", "C-3")
    await office.giver.spread(Spread(assigned_by="bo"))
    asked = Reassign(caseworker_ref="kim", assigned_by="bo", reason="leaves")
    plan = await office.giver.reassign(asked.model_copy(update={"dry_run": True}))
    done = await office.giver.reassign(asked)
    assert [each.to for each in done.tasks] == [each.to for each in plan.tasks] == [None, None]
    async with office.client() as client:
        assert len(await listed(client, unassigned=True)) == 2
        assert len(await listed(client, assignee="lin")) == 1


async def test_all_goes_to_one_who_is_named_as_far_as_they_may_have_it(claims):
    office = Office()
    await office.conflict(claims, "C-1")
    await office.say(task_assigned("C-1", "kim"))
    for to, code in (("ray", "on_leave"), ("lin", None)):
        asked = Reassign(caseworker_ref="kim", to=to, assigned_by="bo", reason="leaves", dry_run=to == "ray")
        (moved,) = (await office.giver.reassign(asked)).tasks
        assert (moved.to, moved.why_not) == (to, code)


async def test_the_bulk_is_reached_through_the_api(claims):
    office = Office()
    await office.conflict(claims, "C-1")
    async with office.client() as client:
        done = await client.post("/tasks/assign", json={"assigned_by": "bo", "queue": "identity unit"})
        assert (done.status_code, done.json()["tasks"][0]["to"]) == (202, "kim")
        more = {"assigned_by": "bo", "caseworker_ref": "kim", "reason": "leaves"}
        moved = await client.post("/tasks/reassign", json=more)
        assert (moved.status_code, moved.json()["tasks"][0]["was"]) == (202, "kim")
        for path, body in (("assign", {"queue": "cooking"}), ("reassign", more | {"after": "x"})):
            refused = await client.post(f"/tasks/{path}", json={"assigned_by": "bo"} | body)
            assert (refused.status_code, refused.json()["code"]) == (400, "wrong_page")


async def test_another_staff_counts_from_when_it_is_told(claims):
    office = Office()
    await office.conflict(claims, "C-1")
    await office.desk.staffed(staff_of([worker("new", supervisor=None)]))
    await office.decider.staffed(office.desk.staff)
    (moved,) = (await office.giver.spread(Spread(assigned_by="bo"))).tasks
    assert moved.to == "new"


async def test_open_tasks_are_counted_by_queue(claims):
    office = Office()
    await office.conflict(claims, "C-1", "C-2")
    await office.escalate("C-1")
    await office.say(task_assigned("C-2", "kim"))
    await queues.count(office.store, frozenset({0}), millis(office.now))

    def value(gauge, queue):
        return gauge.labels(queue)._value.get()

    assert (value(queues.OPEN, "supervisors"), value(queues.OPEN, "identity unit")) == (1, 1)
    assert (value(queues.OVERDUE, "supervisors"), value(queues.OPEN, "appeals")) == (1, 0)
    assert value(queues.LEAST_LEFT, "supervisors") <= 0
    assert queues.UNASSIGNED._value.get() == 1


def task_assigned(name, ref):
    return desk_messages.TaskAssigned(
        claim_id=name, answers=task(name), caseworker_ref=ref, assigned_by="bo", reason="r", assigned_at=NOW
    )
