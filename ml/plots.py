"""An empty figure in the one size and style that model pictures share.

Stays out: pyplot and its global state; what a picture shows is drawn beside the model it belongs to.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MODEL_COLOR = "#1f5fbf"
BASELINE_COLOR = "#9a6a00"
REFERENCE_COLOR = "#6b7280"


def new_figure(title: str, x_label: str, y_label: str) -> tuple[Figure, Axes]:
    """Return a figure of 480 x 320 pixels with one labelled pair of axes, drawn by Agg."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.8, 3.2), dpi=100)
    FigureCanvasAgg(figure)
    figure.subplots_adjust(left=0.15, right=0.96, bottom=0.16, top=0.9)
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(x_label, fontsize=9)
    axes.set_ylabel(y_label, fontsize=9)
    axes.tick_params(labelsize=8)
    return figure, axes


def to_png(figure: Figure) -> bytes:
    """Return a figure as a PNG file, drawn once for whoever shows it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
