"""Commands through the whole fold: answered once, answered again, undone, in conflict, and crashed at every step."""

from collections import Counter

import pytest

from claims_identity.claim import IDENTITY, IdentityClaim
from claims_identity.decider import Identity
from claims_identity.failures import NOT_READY, PERMANENT, CheckFailure
from claims_identity.memory import MemoryProvider
from claims_identity.persons import PERSONS, Persons
from claims_identity.verify import Match, Outcome
from claims_shared.documents import Documents, Tally
from claims_shared.memory import MemoryStore
from claims_shared.messages.catalog import BY_WIRE, IDENTITY_EVENTS
from claims_shared.messages.fields import FailureKind
from claims_shared.messages.identity import (
    ConflictKind,
    IdentityCheckFailed,
    IdentityConflictFound,
    IdentityEvidenceNeeded,
    IdentityReleased,
    IdentityVerified,
)
from claims_shared.wire import DeadLetter, headers_of, letter_headers

AWAY = MemoryProvider({"900-12-3456": CheckFailure(NOT_READY, "deadline")})


class Crashed(Exception):  # noqa: N818 - no error of anybody's
    """The process ends here."""


class Service:
    """One process of identity over rows that outlive it."""

    def __init__(self, world, at=None):
        at = at or {}
        self.persons = MemoryStore(PERSONS, rows=world.persons, **at.get("persons", {}))
        self.claims = MemoryStore(IDENTITY, rows=world.claims, **at.get("claims", {}))
        identity = Identity(world.provider, Persons(self.persons, world.name()), world.tokens)
        self.identity = identity
        self.documents = Documents(identity, self.claims, writer=world.name(), partitions=4)
        self.tally = Tally()
        self.now = world.now

    async def take(self, *messages):
        """One batch, sent; give the outputs with their messages."""
        sends = await self.documents.process(messages, self.now, self.tally)
        self.documents.acknowledged()
        return sends


class World:
    """What outlives a process: the stores and the provider."""

    def __init__(self, tokens, now):
        self.persons, self.claims = {}, {}
        self.provider = MemoryProvider()
        self.tokens, self.now = tokens, now
        self._processes = 0

    def name(self):
        self._processes += 1
        return f"process-{self._processes}"

    def start(self, **at):
        return Service(self, at)


@pytest.fixture
def world(tokens, now):
    return World(tokens, now)


@pytest.fixture
def service(world):
    return world.start()


def body(out):
    return BY_WIRE[out.type].model.model_validate_json(out.body)


def bodies(sends):
    return [body(out) for out in sends]


def kinds(sends):
    return [type(body(out)) for out in sends]


async def test_a_person_on_record_is_verified(service, arrive, verify_ada, now):
    (out,) = await service.take(arrive(verify_ada(), "command-1"))
    assert body(out) == IdentityVerified(claim_id="A", answers="A/identity/2", attempt=1, checked_at=now)
    assert (out.topic, out.key, out.id, out.source, out.causation) == (
        IDENTITY_EVENTS.name,
        "A",
        "command-1/verified",
        "claims.identity",
        "command-1",
    )
    assert dict(headers_of(out))["ce_causationid"] == b"command-1"


async def test_a_partial_match_asks_for_what_disagreed(service, world, arrive, verify_ada):
    world.provider.known["900-12-3456"] = Match(Outcome.PARTIAL, ("last_name",))
    (answer,) = bodies(await service.take(arrive(verify_ada())))
    assert isinstance(answer, IdentityEvidenceNeeded)
    assert answer.wanted == ("last_name",)


async def test_evidence_is_a_new_effect_and_the_earlier_one_is_released_first(
    service, world, arrive, verify_ada, release
):
    world.provider.known["900-12-3456"] = Match(Outcome.NO_MATCH)
    await service.take(arrive(verify_ada()))
    world.provider.known.clear()
    again = verify_ada(effect_id="A/identity/7", evidence=("document-1",))
    sends = await service.take(arrive(release("A/identity/2")), arrive(again))
    assert kinds(sends) == [IdentityReleased, IdentityVerified]


