"""What the models are, how good, how they fared, and what data they stand on: one answer for page and API.

Stays out: wording and drawing (`dashboard.pages.models`).
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.queries.checks import Checks, FileLoad, Loads, checks_of_run, files_of_run, loads_of_run
from dashboard.queries.curves import ModelCurve, curves_of_models
from dashboard.queries.drift import Drift, drift_of_month
from dashboard.queries.history import ModelHistory, history_of_models
from dashboard.queries.models import ModelQuality, newest_model_quality
from dashboard.queries.past import PastPrediction, past_predictions_of
from dashboard.queries.summary import About, about
from dashboard.store import Snapshot

LIST_LIMIT = 200


@dataclass(frozen=True)
class ModelReport:
    """Everything on the page of the models, from one snapshot; lists hold 200 entries at most."""

    about: About
    quality: tuple[ModelQuality, ...]
    history: tuple[ModelHistory, ...]
    curves: tuple[ModelCurve, ...]
    past: tuple[PastPrediction, ...]
    drift: tuple[Drift, ...]
    checks: Checks
    loads: Loads
    files: tuple[FileLoad, ...]


def model_report(snapshot: Snapshot, months: int) -> ModelReport:
    """Ask a snapshot for its models, once, with at most `months` months of their history and of looking back."""
    return snapshot.keep(("model report", months), lambda: _model_report(snapshot, months))


def _model_report(snapshot: Snapshot, months: int) -> ModelReport:
    with snapshot.engine.connect() as connection:
        return ModelReport(
            about=about(snapshot.manifest),
            quality=newest_model_quality(connection),
            history=history_of_models(connection, months),
            curves=curves_of_models(connection),
            past=past_predictions_of(connection, months),
            drift=drift_of_month(connection),
            checks=checks_of_run(connection, LIST_LIMIT),
            loads=loads_of_run(connection),
            files=files_of_run(connection, LIST_LIMIT),
        )
