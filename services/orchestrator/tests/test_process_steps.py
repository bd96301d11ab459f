"""Plans, evidence, failures and lateness, a row a sentence: given messages, when one more, then what is sent and waited for."""

import pytest
from claim_walk import (
    DENIED,
    DETERMINE,
    NOTICE,
    PROGRESSED,
    REFERRED,
    RELEASE,
    SCHEDULE,
    VERIFY,
    Row,
    booked,
    computed,
    decided,
    due,
    eligible,
    evidence,
    evidence_needed,
    exhausted,
    failed,
    ineligible,
    ineligible_without_window,
    not_payable,
    play,
    released,
    reminder,
    reopened,
    retry,
    sentence,
    submitted,
    verified,
)

LATE = [due("identity")] * 4

EVERY_KIND = [
    Row("a new claim begins with identity", [], submitted(), ["claim.accepted", VERIFY], "open", ["identity"]),
    Row(
        "an additional claim begins with eligibility",
        [],
        submitted(claim_type="additional", benefit_year_of="C-0"),
        ["claim.accepted", DETERMINE],
        "open",
        ["eligibility"],
    ),
    Row(
        "an additional claim is approved without amounts of its own",
        [submitted(claim_type="additional", benefit_year_of="C-0")],
        reopened,
        ["claim.approved", NOTICE],
        "approved",
        [],
    ),
    Row(
        "an additional claim without enough money is denied",
        [submitted(claim_type="additional", benefit_year_of="C-0")],
        ineligible,
        ["claim.denied", NOTICE],
        "denied",
        [],
    ),
    *(
        Row(
            f"a {kind} claim is approved when its benefit is computed",
            [submitted(claim_type=kind, benefit_year_of="C-0"), verified, eligible],
            computed,
            ["claim.approved", NOTICE],
            "approved",
            [],
        )
        for kind in ("transitional", "workshare")
    ),
    *(
        Row(
            f"a {kind} claim needs an orientation interview when its benefit is computed",
            [submitted(claim_type=kind), verified, eligible],
            computed,
            [PROGRESSED, SCHEDULE],
            "open",
            ["orientation"],
        )
        for kind in ("new", "disaster")
    ),
    *(
        Row(
            f"a {kind} claim is approved when the interview is booked",
            [submitted(claim_type=kind), verified, eligible, computed],
            booked("orientation"),
            ["claim.approved", NOTICE],
            "approved",
            [],
        )
        for kind in ("new", "disaster")
    ),
    *(
        Row(
            f"a {kind} claim without enough money is denied and its person let go",
            [submitted(claim_type=kind, benefit_year_of="C-0"), verified],
            ineligible,
            ["claim.denied", RELEASE, NOTICE],
            "denied",
            ["undo-identity"],
        )
        for kind in ("new", "transitional", "workshare", "disaster")
    ),
    Row(
        "a claim for which the law gives nothing is denied",
        [submitted(), verified, eligible],
        not_payable,
        ["claim.denied", RELEASE, NOTICE],
        "denied",
        ["undo-identity"],
    ),
    Row(
        "a denial with an unknown appeal window is published; only its mail waits, for adjudication",
        [submitted(), verified],
        ineligible_without_window,
        ["claim.denied", RELEASE],
        "denied",
        ["referral-appeal_window", "undo-identity"],
    ),
    Row(
        "the mail goes out when adjudication knows the appeal window",
        [submitted(), verified, ineligible_without_window],
        decided("appeal_window", "continue"),
        [PROGRESSED, NOTICE],
        "denied",
        ["undo-identity"],
    ),
    Row("a released person closes the undo", [*DENIED], released, [PROGRESSED], "denied", []),
]

EVIDENCE = [
    Row(
        "a doubtful match asks the citizen for documents",
        [submitted()],
        evidence_needed,
        [PROGRESSED, NOTICE],
        "open",
        ["evidence"],
    ),
    Row(
        "the citizen is reminded after three days",
        [submitted(), evidence_needed],
        reminder("evidence"),
        [PROGRESSED, NOTICE],
        "open",
        ["evidence"],
    ),
    Row(
        "documents in time undo the first check and ask again",
        [submitted(), evidence_needed],
        evidence(documents=["doc-1"]),
        [PROGRESSED, RELEASE, VERIFY],
        "open",
        ["identity", "undo-identity"],
    ),
    Row(
        "documents after the reminder count as well",
        [submitted(), evidence_needed, reminder("evidence")],
        evidence(documents=["doc-1"]),
        [PROGRESSED, RELEASE, VERIFY],
        "open",
        ["identity", "undo-identity"],
    ),
    Row(
        "a second look that succeeds goes on, whether the first is undone yet or not",
        [submitted(), evidence_needed, evidence()],
        verified,
        [PROGRESSED, DETERMINE],
        "open",
        ["eligibility", "undo-identity"],
    ),
    Row(
        "silence sends the claim to a person",
        [submitted(), evidence_needed],
        due("evidence"),
        [REFERRED, NOTICE],
        "open",
        ["referral-no_answer"],
    ),
    Row(
        "after silence a person may ask again",
        [submitted(), evidence_needed, due("evidence")],
        decided("no_answer", "ask"),
        [PROGRESSED, NOTICE],
        "open",
        ["evidence"],
    ),
    Row(
        "after silence a person may deny",
        [submitted(), evidence_needed, due("evidence")],
        decided("no_answer", "deny"),
        ["claim.denied", RELEASE],
        "denied",
        ["referral-appeal_window", "undo-identity"],
    ),
    Row(
        "after silence a person may go on without the documents",
        [submitted(), evidence_needed, due("evidence")],
        decided("no_answer", "continue"),
        [PROGRESSED, DETERMINE],
        "open",
        ["eligibility"],
    ),
]

