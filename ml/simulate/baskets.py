"""The items of orders: products, prices and freight that add up to the order's value to the cent.

Stays out: how it is paid.
"""

import numpy as np
import pyarrow as pa

from ml.simulate.arrays import DAY_S, MISSING, Floats, Ints, instants, money, pick, position_in_group
from ml.simulate.catalogue import Catalogue
from ml.simulate.categories import DEMAND
from ml.simulate.spend import split_cents

_ITEMS_PER_ORDER = (0.90, 0.08, 0.02)
_FREE_FREIGHT_SHARE = 0.004
_MOST_FREIGHT_SHARE = 0.45


def items_table(
    rng: np.random.Generator,
    catalogue: Catalogue,
    order_id: pa.Array,
    value_cents: Ints,
    ready_s: Ints,
    remoteness: Floats,
) -> pa.Table:
    """Make the rows of the items file.

    Args:
        rng: Source of randomness.
        catalogue: Products and sellers.
        order_id: Orders that have items, shape ``(orders,)``.
        value_cents: Sum of price and freight of each order, shape ``(orders,)``.
        ready_s: Instant from which the seller's time to ship runs, shape ``(orders,)``.
        remoteness: Relative travel time to each order's place, shape ``(orders,)``.
    """
    counts = 1 + pick(rng, _ITEMS_PER_ORDER, value_cents.size)
    order = np.repeat(np.arange(value_cents.size), counts)
    gross = split_cents(rng, value_cents, counts)
    freight = _freight_cents(rng, gross, remoteness[order])
    category = pick(rng, DEMAND, value_cents.size)[order]
    product = catalogue.choose(rng, category, (gross - freight) / 100.0)
    limit = ready_s + np.floor(rng.gamma(6.0, 1.0, value_cents.size) * DAY_S).astype(np.int64)
    return pa.table(
        {
            "order_id": order_id.take(pa.array(order)),
            "order_item_id": position_in_group(counts) + 1,
            "product_id": catalogue.product_id.take(pa.array(product)),
            "seller_id": catalogue.seller_id.take(pa.array(catalogue.seller_of[product])),
            "shipping_limit_date": instants(limit[order]),
            "price": money(gross - freight),
            "freight_value": money(freight),
        }
    )


def ready_instants(bought_s: Ints, approved_s: Ints) -> Ints:
    """Tell from when an order can be shipped: its approval, or its purchase where that is missing."""
    return np.where(approved_s == MISSING, bought_s, approved_s)


def _freight_cents(rng: np.random.Generator, gross: Ints, remoteness: Floats) -> Ints:
    """Draw the freight contained in each item's gross amount; a few items travel free."""
    wanted = rng.lognormal(2.7, 0.4, gross.size) * remoteness * 100.0 + 0.02 * gross
    freight = np.floor(np.minimum(wanted, _MOST_FREIGHT_SHARE * gross)).astype(np.int64)
    return np.where(rng.random(gross.size) < _FREE_FREIGHT_SHARE, 0, freight)
