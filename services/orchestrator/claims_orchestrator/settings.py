"""What the orchestrator reads from its environment besides what every service does."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from claims_orchestrator.process import AWAITED, Clocks
from claims_shared.buckets import Allowance
from claims_shared.flow import Portals
from claims_shared.staff.people import Staff


class OrchestratorSettings(BaseSettings):
    """The agency's own clocks and the intake window.

    Durations: ISO 8601 such as P10D or PT30S. Only those inside JSON (by service) may be plain seconds.
    """

    model_config = SettingsConfigDict(env_prefix="CLAIMS_", extra="ignore")

    window: int = Field(5_000, ge=1, description="claims in machines' hands over all replicas before intake waits")
    urgent_batch_records: int = Field(
        100,
        ge=1,
        description="records read at once while urgent claims are under way, so that they wait for short batches",
    )
    quota_rate: float = Field(20.0, gt=0, description="claims a second that a portal may file in the long run")
    quota_burst: float = Field(50.0, ge=1, description="claims that a portal may file at once after a rest")
    quota_in_flight: int = Field(
        8, ge=1, description="claims in machines' hands of a portal that goes beyond its quota, over all replicas"
    )
    quotas: dict[str, tuple[float, float]] = Field(
        default_factory=dict, description="rate and burst of portals with a quota of their own, by ce_source, as JSON"
    )
    deferred_beside: int = Field(
        2, ge=1, description="claims in machines' hands beside which a deferred one may start, over all replicas"
    )
    evidence_due: timedelta | None = Field(None, description="instead of the law's window")
    evidence_remind: timedelta | None = Field(
        None, description="instead of the law's reminders: one, so long after it began"
    )
    awaited: timedelta = AWAITED
    late_after: dict[str, timedelta] = Field(default_factory=dict, description="by service, as JSON")
    too_long_after: dict[str, timedelta] = Field(
        default_factory=dict, description="by service, as JSON: held for longer, somebody is alerted"
    )
    task_due: dict[str, timedelta] = Field(
        default_factory=dict, description="by a referral's reason, as JSON: how long a person has for it"
    )
    assign_seconds: float | None = Field(
        None, gt=0, description="how often the console assigns what nobody has; without, only when it is asked to"
    )
    api_host: str = "127.0.0.1"
    api_port: int = Field(8080, ge=0, le=65_535)

    def over(self, portals: Portals) -> tuple[Allowance, Mapping[str, Allowance]]:
        """Give the usual quota and those of portals that have one of their own: the flow file's before the settings'."""
        usual = portals.usual
        own = {source: Allowance(*each) for source, each in self.quotas.items()}
        own |= {source: Allowance(each.rate, each.burst) for source, each in portals.own.items()}
        return Allowance(usual.rate, usual.burst) if usual else Allowance(self.quota_rate, self.quota_burst), own

    def clocks(self, staff: Staff) -> Clocks:
        """Give the clocks that `decide` takes, and who works here."""
        return Clocks(
            evidence_due=self.evidence_due,
            evidence_remind=self.evidence_remind,
            awaited=self.awaited,
            late_after=self.late_after,
            too_long_after=self.too_long_after,
            task_due=self.task_due,
            staff=staff,
        )
