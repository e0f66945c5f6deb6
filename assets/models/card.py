"""The model card of a version: what it is, what it learned from, how it was judged, what it must not be used for.

Stays out: figures and choices themselves; the card only tells what the record holds (Mitchell et al. 2019, "Model
Cards for Model Reporting").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assets.work import Work
from ml.metrics import ModelMetric

CARD_FILE = "model_card.md"


@dataclass(frozen=True)
class Card:
    """What a card says beside the facts of the run.

    Attributes:
        title: the model in words.
        answers: the question that it answers.
        limits: what it does not know and must not be used for, one sentence each.
        choice: the family or class, and why it was chosen.
        parameters: what was fitted or set.
        metrics: the figures on the held-out period.
        judged: what they were computed on, in words.
    """

    title: str
    answers: str
    limits: Sequence[str]
    choice: str
    parameters: Mapping[str, object]
    metrics: Sequence[ModelMetric]
    judged: str


def write_card(work: Work, card: Card) -> str:
    """The card as Markdown."""
    run = work.run
    data = "simulated data" if run.is_simulated else "real data"
    sections = [
        f"# {card.title}",
        f"{card.answers}",
        "## Data",
        f"Snapshot month {work.month}, as of {work.parameters['as_of'].date()}: only facts dated before it. Source: "
        f"{run.origin} ({data}), fingerprint `{run.fingerprint[:12]}`, code `{run.code_version}`.",
        "## Choice",
        card.choice,
        _table(("parameter", "value"), [(name, _plain(value)) for name, value in card.parameters.items()]),
        "## Figures",
        card.judged,
        _figures(card.metrics),
        "## Limits",
        "\n".join(f"- {limit}" for limit in card.limits),
    ]
    return "\n\n".join(sections) + "\n"


def _figures(metrics: Sequence[ModelMetric]) -> str:
    if not metrics:
        return "No figures: there was too little data to hold any out."
    rows = [
        (
            metric.metric,
            _with_interval(metric.value, metric.low, metric.high),
            metric.baseline or "",
            _with_interval(metric.baseline_value, metric.baseline_low, metric.baseline_high),
        )
        for metric in metrics
    ]
    return _table(("figure", "model (95 %)", "baseline", "baseline's figure (95 %)"), rows)


def _with_interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if low is None or high is None else f"{value:.4f} ({low:.4f} to {high:.4f})"


def _plain(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
