"""An entitlement while one message is folded into it: the money that moves and the events. Pure: the given one stays."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from claims_benefits.entitlement import Award, Entitlement, Week
from claims_benefits.ledger import Account, Transfer, balances, post
from claims_shared.messages.fields import Message
from claims_shared.wire import Output, millis, output

SOURCE: Final = "claims.benefits"


@dataclass(slots=True)
class Draft:
    """The copy that is changed. `cause`: the message's id."""

    claim: Entitlement
    cause: str
    now: datetime
    outputs: list[Output] = field(default_factory=list)

    def change(self, **fields: Any) -> None:
        """Replace fields of the claim."""
        self.claim = msgspec.structs.replace(self.claim, **fields)

    def put(self, week_ending: str, week: Week | None) -> None:
        """Replace one week; None takes it out."""
        others = {name: each for name, each in self.claim.weeks.items() if name != week_ending}
        self.change(weeks=others if week is None else dict(sorted({**others, week_ending: week}.items())))

    def tell(self, body: Message, name: str, key: str | None = None) -> Output:
        """Say something; `name` makes the event's id within the claim."""
        said = output(body, id=f"{self.claim.id}/{name}", source=SOURCE, at=self.now, causation=self.cause, key=key)
        self.outputs.append(said)
        return said

    # --- money -----------------------------------------------------------------------------------

    def held(self, *accounts: Account) -> int:
        """Give the cents in these accounts."""
        found = balances(self.claim.transfers)
        return sum(found[each] for each in accounts)

    @property
    def left(self) -> int:
        """What of the award is not authorised: what is held for one week is free for another that nothing holds."""
        return self.held(Account.AVAILABLE, Account.HELD)

    def move(self, name: str, source: Account, target: Account, cents: int) -> None:
        """Post one transfer; what is available may have to be freed first. Raises Refused."""
        if source is Account.AVAILABLE and (short := cents - self.held(Account.AVAILABLE)) > 0:
            self._earmark(-short)
        self._post(name, source, target, cents)

    def grant(self, award: Award) -> None:
        """Bring what was ever granted to the award's maximum, as far as it is not authorised."""
        granted = -self.held(Account.AWARD)
        more = max(award.maximum, granted - self.left) - granted
        name = f"award/{self.claim.determination}"
        if more > 0:
            self.move(name, Account.AWARD, Account.AVAILABLE, more)
        elif more < 0:
            self.move(name, Account.AVAILABLE, Account.AWARD, -more)

    def earmark(self) -> None:
        """Hold what held weeks ask for, as far as it is there."""
        wanted = min(sum(week.wanted for week in self.claim.weeks.values()), self.left)
        self._earmark(wanted - self.held(Account.HELD))

    def _earmark(self, cents: int) -> None:
        if not cents:
            return
        self.change(earmarks=self.claim.earmarks + 1)
        way = (Account.AVAILABLE, Account.HELD) if cents > 0 else (Account.HELD, Account.AVAILABLE)
        self._post(f"held/{self.claim.earmarks}", *way, abs(cents))

    def _post(self, name: str, source: Account, target: Account, cents: int) -> None:
        transfer = Transfer(f"{self.claim.id}/{name}", millis(self.now), source, target, cents)
        self.change(transfers=post(self.claim.transfers, transfer))


def money(cents: int) -> Decimal:
    """Give cents as dollars."""
    return Decimal(cents).scaleb(-2)


def day(week_ending: str) -> date:
    """Give the day that a week is kept under."""
    return date.fromisoformat(week_ending)
