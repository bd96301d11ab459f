"""The one-person rule, and the digests it works on."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from claims_identity.crossmatch import Crossing, Registration, crossmatch
from claims_identity.tokens import Tokens, normal
from claims_shared.messages.fields import ClaimType
from claims_shared.messages.identity import ConflictKind
from claims_shared.wire import millis

WEDNESDAY = datetime(2026, 1, 7, 12, tzinfo=UTC)  # the week, and with it the benefit year, begins on Sunday the 4th
NEXT_YEAR = datetime(2027, 1, 3, tzinfo=UTC)  # 52 weeks after that Sunday
OVERLAP, DIFFERENT = ConflictKind.OVERLAPPING_CLAIM, ConflictKind.DIFFERENT_PERSON


def filed(claim_id, at=WEDNESDAY, *, kind=ClaimType.NEW, bearer=b"ada 1988", effect="2"):
    return Registration(claim_id, f"{claim_id}/identity/{effect}", kind, millis(at), bearer)


EARLIER = filed("B")
ROWS = [
    ("two new claims on one day overlap", filed("A"), OVERLAP),
    ("a new claim on the last day of the year overlaps", filed("A", NEXT_YEAR - timedelta(milliseconds=1)), OVERLAP),
    ("a new claim on the first day of the next year does not", filed("A", NEXT_YEAR), None),
    (
        "a claim registered later but filed earlier overlaps as well",
        filed("A", WEDNESDAY - timedelta(days=200)),
        OVERLAP,
    ),
    ("a claim filed more than a year before does not", filed("A", WEDNESDAY - timedelta(weeks=53)), None),
    ("an additional claim does not overlap", filed("A", kind=ClaimType.ADDITIONAL), None),
    ("a transitional claim does not overlap", filed("A", kind=ClaimType.TRANSITIONAL), None),
    ("workshare does not overlap", filed("A", kind=ClaimType.WORKSHARE), None),
    ("disaster assistance does not overlap", filed("A", kind=ClaimType.DISASTER), None),
    ("the same claim again is no conflict", filed("B"), None),
    ("the same claim under a corrected name is no conflict", filed("B", bearer=b"bo"), None),
    ("another name or birth date is another person", filed("A", bearer=b"bo 1991"), DIFFERENT),
    ("another person is one however long ago", filed("A", NEXT_YEAR + timedelta(days=900), bearer=b"bo"), DIFFERENT),
    (
        "another person is one in a transitional claim too",
        filed("A", kind=ClaimType.TRANSITIONAL, bearer=b"bo"),
        DIFFERENT,
    ),
]


@pytest.mark.parametrize(("mine", "kind"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_under_one_ssn(mine, kind):
    assert crossmatch(mine, [EARLIER]) == ((Crossing("B", kind),) if kind else ())


def test_a_new_claim_does_not_overlap_with_an_earlier_transitional_one():
    assert crossmatch(filed("A"), [filed("B", kind=ClaimType.TRANSITIONAL)]) == ()


def test_a_claim_that_was_checked_twice_is_found_once_as_it_was_last():
    twice = [filed("B", bearer=b"bo", effect="2"), filed("C"), filed("B", effect="7")]
    assert crossmatch(filed("A"), twice) == (Crossing("B", OVERLAP), Crossing("C", OVERLAP))


def test_a_year_beyond_all_calendars_is_only_a_number():
    assert crossmatch(filed("A", datetime(9999, 12, 31, tzinfo=UTC)), [filed("B", datetime(1, 1, 2, tzinfo=UTC))]) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [("O'Brien", "OBRIEN"), ("José", "Jose"), ("de la Cruz", "De La-Cruz"), ("Strauß", "STRAUSS"), ("Ægir", "ÆGIR")],
)
def test_names_are_compared_as_people_compare_them(one, other):
    assert normal(one) == normal(other)


def test_different_names_stay_different():
    assert len({normal(name) for name in ("Ada", "Ida", "李", "王", "Adá ä")}) == 5


def test_a_registration_holds_no_personal_data(tokens, verify_ada):
    asked = verify_ada(last_name="Unmistakable")
    kept = msgspec.msgpack.encode([tokens.person(asked.ssn), tokens.registration(asked)])
    assert not any(data in kept for data in (b"900-12-3456", b"900123456", b"Ada", b"ada", b"nmistakable", b"1988"))


def test_the_same_person_under_another_key_or_ssn_is_unrecognisable(tokens, verify_ada):
    one = tokens.registration(verify_ada())
    assert one.bearer != Tokens(b"another").registration(verify_ada()).bearer
    assert one.bearer != tokens.registration(verify_ada(ssn="900-12-3457")).bearer
    assert tokens.person("900-12-3456") != Tokens(b"another").person("900-12-3456")


@pytest.mark.parametrize(
    "change",
    [
        {"first_name": "Ida"},
        {"last_name": "Obe"},
        {"first_name": "AdaO", "last_name": "bi"},
        {"date_of_birth": date(1988, 4, 3)},
    ],
)
def test_names_and_the_birth_date_count(change, tokens, verify_ada):
    assert tokens.registration(verify_ada()).bearer != tokens.registration(verify_ada(**change)).bearer
