"""Which records are read next: answers, then expedited, then standard work, which is never starved and lends what it leaves."""

import pytest

from claims_shared.lanes import Class, Floor, by_class, class_of
from claims_shared.messages.catalog import TOPICS


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("claims.identity.events.v1", Class.ANSWERS),
        ("claims.lifecycle.events.v1", Class.ANSWERS),
        ("claims.desk.submissions.v1", Class.ANSWERS),
        ("claims.intake.submissions.expedited.v1", Class.EXPEDITED),
        ("claims.identity.commands.expedited.v1", Class.EXPEDITED),
        ("claims.intake.submissions.v1", Class.STANDARD),
        ("claims.intake.submissions.deferred.v1", Class.DEFERRED),
        ("claims.identity.commands.v1", Class.STANDARD),
    ],
)
def test_a_topic_has_a_class(topic, expected):
    assert class_of(topic) is expected


def test_every_lane_of_the_catalogue_is_expedited_and_nothing_else_is():
    for topic in TOPICS:
        for stream in topic.streams:
            assert (class_of(stream) is Class.EXPEDITED) == (topic.lanes and stream == topic.expedited)


@pytest.mark.parametrize(
    ("room", "kept"),
    [(500, 100), (5, 1), (3, 0), (0, 0)],
    ids=["the floor is one in five", "one of five", "less than the floor", "the answers took all"],
)
def test_standard_keeps_a_floor(room, kept):
    assert Floor(5).kept(room) == kept


def test_what_a_poll_is_too_small_to_keep_is_owed_to_the_next():
    floor, taken = Floor(5), []
    for _ in range(20):
        kept = floor.kept(1)
        floor.took(1 - kept, kept)
        taken.append(kept)
    assert taken == [0, 0, 0, 0, 1] * 4


def test_what_was_lent_is_not_owed():
    floor = Floor(5)
    for _ in range(100):
        floor.took(500, 0)
    assert floor.kept(500) == (500 + 4) // 5
    assert floor.earned(0) == 1


def test_a_class_that_is_shut_has_its_share_of_what_the_others_take_and_nothing_where_they_take_nothing():
    floor = Floor(5)
    assert [floor.earned(others) for others in (0, 3, 4, 400)] == [0, 0, 1, 100]


def test_a_floor_of_everything_keeps_everything():
    assert Floor(1).kept(7) == 7


def test_places_are_grouped_by_class():
    places = [
        ("claims.intake.submissions.v1", 1),
        ("claims.desk.submissions.v1", 2),
        ("claims.intake.submissions.v1", 3),
    ]
    assert by_class(places) == {Class.ANSWERS: [2], Class.EXPEDITED: [], Class.STANDARD: [1, 3], Class.DEFERRED: []}
    assert list(by_class(())) == [Class.ANSWERS, Class.EXPEDITED, Class.STANDARD, Class.DEFERRED]
