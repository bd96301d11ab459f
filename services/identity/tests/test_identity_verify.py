"""What a record match and a cross-match come to."""

import pytest

from claims_identity.crossmatch import Crossing
from claims_identity.verify import EVERYTHING, MOST_TOLD, Match, Outcome, verify
from claims_shared.messages.identity import (
    ConflictKind,
    IdentityConflictFound,
    IdentityEvidenceNeeded,
    IdentityVerified,
)

MATCH, NO_MATCH, DECEASED = Match(Outcome.MATCH), Match(Outcome.NO_MATCH), Match(Outcome.DECEASED)
PARTIAL = Match(Outcome.PARTIAL, ("last_name",))
OVERLAP = Crossing("B", ConflictKind.OVERLAPPING_CLAIM)
STRANGER = Crossing("C", ConflictKind.DIFFERENT_PERSON)

ROWS = [
    ("a match without another claim is verified", MATCH, (), IdentityVerified, {}),
    (
        "no match asks for documents about everything",
        NO_MATCH,
        (),
        IdentityEvidenceNeeded,
        {"reason": "no_match", "wanted": EVERYTHING},
    ),
    (
        "a partial match asks for what disagreed",
        PARTIAL,
        (),
        IdentityEvidenceNeeded,
        {"reason": "partial_match", "wanted": ("last_name",)},
    ),
    (
        "a partial match that names nothing asks for everything",
        Match(Outcome.PARTIAL),
        (),
        IdentityEvidenceNeeded,
        {"reason": "partial_match", "wanted": EVERYTHING},
    ),
    (
        "a date of death is a conflict for a person, no refusal",
        DECEASED,
        (),
        IdentityConflictFound,
        {"kind": ConflictKind.DECEASED, "other_claim_id": None},
    ),
    (
        "another claim is a conflict though the record matches",
        MATCH,
        (OVERLAP,),
        IdentityConflictFound,
        {"kind": ConflictKind.OVERLAPPING_CLAIM, "other_claim_id": "B"},
    ),
    (
        "a conflict comes before evidence",
        NO_MATCH,
        (STRANGER,),
        IdentityConflictFound,
        {"kind": ConflictKind.DIFFERENT_PERSON, "other_claim_id": "C"},
    ),
    (
        "of several conflicts the earliest registered is named",
        MATCH,
        (OVERLAP, STRANGER),
        IdentityConflictFound,
        {"kind": ConflictKind.OVERLAPPING_CLAIM, "other_claim_id": "B"},
    ),
    (
        "a date of death outweighs the other claim and still names it",
        DECEASED,
        (OVERLAP,),
        IdentityConflictFound,
        {"kind": ConflictKind.DECEASED, "other_claim_id": "B"},
    ),
]


@pytest.mark.parametrize("row", [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_check_means(row, verify_ada, now):
    match, crossings, answer, said = row
    asked = verify_ada(attempt=3)
    found = verify(asked, match, crossings, now).answer
    assert type(found) is answer
    assert {name: getattr(found, name) for name in said} == said
    assert (found.claim_id, found.answers, found.attempt) == ("A", "A/identity/2", 3)


def test_each_other_claim_is_told_unasked_what_it_disagrees_on(verify_ada, now):
    told = verify(verify_ada(), MATCH, (OVERLAP, STRANGER), now).told
    assert [(each.claim_id, each.kind, each.other_claim_id, each.answers, each.attempt) for each in told] == [
        ("B", ConflictKind.OVERLAPPING_CLAIM, "A", None, None),
        ("C", ConflictKind.DIFFERENT_PERSON, "A", None, None),
    ]


def test_without_a_conflict_nobody_is_told(verify_ada, now):
    assert all(not verify(verify_ada(), match, (), now).told for match in (MATCH, NO_MATCH, PARTIAL, DECEASED))


def test_an_ssn_filed_a_thousand_times_makes_no_thousand_messages_a_claim(verify_ada, now):
    crowd = [Crossing(f"C{number}", ConflictKind.OVERLAPPING_CLAIM) for number in range(1000)]
    assert [each.claim_id for each in verify(verify_ada(), MATCH, crowd, now).told] == [
        f"C{number}" for number in range(MOST_TOLD)
    ]
