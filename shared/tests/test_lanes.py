"""Which records are read next: answers, then expedited, then standard work, which is never starved and lends what it leaves."""

import pytest

from claims_shared.lanes import Class, by_class, class_of, share
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
    ("room", "standard_open", "turn"),
    [
        (500, True, (400, 500)),
        (500, False, (500, 0)),
        (5, True, (4, 5)),
        (3, True, (3, 3)),
        (0, True, (0, 0)),
    ],
    ids=["the floor is one in five", "closed lends all", "one of five", "less than the floor", "the answers took all"],
)
def test_standard_keeps_a_floor(room, standard_open, turn):
    assert share(room, floor=5, standard_open=standard_open) == turn


def test_standard_takes_what_expedited_leaves():
    turn = share(500, floor=5, standard_open=True)
    assert min(turn.standard, 500 - 0) == 500
    assert min(turn.standard, 500 - turn.expedited) == 100


def test_places_are_grouped_by_class():
    places = [
        ("claims.intake.submissions.v1", 1),
        ("claims.desk.submissions.v1", 2),
        ("claims.intake.submissions.v1", 3),
    ]
    assert by_class(places) == {Class.ANSWERS: [2], Class.EXPEDITED: [], Class.STANDARD: [1, 3]}
    assert list(by_class(())) == [Class.ANSWERS, Class.EXPEDITED, Class.STANDARD]
