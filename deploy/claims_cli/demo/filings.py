"""Claims as the demo's portal files them. Pure."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from claims_cli.demo.examples import Example
from claims_cli.demo.people import Person


def filing(claim_id: str, example: Example, person: Person, **changes: Any) -> dict[str, Any]:
    """Give the body of ClaimSubmitted: this person with the wages and the filing day of the example."""
    return {
        "claim_id": claim_id,
        "portal_ref": f"DEMO-{person.number:06}",
        "jurisdiction": example.jurisdiction,
        "claim_type": "new",
        "program": "UI",
        "filed_at": f"{example.filed_on.isoformat()}T17:00:00Z",
        "benefit_year_of": None,
        "claimant": person.claimant(example.jurisdiction),
        "veteran": False,
        "discharged_on": None,
        "hardship": None,
        "wages": [_wage(quarter, amount) for quarter, amount in example.wages.items()],
        "separation": _separation(example),
        "dependents": {"children": 0, "spouse": False},
        "able_and_available": True,
        "work_authorized": True,
    } | changes


def quit_job(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give the same claim of somebody who left the job."""
    return {**body, "separation": body["separation"] | {"reason": "quit", "explanation": "I moved away."}}


def encoded(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _wage(quarter: str, amount: str) -> dict[str, object]:
    return {"quarter": quarter, "amount": amount, "employer": "E-1", "weeks_worked": 13}


def _separation(example: Example) -> dict[str, object]:
    last_day = example.filed_on - timedelta(days=7)
    return {"employer": "E-1", "last_day_worked": last_day.isoformat(), "reason": "lack_of_work", "explanation": ""}
