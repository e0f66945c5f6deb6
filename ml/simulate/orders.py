"""The orders of a chunk of persons: purchases, and orders that failed.

Stays out: clock times after the order, items, payments and reviews.
"""

import dataclasses

import numpy as np

from ml.simulate.arrays import DAY_S, Bools, Floats, Ints, pick
from ml.simulate.config import SimulationConfig
from ml.simulate.experience import draw_failed_scores
from ml.simulate.people import People
from ml.simulate.process import PurchaseHistory
from ml.simulate.spend import draw_values

PURCHASE, CANCELED, UNAVAILABLE, CREATED = range(4)
_FAILED_SHARE, _VISITOR_SHARE = 0.0125, 0.6
_FAILED_KINDS = (0.0, 0.50, 0.48, 0.02)
_ITEMS_SHARE = np.array((1.0, 0.74, 0.01, 0.0))
_DAYS_AROUND_PURCHASE = 4.0


@dataclasses.dataclass(frozen=True)
class Orders:
    """Orders, one row each; all arrays have shape ``(orders,)``.

    Attributes:
        person: Position of the buyer among the chunk's persons.
        place: Where the order goes.
        bought_s: Instant of the order, seconds since 1970.
        value_cents: Price and freight of all items; for orders without items, what was to be paid.
        kind: ``PURCHASE``, ``CANCELED``, ``UNAVAILABLE`` or ``CREATED``; only the first is a purchase.
        has_items: Whether the order has rows in the items file.
        is_late: Whether the delivery comes after the promised day.
        score: Review score 1 to 5.
    """

    person: Ints
    place: Ints
    bought_s: Ints
    value_cents: Ints
    kind: Ints
    has_items: Bools
    is_late: Bools
    score: Ints


def count_visitors(rng: np.random.Generator, customers: int) -> int:
    """Draw how many persons only ever place an order that fails, for so many customers."""
    return int(rng.binomial(customers, _FAILED_SHARE * _VISITOR_SHARE))


def purchase_orders(
    rng: np.random.Generator,
    config: SimulationConfig,
    people: People,
    history: PurchaseHistory,
    mean_spend: Floats,
) -> Orders:
    """Turn a purchase history into orders with places and gamma-gamma values."""
    count = history.customer.size
    home, later = people.home[history.customer], people.later_home[history.customer]
    return Orders(
        person=history.customer,
        place=np.where(history.ordinal == 0, home, later),
        bought_s=_seconds(config, history.day),
        value_cents=draw_values(rng, config, mean_spend[history.customer]),
        kind=np.full(count, PURCHASE),
        has_items=np.ones(count, dtype=bool),
        is_late=history.is_late,
        score=history.score,
    )


def failed_orders(
    rng: np.random.Generator,
    config: SimulationConfig,
    people: People,
    history: PurchaseHistory,
    visit_day: Floats,
    mean_spend: Floats,
) -> Orders:
    """Draw canceled, unavailable and merely created orders, which are no purchases.

    Each visitor places one; the others come from customers within some days of one of their purchases.

    Args:
        rng: Source of randomness.
        config: Settings.
        people: Customers first, then visitors, shape ``(persons,)``.
        history: The customers' purchases.
        visit_day: Instant of each visitor's order, days since the start, shape ``(visitors,)``.
        mean_spend: Mean value of an order of each person in BRL, shape ``(persons,)``.
    """
    retries = int(rng.binomial(history.customer.size, _FAILED_SHARE * (1 - _VISITOR_SHARE)))
    near = rng.integers(0, history.customer.size, retries)
    retry_day = history.day[near] + rng.laplace(0.0, _DAYS_AROUND_PURCHASE, retries)
    customers = len(people.home) - visit_day.size
    person = np.concatenate([history.customer[near], customers + np.arange(visit_day.size)])
    day = np.clip(np.concatenate([retry_day, visit_day]), 0.0, np.nextafter(config.days, 0.0))
    kind = pick(rng, _FAILED_KINDS, person.size)
    return Orders(
        person=person,
        place=people.home[person],
        bought_s=_seconds(config, day),
        value_cents=draw_values(rng, config, mean_spend[person]),
        kind=kind,
        has_items=rng.random(person.size) < _ITEMS_SHARE[kind],
        is_late=np.zeros(person.size, dtype=bool),
        score=draw_failed_scores(rng, person.size),
    )


def shuffle_together(rng: np.random.Generator, first: Orders, second: Orders) -> Orders:
    """Join two sets of orders and shuffle the rows."""
    names = [field.name for field in dataclasses.fields(Orders)]
    rows = rng.permutation(first.person.size + second.person.size)
    return Orders(*(np.concatenate([getattr(first, name), getattr(second, name)])[rows] for name in names))


def _seconds(config: SimulationConfig, day: Floats) -> Ints:
    return config.start_s + np.floor(day * DAY_S).astype(np.int64)
