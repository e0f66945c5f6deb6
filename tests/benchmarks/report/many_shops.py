"""Whether customers' intervals hold the true expectation over many shops: drawn, fitted and scored in memory.

Stays out: files, tables and Dagster; one shop goes through all of them in `value_truth`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.clv.config import ClvConfig
from ml.clv.family import DEFAULT
from ml.clv.model import CltvModel
from ml.clv.scoring import score
from ml.clv.training import train
from ml.errors import FitFailedError
from ml.simulate import SimulationConfig
from ml.simulate.acquisition import draw_first_days
from ml.simulate.experience import make_lateness
from ml.simulate.process import draw_dropouts, draw_history, draw_rates
from ml.simulate.spend import draw_mean_spends, draw_values
from tests.benchmarks.report.markdown import table
from tests.benchmarks.report.truth import with_truth

_CHOSEN = "as the pipeline: family and penalizer chosen on the holdout"
CONFIGS = {
    _CHOSEN: ClvConfig(),
    f"{DEFAULT} without a penalty": ClvConfig(families=(DEFAULT,), penalizers=(0.0,)),
}
_HISTORY = ["frequency", "recency", "T"]


@dataclass(frozen=True)
class _Result:
    """One shop: what was chosen, how far the sum is off, and the shares of customers whose interval holds the truth."""

    chosen: str
    off: float
    one_time_held: float
    repeat_held: float
    held: float


def many_shops_section(shops: int, customers: int) -> list[str]:
    """Means over shops, with a choice and without one; shops in which a fit fails are left out and counted."""
    tried = [
        _results(SimulationConfig(customers=customers, seed=seed, covariate_strength=0))
        for seed in range(1, shops + 1)
    ]
    fitted = [results for results in tried if len(results) == len(CONFIGS)]
    if not fitted:
        return [f"In none of {shops} shops of {customers:,} such customers could everything be fitted."]
    found = {name: [results[name] for results in fitted] for name in CONFIGS}
    head = (
        "fit",
        "one-time buyers held",
        "repeat buyers held",
        "all held",
        "sum off, mean of absolute errors",
    )
    counted = Counter(one.chosen for one in found[_CHOSEN]).most_common()
    return [
        f"Over {len(fitted)} shops of {customers:,} such customers ({shops - len(fitted)} more could not be fitted "
        "without a penalty), mean shares of customers whose interval holds the true expected value; 80 % are meant:",
        table(head, [_cells(name, results) for name, results in found.items()]),
        f"Chosen as the pipeline does: {', '.join(f'{name} in {count}' for name, count in counted)}.",
    ]


def _results(config: SimulationConfig) -> dict[str, _Result]:
    """What each configuration makes of a shop; those that cannot be fitted are missing."""
    purchases, found = _purchases(config), {}
    for name, settings in CONFIGS.items():
        with suppress(FitFailedError):
            found[name] = _fitted(config, purchases, settings)
    return found


def _cells(name: str, results: Sequence[_Result]) -> list[str]:
    shares = np.array([[one.one_time_held, one.repeat_held, one.held] for one in results]).mean(axis=0)
    off = np.mean([abs(one.off) for one in results])
    return [name, *(f"{share:.0%}" for share in shares), f"{off:.1%}"]


def _purchases(config: SimulationConfig) -> pd.DataFrame:
    """One row per customer and day of purchase: customer, day (0 is the first of the data), value."""
    rng, size = np.random.default_rng(config.seed), config.customers
    day, spends = draw_first_days(rng, config, size), draw_mean_spends(rng, config, size)
    rate, dropout = draw_rates(rng, config, size), draw_dropouts(rng, config, size)
    history = draw_history(rng, config, day, rate, dropout, make_lateness(config, np.ones(size)))
    values = draw_values(rng, config, spends[history.customer]) / 100
    rows = pd.DataFrame({"customer": history.customer, "day": history.day.astype(np.int64), "value": values})
    return rows.groupby(["customer", "day"], as_index=False)["value"].sum()


def _fitted(config: SimulationConfig, purchases: pd.DataFrame, settings: ClvConfig) -> _Result:
    customers = _histories(purchases, config.days)
    model = train(
        _calibration(purchases, config.days, settings.horizon_days),
        customers.groupby(_HISTORY, as_index=False).size().rename(columns={"size": "customers"}),
        customers[customers["frequency"] > 0],
        settings,
    ).model
    return _beside_truth(config, model, customers)


def _beside_truth(config: SimulationConfig, model: CltvModel, customers: pd.DataFrame) -> _Result:
    scores, true = score(model, customers), score(with_truth(model, config), customers)["cltv"]
    held = true.between(scores["cltv_low"], scores["cltv_high"])
    repeat = customers["frequency"] > 0
    return _Result(
        chosen=f"{model.purchases.name} with penalizer {model.purchases.penalizer:g}",
        off=float(scores["cltv"].sum() / true.sum() - 1),
        one_time_held=float(held[~repeat].mean()),
        repeat_held=float(held[repeat].mean()),
        held=float(held.mean()),
    )


def _histories(purchases: pd.DataFrame, end: int) -> pd.DataFrame:
    """frequency, recency, T and monetary_value of each customer from the purchases before day `end`."""
    known = purchases[purchases["day"] < end]
    by_customer = known.groupby("customer")
    first, last = by_customer["day"].min(), by_customer["day"].max()
    frequency = by_customer.size() - 1
    repeated = by_customer["value"].sum() - by_customer["value"].first()
    return pd.DataFrame(
        {
            "frequency": frequency,
            "recency": last - first,
            "T": end - 1 - first,
            "monetary_value": (repeated / frequency.where(frequency > 0)).fillna(0.0),
        }
    )


def _calibration(purchases: pd.DataFrame, end: int, horizon_days: int) -> pd.DataFrame:
    """The histories one horizon before the end, with what followed, in distinct rows."""
    histories = _histories(purchases, end - horizon_days)
    later = (
        purchases[purchases["day"] >= end - horizon_days].groupby("customer")["value"].agg(["size", "sum"])
    )
    later = later.reindex(histories.index, fill_value=0)
    rows = histories.assign(holdout_purchases=later["size"], holdout_value_brl=later["sum"], customers=1)
    keys = [*_HISTORY, "monetary_value", "holdout_purchases"]
    return rows.groupby(keys, as_index=False)[["holdout_value_brl", "customers"]].sum()
