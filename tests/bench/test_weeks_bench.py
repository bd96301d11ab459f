"""The benchmark of the weeks in small: every figure is there, and every certification was answered. Times are not judged."""

import json

from tests.bench.weeks import main, options


async def test_a_few_claims_certify_a_few_weeks(capsys):
    await main(options(["--claims", "40", "--weeks", "4"]))
    told = {each["figure"]: each["value"] for each in map(json.loads, capsys.readouterr().out.splitlines())}
    assert list(told) == [
        "approvals_per_second",
        "certifications_per_second",
        "cpu_us_per_certification",
        "events_per_certification",
        "document_bytes",
    ]
    assert told["events_per_certification"] == 1
