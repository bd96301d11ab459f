"""Every journey comes to what it says; what is misspelt is refused; a world without faults takes the whole way in an instant."""

import pytest
import structlog
from tests.journeys.reading import Journey, WrongJourneyError, journeys, read
from tests.journeys.travelling import travel
from tests.simulation.soak import quiet

ORDINARY = {"journey": "j", "filed": "2026-03-02T09:00", "days": [{"after": "1 minute"}]}


@pytest.fixture(autouse=True)
def silence():
    before = structlog.get_config()
    quiet()
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("path", journeys(), ids=lambda path: path.stem)
def test_journey(path):
    otherwise = [line for came in travel(read(path)) for line in came.otherwise()]
    assert not otherwise, "\n".join(otherwise)


def test_there_are_journeys_and_one_is_45_days_long():
    assert any(read(path).days[-1].after == "45 days" for path in journeys())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("happens", ["accepted"]),
        ("mails", []),
        ("waits_for", {"evidence": "until 2026-03-12 10:00"}),
        ("phase", "denied"),
        ("tells", {"weekly_benefit_amount": "394.00"}),
    ],
)
def test_what_comes_otherwise_is_told_with_its_day(name, value):
    (came,) = travel(Journey.model_validate(ORDINARY | {"days": [{"after": "1 minute", name: value}]}))
    (told,) = came.otherwise()
    assert told.startswith(f"after 1 minute: {name}: ")


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("{after: 3 fortnights}", "write it as `3 days`"),
        ("{claimant: withdraws}", "one of both"),
        ("{after: 1 day, hapens: [accepted]}", "hapens"),
        ("{after: 1 day, claimant: sings}", "sends evidence"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(tmp_path, day, says):
    path = tmp_path / "wrong.yaml"
    path.write_text(f"journey: wrong\nfiled: 2026-03-02 09:00\ndays: [{day}]\n")
    with pytest.raises(WrongJourneyError, match=says):
        read(path)


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ({"caseworker": "continues"}, "2026-03-03 09:00: there is no referral to answer"),
        ({"caseworker": "holds the interview"}, "there is no interview to answer; the claim waits for {'evidence'"),
        ({"claimant": "appeals"}, "no determination"),
    ],
)
def test_who_answers_what_nobody_asked_is_told_so(day, says):
    with pytest.raises(WrongJourneyError, match=says):
        list(travel(Journey.model_validate(ORDINARY | {"record": "partial", "days": [{"after": "1 day"} | day]})))