class TestAskedAgain:
    async def test_the_same_command_is_answered_again_without_asking_the_provider(self, world, arrive, verify_ada):
        first = await world.start().take(arrive(verify_ada(), "command-1"))
        again = await world.start().take(arrive(verify_ada(), "command-1"))
        assert again == first
        assert world.provider.asked == [["A/identity/2"]]

    async def test_a_new_attempt_gets_the_old_answer_under_its_own_id(self, world, service, arrive, verify_ada, now):
        await service.take(arrive(verify_ada(), "command-1"))
        (out,) = await service.take(arrive(verify_ada(attempt=2), "command-2"))
        assert (out.id, out.causation) == ("command-2/verified", "command-2")
        assert body(out) == IdentityVerified(claim_id="A", answers="A/identity/2", attempt=2, checked_at=now)
        assert world.provider.asked == [["A/identity/2"]]

    async def test_twice_in_one_batch_it_is_asked_once_and_answered_twice(self, world, service, arrive, verify_ada):
        first, second = await service.take(arrive(verify_ada(), "one"), arrive(verify_ada(attempt=2), "two"))
        assert (first.id, second.id) == ("one/verified", "two/verified")
        assert world.provider.asked == [["A/identity/2"]]

    async def test_the_answer_is_read_anew_before_it_counts_as_given(self, world, service, arrive, verify_ada, release):
        """The other lane's process undid it meanwhile: a stale cache would answer "verified" for ever."""
        await service.take(arrive(verify_ada()))
        await world.start().take(arrive(release("A/identity/2")))
        (answer,) = bodies(await service.take(arrive(verify_ada(attempt=2))))
        assert (answer.kind, answer.reason) == (FailureKind.PERMANENT, "undone")

    async def test_repeats_are_counted_as_such(self, service, arrive, verify_ada):
        await service.take(arrive(verify_ada()))
        await service.take(arrive(verify_ada()))
        assert service.tally.reasons == Counter({"ignored:answered_again": 1})


class TestFailures:
    async def test_a_check_that_could_not_be_made_is_said_and_registers_nobody(
        self, world, service, arrive, verify_ada
    ):
        world.provider.known["900-12-3456"] = CheckFailure(NOT_READY, "deadline", 5)
        (answer,) = bodies(await service.take(arrive(verify_ada())))
        assert answer == IdentityCheckFailed(
            claim_id="A", answers="A/identity/2", attempt=1, kind=NOT_READY, reason="deadline", retry_after_seconds=5
        )
        assert world.persons == {}

    async def test_said_again_and_again_it_is_written_once(self, world, service, arrive, verify_ada):
        world.provider.known["900-12-3456"] = CheckFailure(NOT_READY, "deadline")
        await service.take(arrive(verify_ada()))
        before = dict(world.claims)
        await service.take(arrive(verify_ada(attempt=2)), arrive(verify_ada(attempt=3)))
        assert world.claims == before

    async def test_a_new_attempt_is_a_new_check(self, world, service, arrive, verify_ada):
        world.provider.known["900-12-3456"] = CheckFailure(NOT_READY, "deadline")
        await service.take(arrive(verify_ada()))
        world.provider.known.clear()
        assert kinds(await service.take(arrive(verify_ada(attempt=2)))) == [IdentityVerified]

    async def test_one_claim_s_failure_is_no_other_s(self, world, service, arrive, verify_ada):
        world.provider.known["900-12-3456"] = CheckFailure(NOT_READY, "deadline")
        sends = await service.take(arrive(verify_ada()), arrive(verify_ada(claim_id="B", ssn="900-12-0002")))
        assert kinds(sends) == [IdentityCheckFailed, IdentityVerified]

    async def test_our_own_defect_goes_to_a_person_and_to_the_dead_letters(self, service, arrive, verify_ada, now):
        message = arrive(verify_ada())
        folding = service.identity.park(None, message, "ValueError: broken", now)
        assert bodies(folding.outputs) == [
            IdentityCheckFailed(
                claim_id="A", answers="A/identity/2", attempt=1, kind=PERMANENT, reason="internal_error"
            )
        ]
        (letter,) = folding.letters
        assert isinstance(letter, DeadLetter)
        assert dict(letter_headers(letter))["dlq_reasons"] == b"ValueError: broken"
        assert letter.record is message.record


