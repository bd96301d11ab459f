"""What an interview asks of its slot and of the one who holds it, and why there is none. Pure."""

from typing import Final

from claims_scheduler.calendar import zone_or
from claims_scheduler.groups import Groups, Want
from claims_shared.calendars.agencies import AGENCIES
from claims_shared.messages.scheduler import InterviewKind, ScheduleInterview
from claims_shared.wire import partition_of

NO_FREE_SLOT: Final = "no_free_slot"
"""All is taken now; any other reason stays one until the staff or the claim is another."""


def want_of(asked: ScheduleInterview, effect: str, partitions: int, not_before: int = 0) -> Want | None:
    """Say what is wanted; None: there is no such agency. The partition is the claim's."""
    agency = AGENCIES.get(asked.jurisdiction)
    if agency is None:
        return None
    return Want(
        effect,
        partition_of(asked.claim_id, partitions),
        asked.jurisdiction,
        zone_or(asked.time_zone, agency.zone),
        skills=_KINDS[asked.kind] if not asked.issues else frozenset((asked.kind.value, *asked.issues)),
        language=asked.language,
        concerns=frozenset((asked.claim_id, asked.employer) if asked.employer else (asked.claim_id,)),
        not_before=not_before,
    )


_KINDS: Final = {kind: frozenset({kind.value}) for kind in InterviewKind}


def why_not(groups: Groups, want: Want | None, now: int) -> str:
    """Say why there is no slot."""
    if want is None:
        return "unknown_jurisdiction"
    group = groups.of(want)
    if not group.members:
        return "no_skill"
    return NO_FREE_SLOT if group.calendars.meet(want.zone, now) else "no_common_hours"
