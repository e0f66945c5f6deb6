"""The search for a better churn model: trials in Optuna and MLflow, and the best one entered as a challenger.

Stays out: what is searched and how a trial is valued (`ml.churn.search`), and when a search runs (`orchestration`).

A search belongs to a month, its data and its settings. The study in Optuna's file is its memory: interrupted or
killed, it goes on where it was, and what the study knows and MLflow does not is written there first. No write to MLflow
is interrupted in its middle.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assets.models.churn_model import (
    ChurnContest,
    churn_config,
    churn_record,
    leak_alarm,
    read_panel,
    validation_cutoff,
)
from assets.models.reference import Reference, refer
from assets.resources.interruption import uninterrupted
from assets.resources.records import CANDIDATE, KIND, log_figures
from assets.resources.registry import BY_SEARCH, MONTH
from assets.work import Work

if TYPE_CHECKING:
    from datetime import date

    import optuna
    import pandas as pd
    from mlflow import MlflowClient

    from ml.churn.config import ChurnConfig

EXPERIMENT = "churn_search"
ABLATION_FILE = "ablation.csv"
_STUDY, _TRIAL, _PARENT = "study", "trial", "mlflow.parentRunId"
_ABLATED = "ablated_trial"


@dataclass(frozen=True)
class Budget:
    """When a search ends: after so many finished trials of the study, or so many seconds of this call."""

    trials: int
    seconds: float


@dataclass(frozen=True)
class SearchTask:
    """What a search works on, read from the warehouse once; the search itself needs no warehouse.

    Attributes:
        work: the month's work; its connection is used while reading alone.
        panel: the month's panel.
        cutoff: the validation cutoff, which no trial looks at.
        config: the settings.
        storage: Optuna's SQLite file.
    """

    work: Work
    panel: pd.DataFrame
    cutoff: date
    config: ChurnConfig
    storage: Path

    @property
    def study(self) -> str:
        """The name of the study: month, data and settings."""
        settings = {name: value for name, value in asdict(self.config).items() if name != "threads"}
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
        return f"churn {self.work.month} {self.work.run.fingerprint[:12]} {digest[:8]}"


@dataclass(frozen=True)
class Found:
    """What a search found: finished trials, the best log loss, its class, and what the gate made of it."""

    trials: int
    value: float
    model_class: str
    reference: Reference


def read_task(work: Work, storage: Path) -> SearchTask:
    """Read what a search needs.

    Raises:
        LookupError: the month has no panel.
    """
    panel = read_panel(work)
    if panel.empty:
        raise LookupError(f"features.churn_training has no rows for {work.month}: run the pipeline first")
    return SearchTask(work, panel, validation_cutoff(work), churn_config(work), storage)


def open_study(task: SearchTask) -> optuna.Study:
    """The task's study, made or found again."""
    from ml.churn import search

    task.storage.parent.mkdir(parents=True, exist_ok=True)
    return search.open_study(task.study, f"sqlite:///{task.storage}", task.config)


def run_search(task: SearchTask, budget: Budget, on_trial: Callable[[optuna.Study], None]) -> Found:
    """Search within the budget, then retrain the best trial and let the gate decide on it.

    Args:
        task: What to search on.
        budget: When to end.
        on_trial: Called with the study after each finished trial.
    """
    from ml.churn.ablation import ablation
    from ml.churn.search import best_recipe, finished_trials, search
    from ml.churn.training import train_recipe

    study = open_study(task)
    log = _TrialLog(task)

    def finished(trial: optuna.trial.FrozenTrial) -> None:
        if trial.value is not None:
            log.write(trial)
            on_trial(study)

    with log:
        log.write_missing(study)
        search(
            study,
            task.panel,
            task.cutoff,
            task.config,
            trials=budget.trials,
            seconds=budget.seconds,
            on_trial=finished,
        )
        recipe = best_recipe(study)
        training = train_recipe(task.panel, task.cutoff, task.config, recipe)
        record = churn_record(task.work, training, task.panel, made_by=BY_SEARCH, experiment=EXPERIMENT)
        record = replace(record, tags={**record.tags, _PARENT: log.run_id})
        contest = ChurnContest(task.panel, task.cutoff, task.config, training.judged)
        with uninterrupted():
            reference = refer(task.work, record, training, contest, leak_alarm(task.work, training))
            log.conclude(study, reference)
        if log.ablated_trial() != study.best_trial.number:
            table = ablation(task.panel, task.cutoff, task.config, recipe)
            log.write_ablation(study.best_trial.number, table)
    return Found(finished_trials(study), study.best_value, recipe.model_class, reference)


