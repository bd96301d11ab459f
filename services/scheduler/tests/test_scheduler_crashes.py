"""Crashes anywhere, from a seed: whatever order faults take, in the end one booking has one slot and no wait is lost."""

import random
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from claims_scheduler.effects import Effect
from claims_scheduler.shelf import Taken
from claims_shared.messages.lifecycle import ClaimProgressed, EntryKind, Lane, OpenEntry, Phase
from claims_shared.ports import StoreUnavailable

START = datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)
SEEDS = range(40)


class Crash(BaseException):
    """The end of a process."""


class Faults:
    """At any store call: a crash, a store that is away, or nothing; until it heals."""

    def __init__(self, seed):
        self.random = random.Random(seed)  # noqa: S311 - a seed must give the same faults again
        self.on = True

    async def __call__(self, _call, _moment):
        if not self.on:
            return
        dice = self.random.random()
        if dice < 0.04:
            raise Crash
        if dice < 0.08:
            raise StoreUnavailable("gone")


async def survive(step):
    """Run a step as the engine does: a store that is away is asked again; True where the process ended."""
    while True:
        try:
            await step()
        except StoreUnavailable:
            continue
        except Crash:
            return True
        else:
            return False


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_booking_has_one_slot_and_every_slot_one_booking(new_desk, post, seed):
    faults = Faults(seed)
    dice = random.Random(seed * 7 + 1)  # noqa: S311 - the same
    claims = [f"c{number}" for number in range(30)]
    commands = [post.schedule(claim, email=None) for claim in claims]
    for claim in dice.sample(claims, 10):
        commands.insert(dice.randrange(len(commands)), post.cancel(claim))
    desk = new_desk(caseworkers=4, at=faults)
    answered = {}
    committed, runs = 0, 1
    while committed < len(commands):
        size = dice.randrange(1, 9)
        batch = commands[committed : committed + size]

        async def step(desk=desk, batch=batch):
            for answer in await desk.take(*batch):
                answered.setdefault(answer.answers, set()).add(type(answer).__name__)
            await desk.drain.turn(5)

        runs += 1
        if faults.on and runs > 200:
            faults.on = False
        if await survive(step):
            desk = desk.crash(at=faults, name=f"run{runs}")
            committed = max(0, committed - dice.randrange(4))  # what was not committed comes again
        else:
            committed += len(batch)
    faults.on = False
    desk = desk.crash(name="last")
    await desk.take(*commands[-1:])
    while (await desk.drain.turn(50))[0]:
        pass
    effects = [msgspec.msgpack.decode(row.body, type=Effect) for row in desk.rows.effects.values()]
    booked = {effect.slot.id: effect.id for effect in effects if effect.slot and not effect.cancelled}
    await desk.take(
        *(post.schedule(claim, email=None) for claim in claims)
    )  # every partition is taken over: what crashes left behind is found
    slots = [msgspec.msgpack.decode(row.body, type=Taken) for row in desk.rows.slots.values()]
    assert {each.slot.id: each.booking for each in slots if each.booking} == booked
    assert len(booked) == 20
    assert set(answered) == {message.body.effect_id for message in commands}


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_claim_ends_with_the_waits_of_its_newest_event(new_desk, post, clock, seed):
    clock.at = START
    faults = Faults(seed)
    dice = random.Random(seed * 7 + 1)  # noqa: S311 - the same
    events = story(dice, post)
    desk = new_desk(at=faults)
    position = committed = 0
    runs = 1
    while position < len(events) or faults.on:
        batch = events[position : position + dice.randrange(1, 6)]

        async def step(desk=desk, batch=batch):
            await desk.hear(*batch)
            clock.advance(seconds=dice.randrange(4))
            if dice.random() < 0.5:
                await desk.watch.flush()
            if dice.random() < 0.2:
                await desk.watch.pick_up()
            await desk.fire()

        runs += 1
        faults.on = faults.on and runs < 40
        crashed = await survive(step)
        if crashed:
            desk = desk.crash(at=faults, name=f"run{runs}")
            position = committed
            continue
        position += len(batch)
        held = desk.watch.held_offsets().values()
        committed = min([position, *held])
    assert {each.answers for each in await fire_all(desk, clock)} == newest(events)
    again = desk.crash(name="last")
    await again.hear(*events[committed:])
    assert {each.answers for each in await fire_all(again, clock)} == newest(events), "and so after one more crash"


async def fire_all(desk, clock):
    """Let everything come that may: written, picked up, due."""
    clock.advance(seconds=10)
    await desk.watch.flush()
    clock.at = START + timedelta(days=11)
    await desk.watch.pick_up()
    fired = await desk.fire()
    clock.at = START + timedelta(minutes=30)
    return fired


def story(dice, post):
    """Events of ten claims in one partition's order; each opens a wait, soon or far away, or ends."""
    made = []
    sequences = dict.fromkeys((f"c{number}" for number in range(10)), 0)
    for offset in range(60):
        claim = dice.choice(list(sequences))
        sequences[claim] += 1
        due_at = dice.choice([None, START + timedelta(minutes=5), START + timedelta(days=10)])
        made.append(post.wire(event(claim, sequences[claim], due_at), f"{claim}/{sequences[claim]}", offset))
    return made


def newest(events):
    last = {each.claim_id: each.body for each in events}
    return {entry.id for body in last.values() for entry in body.open}


def event(claim, sequence, due_at):
    entry = OpenEntry(
        id=f"{claim}/evidence/{sequence}",
        kind=EntryKind.EVIDENCE,
        step=None,
        owner="claimant",
        since=START,
        due_at=due_at,
    )
    return ClaimProgressed(
        claim_id=claim,
        sequence=sequence,
        at=START,
        change="asked",
        phase=Phase.OPEN,
        step=None,
        portal="portal",
        portal_ref="P-1",
        jurisdiction="UT",
        claim_type="new",
        program="UI",
        lane=Lane.STANDARD,
        lane_reasons=(),
        open=(entry,) if due_at else (),
    )
