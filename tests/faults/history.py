"""What the fault runs expect of the topics: every claim approved with its amount, nothing refused, all promises kept. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from tests.invariants.check import check as judge
from tests.invariants.names import ENDED, FAILURES, FINAL, TOLD
from tests.invariants.seen import LIFECYCLE, REFUSALS, Documents, Findings, Seen, Violation


def check(
    records: Sequence[Seen], claims: Collection[str], *, weekly: str, documents: Documents | None = None
) -> Findings:
    """Judge the histories of `claims`, all of which should be approved with this weekly amount, and nothing left unanswered.

    `documents`: everything that is stored, of other claims too.
    """
    ours = set(claims)
    told = [each for each in records if each.claim in ours]
    end = (f"approved {weekly}",)
    stored = dict(documents or {})
    if "claims" in stored:
        stored["claims"] = {claim: each for claim, each in stored["claims"].items() if claim in ours}
    findings = judge(told, stored, None, expected=dict.fromkeys(claims, end))
    findings.violations += _put_aside(told)
    return findings


def unfinished(records: Iterable[Seen], claims: Collection[str]) -> list[str]:
    """Give the effects that were asked for and have no answer yet, and the claims that have not ended."""
    ours = set(claims)
    asked, answered, ended = set(), set(), set()
    for each in records:
        if each.claim not in ours or each.is_letter:
            continue
        if ".commands." in each.topic:
            asked.add(each.data["effect_id"])
        elif each.kind in FINAL | FAILURES:
            answered.add(each.data.get("answers"))
        elif each.topic == LIFECYCLE and each.data["phase"] in ENDED:
            ended.add(each.claim)
    return sorted(ours - ended) + sorted(asked - answered)


def _put_aside(told: Iterable[Seen]) -> Iterator[Violation]:
    for each in told:
        if each.is_letter or each.topic == REFUSALS:
            yield Violation(each.claim, "nothing of ours is refused", f"{each} {each.headers.get('dlq_reasons', '')}")


def notices(records: Iterable[Seen], claims: Collection[str]) -> Mapping[str, str]:
    """Give the claim by the Message-ID of each notice that a mail server is said to have taken."""
    ours = set(claims)
    told = [each for each in records if each.kind == TOLD and each.claim in ours and not each.is_letter]
    return {each.data["message_id"]: each.claim for each in told}
