"""The lifetime-value model beside the truth of a shop in which its assumptions hold exactly.

Stays out: shops whose customers leave for other reasons too; there the true expected value has another formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from assets.models.cltv_model import read_cltv_model
from assets.models.reference import SERVED
from ml.clv.family import DEFAULT
from ml.clv.model import CltvModel
from ml.clv.scoring import score
from ml.clv.uncertainty import standard_errors
from tests.benchmarks.report.homes import Home
from tests.benchmarks.report.markdown import significant, table
from tests.benchmarks.report.truth import settings_of, with_truth

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
    truth = with_truth(fitted, settings_of(home.source))
    purchases, spend = truth.purchases, truth.gamma_gamma
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
    months = [_month(home, row) for row in _served(home)]
    head = (
        "month",
        "family",
        "penalizer",
        "customers",
        "true expected value",
        "the model's",
        "off",
        "one-time buyers held",
        "repeat buyers held",
        "all held",
    )
    return [table(head, [_cells(month) for month in months]), _sentence(months)]


@dataclass(frozen=True)
class _Month:
    """A month's served model beside the truth; shares of customers whose interval holds the true expectation."""

    name: str
    model: CltvModel
    customers: int
    true: float
    expected: float
    one_time_held: float
    repeat_held: float
    held: float

    @property
    def off(self) -> float:
        """Expected over true, less 1."""
        return self.expected / self.true - 1


def _served(home: Home) -> list[dict[str, Any]]:
    return [row for row in home.references("cltv_model") if row["model_version"] is not None]


def _model(home: Home, row: dict[str, Any]) -> CltvModel:
    return read_cltv_model(home.tracking.load_files(row["model_name"], row["model_version"], SERVED))


def _beside(name: str, true: float, fitted: float, error: float) -> list[str]:
    figures = [significant(value) for value in (true, fitted, error)]
    return [
        {"alpha": "α (days)", "v": "v (BRL)"}.get(name, name),
        *figures,
        f"{(fitted - true) / error:+.1f}",
    ]


def _month(home: Home, row: dict[str, Any]) -> _Month:
    model = _model(home, row)
    customers = home.query(_CUSTOMERS, month=row["snapshot_month"])
    true = score(with_truth(model, settings_of(home.source)), customers)["cltv"]
    held = true.between(customers["cltv_low"], customers["cltv_high"])
    repeat = customers["frequency"] > 0
    shares = (float(part.mean()) for part in (held[~repeat], held[repeat], held))
    expected = float(customers["cltv"].sum())
    return _Month(row["snapshot_month"], model, len(customers), float(true.sum()), expected, *shares)


def _cells(month: _Month) -> list[str]:
    return [
        month.name,
        month.model.purchases.name,
        f"{month.model.purchases.penalizer:g}",
        f"{month.customers:,}",
        f"{month.true:,.0f}",
        f"{month.expected:,.0f}",
        f"{month.off:+.1%}",
        *(f"{share:.0%}" for share in (month.one_time_held, month.repeat_held, month.held)),
    ]


def _sentence(months: list[_Month]) -> str:
    """The mean share held, and how far off the sum is with and without the true family and no penalty."""
    plain = [one for one in months if _is_plain(one)]
    others = [one for one in months if not _is_plain(one)]
    told = ", ".join(
        f"{np.mean([abs(one.off) for one in part]):.1%} {what} ({len(part)} months)"
        for part, what in ((plain, f"where {DEFAULT} serves without a penalty"), (others, "elsewhere"))
        if part
    )
    held = np.mean([one.held for one in months])
    return (
        f"Mean share held over months: {held:.0%}, where 80 % are meant. The customers are {DEFAULT}'s, so another "
        "family or a penalty can only come of noise on the holdout. "
        f"The sum is off by {told}, in the mean of absolute errors."
    )


def _is_plain(month: _Month) -> bool:
    return month.model.purchases.name == DEFAULT and month.model.purchases.penalizer == 0
