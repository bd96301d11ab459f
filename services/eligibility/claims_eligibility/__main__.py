"""Builds the eligibility service and runs it: no store, the law in memory."""

from datetime import timedelta
from functools import partial

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from claims_eligibility.determine import ONE_YEAR, determine
from claims_shared.answering import answering
from claims_shared.law.loader import load_packs
from claims_shared.messages.eligibility import EligibilityCheckFailed
from claims_shared.service import Built, Kit, run


class EligibilitySettings(BaseSettings):
    """How far back a claim may have been filed before a person looks at it."""

    model_config = SettingsConfigDict(env_prefix="CLAIMS_", extra="ignore")

    filing_age_days: int = Field(ONE_YEAR.days, ge=1)


async def build(kit: Kit) -> Built:
    """Load the law and answer by it."""
    longest_age = timedelta(days=EligibilitySettings().filing_age_days)
    decide = partial(determine, packs=load_packs(), longest_age=longest_age)
    return answering(kit, decide, EligibilityCheckFailed)


if __name__ == "__main__":
    run("eligibility", build)
