"""What happens to an order after it is placed: approval, carrier, delivery, promise, status.

Stays out: why a delivery is late, which is decided with the purchase.
"""

import dataclasses

import numpy as np
import pyarrow as pa

from ml.simulate.arrays import DAY_S, MISSING, Bools, Floats, Ints, instants, words
from ml.simulate.config import SimulationConfig
from ml.simulate.orders import CANCELED, CREATED, PURCHASE, UNAVAILABLE, Orders

STATUSES = (
    "delivered",
    "shipped",
    "invoiced",
    "processing",
    "approved",
    "created",
    "canceled",
    "unavailable",
)
_SHIPPED, _INVOICED, _PROCESSING, _APPROVED, _CREATED, _CANCELED, _UNAVAILABLE = range(1, 8)
_STUCK_SHARE_OF_LATE = 0.10
_APPROVED_SHARE_OF_CANCELED, _SHIPPED_SHARE_OF_CANCELED = 0.80, 0.12
_NO_APPROVAL_SHARE, _NO_CARRIER_SHARE, _NO_DELIVERY_SHARE = 0.0006, 0.0004, 0.0005


@dataclasses.dataclass(frozen=True)
class Timeline:
    """The instants of orders, in seconds since 1970, ``MISSING`` where the data do not hold them.

    All arrays have shape ``(orders,)``.

    Attributes:
        approved_s: Payment approved.
        carrier_s: Handed to the carrier.
        delivered_s: Delivered to the customer.
        promised_s: Midnight at the start of the promised day.
        done_s: When the customer knows how the order went (delivered, overdue or given up); never missing.
        status: Position in ``STATUSES``.
    """

    approved_s: Ints
    carrier_s: Ints
    delivered_s: Ints
    promised_s: Ints
    done_s: Ints
    status: Ints


def draw_timeline(
    rng: np.random.Generator,
    config: SimulationConfig,
    orders: Orders,
    remoteness: Floats,
    is_slow_payment: Bools,
) -> Timeline:
    """Draw the instants of orders, cut at the end of the data.

    Args:
        rng: Source of randomness.
        config: Settings.
        orders: The orders.
        remoteness: Relative travel time to each order's place, shape ``(orders,)``.
        is_slow_payment: Whether the payment takes days to be approved (boleto), shape ``(orders,)``.
    """
    promise_days = np.ceil((14.0 + rng.gamma(4.0, 2.5, remoteness.size)) * np.sqrt(remoteness))
    promised = orders.bought_s // DAY_S * DAY_S + promise_days.astype(np.int64) * DAY_S
    lasts = _delivery_days(rng, orders.is_late, promise_days, remoteness)
    approved = orders.bought_s + _approval_seconds(rng, lasts, is_slow_payment)
    delivered = orders.bought_s + np.floor(lasts * DAY_S).astype(np.int64)
    carrier = approved + ((delivered - approved) * rng.uniform(0.1, 0.4, lasts.size)).astype(np.int64)
    approved, carrier, delivered = _drop_failed(rng, orders.kind, approved, carrier, delivered)
    done = np.where(delivered == MISSING, np.maximum(promised, orders.bought_s + 12 * DAY_S), delivered)
    stuck = (orders.kind == PURCHASE) & orders.is_late & (rng.random(lasts.size) < _STUCK_SHARE_OF_LATE)
    carrier = np.where(stuck & (rng.random(lasts.size) < 0.4), MISSING, carrier)
    delivered = np.where(stuck, MISSING, delivered)
    approved, carrier, delivered = (_known(column, config.end_s) for column in (approved, carrier, delivered))
    status = _statuses(rng, orders.kind, approved, carrier, delivered)
    holes = (_NO_APPROVAL_SHARE, _NO_CARRIER_SHARE, _NO_DELIVERY_SHARE)
    columns = (approved, carrier, delivered)
    approved, carrier, delivered = (_lose(rng, *pair, status) for pair in zip(columns, holes, strict=True))
    return Timeline(approved, carrier, delivered, promised, done, status)


def orders_table(order_id: pa.Array, customer_id: pa.Array, orders: Orders, timeline: Timeline) -> pa.Table:
    """Make the rows of the orders file."""
    return pa.table(
        {
            "order_id": order_id,
            "customer_id": customer_id,
            "order_status": words(pa.array(STATUSES), timeline.status),
            "order_purchase_timestamp": instants(orders.bought_s),
            "order_approved_at": instants(timeline.approved_s),
            "order_delivered_carrier_date": instants(timeline.carrier_s),
            "order_delivered_customer_date": instants(timeline.delivered_s),
            "order_estimated_delivery_date": instants(timeline.promised_s),
        }
    )


def _delivery_days(
    rng: np.random.Generator, is_late: Bools, promise_days: Floats, remoteness: Floats
) -> Floats:
    """Draw days from order to delivery: at least a day before the promise, or at least a day after it."""
    on_time = np.clip(rng.lognormal(2.15, 0.5, is_late.size) * remoteness, 1.5, promise_days - 1.0)
    overdue = promise_days + 1.0 + rng.exponential(7.0, is_late.size)
    return np.where(is_late, overdue, on_time)


def _approval_seconds(rng: np.random.Generator, lasts: Floats, is_slow: Bools) -> Ints:
    """Draw seconds to approval: minutes to hours, or a day or two; at most a third of the whole time."""
    fast = rng.lognormal(-4.0, 1.0, lasts.size)
    slow = rng.lognormal(0.2, 0.4, lasts.size)
    return np.floor(np.minimum(np.where(is_slow, slow, fast), lasts / 3.0) * DAY_S).astype(np.int64)


def _drop_failed(
    rng: np.random.Generator, kind: Ints, approved: Ints, carrier: Ints, delivered: Ints
) -> tuple[Ints, Ints, Ints]:
    """Erase what never happened to orders that failed."""
    draw = rng.random(kind.size)
    is_canceled = kind == CANCELED
    never_approved = (kind == CREATED) | (is_canceled & (draw >= _APPROVED_SHARE_OF_CANCELED))
    never_shipped = (kind != PURCHASE) & ~(is_canceled & (draw < _SHIPPED_SHARE_OF_CANCELED))
    return (
        np.where(never_approved, MISSING, approved),
        np.where(never_shipped, MISSING, carrier),
        np.where(kind != PURCHASE, MISSING, delivered),
    )


def _known(seconds: Ints, end_s: int) -> Ints:
    """Erase instants that lie after the data."""
    return np.where(seconds < end_s, seconds, MISSING)


def _statuses(rng: np.random.Generator, kind: Ints, approved: Ints, carrier: Ints, delivered: Ints) -> Ints:
    """Name the furthest stage that each order has reached."""
    waiting = np.array((_INVOICED, _PROCESSING, _APPROVED))[
        np.searchsorted((0.5, 0.98), rng.random(kind.size), side="right")
    ]
    open_status = np.where(approved != MISSING, waiting, _CREATED)
    open_status = np.where(carrier != MISSING, _SHIPPED, open_status)
    status = np.where(delivered != MISSING, 0, open_status)
    return np.select([kind == CANCELED, kind == UNAVAILABLE], [_CANCELED, _UNAVAILABLE], status)


def _lose(rng: np.random.Generator, seconds: Ints, share: float, status: Ints) -> Ints:
    """Lose a small share of the instants of delivered orders, as the original has lost some."""
    return np.where((status == 0) & (rng.random(seconds.size) < share), MISSING, seconds)