FAILURES = [
    Row("a passing failure plans a retry", [submitted()], failed("identity"), [PROGRESSED], "open", ["identity"]),
    Row(
        "a retry sends the command again",
        [submitted(), failed("identity")],
        retry("identity"),
        [PROGRESSED, VERIFY],
        "open",
        ["identity"],
    ),
    Row(
        "a success after a retry counts",
        [submitted(), failed("identity"), retry("identity")],
        verified,
        [PROGRESSED, DETERMINE],
        "open",
        ["eligibility"],
    ),
    Row(
        "a success of the first attempt counts while a retry is planned",
        [submitted(), failed("identity")],
        verified,
        [PROGRESSED, DETERMINE],
        "open",
        ["eligibility"],
    ),
    Row(
        "an exhausted retry plan asks a person and keeps the entry answerable",
        [submitted(), *exhausted("identity")[:-1]],
        failed("identity"),
        [REFERRED, NOTICE],
        "open",
        ["identity", "referral-technical"],
    ),
    Row(
        "a late success closes the referral that its failures opened",
        [submitted(), *exhausted("identity")],
        verified,
        [PROGRESSED, DETERMINE],
        "open",
        ["eligibility"],
    ),
    Row(
        "the same failure read again after exhaustion says nothing new",
        [submitted(), *exhausted("identity")],
        failed("identity"),
        [],
        "open",
        ["identity", "referral-technical"],
    ),
    Row(
        "a permanent failure asks a person at once, for its own reason",
        [submitted(), verified],
        failed("eligibility", "permanent", "no_pack"),
        [REFERRED, NOTICE],
        "open",
        ["referral-no_pack"],
    ),
    Row(
        "a denied check asks a person at once",
        [submitted()],
        failed("identity", "denied", "provider_denied"),
        [REFERRED, NOTICE],
        "open",
        ["referral-provider_denied"],
    ),
    Row(
        "a permanent failure of a command that a person was asked about gives its own reason instead",
        [submitted(), *LATE],
        failed("identity", "permanent", "no_pack"),
        [REFERRED, NOTICE],
        "open",
        ["referral-no_pack"],
    ),
    Row(
        "a failure of an older attempt is ignored",
        [submitted(), due("identity")],
        failed("identity", attempt=1),
        [],
        "open",
        ["identity"],
    ),
    Row(
        "a failure read twice plans one retry",
        [submitted(), failed("identity")],
        failed("identity"),
        [],
        "open",
        ["identity"],
    ),
    Row(
        "a person's retry asks anew, under a new effect, and lets go of the old one",
        [submitted(), *exhausted("identity")],
        decided("technical", "retry"),
        [PROGRESSED, RELEASE, VERIFY],
        "open",
        ["identity", "undo-identity"],
    ),
    Row(
        "no free slot is asked for again",
        [submitted(), verified, eligible, computed, failed("orientation")],
        retry("orientation"),
        [PROGRESSED, SCHEDULE],
        "open",
        ["orientation"],
    ),
]

LATENESS = [
    Row("a late command is sent again", [submitted()], due("identity"), [PROGRESSED, VERIFY], "open", ["identity"]),
    Row(
        "a command late beyond patience asks a person and stays answerable",
        [submitted(), *LATE[:-1]],
        due("identity"),
        [REFERRED, NOTICE],
        "open",
        ["identity", "referral-late"],
    ),
    Row(
        "an answer beyond patience still counts, and closes the referral for lateness",
        [submitted(), *LATE],
        verified,
        [PROGRESSED, DETERMINE],
        "open",
        ["eligibility"],
    ),
    Row(
        "a person may go on without the answer that is late",
        [submitted(), *LATE],
        decided("late", "continue"),
        [PROGRESSED, DETERMINE],
        "open",
        ["eligibility"],
    ),
    Row(
        "a failure after a person was asked plans nothing",
        [submitted(), *LATE],
        failed("identity"),
        [],
        "open",
        ["identity", "referral-late"],
    ),
]


@pytest.mark.parametrize("row", [*EVERY_KIND, *EVIDENCE, *FAILURES, *LATENESS], ids=sentence)
def test_it_is_so(row):
    play(row)
