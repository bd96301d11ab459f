import json

import pytest

from claims_cli.demo.examples import named
from claims_cli.demo.filings import filing
from claims_cli.demo.people import People
from claims_cli.errors import ClaimsError
from claims_cli.submissions import Claim, Wrong, check, read
from claims_shared.messages.catalog import SUBMISSION_LIMIT

ADA = People(1).next()


def body(claim_id="C-1", **changes):
    return filing(claim_id, named("O0379"), ADA, **changes)


def line(**changes) -> bytes:
    return json.dumps(body(**changes)).encode()


def reasons(document: bytes) -> list[str]:
    (found,) = check([(1, document)])
    return list(found.reasons) if isinstance(found, Wrong) else []


def test_a_right_claim_keeps_its_bytes():
    document = json.dumps(body() | {"of_a_later_version": 1}).encode()
    assert list(check([(7, document)])) == [Claim(7, "C-1", document)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"wages": [{"quarter": "2025Q5", "amount": "1.00", "employer": "E"}]}, "wages.0.quarter"),
        ({"wages": [{"quarter": "2025Q1", "amount": 1.5, "employer": "E"}]}, "wages.0.amount"),
        ({"claim_type": "old"}, "claim_type"),
        ({"filed_at": "2026-11-20T15:04:05"}, "filed_at"),
        ({"claim_type": "additional"}, "the line"),
        ({"claim_id": "a claim"}, "claim_id"),
    ],
)
def test_what_is_wrong_is_named_by_field(changes, field):
    (reason,) = reasons(json.dumps(body() | changes).encode())
    assert reason.startswith(f"{field}: ")


def test_no_value_is_echoed():
    wrong = body()
    wrong["claimant"] = wrong["claimant"] | {"ssn": "900123456", "date_of_birth": "1988-13-77"}
    said = " ".join(reasons(json.dumps(wrong).encode()))
    assert "claimant.ssn" in said
    assert "900123456" not in said
    assert "1988-13-77" not in said


@pytest.mark.parametrize("document", [b"{", b"\xff\xfe", b"[]", b'"\\ud800"', b"[" * 100_000])
def test_what_is_no_claim_is_wrong_and_no_accident(document):
    assert reasons(document)


def test_a_claim_larger_than_is_taken_is_wrong():
    assert "larger" in reasons(line(hardship="x" * SUBMISSION_LIMIT))[0]


def test_the_same_id_with_another_body_is_wrong_and_with_the_same_not():
    first, again, other = check([(1, line()), (2, line()), (3, line(veteran=True))])
    assert isinstance(first, Claim)
    assert isinstance(again, Claim)
    assert other == Wrong(3, ("claim_id: line 1 has the same one with another body",))


def test_lines_are_numbered_as_in_the_file(tmp_path):
    path = tmp_path / "claims.jsonl"
    path.write_bytes(line() + b"\n\n" + line(claim_id="C-2") + b"\n")
    assert [number for number, _ in read(path)] == [1, 3]


@pytest.mark.parametrize("many", [True, False])
def test_a_json_file_holds_one_claim_or_a_list(tmp_path, many):
    path = tmp_path / "claims.json"
    path.write_text(json.dumps([body(), body("C-2")] if many else body(), indent=2))
    assert [type(each) for each in check(read(path))] == [Claim] * (2 if many else 1)


@pytest.mark.parametrize("content", [None, '{"claim_id": "C-1",\n nonsense}'])
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, content):
    path = tmp_path / "claims.json"
    if content:
        path.write_text(content)
    with pytest.raises(ClaimsError, match=r"line 2|cannot be read"):
        read(path)
