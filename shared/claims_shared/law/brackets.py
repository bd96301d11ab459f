"""Weekly amounts out of a statutory table of brackets, and the monetary test that the same table holds. Pure.

A table may be a part of the law's own: wages whose bracket was not read raise NotKnown. Nothing is interpolated.
"""

from collections.abc import Mapping
from decimal import Decimal

from claims_shared.law.bracket_table import Bracket, BracketTable
from claims_shared.law.formula import Formula, Measured, Test, WeeklyAmount, not_payable
from claims_shared.law.rules import NotKnown, Rule, dollars
from claims_shared.law.wages import ZERO, BaseWages, Household

TABLE = {"table": "brackets"}


def _bracket(rule: Rule, wages: BaseWages) -> tuple[Bracket, BracketTable]:
    table = rule.tables["table"]
    held = table.holding(wages.high_quarter)
    if held is None:
        told = f"The bracket of {dollars(wages.high_quarter)} is not in the part of the table that was read"
        raise NotKnown("bracket_not_read", f"{told} ({table.name}).")
    return held, table


def _bracket_table(rule: Rule, wages: BaseWages, _household: Household) -> WeeklyAmount:
    """California: the amount beside the bracket that holds the high quarter."""
    held, table = _bracket(rule, wages)
    step = f"high quarter {dollars(wages.high_quarter)} is in the bracket {_shown(held)}: {dollars(held.amount)}"
    nothing = None if held.amount else not_payable(rule, wages.high_quarter, table.first_payable.low)
    return WeeklyAmount(held.amount, held.amount, (step,), nothing)


def _with_dependants(rule: Rule, wages: BaseWages, household: Household) -> WeeklyAmount:
    """Pennsylvania: the amount of the bracket, and some dollars for a spouse or first child and for a second dependant."""
    alone = _bracket_table(rule, wages, household)
    amounts = (rule.numbers["first_dependant"], rule.numbers["second_dependant"])
    allowance = sum(amounts[: household.dependants], ZERO)
    if not (alone.amount and allowance):
        return alone
    both = alone.amount + allowance
    step = f"{dollars(alone.amount)} + {dollars(allowance)} for dependants = {dollars(both)}"
    return WeeklyAmount(both, alone.rate, (*alone.steps, step), for_dependants=allowance)


def _qualifying_wages(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    """Pennsylvania: the base year must hold what the table asks for (Part C) beside the bracket of the high quarter.

    Who falls short is not refused for that alone: the law then tries some lower rates, which is not computed here and refers
    the claim. Refused is who falls short of these, too.
    """
    held, table = _bracket(rule, wages)
    required = held.qualifying_wages if held.amount else ZERO
    if required is None:
        raise NotKnown("qualifying_wages_not_read", f"What {table.name} asks for beside {_shown(held)} was not read.")
    found = wages.base_period_wages
    if _least_of_lower(table, held, int(rule.numbers["lower_rates_tried"])) <= found < required:
        told = f"Base period wages of {dollars(found)} fall short of {dollars(required)}"
        raise NotKnown("lower_rate_not_computed", f"{told}; the law then tries lower rates, which is for a person.")
    because = f"as your highest quarter of {dollars(wages.high_quarter)} is in the bracket {_shown(held)}"
    return Measured("Your wages in the base period are", found, required, because)


def _least_of_lower(table: BracketTable, held: Bracket, tried: int) -> Decimal:
    """Give the wages below which none of the lower rates that the law tries can be met.

    Also of a part of the table: the second lower rate that was read is the law's second or one below it, and asks for no more.
    """
    asked: dict[Decimal, Decimal] = {}
    for bracket in table.brackets:
        if 0 < bracket.amount <= held.amount and bracket.qualifying_wages is not None:
            asked.setdefault(bracket.amount, bracket.qualifying_wages)
    from_held_down = sorted(asked.values(), reverse=True)
    return (from_held_down or [ZERO])[: tried + 1][-1]


def _shown(bracket: Bracket) -> str:
    """Show a bracket to a person."""
    return f"{dollars(bracket.low)} to {dollars(bracket.high)}" if bracket.high else f"{dollars(bracket.low)} or more"


TABLE_FORMULAS: Mapping[str, Formula] = {
    "bracket_table": Formula(TABLE, _bracket_table),
    "bracket_table_with_dependants": Formula(
        TABLE | {"first_dependant": "dollars", "second_dependant": "dollars"}, _with_dependants
    ),
}
TABLE_TESTS: Mapping[str, Test] = {
    "qualifying_wages_of_bracket": Test(
        "insufficient_base_period_wages_for_high_quarter", TABLE | {"lower_rates_tried": "rates"}, _qualifying_wages
    ),
}
"""By the names a pack gives."""
