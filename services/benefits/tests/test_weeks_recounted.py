"""Whatever is certified, in whatever order and however often: to the cent what a recount by hand gives, which shares no code."""

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from week_walk import Walk, entry

WEEKLY = 39_500
EARNINGS = (0, 0, 0, 5_000, 11_850, 11_851, 20_000, 39_499, 39_500, 60_000)
HOURS = (0, 0, 0, 0, 0, 800, 1_650, 3_999, 4_000)
AWARDS = (20_000, 50_000, 79_000, 1_027_000)

MOSTLY = st.sampled_from((True,) * 19 + (False,))
KINDS = {
    "certified": st.tuples(
        st.just("certified"),
        st.integers(1, 5),
        st.sampled_from(EARNINGS),
        st.sampled_from(HOURS),
        MOSTLY,
        MOSTLY,
        st.integers(0, 9),
    ),
    "approved": st.tuples(st.just("approved"), st.sampled_from(AWARDS)),
    "questioned": st.just(("questioned",)),
    "cleared": st.just(("cleared",)),
    "again": st.tuples(st.just("again"), st.integers(0, 40)),
}
"""Alternatives that are equal count once with hypothesis: what shall come often is drawn by its name."""
OFTEN = ("certified",) * 14 + ("again",) * 2 + ("cleared",) * 2 + ("questioned", "approved", "approved")
SAID = st.sampled_from(OFTEN).flatmap(KINDS.__getitem__)
STORIES = st.tuples(st.lists(SAID, max_size=3), KINDS["approved"], st.lists(SAID, min_size=4, max_size=40)).map(
    lambda parts: [*parts[0], parts[1], *parts[2]]
)


def by_hand(earnings: int, hours: int) -> int:
    """Utah: 30 % of the weekly amount may be earned; whole dollars; nothing from it on, nor from 40 hours on."""
    if hours >= 4_000 or earnings >= WEEKLY:
        return 0
    return WEEKLY if earnings * 10 <= WEEKLY * 3 else (WEEKLY * 13 - earnings * 10) // 1_000 * 100


class Recount:
    """The same claim on paper."""

    def __init__(self) -> None:
        self.said, self.status, self.paid, self.basis = {}, {}, {}, {}
        self.granted = self.left = self.back = 0
        self.approved = self.questioned = False

    def certified(self, week, *rest):
        *facts, at = rest
        known = self.said.setdefault(week, [])
        if known and (facts == known[-1][0] or [facts, at] in known):
            if facts == known[-1][0] and at > known[-1][1]:
                known[-1] = [facts, at]
            return
        if not known or at > known[-1][1]:
            known.append([facts, at])
            self.settle(week)

    def settle(self, week):
        earnings, hours, able, searched = self.said[week][-1][0]
        due = by_hand(earnings, hours)
        waiting = self.of("waiting") - {week}
        if not self.approved or self.questioned or not able or not searched:
            self.status[week] = "held"
        elif week in self.paid:
            self.corrected(week, due)
        elif due == 0:
            self.status[week] = "nothing"
        elif not waiting:
            self.status[week] = "waiting"
        elif self.left == 0:
            self.status[week] = "exhausted"
        else:
            self.status[week], self.paid[week], self.basis[week] = "paid", min(due, self.left), due
            self.left -= self.paid[week]

    def corrected(self, week, due):
        self.status[week] = "held" if due > self.basis[week] else "paid"
        if due <= self.basis[week]:
            back = max(self.paid[week] - due, 0)
            self.paid[week], self.back, self.basis[week] = self.paid[week] - back, self.back + back, due

    def approve(self, award):
        self.approved, self.questioned = True, False
        more = max(award, self.granted - self.left) - self.granted
        self.granted, self.left = self.granted + more, self.left + more
        self.look_again()

    def question(self, questioned):
        if questioned is not self.questioned:  # what says nothing new makes nobody look again
            self.questioned = questioned
            self.look_again()

    def of(self, *statuses):
        return {week for week, status in self.status.items() if status in statuses}

    def look_again(self):
        for week in sorted(self.of("held", "exhausted")):
            self.settle(week)


def tell(walk, recount, said):
    """The same to both."""
    kind, *more = said
    if kind == "certified":
        week, earnings, hours, able, searched, at = more
        recount.certified(*more)
        walk.certify(week, f"{earnings / 100:.2f}", f"{hours / 100:.2f}", able=able, searched=searched, at=at)
    elif kind == "approved":
        recount.approve(*more)
        walk.approve(maximum=f"{more[0] / 100:.2f}")
    elif recount.approved:
        recount.question(kind == "questioned")
        walk.hear("progressed", *([entry("referral", "identity")] if recount.questioned else []))


@settings(max_examples=300, deadline=None)
@given(STORIES)
def test_to_the_cent_as_by_hand(story):
    walk, recount, heard = Walk(), Recount(), []
    take = walk.take

    def taken(message):
        heard.append(message)
        return take(message)

    walk.take = taken
    for said in story:
        if said[0] == "again" and heard:
            take(heard[said[1] % len(heard)])
            certified_again(recount, heard[said[1] % len(heard)])
        elif said[0] != "again":
            tell(walk, recount, said)
    weeks = {_number(name): week for name, week in walk.claim.weeks.items()}
    assert {number: week.authorised for number, week in weeks.items() if week.authorised is not None} == recount.paid
    assert walk.money("authorised") == f"{sum(recount.paid.values()) / 100:.2f}"
    assert walk.money("reversed") == f"{recount.back / 100:.2f}"
    assert walk.money("award") == f"{-recount.granted / 100:.2f}"
    named = {"authorised": {"paid"}, "not-payable": {"nothing", "exhausted"}}
    assert weeks.keys() == recount.status.keys()
    assert all(recount.status[number] in named.get(week.state, {week.state}) for number, week in weeks.items())
    # A record that is read again may be refused for another reason by then: readers keep the first.
    events = {(out.id, out.body) for out in walk.outputs if out.type != "week.refused.v1"}
    once = Counter(name for name, _ in events)
    assert all(number == 1 for number in once.values()), "one event, one id"
    paid = [each.id for each in walk.claim.transfers if each.target == "authorised"]
    assert len(paid) == len(set(paid)) == len(recount.paid)


def certified_again(recount, message):
    """What is said again is what was said before: on paper only certifications matter then."""
    body = message.body
    if hasattr(body, "week_ending"):
        week = _number(body.week_ending.isoformat())
        at = (body.certified_at.date() - body.week_ending).days - 1
        facts = (int(body.earnings * 100), int(body.hours * 100), body.able_and_available, body.searched_for_work)
        recount.certified(week, *facts, at)


def _number(week_ending):
    return (date.fromisoformat(week_ending) - date(2026, 9, 12)).days // 7
