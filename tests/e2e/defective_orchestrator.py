"""An orchestrator of a release with a defect: it fails on the identity answers of claims that are called `parked-…`."""

from datetime import datetime
from typing import Any

import claims_orchestrator.__main__ as release
from claims_orchestrator.claim import Claim
from claims_orchestrator.store import ClaimDecider
from claims_shared.documents import Folding
from claims_shared.service import run
from claims_shared.wire import Received


class Defective(ClaimDecider):
    def fold(self, document: Claim | None, message: Received, now: datetime) -> Folding[Claim]:
        if message.type == "identity.verified.v1" and message.claim_id.startswith("parked-"):
            found: dict[str, Any] = {}
            return found[message.claim_id]  # type: ignore[no-any-return]
        return super().fold(document, message, now)


if __name__ == "__main__":
    release.ClaimDecider = Defective  # type: ignore[misc]
    run("orchestrator", release.build)
