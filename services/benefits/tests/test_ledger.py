"""Every cent of an award is somewhere, and once, whatever is posted in whatever order and however often."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_benefits.ledger import Account, Refused, Transfer, balances, post

GRANT = Transfer("c/award/1", 0, Account.AWARD, Account.AVAILABLE, 1_027_000)


def transfer(name, source, target, cents):
    return Transfer(name, 1, source, target, cents)


def test_a_week_is_authorised_out_of_what_is_available():
    ledger = post((GRANT,), transfer("c/2026-11-28", Account.AVAILABLE, Account.AUTHORISED, 39_500))
    held = balances(ledger)
    assert (held[Account.AVAILABLE], held[Account.AUTHORISED]) == (987_500, 39_500)
    assert sum(held.values()) == 0


def test_what_comes_again_moves_nothing():
    week = transfer("c/2026-11-28", Account.AVAILABLE, Account.AUTHORISED, 39_500)
    once = post((GRANT,), week)
    assert post(once, week, week) == once


@pytest.mark.parametrize(
    ("new", "says"),
    [
        (transfer("w", Account.AVAILABLE, Account.AUTHORISED, 1_027_001), "1027001 cents of the 1027000"),
        (transfer("w", Account.HELD, Account.AUTHORISED, 1), "of the 0 that are held"),
        (transfer("w", Account.AVAILABLE, Account.HELD, 0), "moves nothing"),
        (transfer("w", Account.AVAILABLE, Account.HELD, -5), "moves nothing"),
        (transfer("w", Account.HELD, Account.HELD, 5), "moves nothing"),
        (transfer(GRANT.id, Account.AWARD, Account.AVAILABLE, 1), "was 1027000 cents"),
    ],
    ids=["more than there is", "what nobody holds", "nothing", "below nothing", "to itself", "an id for two"],
)
def test_what_the_accounts_do_not_allow_is_refused(new, says):
    with pytest.raises(Refused, match=says):
        post((GRANT,), new)


MOVES = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(Account), st.sampled_from(Account), st.integers(-5, 400_000))
)


@given(MOVES)
def test_the_accounts_sum_to_zero_and_none_is_overdrawn(moves):
    ledger = (GRANT,)
    for name, source, target, cents in moves:
        try:
            ledger = post(ledger, transfer(f"w{name}", source, target, cents))
        except Refused:
            continue
        held = balances(ledger)
        assert sum(held.values()) == 0
        assert all(cents >= 0 for account, cents in held.items() if account is not Account.AWARD)
    assert len({each.id for each in ledger}) == len(ledger)
