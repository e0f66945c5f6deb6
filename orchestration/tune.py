"""The model search: `crm tune` with a progress bar, and the weekly Dagster job that does the same.

Stays out: what is searched (`ml.churn.search`) and what becomes of the best trial (`assets.models.search`).
"""

from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from assets.catalog import catalog
from assets.factory import newest_month
from assets.models.search import (
    EXPERIMENT,
    Budget,
    Found,
    SearchTask,
    open_study,
    read_task,
    run_search,
    trial_class,
)
from assets.parameters import Parameters
from assets.resources.registry import PROMOTED
from assets.resources.tracking import Tracking
from assets.resources.warehouse import Warehouse, WarehouseError
from assets.work import Work, read_run_facts
from ml.errors import NotEnoughDataError
from orchestration.resources import build_resources
from orchestration.settings import Settings, load_settings

if TYPE_CHECKING:
    import optuna

TUNE = "tune"


def tune(console: Console, trials: int | None, minutes: float | None) -> int:
    """Search on the newest month and show the best value so far and the outcome."""
    from ml.churn.search import finished_trials

    settings = load_settings()
    if not settings.warehouse_path.exists():
        console.print(f"Nothing in {settings.home_path} yet. Begin with: crm run")
        return 1
    resources = build_resources(settings)
    task = _task(settings, resources["warehouse"], resources["parameters"], resources["tracking"], "crm tune")
    wanted = trials or settings.tune_trials
    budget = Budget(wanted, 60 * (minutes or settings.tune_minutes))
    done = finished_trials(open_study(task))
    console.print(
        f"Search on {task.work.month}: {len(task.panel):,} rows" + (f", {done} trials done" if done else "")
    )
    try:
        with _progress(console) as progress:
            bar = progress.add_task("no trial yet", total=wanted, completed=min(done, wanted))
            found = run_search(task, budget, lambda study: progress.update(bar, **_state(study)))
    except NotEnoughDataError as error:
        console.print(f"There is too little data to search on: {error.reason}")
        return 1
    except KeyboardInterrupt:
        console.print("interrupted; every finished trial is kept, and the same command goes on where it was")
        return 1
    _conclude(console, found)
    return 0


def build_tune_job(settings: Settings) -> dg.JobDefinition:
    """The weekly job: one op, which reads the warehouse between runs and searches without it."""

    @dg.op(
        name="search_churn_model",
        description="Search over model classes, parameters and feature groups; enter the best as a challenger.",
        out=dg.Out(dg.Nothing),
    )
    def search_churn_model(context: dg.OpExecutionContext) -> None:
        resources = build_resources(settings)
        parameters: Parameters = resources["parameters"]
        task = _task(settings, resources["warehouse"], parameters, resources["tracking"], context.run_id)

        def report(study: "optuna.Study") -> None:
            context.log.info(_state(study)["description"])

        budget = Budget(parameters.tune_trials, 60 * parameters.tune_minutes)
        context.add_output_metadata(_metadata(run_search(task, budget, report)))

    @dg.job(
        name=TUNE,
        description="Search for a better churn model on the newest month; the gate decides whether it serves.",
        executor_def=dg.in_process_executor,
    )
    def tune_job() -> None:
        search_churn_model()

    return tune_job


def _task(
    settings: Settings, warehouse: Warehouse, parameters: Parameters, tracking: Tracking, run_id: str
) -> SearchTask:
    with warehouse.between_runs() as connection:
        try:
            values = parameters.of_month(newest_month(connection))
        except (LookupError, duckdb.CatalogException) as error:
            raise WarehouseError("no month is made yet to search on. Begin with: crm run") from error
        facts = read_run_facts(connection, run_id, parameters.code_version)
        work = Work(connection, catalog()["models.churn_model"].contract, values, facts, tracking)
        try:
            return read_task(work, settings.search_path)
        except LookupError as error:
            raise WarehouseError(str(error)) from error


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def _state(study: "optuna.Study") -> dict[str, Any]:
    from ml.churn.search import finished_trials

    best = study.best_trial
    text = f"best log loss {best.value:.5f} ({trial_class(best)}, trial {best.number})"
    return {"completed": finished_trials(study), "description": text}


def _conclude(console: Console, found: Found) -> None:
    trained = found.reference.trained
    console.print(
        f"[green]best[/]    {found.model_class}, log loss {found.value:.5f} of {found.trials} trials"
    )
    if trained is not None:
        console.print(
            f"[green]version[/] {trained.name} {trained.number}: {trained.decision}. {trained.reason}"
        )
        if trained.decision == PROMOTED:
            console.print("The next run scores with it, and trains by its recipe beside the others.")
    console.print(f"All trials: MLflow, experiment {EXPERIMENT} (crm dev)")


def _metadata(found: Found) -> dict[str, Any]:
    trained = found.reference.trained
    return {
        "trials": found.trials,
        "log_loss": found.value,
        "model_class": found.model_class,
        "version": trained.number if trained else "none",
        "decision": trained.decision if trained else "none",
        "decision_reason": trained.reason if trained else "",
    }
