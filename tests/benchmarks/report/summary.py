"""The newest month of each shop in a few figures, at the head of the document.

Stays out: everything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tests.benchmarks.report.churn import Month
from tests.benchmarks.report.homes import Home, ModelRun
from tests.benchmarks.report.markdown import baseline, number, table
from tests.benchmarks.report.value import value_runs
from tests.benchmarks.report.watching import segments_held

ROWS = (
    "lifetime value: error of purchases on the holdout",
    "naive forecast",
    "error of value",
    "80 % intervals held, purchases of groups, mean of months",
    "80 % intervals held, spend of segments that came true",
    "churn: class that the newest month fitted",
    "ROC-AUC",
    "recency alone",
    "gain over it, paired",
    "lift at 10 %",
)


def summary(shops: Mapping[str, Sequence[str]]) -> str:
    """A column for each shop."""
    rows = [[name, *cells] for name, cells in zip(ROWS, zip(*shops.values(), strict=True), strict=True)]
    return table(("newest month", *shops), rows)


def column(home: Home, months: Sequence[Month]) -> list[str]:
    """The figures of one shop, in the order of `ROWS`."""
    runs = [run for run in value_runs(home).values() if "holdout_total_error" in run.figures]
    value, churn = runs[-1].figures, months[-1].run
    inside, size = segments_held(home)
    return [
        number(value["holdout_total_error"], "+.1%"),
        baseline(value["holdout_total_error"], "+.1%"),
        number(value.get("holdout_value_error"), "+.1%"),
        f"{_mean_coverage(runs):.0%} of {len(runs)} months",
        f"{inside / size:.0%} of {size}" if size else "none yet",
        churn.version.choice,
        number(churn.figures["roc_auc"]),
        baseline(churn.figures["roc_auc"]),
        number(churn.figures["roc_auc_gain"], "+.3f"),
        number(churn.figures["lift_at_10pct"], ".2f"),
    ]


def _mean_coverage(runs: Sequence[ModelRun]) -> float:
    return float(np.mean([run.figures["interval_coverage_80"].value for run in runs]))
