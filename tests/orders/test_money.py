"""Totals always add up, and nobody pays what nobody receives."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.orders.models import OrderLine
from marketplace.orders.money import Amount, amount_of, sums

PRICES = st.decimals("0.0001", "99999.9999", places=4)
PERCENT = st.decimals(0, 100, places=1)


@st.composite
def some_line(draw):
    giver, taker = draw(st.permutations([1, 2, 3]))[:2]
    payer = draw(st.sampled_from([giver, taker, None]))
    return OrderLine(
        quantity=draw(st.floats(0.001, 1e6)),
        price=None if payer is None else draw(PRICES),
        lump_sum=draw(st.booleans()),
        vat_percent=draw(PERCENT),
        giver_id=giver,
        taker_id=taker,
        payer_id=payer,
    )


@given(st.lists(some_line(), max_size=8))
def test_totals_add_up(lines):
    found = sums(lines)
    paid = sum((b.pays for b in found.parties.values()), Amount())
    received = sum((b.receives for b in found.parties.values()), Amount())
    assert paid == received == found.total
    assert found.total == sum((amount_of(line) for line in lines), Amount())
    assert found.total.gross == found.total.net + found.total.vat
    for amount in (found.total, paid, *(amount_of(line) for line in lines)):
        assert amount.net == amount.net.quantize(Decimal("0.01"))
        assert amount.vat >= 0


def a_line(**changes):
    given_ = {"quantity": 3.0, "price": Decimal("0.335"), "lump_sum": False, "giver_id": 1,
              "taker_id": 2, "payer_id": 2, "vat_percent": Decimal(20)}  # fmt: skip
    return OrderLine(**given_ | changes)


@pytest.mark.parametrize(
    ("changes", "net", "vat"),
    [
        ({}, "1.01", "0.20"),
        ({"quantity": 1.0}, "0.34", "0.07"),
        ({"lump_sum": True, "price": Decimal("0.005")}, "0.01", "0.00"),
        ({"quantity": 0.1, "price": Decimal(3)}, "0.30", "0.06"),
        ({"payer_id": None, "price": None}, "0.00", "0.00"),
        ({"vat_percent": Decimal("12.5"), "price": Decimal(12), "quantity": 1.0}, "12.00", "1.50"),
    ],
)
def test_each_line_is_rounded_half_a_cent_up(changes, net, vat):
    assert amount_of(a_line(**changes)) == Amount(Decimal(net), Decimal(vat))


def test_the_other_one_receives_whichever_way_the_price_runs():
    for payer, receiver in ((1, 2), (2, 1)):
        found = sums([a_line(payer_id=payer)]).parties
        assert (
            found[payer].pays
            == found[receiver].receives
            == Amount(Decimal("1.01"), Decimal("0.20"))
        )
        assert found[payer].receives == found[receiver].pays == Amount()
