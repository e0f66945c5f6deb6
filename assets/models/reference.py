"""The row that refers a month to the model version that serves it, or says why none does.

Stays out: the versions themselves, which MLflow keeps, and what each model is made of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Protocol

import pandas as pd

from assets.models.gate import decide
from assets.resources.records import ModelRecord
from assets.resources.registry import Version
from assets.work import Work
from ml.metrics import Comparison, ModelMetric
from ml.statements import Statement, coded

FITTED, KEPT, HELD_BACK, NOT_ENOUGH_DATA = "fitted", "kept", "held back", "not enough data"
SERVED, JUDGED = "served", "judged"
CURVES, CURVES_FILE = "curves", "curves.csv"


class Contest(Protocol):
    """How versions of a model are judged on the month's held-out period; twins are given by their files."""

    def compare(self, champion: dict[str, bytes]) -> Sequence[Comparison]:
        """The month's judged twin beside the champion's."""

    def must_beat(self, champion: str) -> bool:
        """Whether the month's version is more complex than a champion of a family or class."""

    def judge(self, champion: dict[str, bytes]) -> Sequence[ModelMetric]:
        """The figures of the champion's judged twin."""


class Told(Protocol):
    """What a training says of itself."""

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What was chosen and why."""

    @property
    def reason(self) -> str:
        """The same in words."""


@dataclass(frozen=True)
class Reference:
    """What a month's row says.

    Attributes:
        served: the version that scores the month's customers; None if there is none.
        trained: the version fitted this month; None if nothing could be fitted.
        status: fitted, kept, held back or not enough data.
        statements: what was chosen and why, or what was missing.
        reason: the same in words.
        metrics: the figures of the served version on the month's held-out period.
    """

    served: Version | None
    trained: Version | None
    status: str
    statements: tuple[Statement, ...]
    reason: str
    metrics: Sequence[ModelMetric]


def refer(
    work: Work, record: ModelRecord, told: Told, contest: Contest, alarm: Statement | None = None
) -> Reference:
    """Keep the month's version, let the gate decide on it, and say which version serves."""
    registry = work.tracking.registry()
    trained = registry.settle(
        work.tracking.record(record),
        lambda champion: decide(
            champion,
            is_judged=_has_twin(record),
            champion_is_judged=lambda other: work.tracking.has_files(other.name, other.number, JUDGED),
            compare=lambda other: contest.compare(_twin(work, other)),
            must_beat=lambda other: contest.must_beat(other.choice),
            alarm=alarm,
        ),
    )
    served = registry.champion(record.name, record.as_of, record.lineage)
    if served is None:
        return Reference(None, trained, HELD_BACK, told.statements, told.reason, ())
    is_own = served.number == trained.number
    metrics = record.metrics if is_own else _judged(work, served, contest)
    return Reference(served, trained, FITTED, told.statements, told.reason, metrics)


def refer_without(work: Work, why: Statement, lineage: str, contest: Contest) -> Reference:
    """The champion where nothing could be fitted this month; without one the month has too little data."""
    champion = work.tracking.registry().champion(work.contract.name, work.parameters["as_of"].date(), lineage)
    if champion is None:
        return Reference(None, None, NOT_ENOUGH_DATA, (why,), why.words, ())
    stays = Statement(
        "champion_stays",
        f"version {champion.number}, fitted as of {champion.as_of}, stays.",
        {"version": champion.number, "as_of": str(champion.as_of)},
    )
    reason = f"{why.words}; {stays.words}"
    return Reference(champion, None, KEPT, (why, stays), reason, _judged(work, champion, contest))


def reference_row(work: Work, reference: Reference, more: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """One row for the model's table."""
    as_of = work.parameters["as_of"].date()
    served, trained = reference.served, reference.trained
    row = {
        "snapshot_month": work.month,
        "model_name": work.contract.name,
        "model_version": served.number if served else None,
        "choice": served.choice if served else None,
        "trained_version": trained.number if trained else None,
        "status": reference.status,
        "reason": reference.reason,
        "reason_coded": coded(reference.statements),
        "decision": trained.decision if trained else None,
        "decision_reason": trained.reason if trained else None,
        "decision_reason_coded": trained.reason_coded if trained else None,
        "as_of_date": as_of,
        **_evaluated(as_of, work.parameters["horizon_days"], bool(reference.metrics)),
        "metrics": json.dumps([asdict(metric) for metric in reference.metrics]),
        **(more or {}),
    }
    return pd.DataFrame([row])


def run_tags(work: Work) -> dict[str, str]:
    """What every model run says of where it came from."""
    run = work.run
    return {
        "as_of_date": str(work.parameters["as_of"].date()),
        "data_fingerprint": run.fingerprint,
        "dagster_run_id": run.dagster_run_id,
        "code_version": run.code_version,
        "is_simulated": str(run.is_simulated).lower(),
        "source": run.origin,
    }


def reference_facts(reference: Reference) -> dict[str, Any]:
    """What the asset page shows: versions, decision, reasons and the figures."""
    figures = {metric.metric: metric.value for metric in reference.metrics}
    served, trained = reference.served, reference.trained
    decided = {"decision": trained.decision, "decision_reason": trained.reason} if trained else {}
    return {
        "model_version": served.number if served else reference.status,
        "trained_version": trained.number if trained else "none",
        **decided,
        "reason": reference.reason,
        **figures,
    }


def run_link(work: Work, reference: Reference) -> dict[str, str]:
    """The page of the month's run in MLflow, where its address is known."""
    url = work.tracking.url(reference.trained) if reference.trained else None
    return {"mlflow_run": url} if url else {}


def month_model(work: Work, table: str) -> dict[str, Any] | None:
    """The reference of the month's model, None where no version serves the month.

    Raises:
        LookupError: the month's model was never made.
    """
    rows = work.query(f"SELECT * FROM {table} WHERE snapshot_month = $snapshot_month")
    if rows.empty:
        raise LookupError(f"{table} has no row for {work.month}: materialise it first")
    row: dict[str, Any] = rows.iloc[0].to_dict()
    return row if row["model_version"] is not None else None


def _evaluated(as_of: date, horizon_days: int, is_judged: bool) -> dict[str, date | None]:
    first, last = as_of - timedelta(days=horizon_days), as_of - timedelta(days=1)
    return {"evaluated_from": first if is_judged else None, "evaluated_to": last if is_judged else None}


def _has_twin(record: ModelRecord) -> bool:
    return any(path.startswith(f"{JUDGED}/") for path in record.files)


def _twin(work: Work, version: Version) -> dict[str, bytes]:
    return work.tracking.load_files(version.name, version.number, JUDGED)


def _judged(work: Work, version: Version, contest: Contest) -> Sequence[ModelMetric]:
    if not work.tracking.has_files(version.name, version.number, JUDGED):
        return ()
    return contest.judge(_twin(work, version))
