"""The lifetime-value model beside the truth of a shop in which its assumptions hold exactly.

Stays out: shops whose customers leave for other reasons too; there the true expected value has another formula.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd

from assets.models.cltv_model import read_cltv_model
from assets.models.reference import SERVED
from ml.clv.model import CltvModel
from ml.clv.scoring import score
from ml.clv.uncertainty import standard_errors
from tests.benchmarks.report.homes import Home
from tests.benchmarks.report.markdown import significant, table
from tests.benchmarks.report.truth import settings_of, true_purchases, true_spend

_CUSTOMERS = """
    SELECT frequency, recency, T, monetary_value, cltv, cltv_low, cltv_high
    FROM features.customer_rfm
    JOIN scores.customer_cltv USING (snapshot_month, customer_unique_id)
    WHERE snapshot_month = $month AND cltv IS NOT NULL
    ORDER BY customer_unique_id
"""


def parameters_section(home: Home) -> list[str]:
    """The newest month's parameters beside the true ones."""
    row = _served(home)[-1]
    fitted = _model(home, row)
    purchases, spend = _truth(home, fitted).purchases, _truth(home, fitted).gamma_gamma
    errors = home.model_run(row["model_name"], row["model_version"]).parameters
    rows = [
        _beside(name, true, fitted.purchases.parameters[name], float(errors[f"se_{name}"]))
        for name, true in purchases.parameters.items()
        if name in fitted.purchases.parameters
    ]
    around = standard_errors(fitted.gamma_gamma, fitted.gamma_gamma_covariance)
    rows += [
        _beside(name, getattr(spend, name), getattr(fitted.gamma_gamma, name), float(error))
        for name, error in zip(("p", "q", "v"), around, strict=True)
    ]
    head = ("parameter", "true", "fitted", "standard error", "off by standard errors")
    return [f"{row['snapshot_month']}, {fitted.purchases.name}:", table(head, rows)]


def expectation_section(home: Home) -> list[str]:
    """Month by month the value expected in sum, and how often single intervals hold the true expectation."""
    rows = [_month(home, row) for row in _served(home)]
    shares = [share for _, share in rows]
    head = (
        "month",
        "customers",
        "true expected value",
        "the model's",
        "off",
        "one-time buyers held",
        "repeat buyers held",
        "all held",
    )
    return [
        table(head, [cells for cells, _ in rows]),
        f"Mean over months: {np.mean(shares):.0%}, where 80 % are meant.",
    ]


def _served(home: Home) -> list[dict[str, Any]]:
    return [row for row in home.references("cltv_model") if row["model_version"] is not None]


def _model(home: Home, row: dict[str, Any]) -> CltvModel:
    return read_cltv_model(home.tracking.load_files(row["model_name"], row["model_version"], SERVED))


def _truth(home: Home, fitted: CltvModel) -> CltvModel:
    """The fitted model with the true parameters in their place, known exactly."""
    config = settings_of(home.source)
    purchases, spend = true_purchases(config), true_spend(config)
    return dataclasses.replace(
        fitted,
        purchases=purchases,
        purchases_covariance=_nothing(len(purchases.parameters)),
        gamma_gamma=spend,
        gamma_gamma_covariance=_nothing(3),
        interval_draws=1,
    )


def _nothing(size: int) -> tuple[tuple[float, ...], ...]:
    return tuple((0.0,) * size for _ in range(size))


def _beside(name: str, true: float, fitted: float, error: float) -> list[str]:
    figures = [significant(value) for value in (true, fitted, error)]
    return [
        {"alpha": "α (days)", "v": "v (BRL)"}.get(name, name),
        *figures,
        f"{(fitted - true) / error:+.1f}",
    ]


def _month(home: Home, row: dict[str, Any]) -> tuple[list[str], float]:
    """A row of the table, and the share of all customers whose interval holds the true expectation."""
    customers = home.query(_CUSTOMERS, month=row["snapshot_month"])
    true = score(_truth(home, _model(home, row)), customers)["cltv"]
    held = true.between(customers["cltv_low"], customers["cltv_high"])
    repeat = customers["frequency"] > 0
    expected = customers["cltv"].sum()
    cells = [
        row["snapshot_month"],
        f"{len(customers):,}",
        f"{true.sum():,.0f}",
        f"{expected:,.0f}",
        f"{expected / true.sum() - 1:+.1%}",
        *(_share(part) for part in (held[~repeat], held[repeat], held)),
    ]
    return cells, float(held.mean())


def _share(held: pd.Series) -> str:
    return f"{held.mean():.0%}"