class TestRegisteredByATryThatDied:
    """The registry knows the claim, its document does not: the process ended between the two writes."""

    @pytest.fixture
    async def registered(self, world, arrive, verify_ada):
        async def crash(call, moment):
            if (call, moment) == ("write", "before"):
                raise Crashed

        with pytest.raises(Crashed):
            await world.start(claims={"at": crash}).take(arrive(verify_ada()))
        assert world.persons
        assert not world.claims

    @pytest.mark.usefixtures("registered")
    async def test_where_the_check_fails_then_undoing_frees_the_person(self, world, arrive, verify_ada, release):
        world.provider = AWAY
        assert kinds(await world.start().take(arrive(verify_ada()))) == [IdentityCheckFailed]
        world.provider = MemoryProvider()
        service = world.start()
        assert kinds(await service.take(arrive(release("A/identity/2")))) == [IdentityReleased]
        assert kinds(await service.take(arrive(verify_ada(claim_id="B")))) == [IdentityVerified]

    @pytest.mark.usefixtures("registered")
    async def test_where_our_code_fails_then_undoing_frees_the_person(
        self, service, arrive, verify_ada, release, monkeypatch
    ):
        monkeypatch.setattr("claims_identity.decider.verify", lambda *_: 1 / 0)
        answered, letter = await service.take(arrive(verify_ada()))
        assert (body(answered).reason, type(letter)) == ("internal_error", DeadLetter)
        monkeypatch.undo()
        await service.take(arrive(release("A/identity/2")))
        assert kinds(await service.take(arrive(verify_ada(claim_id="B")))) == [IdentityVerified]

    @pytest.mark.usefixtures("registered")
    async def test_tried_again_it_is_decided_as_if_nothing_had_been(self, world, arrive, verify_ada):
        world.provider = AWAY
        await world.start().take(arrive(verify_ada()))
        world.provider = MemoryProvider()
        service = world.start()
        assert kinds(await service.take(arrive(verify_ada(attempt=2)))) == [IdentityVerified]
        assert kinds(await service.take(arrive(verify_ada(claim_id="B")))) == [IdentityConflictFound] * 2


class TestUndone:
    async def test_released_the_person_is_free(self, service, arrive, verify_ada, release):
        await service.take(arrive(verify_ada()))
        (answer,) = bodies(await service.take(arrive(release("A/identity/2"))))
        assert answer == IdentityReleased(claim_id="A", answers="A/undo/9", attempt=1)
        assert kinds(await service.take(arrive(verify_ada(claim_id="B")))) == [IdentityVerified]

    async def test_what_was_never_asked_is_released_and_stays_undone(self, world, service, arrive, verify_ada, release):
        assert kinds(await service.take(arrive(release("A/identity/2")))) == [IdentityReleased]
        (answer,) = bodies(await service.take(arrive(verify_ada())))
        assert (type(answer), answer.kind, answer.reason) == (IdentityCheckFailed, FailureKind.PERMANENT, "undone")
        assert world.provider.asked == []
        assert kinds(await service.take(arrive(verify_ada(claim_id="B")))) == [IdentityVerified]

    async def test_asked_and_undone_in_one_batch_both_are_answered(self, service, arrive, verify_ada, release):
        sends = await service.take(arrive(verify_ada()), arrive(release("A/identity/2")))
        assert kinds(sends) == [IdentityVerified, IdentityReleased]
        assert kinds(await service.take(arrive(verify_ada(claim_id="B")))) == [IdentityVerified]

    async def test_undone_and_asked_in_one_batch_it_stays_undone(self, world, service, arrive, verify_ada, release):
        sends = await service.take(arrive(release("A/identity/2")), arrive(verify_ada()))
        assert kinds(sends) == [IdentityReleased, IdentityCheckFailed]
        assert world.provider.asked == []

    async def test_asked_undone_and_asked_again_in_one_batch_nothing_is_held(
        self, service, arrive, verify_ada, release
    ):
        sends = await service.take(arrive(verify_ada()), arrive(release("A/identity/2")), arrive(verify_ada(attempt=2)))
        assert kinds(sends) == [IdentityVerified, IdentityReleased, IdentityCheckFailed]
        assert kinds(await service.take(arrive(verify_ada(claim_id="B")))) == [IdentityVerified]

    async def test_releasing_again_is_answered_again(self, world, service, arrive, verify_ada, release):
        await service.take(arrive(verify_ada()))
        await service.take(arrive(release("A/identity/2")))
        before = (dict(world.claims), dict(world.persons))
        (out,) = await service.take(arrive(release("A/identity/2", attempt=2), "undo-2"))
        assert (out.id, body(out).attempt) == ("undo-2/released", 2)
        assert (world.claims, world.persons) == before

    async def test_asked_and_undone_in_one_batch_the_other_claim_is_told_after_a_crash_too(
        self, world, arrive, verify_ada, release
    ):
        await world.start().take(arrive(verify_ada()))
        batch = (arrive(verify_ada(claim_id="B"), "other"), arrive(release("B/identity/2")))
        first = await world.start().documents.process(batch, world.now, Tally())  # and never sent
        again = await world.start().take(*batch)
        assert kinds(again) == [IdentityCheckFailed, IdentityConflictFound, IdentityReleased]
        assert (again[1].id, again[1].key, again[1] in first) == ("other/conflict/A", "A", True)

    async def test_an_undone_effect_keeps_nothing_of_the_person(self, world, service, arrive, verify_ada, release):
        await service.take(arrive(verify_ada()))
        await service.take(arrive(release("A/identity/2")))
        assert world.tokens.person("900-12-3456").encode() not in world.claims["A"].body

    async def test_a_check_that_another_process_undid_meanwhile_registers_nobody(
        self, world, arrive, verify_ada, release
    ):
        """The release comes on the other lane, between the check's registration and its document's write."""
        other, done = world.start(), []

        async def release_in_between(call, moment):
            if (call, moment) == ("write", "before") and not done:
                done.append(True)
                await other.take(arrive(release("A/identity/2")))

        slow = world.start(claims={"at": release_in_between})
        (answer,) = bodies(await slow.take(arrive(verify_ada())))
        assert (answer.kind, answer.reason) == (FailureKind.PERMANENT, "undone")
        assert kinds(await world.start().take(arrive(verify_ada(claim_id="B")))) == [IdentityVerified]
        assert world.provider.asked[:1] == [["A/identity/2"]]