class _TrialLog:
    """The search's run in MLflow, with a child per trial; entered, it runs, and left, it has ended."""

    def __init__(self, task: SearchTask) -> None:
        self._client: MlflowClient = task.work.tracking.client()
        self._experiment = task.work.tracking.experiment(EXPERIMENT)
        self._month = task.work.month
        self.run_id = self._find(task) or self._make(task)

    def __enter__(self) -> _TrialLog:
        with uninterrupted():
            self._client.update_run(self.run_id, status="RUNNING")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        interrupted = kind is not None and issubclass(kind, KeyboardInterrupt)
        ended = "KILLED" if interrupted else "FAILED"
        with uninterrupted():
            self._client.set_terminated(self.run_id, "FINISHED" if kind is None else ended)

    def write(self, trial: optuna.trial.FrozenTrial) -> None:
        """Keep a finished trial as a child run."""
        with uninterrupted():
            tags = {MONTH: self._month, KIND: CANDIDATE, _PARENT: self.run_id, _TRIAL: str(trial.number)}
            name = f"trial {trial.number} {trial_class(trial)}"
            run = self._client.create_run(self._experiment, run_name=name, tags=tags)
            for name, value in _values(trial).items():
                self._client.log_metric(run.info.run_id, name, value)
            log_figures(self._client, run.info.run_id, (), trial.params)
            self._client.set_terminated(run.info.run_id, "FINISHED")

    def write_missing(self, study: optuna.Study) -> None:
        """Keep the study's finished trials that a kill kept out of MLflow."""
        children = self._client.search_runs(
            [self._experiment], f"tags.`{_PARENT}` = '{self.run_id}'", max_results=10_000
        )
        written = {run.data.tags.get(_TRIAL) for run in children}
        for trial in _finished(study):
            if str(trial.number) not in written:
                self.write(trial)

    def conclude(self, study: optuna.Study, reference: Reference) -> None:
        """Say in the search's own run what came of it."""
        self._client.log_metric(self.run_id, "cv_log_loss", study.best_value)
        self._client.log_metric(self.run_id, "trials", len(_finished(study)))
        if reference.trained is not None:
            for key, value in (
                ("best_version", reference.trained.number),
                ("decision", reference.trained.decision),
                ("decision_reason", reference.trained.reason),
            ):
                self._client.set_tag(self.run_id, key, value)

    def ablated_trial(self) -> int | None:
        """The trial whose feature groups were taken away one by one; None if none was yet."""
        number = self._client.get_run(self.run_id).data.tags.get(_ABLATED)
        return None if number is None else int(number)

    def write_ablation(self, trial: int, table: pd.DataFrame) -> None:
        """Keep what each feature group is worth to a trial in the search's run."""
        with uninterrupted():
            self._client.log_text(self.run_id, table.to_csv(index=False), ABLATION_FILE)
            self._client.set_tag(self.run_id, _ABLATED, str(trial))

    def _find(self, task: SearchTask) -> str | None:
        runs = self._client.search_runs([self._experiment], f"tags.{_STUDY} = '{task.study}'")
        return runs[0].info.run_id if runs else None

    def _make(self, task: SearchTask) -> str:
        from assets.models.reference import run_tags

        tags = {**run_tags(task.work), MONTH: task.work.month, _STUDY: task.study, KIND: "search"}
        with uninterrupted():
            run = self._client.create_run(self._experiment, run_name=f"{task.work.month} search", tags=tags)
        return str(run.info.run_id)


def trial_class(trial: optuna.trial.FrozenTrial) -> str:
    """The model class that a finished trial tried."""
    return str(json.loads(trial.user_attrs["recipe"])["model_class"])


def _values(trial: optuna.trial.FrozenTrial) -> dict[str, float]:
    crossed = {f"cv_{name}": float(trial.user_attrs[name]) for name in ("log_loss", "roc_auc")}
    return {**crossed, "seconds": float(trial.user_attrs["seconds"])}


def _finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    import optuna

    return study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
