"""How well returns can be ranked at all in a simulated shop, beside how well the models rank them.

Stays out: what the shop's records blur (a review in a hundred is missing or another order's).

Two ceilings. `hidden` knows each customer's own rate and whether they are still a customer at the cutoff. `records`
knows what everybody could: the population's true parameters and, of each purchase before the cutoff, its instant,
whether it came late and whether its review was bad. With these, P(alive) and the rate follow by Bayes' rule, which
is BG/NBD's own (Fader, Hardie & Lee 2005, section 7) with drop-out probabilities that differ from purchase to purchase.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from scipy.special import roots_jacobi

from ml.simulate import SimulationConfig
from ml.simulate.process import leaving_probability
from tests.benchmarks.report.homes import Home
from tests.benchmarks.report.truth import customers_of, settings_of

_NODES = 64
_REVIEWS = 3
_PURCHASES = """
    SELECT
        bought.customer_unique_id,
        date_diff('second', bought.purchased_at, $cutoff::TIMESTAMP) / 86400 AS days_ago,
        coalesce(
            bought.delivered_at::DATE > bought.estimated_delivery_date, bought.order_status <> 'delivered'
        ) AS is_late,
        CASE WHEN reviews.review_score IS NULL THEN 2 WHEN reviews.review_score <= 2 THEN 1 ELSE 0 END AS review
    FROM staging.purchases AS bought
    LEFT JOIN staging.reviews AS reviews ON bought.order_id = reviews.order_id
    WHERE bought.purchased_at < $cutoff::TIMESTAMP
    ORDER BY bought.customer_unique_id, bought.purchased_at, bought.order_id
"""


def hidden(home: Home, customers: pd.Series, cutoff: dt.date, horizon_days: int) -> np.ndarray:
    """P(return within the horizon) given each customer's own rate and state at the cutoff, shape (n,).

    Customers leave right after a purchase. So whoever has left by the end of the data did so after their last
    purchase: before the cutoff if that purchase lies before it, else after it.
    """
    truth = customers_of(home.source).loc[customers]
    last = home.query(
        "SELECT customer_unique_id, max(purchased_at) AS last FROM staging.purchases GROUP BY ALL"
    )
    later = last.set_index("customer_unique_id")["last"].loc[customers] >= pd.Timestamp(cutoff)
    alive = truth["is_alive"].to_numpy() | later.to_numpy()
    return np.where(alive, -np.expm1(-horizon_days * truth["purchase_rate_per_day"].to_numpy()), 0.0)


def records(home: Home, customers: pd.Series, cutoff: dt.date, horizon_days: int) -> np.ndarray:
    """P(return within the horizon) given the purchases before the cutoff and how they went, shape (n,)."""
    config = settings_of(home.source)
    bought = home.query(_PURCHASES, cutoff=str(cutoff))
    bought["kind"] = bought["is_late"].astype(int) * _REVIEWS + bought["review"]
    p, weights = _dropouts(config)
    stays = {first: np.log1p(-_leaving(config, p, bought, first)) for first in (True, False)}
    by_customer = bought.groupby("customer_unique_id", sort=False)
    place, from_end = by_customer.cumcount(), by_customer.cumcount(ascending=False)
    who = by_customer.ngroup().to_numpy()
    log_stay = np.where(
        (place == 0).to_numpy()[:, None], stays[True][bought["kind"]], stays[False][bought["kind"]]
    )
    is_last = (from_end == 0).to_numpy()
    before = np.zeros((who.max() + 1, len(p)))
    np.add.at(before, who[~is_last], log_stay[~is_last])
    frequency = place.to_numpy()[is_last]
    age, since = by_customer["days_ago"].first().to_numpy(), bought["days_ago"].to_numpy()[is_last]
    alive = _alive(config, np.exp(before), log_stay[is_last], weights, frequency, age, since)
    shape, scale = config.r + frequency, config.alpha + age
    returns = alive * -np.expm1(shape * np.log(scale / (scale + horizon_days)))
    return pd.Series(returns, index=list(by_customer.groups)).loc[customers].to_numpy()


def _alive(
    config: SimulationConfig,
    stayed: np.ndarray,
    log_stay: np.ndarray,
    weights: np.ndarray,
    frequency: np.ndarray,
    age: np.ndarray,
    since: np.ndarray,
) -> np.ndarray:
    """P(alive at the cutoff), shape (n,).

    Args:
        config: The shop's settings.
        stayed: P(no drop-out before the last purchase) at each node, shape (n, nodes).
        log_stay: log P(no drop-out at the last purchase), shape (n, nodes).
        weights: Weights of the nodes, shape (nodes,).
        frequency: Purchases after the first, shape (n,).
        age: Days from the first purchase to the cutoff, shape (n,).
        since: Days from the last one, shape (n,).
    """
    here, gone = (stayed * np.exp(log_stay)) @ weights, (stayed * -np.expm1(log_stay)) @ weights
    shape = config.r + frequency
    longer = np.exp(shape * np.log((config.alpha + age) / (config.alpha + age - since)))
    return here / (here + gone * longer)


def _dropouts(config: SimulationConfig) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Beta(a, b), by Gauss and Jacobi."""
    nodes, weights = roots_jacobi(_NODES, config.b - 1, config.a - 1)
    return (1 + nodes) / 2, weights / weights.sum()


def _leaving(config: SimulationConfig, p: np.ndarray, bought: pd.DataFrame, is_first: bool) -> np.ndarray:
    """P(drop-out) at each node for each kind of purchase, shape (kinds, nodes); unknown reviews are mixed."""
    rows = []
    for is_late in (False, True):
        reviews = bought.loc[bought["is_late"] == is_late, "review"]
        bad = float((reviews == 1).sum() / (reviews < 2).sum())
        known = [
            leaving_probability(config, p, np.full(len(p), is_late), np.full(len(p), is_bad), is_first)
            for is_bad in (False, True)
        ]
        rows += [*known, (1 - bad) * known[0] + bad * known[1]]
    return np.array(rows)
