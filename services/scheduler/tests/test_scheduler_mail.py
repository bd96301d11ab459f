"""The drain against a real mail server: each notice once, told once it is taken, whatever fails in between."""

import asyncio
import email
import email.policy

import msgspec
import pytest

from claims_scheduler.calendar import Rules
from claims_scheduler.effects import Effect, Post
from claims_scheduler.mailer import Mailer
from claims_scheduler.pace import Pace
from claims_scheduler.smtp import Envelope, Fate, Server, server_of
from claims_shared.messages.fields import FailureKind
from claims_shared.messages.scheduler import NoticeFailed, NoticeKind, NoticeSent


def read(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def stored(desk, effect):
    return msgspec.msgpack.decode(desk.rows.effects[effect].body, type=Effect)


def subjects(mailbox):
    return [read(content)["Subject"] for _, content in mailbox.taken]


APPROVED, DENIED = "c1/notice-approved/8", "c1/notice-denied/8"


@pytest.fixture
def told():
    """What a desk has produced, read back."""

    def read_back(desk):
        models = {"scheduler.notice-sent.v1": NoticeSent, "scheduler.notice-failed.v1": NoticeFailed}
        return [models[each.type].model_validate_json(each.body) for each in desk.sent]

    return read_back


async def test_a_notice_is_mailed_and_then_told(mailing, mailbox, post, told, clock):
    desk = mailing()
    assert await desk.take(post.notice(values={"weekly_benefit_amount": "580.00"})) == []
    await desk.drain.turn(100)
    ((recipient, content),) = mailbox.taken
    assert recipient == "ada@example.org"
    assert "$580.00" in content.decode()
    assert told(desk) == [
        NoticeSent(claim_id="c1", answers=APPROVED, attempt=1, message_id=read(content)["Message-ID"], sent_at=clock.at)
    ]
    assert [(each.id, each.causation) for each in desk.sent] == [(f"{APPROVED}/1/notice-sent", f"{APPROVED}/1")]
    assert desk.rows.effects[APPROVED].due_at is None
    await desk.drain.turn(100)
    assert len(mailbox.taken) == 1


async def test_a_spanish_notice_arrives_in_spanish(mailing, mailbox, post):
    desk = mailing()
    await desk.take(post.notice(language="es", first_name="Íñigo"))
    await desk.drain.turn(100)
    message = read(mailbox.taken[0][1])
    assert message["Subject"] == "Su solicitud de desempleo está aprobada"
    assert "Estimado/a Íñigo:" in message.get_body(("plain",)).get_content()
    assert 'lang="es"' in message.get_body(("html",)).get_content()


async def test_asked_again_before_it_is_sent_the_newest_attempt_is_answered(mailing, mailbox, post, told):
    desk = mailing()
    await desk.take(post.notice(), post.notice(attempt=2))
    await desk.drain.turn(100)
    assert [each.attempt for each in told(desk)] == [2]
    assert len(mailbox.taken) == 1


async def test_asked_again_after_it_is_sent_it_answers_again_and_mails_nothing(mailing, mailbox, post, told):
    desk = mailing()
    await desk.take(post.notice())
    await desk.drain.turn(100)
    (again,) = await desk.take(post.notice(attempt=2))
    assert again == told(desk)[0].model_copy(update={"attempt": 2})
    await desk.drain.turn(100)
    assert len(mailbox.taken) == 1


async def test_a_command_read_again_after_a_crash_changes_nothing(mailing, mailbox, post):
    desk = mailing()
    await desk.take(post.notice())
    assert await desk.crash().take(post.notice()) == []
    await desk.drain.turn(100)
    assert len(mailbox.taken) == 1


async def test_without_an_address_it_fails_at_once(desk, post):
    (answer,) = await desk.take(post.notice(email=None))
    assert (type(answer), answer.kind, answer.reason) == (NoticeFailed, FailureKind.PERMANENT, "no_address")


async def test_an_address_that_cannot_be_mailed_fails_and_the_others_go_on(mailing, mailbox, post, told):
    desk = mailing()
    await desk.take(post.notice("c1", email="ada,eve@example.org"), post.notice("c2"))
    await desk.drain.turn(100)
    assert sorted((each.claim_id, getattr(each, "reason", None)) for each in told(desk)) == [
        ("c1", "bad_address"),
        ("c2", None),
    ]
    assert len(mailbox.taken) == 1


async def test_refused_for_good_it_fails(mailing, mailbox, post, told):
    mailbox.answers["ada@example.org"] = "550 no such person"
    desk = mailing()
    await desk.take(post.notice(), post.notice("c2", email="bo@example.org"))
    await desk.drain.turn(100)
    failed, sent = sorted(told(desk), key=lambda each: each.claim_id)
    assert (type(failed), failed.kind, failed.reason) == (NoticeFailed, FailureKind.PERMANENT, "smtp_550")
    assert isinstance(sent, NoticeSent)
    (again,) = await desk.take(post.notice(attempt=2))
    assert (again.reason, again.attempt) == ("smtp_550", 2)


async def test_refused_for_now_it_is_tried_again_later_and_nothing_is_told(mailing, mailbox, post, told, clock):
    mailbox.answers["ada@example.org"] = "451 try later"
    desk = mailing()
    await desk.take(post.notice())
    await desk.drain.turn(100)
    assert told(desk) == []
    assert await desk.drain.turn(100) == (0, "")
    clock.advance(seconds=30)
    await desk.drain.turn(100)
    mailbox.answers.clear()
    clock.advance(seconds=59)
    assert await desk.drain.turn(100) == (0, "")
    clock.advance(seconds=1)
    await desk.drain.turn(100)
    assert [type(each) for each in told(desk)] == [NoticeSent]


async def test_after_days_of_trying_it_is_given_up(mailing, mailbox, post, told, clock):
    mailbox.answers["ada@example.org"] = "451 try later"
    desk = mailing()
    await desk.take(post.notice())
    await desk.drain.turn(100)
    clock.advance(days=4, seconds=1)
    await desk.drain.turn(100)
    assert [each.reason for each in told(desk)] == ["given_up"]


async def test_the_cancellation_of_an_old_invite_has_days_of_its_own(mailing, mailbox, post, clock):
    desk = mailing(rules=Rules(lead_hours=240))
    await desk.take(post.schedule())
    await desk.drain.turn(100)
    clock.advance(days=5)
    cancelled_at = clock.at
    await desk.take(post.cancel())
    mailbox.answers["ada@example.org"] = "451 try later"
    await desk.drain.turn(100)
    del mailbox.answers["ada@example.org"]
    clock.advance(hours=1)
    await desk.drain.turn(100)
    invited, cancelled = [read(content) for _, content in mailbox.taken]
    assert cancelled["Subject"] != invited["Subject"]
    assert cancelled["Date"].datetime == cancelled_at.replace(microsecond=0), "and its own date"


async def test_a_denial_is_sent_instead_of_an_approval_that_could_not_be_sent_yet(mailing, mailbox, post, told, clock):
    desk = mailing()
    mailbox.answers["ada@example.org"] = "451 try later"
    await desk.take(post.notice())
    await desk.drain.turn(100)
    del mailbox.answers["ada@example.org"]
    clock.advance(hours=1)
    await desk.take(post.notice(notice=NoticeKind.DENIED, supersedes=(APPROVED,)))
    for _ in range(2):
        await desk.drain.turn(100)
    assert subjects(mailbox) == ["The decision on your unemployment claim"]
    answers = {each.answers: each for each in told(desk)}
    assert isinstance(answers[DENIED], NoticeSent)
    assert (answers[APPROVED].kind, answers[APPROVED].reason) == (FailureKind.PERMANENT, "superseded")


async def test_an_approval_that_is_asked_for_after_the_denial_in_its_stead_is_answered_and_not_sent(
    mailing, mailbox, post
):
    desk = mailing()
    await desk.take(post.notice(notice=NoticeKind.DENIED, supersedes=(APPROVED,)))
    await desk.drain.turn(100)
    (answer,) = await desk.take(post.notice())
    await desk.drain.turn(100)
    assert (answer.kind, answer.reason) == (FailureKind.PERMANENT, "superseded")
    assert subjects(mailbox) == ["The decision on your unemployment claim"]


async def test_a_notice_replaces_none_of_another_claim(mailing, mailbox, post):
    desk = mailing()
    await desk.take(post.notice(), post.notice("c2", NoticeKind.DENIED, supersedes=(APPROVED,)))
    await desk.drain.turn(100)
    assert len(mailbox.taken) == 2


async def test_what_was_sent_before_stays_as_it_is(mailing, mailbox, post, told):
    desk = mailing()
    await desk.take(post.notice())
    await desk.drain.turn(100)
    await desk.take(post.notice(notice=NoticeKind.DENIED, supersedes=(APPROVED,)))
    await desk.drain.turn(100)
    assert subjects(mailbox) == ["Your unemployment claim is approved", "The decision on your unemployment claim"]
    assert [type(each) for each in told(desk)] == [NoticeSent, NoticeSent]


async def test_a_denial_waits_while_it_is_not_sure_that_nothing_older_is_sent(mailing, mailbox, post):
    """Somebody else writes the approval meanwhile, as a new attempt does: it is looked at again in the next turn."""
    desk = mailing()
    await desk.take(post.notice(), post.notice(notice=NoticeKind.DENIED, supersedes=(APPROVED,)))
    load = desk.effects.load

    async def meanwhile(names):
        rows = await load(names)
        desk.effects.load = load
        await desk.take(post.notice(attempt=2))
        return rows

    desk.effects.load = meanwhile
    await desk.drain.turn(100)
    assert mailbox.taken == []
    for _ in range(2):
        await desk.drain.turn(100)
    assert subjects(mailbox) == ["The decision on your unemployment claim"]


async def test_a_mail_server_that_is_away_changes_nothing(new_desk, mailbox, post):
    desk = new_desk(mail_port=9)
    await desk.take(post.notice())
    found, why = await desk.drain.turn(100)
    assert found == 1
    assert why
    assert stored(desk, APPROVED).tries == 0
    back = desk.crash(mail_port=mailbox.port)
    await back.drain.turn(100)
    assert len(mailbox.taken) == 1
    await back.mailer.close()


async def test_a_connection_that_the_server_closed_is_opened_again(mailing, mailbox, post):
    desk = mailing()
    await desk.take(post.notice())
    await desk.drain.turn(100)
    for line in desk.mailer._lines:
        if line._dialogue is not None:
            line._dialogue._transport.abort()
    await asyncio.sleep(0)
    await desk.take(post.notice("c2"))
    assert await desk.drain.turn(100) == (1, "")
    assert len(mailbox.taken) == 2


async def test_a_server_that_hangs_up_after_some_mails_gets_each_once(mailing, mailbox, post, told):
    mailbox.most = 3
    desk = mailing()
    await desk.take(*(post.notice(f"c{number}") for number in range(20)))
    assert await desk.drain.turn(100) == (20, "")
    assert len(mailbox.taken) == len(told(desk)) == 20


async def test_what_a_server_refuses_holds_up_no_other_mail(mailing, mailbox, post, told):
    fates = ["550 no such person", None, "451 try later", None] * 5
    mailbox.answers = {f"p{number}@example.org": fate for number, fate in enumerate(fates) if fate}
    desk = mailing()
    await desk.take(*(post.notice(f"c{number}", email=f"p{number}@example.org") for number in range(20)))
    await desk.drain.turn(100)
    assert sorted(address for address, _ in mailbox.taken) == sorted(
        f"p{number}@example.org" for number in range(1, 20, 2)
    )
    assert sum(isinstance(each, NoticeFailed) for each in told(desk)) == 5


@pytest.mark.parametrize("content", [b".\r\n", b"a\r\n.\r\n..b\r\n", b"a\n.\nRSET\n", b"a\r.\rRSET\r", b"a"])
async def test_no_line_of_a_mail_ends_it(mailbox, content):
    mailer = Mailer(Server("127.0.0.1", mailbox.port, tls=False))
    outcomes = await mailer.deliver([Envelope("a@agency.test", "ada@example.org", content)] * 2)
    await mailer.close()
    lines = content.splitlines()
    assert [outcome.fate for outcome in outcomes] == [Fate.TAKEN] * 2
    assert [taken.splitlines() for _, taken in mailbox.taken] == [lines] * 2


# --- crashes -----------------------------------------------------------------------------------------


class Crash(BaseException):
    """The end of the process."""


@pytest.mark.parametrize(
    "moment",
    [(1, 1), (2, 1), (3, 2), (4, 1)],
    ids=[
        "before its return address is kept",
        "before it is recorded",
        "between sending and recording it",
        "between telling and recording that",
    ],
)
async def test_after_a_crash_the_same_bytes_go_out_under_the_same_message_id(mailing, mailbox, post, told, moment):
    write, mails = moment
    writes = 0

    async def crash(call, when):
        nonlocal writes
        writes += (call, when) == ("write", "before")
        if writes == write + 1:  # the first write is the command's
            writes = 99
            raise Crash

    desk = mailing(at=crash)
    await desk.take(post.notice())
    with pytest.raises(Crash):
        await desk.drain.turn(100)
    again = mailing(rows=desk.rows)
    await again.drain.turn(100)
    assert len(mailbox.taken) == mails
    assert len({content for _, content in mailbox.taken}) == 1
    assert {each.message_id for each in told(again)} == {read(mailbox.taken[0][1])["Message-ID"]}
    assert len({each.id for each in [*desk.sent, *again.sent]}) == 1
    assert stored(again, APPROVED).post is Post.DONE


async def test_a_server_that_dies_while_it_takes_a_mail_gets_it_again_under_the_same_message_id(mailing, mailbox, post):
    desk = mailing()
    await desk.take(post.notice())

    def die():
        mailbox.before_data = lambda: None
        raise ConnectionResetError

    mailbox.before_data = die
    await desk.drain.turn(100)
    desk.clock.advance(minutes=1)
    await desk.drain.turn(100)
    assert len(mailbox.taken) == 1


# --- invites -------------------------------------------------------------------------------------------


def calendar_of(content):
    (part,) = [part for part in read(content).walk() if part.get_content_type() == "text/calendar"]
    return part.get_payload(decode=True).decode()


async def test_a_booking_is_answered_before_its_invite_goes_out(mailing, mailbox, post):
    desk = mailing()
    (answer,) = await desk.take(post.schedule())
    assert mailbox.taken == []
    await desk.drain.turn(100)
    ((_, content),) = mailbox.taken
    assert f"DTSTART:{answer.interview_at:%Y%m%dT%H%M%SZ}" in calendar_of(content)
    assert desk.sent == [], "nobody waits for an invite"
    assert desk.rows.effects["c1/orientation/7"].due_at is None


async def test_a_booking_without_an_address_is_a_booking(mailing, mailbox, post):
    desk = mailing()
    (answer,) = await desk.take(post.schedule(email=None))
    assert answer.interview_at
    assert await desk.drain.turn(100) == (0, "")
    await desk.take(post.cancel())
    await desk.drain.turn(100)
    assert mailbox.taken == []
    assert desk.rows.effects["c1/orientation/7"].due_at is None


async def test_a_cancelled_booking_takes_its_invite_back(mailing, mailbox, post):
    desk = mailing()
    await desk.take(post.schedule())
    await desk.drain.turn(100)
    await desk.take(post.cancel())
    await desk.drain.turn(100)
    invite, cancellation = (calendar_of(content) for _, content in mailbox.taken)
    assert "METHOD:REQUEST" in invite
    assert "METHOD:CANCEL" in cancellation
    for line in ("UID:c1/orientation/7", "SEQUENCE:1", "STATUS:CANCELLED"):
        assert line in cancellation.splitlines()
    assert desk.rows.effects["c1/orientation/7"].due_at is None


async def test_an_interview_that_is_over_is_given_back_without_a_word_to_the_citizen(mailing, mailbox, post, clock):
    desk = mailing()
    (booked,) = await desk.take(post.schedule())
    await desk.drain.turn(100)
    clock.at = booked.interview_at
    await desk.take(post.cancel())
    await desk.drain.turn(100)
    assert len(mailbox.taken) == 1
    assert desk.rows.effects["c1/orientation/7"].due_at is None
    assert all(row.fields["window"] is None for row in desk.rows.slots.values())


async def test_a_booking_cancelled_before_its_invite_went_out_sends_nothing(mailing, mailbox, post):
    desk = mailing()
    await desk.take(post.schedule())
    await desk.take(post.cancel())
    await desk.drain.turn(100)
    await desk.drain.turn(100)
    assert mailbox.taken == []
    assert all(row.fields["window"] is None for row in desk.rows.slots.values())


async def test_an_invite_cancelled_while_it_goes_out_is_taken_back(mailing, mailbox, post):
    """The cancel is written between sending and recording: the drain loses its write and meets the cancel next time."""
    desk = mailing()
    await desk.take(post.schedule())
    deliver = desk.mailer.deliver

    async def overtaken(envelopes):
        outcomes = await deliver(envelopes)
        desk.mailer.deliver = deliver
        await desk.take(post.cancel())
        return outcomes

    desk.mailer.deliver = overtaken
    await desk.drain.turn(100)
    await desk.drain.turn(100)
    assert [("METHOD:CANCEL" in calendar_of(content)) for _, content in mailbox.taken] == [False, True]


async def test_a_cancelled_slot_is_free_before_thousands_of_mails_are_sent(mailing, post, clock):
    desk = mailing()
    await desk.take(post.schedule(email=None), *(post.notice(f"n{number}") for number in range(5)))
    clock.advance(seconds=1)
    await desk.take(post.cancel())
    await desk.drain.turn(1)
    assert all(row.fields["window"] is None for row in desk.rows.slots.values())


# --- pace ------------------------------------------------------------------------------------------------


async def test_mail_gives_way_while_the_engine_is_busy(new_desk, post, clock):
    desk = new_desk(busy_from=10)
    await desk.take(*(post.notice(f"c{number}") for number in range(9)))
    assert not desk.pace.busy(clock())
    await desk.take(post.notice("c9"))
    assert desk.pace.busy(clock())
    clock.advance(seconds=1)
    assert not desk.pace.busy(clock())


def test_behind_a_full_batch_more_waits_and_the_next_second_is_busy(clock):
    pace = Pace(1_000, full=500)
    pace.took(499, clock())
    clock.advance(seconds=0.1)
    pace.took(300, clock())
    assert not pace.busy(clock())
    clock.advance(seconds=2)
    pace.took(300, clock())
    pace.took(200, clock())
    assert pace.busy(clock())
    clock.advance(seconds=1)
    assert not pace.busy(clock())


async def test_the_drain_runs_until_everything_is_sent(mailing, mailbox, post, told):
    desk = mailing()
    await desk.take(*(post.notice(f"c{number}", NoticeKind.DENIED) for number in range(230)))
    task = asyncio.create_task(desk.drain.run())
    async with asyncio.timeout(30):
        while len(told(desk)) < 230:
            await asyncio.sleep(0.02)
    task.cancel()
    assert len(mailbox.taken) == 230
    assert len({each.answers for each in told(desk)}) == 230


# --- the mail server's own ---------------------------------------------------------------------------------


async def test_mails_left_over_when_the_server_goes_are_untried():
    mailer = Mailer(Server("127.0.0.1", 9, tls=False))
    outcomes = await mailer.deliver([Envelope("a@agency.test", "b@example.org", b"x")] * 3)
    assert {outcome.fate for outcome in outcomes} == {Fate.UNTRIED}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://127.0.0.1:2525", Server("127.0.0.1", 2525, tls=False)),
        ("smtp://mail.test", Server("mail.test", 25, tls=False)),
        ("smtps://ada:p%40ss@mail.test", Server("mail.test", 465, True, "ada", "p@ss")),  # noqa: FBT003 - as stored
    ],
)
def test_a_mail_server_is_named_by_a_url(url, expected):
    assert server_of(url) == expected


@pytest.mark.parametrize("url", ["mail.test:25", "http://mail.test", "smtp://", ""])
def test_another_url_is_refused_with_a_sentence(url):
    with pytest.raises(ValueError, match="smtp://host:port"):
        server_of(url)
