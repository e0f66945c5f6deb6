"""Fits of BG/NBD: on distinct histories counted by weights, beside lifetimes on one row per customer.

Stays out: holdouts and choices; both fit the same likelihood with the same penalizer.
"""

from __future__ import annotations

import time
from datetime import datetime

import duckdb
import numpy as np
import pandas as pd

from assets.catalog import catalog
from assets.resources.warehouse import replace_rows
from ml.clv.candidates import History, best_of, fit_penalizer
from ml.clv.config import ClvConfig
from tests.benchmarks.shop import MONTH, staged_shop

SIZES = (96_000, 1_000_000)
PENALIZER = 0.001


def run() -> list[tuple[str, str]]:
    """Time both at each size and compare the parameters."""
    return [row for customers in SIZES for row in _at(customers)]


def _at(customers: int) -> list[tuple[str, str]]:
    from lifetimes import BetaGeoFitter

    rfm, distinct, counting = _histories(customers)
    config = ClvConfig()
    started = time.perf_counter()
    history = History.from_frame(distinct, "distinct")
    chosen = best_of(fit_penalizer(history, PENALIZER, config.starts[:1], config))
    ours = time.perf_counter() - started + counting
    started = time.perf_counter()
    fitter = BetaGeoFitter(penalizer_coef=PENALIZER).fit(rfm["frequency"], rfm["recency"], rfm["T"])
    theirs = time.perf_counter() - started
    assert chosen is not None
    found = np.array([getattr(chosen.believed_params, name) for name in ("r", "alpha", "a", "b")])
    expected = fitter.params_[["r", "alpha", "a", "b"]].to_numpy()
    label = f"BG/NBD fit, {len(rfm):,} customers"
    return [
        (f"{label}, {len(distinct):,} distinct histories with their counting", f"{ours:.2f} s"),
        (f"{label}, lifetimes on plain rows", f"{theirs:.2f} s"),
        (f"{label}, ratio", f"{theirs / ours:.1f} times faster"),
        (
            f"{label}, largest relative difference of a parameter",
            f"{np.max(np.abs(found / expected - 1)):.1e}",
        ),
    ]


def _histories(customers: int) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """All rows, distinct rows, and the seconds that counting the distinct rows took."""
    table = catalog()["features.customer_rfm"]
    with staged_shop(customers) as connection:
        replace_rows(connection, table.contract, str(table.sql), {**MONTH, "as_of": datetime(2018, 9, 1)})
        rfm = connection.execute("SELECT frequency, recency, T FROM features.customer_rfm").df()
        started = time.perf_counter()
        distinct = _distinct(connection)
        return rfm, distinct, time.perf_counter() - started


def _distinct(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return connection.execute(
        "SELECT frequency, recency, T, count(*) AS customers FROM features.customer_rfm GROUP BY ALL ORDER BY ALL"
    ).df()
