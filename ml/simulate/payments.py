"""How orders are paid: types, instalments and several rows per order.

Stays out: what was bought.
"""

import numpy as np
import pyarrow as pa

from ml.simulate.arrays import Bools, Ints, money, pick, position_in_group, words
from ml.simulate.orders import PURCHASE, Orders
from ml.simulate.spend import split_cents

TYPES = ("credit_card", "boleto", "voucher", "debit_card", "not_defined")
_CARD, BOLETO, _VOUCHER, _DEBIT, _NOT_DEFINED = range(5)
_MAIN_SHARES = (0.76, 0.197, 0.028, 0.015)
_TOPPED_UP_SHARE = 0.022  # of card orders: a voucher or more pays a part
_VOUCHER_ROWS = (0.72, 0.18, 0.07, 0.03)
_INSTALMENTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 24)
_INSTALMENT_SHARES = (0.35, 0.16, 0.135, 0.09, 0.07, 0.05, 0.02, 0.055, 0.01, 0.055, 0.004, 0.001)
_ZERO_ROW_SHARE, _UNPAID_SHARE, _NO_INSTALMENT_SHARE = 0.0004, 0.0002, 0.0001
_UNDEFINED_SHARE_OF_FAILED = 0.02
_WRONG_SHARE, _MOST_WRONG_CENTS = 0.002, 300


def draw_main_types(rng: np.random.Generator, orders: Orders) -> Ints:
    """Draw each order's main type of payment, a position in ``TYPES``, shape ``(orders,)``."""
    main = pick(rng, _MAIN_SHARES, orders.kind.size)
    is_undefined = rng.random(main.size) < _UNDEFINED_SHARE_OF_FAILED
    return np.where((orders.kind != PURCHASE) & is_undefined, _NOT_DEFINED, main)


def payments_table(
    rng: np.random.Generator, order_id: pa.Array, value_cents: Ints, main_type: Ints
) -> pa.Table:
    """Make the rows of the payments file.

    The rows of an order add up to its value, except for about two orders in a thousand, which are some cents
    to three BRL off. Orders of undefined payment have one row of zero; a few orders have no row, a few a
    voucher of zero.

    Args:
        rng: Source of randomness.
        order_id: Shape ``(orders,)``.
        value_cents: What is to be paid, shape ``(orders,)``.
        main_type: Position in ``TYPES``, shape ``(orders,)``.
    """
    paid = np.flatnonzero(rng.random(value_cents.size) >= _UNPAID_SHARE)
    main = main_type[paid]
    counts = _row_counts(rng, main)
    order = np.repeat(np.arange(paid.size), counts)
    number = position_in_group(counts)
    kind = np.where((number > 0) & (main[order] == _CARD), _VOUCHER, main[order])
    cents = split_cents(rng, _amounts(rng, value_cents[paid]), counts)
    cents = np.where(kind == _NOT_DEFINED, 0, cents)
    rows, number, kind, cents = _add_zero_rows(rng, order, number, kind, cents, counts)
    return pa.table(
        {
            "order_id": order_id.take(pa.array(paid[rows])),
            "payment_sequential": number + 1,
            "payment_type": words(pa.array(TYPES), kind),
            "payment_installments": _instalments(rng, kind == _CARD),
            "payment_value": money(cents),
        }
    )


def _row_counts(rng: np.random.Generator, main: Ints) -> Ints:
    """Draw payment rows per order: several vouchers, or a card and vouchers."""
    vouchers = 1 + pick(rng, _VOUCHER_ROWS, main.size)
    is_topped_up = (main == _CARD) & (rng.random(main.size) < _TOPPED_UP_SHARE)
    return np.where(main == _VOUCHER, vouchers, np.where(is_topped_up, 1 + vouchers, 1))


def _amounts(rng: np.random.Generator, value_cents: Ints) -> Ints:
    """Take the values, a few of them wrong by up to three BRL, none below half of itself."""
    error = rng.integers(-_MOST_WRONG_CENTS, _MOST_WRONG_CENTS + 1, value_cents.size)
    is_wrong = rng.random(value_cents.size) < _WRONG_SHARE
    return np.where(is_wrong, np.maximum(value_cents + error, value_cents // 2), value_cents)


def _add_zero_rows(
    rng: np.random.Generator, order: Ints, number: Ints, kind: Ints, cents: Ints, counts: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    """Append a voucher of nothing to a few orders."""
    extra = np.flatnonzero(rng.random(counts.size) < _ZERO_ROW_SHARE)
    return (
        np.append(order, extra),
        np.append(number, counts[extra]),
        np.append(kind, np.full(extra.size, _VOUCHER)),
        np.append(cents, np.zeros(extra.size, dtype=np.int64)),
    )


def _instalments(rng: np.random.Generator, is_card: Bools) -> Ints:
    """Draw instalments: cards have up to 24, a few a nonsensical 0; everything else has one."""
    drawn = np.asarray(_INSTALMENTS)[pick(rng, _INSTALMENT_SHARES, is_card.size)]
    drawn = np.where(rng.random(is_card.size) < _NO_INSTALMENT_SHARE, 0, drawn)
    return np.where(is_card, drawn, 1)