class TestConflict:
    @pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two batches"])
    async def test_two_claims_of_one_ssn_both_get_the_issue_once(self, together, service, arrive, verify_ada, now):
        one, other = arrive(verify_ada(), "one"), arrive(verify_ada(claim_id="B"), "other")
        sends = await service.take(one, other) if together else [*await service.take(one), *await service.take(other)]
        verified, answered, told = sends
        assert isinstance(body(verified), IdentityVerified)
        assert (answered.id, answered.key, told.id, told.key) == ("other/conflict-found", "B", "other/conflict/A", "A")
        assert body(answered) == IdentityConflictFound(
            claim_id="B",
            answers="B/identity/2",
            attempt=1,
            kind=ConflictKind.OVERLAPPING_CLAIM,
            other_claim_id="A",
            detected_at=now,
        )
        assert body(told) == IdentityConflictFound(
            claim_id="A", kind=ConflictKind.OVERLAPPING_CLAIM, other_claim_id="B", detected_at=now
        )

    async def test_another_name_under_the_ssn_is_another_person(self, service, arrive, verify_ada):
        await service.take(arrive(verify_ada(claim_type="transitional")))
        sends = await service.take(arrive(verify_ada(claim_id="B", claim_type="transitional", first_name="Bo")))
        assert [each.kind for each in bodies(sends)] == [ConflictKind.DIFFERENT_PERSON] * 2

    @pytest.mark.parametrize("kind", ["additional", "transitional"])
    async def test_a_claim_in_the_year_of_another_is_none(self, kind, service, arrive, verify_ada):
        await service.take(arrive(verify_ada()))
        assert kinds(await service.take(arrive(verify_ada(claim_id="B", claim_type=kind)))) == [IdentityVerified]

    async def test_answered_again_the_other_claim_is_told_under_the_id_it_knows(self, service, arrive, verify_ada):
        await service.take(arrive(verify_ada()))
        first = await service.take(arrive(verify_ada(claim_id="B"), "other"))
        again = await service.take(arrive(verify_ada(claim_id="B", attempt=2), "other-2"))
        assert [out.id for out in again] == ["other-2/conflict-found", "other/conflict/A"]
        assert again[1] == first[1]

    async def test_a_claim_that_is_released_is_no_conflict_any_more(self, service, arrive, verify_ada, release):
        await service.take(arrive(verify_ada()))
        sends = await service.take(arrive(release("A/identity/2")), arrive(verify_ada(claim_id="B")))
        assert kinds(sends) == [IdentityReleased, IdentityVerified]

    async def test_who_does_not_match_the_record_is_in_conflict_all_the_same(self, world, service, arrive, verify_ada):
        world.provider.known["900-12-3456"] = Match(Outcome.NO_MATCH)
        await service.take(arrive(verify_ada()))
        assert kinds(await service.take(arrive(verify_ada(claim_id="B")))) == [IdentityConflictFound] * 2

    async def test_who_could_not_be_checked_is_in_nobody_s_way(self, world, service, arrive, verify_ada):
        world.provider.known["900-12-3456"] = CheckFailure(NOT_READY, "deadline")
        await service.take(arrive(verify_ada()))
        world.provider.known.clear()
        assert kinds(await service.take(arrive(verify_ada(claim_id="B")))) == [IdentityVerified]


