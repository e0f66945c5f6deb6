"""Fits of each purchase model on distinct histories counted by weights, beside lifetimes on one row per customer.

Stays out: holdouts and choices; both fit the same likelihood. In lifetimes' Pareto/NBD the penalty has another
weight (it is added to the sum, not to the mean), so that family is fitted without one. On a million customers its
fit takes minutes.
"""

from __future__ import annotations

import time
import warnings
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from assets.catalog import catalog
from assets.resources.warehouse import replace_rows
from ml.clv.candidates import best_of
from ml.clv.config import ClvConfig
from ml.clv.family import FAMILIES
from ml.clv.gammagamma import GammaGamma
from ml.clv.history import History
from ml.clv.model import CltvModel
from ml.clv.nbd import PurchaseModel
from ml.clv.scoring import score
from ml.clv.tries import covariance_to_draw_from
from tests.benchmarks.shop import MONTH, staged_shop

SIZES = (96_000, 1_000_000)
PENALIZERS = {"BG/NBD": 0.001, "MBG/NBD": 0.001, "Pareto/NBD": 0.0}


def run() -> list[tuple[str, str]]:
    """Time both at each size and compare the parameters; time scores with their intervals."""
    return [row for customers in SIZES for row in _at(customers)]


def _at(customers: int) -> list[tuple[str, str]]:
    rfm, distinct, counting = _histories(customers)
    rows = []
    for name in FAMILIES:
        model, seconds = _ours(name, distinct)
        rows += _beside_lifetimes(model, seconds + counting, rfm, distinct)
        rows.append(_scored(model, distinct, rfm))
    return rows


def _ours(name: str, distinct: pd.DataFrame) -> tuple[PurchaseModel, float]:
    """The fitted model, and the seconds of a fit from one start, as lifetimes makes one."""
    family = FAMILIES[name]
    started = time.perf_counter()
    history = History.from_frame(distinct, "distinct")
    best = best_of(family.fit(history, PENALIZERS[name], family.starts[:1], ClvConfig()))
    seconds = time.perf_counter() - started
    assert best is not None
    return best.believed, seconds


def _beside_lifetimes(
    model: PurchaseModel, ours: float, rfm: pd.DataFrame, distinct: pd.DataFrame
) -> list[tuple[str, str]]:
    """Both times, and how far apart the fits ended; a positive gain means that lifetimes stopped early."""
    theirs, other = _lifetimes(model, rfm)
    history = History.from_frame(distinct, "distinct")
    gain = history.customers @ (model.log_likelihood(*history.rows) - other.log_likelihood(*history.rows))
    apart = np.max(np.abs(np.exp(model.vector - other.vector) - 1))
    label = f"{model.name} fit, {len(rfm):,} customers"
    return [
        (f"{label}, {len(distinct):,} distinct histories with their counting", f"{ours:.2f} s"),
        (f"{label}, lifetimes on plain rows", f"{theirs:.2f} s"),
        (f"{label}, ratio", f"{theirs / ours:.1f} times faster"),
        (f"{label}, largest relative difference of a parameter", f"{apart:.1e}"),
        (f"{label}, gain in log-likelihood over lifetimes", f"{gain:.1e}"),
    ]


def _lifetimes(model: PurchaseModel, rfm: pd.DataFrame) -> tuple[float, PurchaseModel]:
    """Seconds of lifetimes' fit on plain rows, and what it found; its Pareto/NBD starts at random numbers."""
    import lifetimes

    kinds: dict[str, Any] = {
        "BG/NBD": lifetimes.BetaGeoFitter,
        "MBG/NBD": lifetimes.ModifiedBetaGeoFitter,
        "Pareto/NBD": lifetimes.ParetoNBDFitter,
    }
    np.random.seed(1)
    started = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter = kinds[model.name](penalizer_coef=model.penalizer)
        fitter.fit(rfm["frequency"], rfm["recency"], rfm["T"])
    seconds = time.perf_counter() - started
    found = np.log(fitter.params_[list(model.parameter_names)].to_numpy())
    return seconds, model.from_vector(found, model.penalizer)


def _scored(model: PurchaseModel, distinct: pd.DataFrame, rfm: pd.DataFrame) -> tuple[str, str]:
    """Seconds to score every customer, 80 % intervals from 200 draws included."""
    around = covariance_to_draw_from(model, History.from_frame(distinct, "distinct"), seed=7)
    spend, known = GammaGamma(6.0, 4.0, 80.0, 0.0), ((0.01, 0.0, 0.0), (0.0, 0.01, 0.0), (0.0, 0.0, 0.01))
    whole = CltvModel(model, around, spend, known, 180, 365, 0.10, (30, 90, 180, 365), 200, 7)
    started = time.perf_counter()
    score(whole, rfm)
    seconds = time.perf_counter() - started
    return f"{model.name} scores with intervals, {len(rfm):,} customers", f"{seconds:.2f} s"


def _histories(customers: int) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """All rows, distinct rows, and the seconds that counting the distinct rows took."""
    table = catalog()["features.customer_rfm"]
    with staged_shop(customers) as connection:
        replace_rows(connection, table.contract, str(table.sql), {**MONTH, "as_of": datetime(2018, 9, 1)})
        rfm = connection.execute(
            "SELECT frequency, recency, T, monetary_value FROM features.customer_rfm"
        ).df()
        started = time.perf_counter()
        distinct = _distinct(connection)
        return rfm, distinct, time.perf_counter() - started


def _distinct(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return connection.execute(
        "SELECT frequency, recency, T, count(*) AS customers FROM features.customer_rfm GROUP BY ALL ORDER BY ALL"
    ).df()
