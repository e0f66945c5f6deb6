"""A chart of a table for its asset page: the contract names it and gives the query.

Stays out: the dashboard's charts, and the figures of models (`ml.clv.figures`, `ml.churn.figures`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pandas as pd

from assets.contracts import Contract
from assets.resources.warehouse import bind
from ml.plots import new_figure, to_png


def draw_charts(
    connection: duckdb.DuckDBPyConnection, contract: Contract, parameters: Mapping[str, Any]
) -> dict[str, bytes]:
    """The contract's charts as PNG, by name; one whose query gives no rows is left out.

    The first column of a chart's query is its x axis. Months make lines, anything else makes bars.
    """
    frames = {
        name: connection.execute(sql, bind(sql, parameters)).df() for name, sql in contract.charts.items()
    }
    return {name: _draw(name, frame) for name, frame in frames.items() if not frame.empty}


def _draw(name: str, frame: pd.DataFrame) -> bytes:
    axis, *series = frame.columns
    figure, axes = new_figure(name.replace("_", " "), "", "")
    labels = frame[axis].astype(str)
    for column in series:
        if axis == "snapshot_month":
            axes.plot(labels, frame[column], marker="o", markersize=3, linewidth=1, label=column)
        else:
            axes.barh(labels, frame[column], label=column)
    axes.tick_params(axis="x", labelrotation=90 if axis == "snapshot_month" else 0)
    axes.legend(fontsize=7)
    figure.subplots_adjust(**({"bottom": 0.25} if axis == "snapshot_month" else {"left": 0.35}))
    return to_png(figure)