PLACES = [
    (store, call, moment)
    for store in ("claims", "persons")
    for call, moments in (("load", ("before", "after")), ("write", ("before", "within", "after")))
    for moment in moments
]


class TestCrash:
    @pytest.mark.parametrize("place", PLACES, ids=[" ".join(place) for place in PLACES])
    async def test_at_every_call_of_a_store_the_redelivered_batch_comes_to_the_same(
        self, place, world, arrive, verify_ada, release
    ):
        store, call, moment = place

        async def crash(name, when):
            if (name, when) == (call, moment):
                raise Crashed

        commands = [
            (verify_ada(), "one"),
            (verify_ada(claim_id="B"), "two"),
            (verify_ada(claim_id="C", ssn="900-12-0003"), "three"),
            (release("C/identity/2"), "four"),
            (verify_ada(claim_id="D", ssn="900-12-0003"), "five"),
        ]

        def batch():
            return [arrive(command, ce_id) for command, ce_id in commands]

        undisturbed = await World(world.tokens, world.now).start().take(*batch())
        with pytest.raises(Crashed):
            await world.start(**{store: {"at": crash}}).take(*batch())
        found = await world.start().take(*batch())
        said = {out.id: out for out in found if not out.id.startswith("three")}
        assert said == {out.id: out for out in undisturbed if not out.id.startswith("three")}
        # The check that was undone meanwhile may know it already: then nobody waits for it any more.
        assert {out.id for out in found if out.id.startswith("three")} <= {"three/verified", "three/check-failed"}

    async def test_between_registry_and_document_the_verdict_stays_the_same(self, world, arrive, verify_ada):
        async def crash(call, moment):
            if (call, moment) == ("write", "before"):
                raise Crashed

        def batch():
            return arrive(verify_ada(), "one"), arrive(verify_ada(claim_id="B"), "two")

        with pytest.raises(Crashed):
            await world.start(claims={"at": crash}).take(*batch())
        assert world.persons
        assert not world.claims
        sends = await world.start().take(*reversed(batch()))
        assert sorted(out.id for out in sends) == ["one/verified", "two/conflict-found", "two/conflict/A"]
        assert {out.id: type(body(out)) for out in sends}["one/verified"] is IdentityVerified


async def test_what_is_stored_can_be_read_again_and_holds_no_personal_data(world, service, arrive, verify_ada, release):
    await service.take(arrive(verify_ada()), arrive(verify_ada(claim_id="B")), arrive(release("C/identity/2")))
    cold = world.start()
    sends = await cold.take(arrive(verify_ada()), arrive(verify_ada(claim_id="B")), arrive(release("C/identity/2")))
    assert kinds(sends) == [IdentityVerified, IdentityConflictFound, IdentityConflictFound, IdentityReleased]
    stored = b"".join(row.body for row in (*world.claims.values(), *world.persons.values()))
    assert not any(data in stored for data in (b"900-12", b"Ada", b"Obi", b"1988"))
    assert not any("900" in key for key in world.persons if len(key) != 64)


def test_what_can_be_decided_without_looking_outside_is_decided_purely(service, arrive, release, now):
    message = arrive(release("A/identity/2"))
    claim = IdentityClaim(id="A")
    folding = service.identity.fold(claim, message, now)
    assert claim.effects == {}
    assert folding.document.effects["A/identity/2"].undone
